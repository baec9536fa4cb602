package core

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// headers are the header lines that the core looks at.
type headers struct {
	host, signature, keySid       field
	authorization                 field
	contentType, contentEncoding  field
	forwardedProto, forwardedHost field
	forwardedPort                 field
	transferEncoding              field
	upgrade, connection           bool  // Upgrade: websocket, Connection: upgrade
	contentLength                 int64 // -1 if unknown
	contentLengthLines            int
}

// field is a header field: how many lines it has, and the last one's value without the white space around it.
type field struct {
	value string
	lines int
}

func (f *field) add(value string) {
	f.value = value
	f.lines++
}

func fieldOf(lines []string) field {
	if len(lines) == 0 {
		return field{}
	}
	return field{value: trimOWS(lines[len(lines)-1]), lines: len(lines)}
}

// fromHeader reads the lines out of a header whose parser was as strict as ParseRawHeader.
func (h *headers) fromHeader(header http.Header, host string) {
	*h = headers{
		host:            field{host, 1},
		signature:       fieldOf(header["X-Twilio-Signature"]),
		keySid:          fieldOf(header["X-Twilio-Signature-Key-Sid"]),
		authorization:   fieldOf(header["Authorization"]),
		contentType:     fieldOf(header["Content-Type"]),
		contentEncoding: fieldOf(header["Content-Encoding"]),
		forwardedProto:  fieldOf(header["X-Forwarded-Proto"]),
		forwardedHost:   fieldOf(header["X-Forwarded-Host"]),
		forwardedPort:   fieldOf(header["X-Forwarded-Port"]),
		contentLength:   -1,
	}
	for _, line := range header["Upgrade"] {
		h.upgrade = h.upgrade || hasToken(line, "websocket")
	}
	for _, line := range header["Connection"] {
		h.connection = h.connection || hasToken(line, "upgrade")
	}
	if lines := header["Content-Length"]; len(lines) == 1 {
		if n, ok := parseLength(trimOWS(lines[0])); ok {
			h.contentLength = n
		}
	}
}

// add takes one line of a raw header block.
func (h *headers) add(name, value string) error {
	switch len(name) {
	case len("Host"):
		if strings.EqualFold(name, "Host") {
			h.host.add(value)
		}
	case len("Upgrade"):
		if strings.EqualFold(name, "Upgrade") {
			h.upgrade = h.upgrade || hasToken(value, "websocket")
		}
	case len("Connection"):
		if strings.EqualFold(name, "Connection") {
			h.connection = h.connection || hasToken(value, "upgrade")
		}
	case len("Content-Type"):
		if strings.EqualFold(name, "Content-Type") {
			h.contentType.add(value)
		}
	case len("Authorization"):
		if strings.EqualFold(name, "Authorization") {
			h.authorization.add(value)
		}
	case len("Content-Length"):
		if strings.EqualFold(name, "Content-Length") {
			return h.addLength(value)
		}
	case len("Content-Encoding"): // and X-Forwarded-Host, X-Forwarded-Port
		switch {
		case strings.EqualFold(name, "Content-Encoding"):
			h.contentEncoding.add(value)
		case strings.EqualFold(name, "X-Forwarded-Host"):
			h.forwardedHost.add(value)
		case strings.EqualFold(name, "X-Forwarded-Port"):
			h.forwardedPort.add(value)
		}
	case len("Transfer-Encoding"): // and X-Forwarded-Proto
		switch {
		case strings.EqualFold(name, "Transfer-Encoding"):
			h.transferEncoding.add(value)
		case strings.EqualFold(name, "X-Forwarded-Proto"):
			h.forwardedProto.add(value)
		}
	case len("X-Twilio-Signature"):
		if strings.EqualFold(name, "X-Twilio-Signature") {
			h.signature.add(value)
		}
	case len("X-Twilio-Signature-Key-Sid"):
		if strings.EqualFold(name, "X-Twilio-Signature-Key-Sid") {
			h.keySid.add(value)
		}
	}
	return nil
}

// addLength takes a Content-Length line. Equal repeated lines are one, as RFC 9112 section 6.3 allows and net/http does.
func (h *headers) addLength(value string) error {
	n, ok := parseLength(value)
	if !ok {
		return errors.New("Content-Length is not one number")
	}
	if h.contentLengthLines > 0 && n != h.contentLength {
		return errors.New("two Content-Length lines differ")
	}
	h.contentLength = n
	h.contentLengthLines++
	return nil
}

// fromRaw reads the lines out of a raw header block.
func (h *headers) fromRaw(block string) error {
	*h = headers{contentLength: -1}
	if err := scanHeader(block, h.add); err != nil {
		return err
	}
	return h.checkFraming()
}

// checkFraming refuses what a server must answer with 400 (RFC 9112 sections 3.2 and 6) and fasthttp lets through.
func (h *headers) checkFraming() error {
	switch {
	case h.host.lines != 1:
		return errors.New("not exactly one Host line")
	case !isHostHeader(h.host.value):
		return errors.New("a character in Host that cannot be in a host")
	case h.transferEncoding.lines > 1:
		return errors.New("two Transfer-Encoding lines")
	case h.transferEncoding.lines == 1 && !strings.EqualFold(h.transferEncoding.value, "chunked"):
		return errors.New("a Transfer-Encoding other than chunked")
	case h.transferEncoding.lines == 1 && h.contentLengthLines > 0:
		return errors.New("both Transfer-Encoding and Content-Length")
	}
	return nil
}

// ParseRawHeader parses the header block of an HTTP/1 request as it was on the wire, without the request line, for frameworks that
// hide what was in it. It refuses what net/http's server refuses with 400, and folded lines besides: names that are not tokens,
// values with control characters, no or several Host lines, Content-Length that is no number or differs from line to line, a
// Transfer-Encoding other than one chunked, and Content-Length beside it. The error says which; it quotes nothing of the block.
func ParseRawHeader(block []byte) (http.Header, error) {
	var framing headers
	text := string(block)
	if err := framing.fromRaw(text); err != nil {
		return nil, err
	}
	header := make(http.Header)
	err := scanHeader(text, func(name, value string) error {
		header.Add(name, value)
		return nil
	})
	return header, err
}

// scanHeader calls line for each line of a raw header block with its value trimmed. Lines end with LF or CRLF; the block may end
// with the empty line, or before it.
func scanHeader(block string, line func(name, value string) error) error {
	for block != "" {
		end := strings.IndexByte(block, '\n')
		if end < 0 {
			return errors.New("a header line without its end")
		}
		text := strings.TrimSuffix(block[:end], "\r")
		block = block[end+1:]
		if text == "" {
			if block != "" {
				return errors.New("an empty line among the header lines")
			}
			return nil
		}
		if text[0] == ' ' || text[0] == '\t' {
			return errors.New("a folded header line")
		}
		name, value, found := strings.Cut(text, ":")
		if !found {
			return errors.New("a header line without a colon")
		}
		if !isToken(name) {
			return errors.New("a header name that is not a token")
		}
		for i := 0; i < len(value); i++ {
			if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
				return errors.New("a control character in a header value")
			}
		}
		if err := line(name, trimOWS(value)); err != nil {
			return err
		}
	}
	return nil
}

// isToken reports whether s is a token (RFC 9110 section 5.6.2).
func isToken(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !tokenChars[s[i]] {
			return false
		}
	}
	return true
}

var (
	tokenChars = charSet("!#$%&'*+-.^_`|~")
	hostChars  = charSet("!$%&'()*+,-.:;=[]_~") // RFC 3986 section 3.2.2 and the port's colon
)

// charSet returns the set of the ASCII letters and digits and of more.
func charSet(more string) (set [256]bool) {
	for _, c := range "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" + more {
		set[c] = true
	}
	return set
}

func isHostHeader(s string) bool {
	for i := 0; i < len(s); i++ {
		if !hostChars[s[i]] {
			return false
		}
	}
	return true
}

// parseLength parses a Content-Length: digits alone.
func parseLength(s string) (int64, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' { // ParseInt takes a sign
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// hasToken reports whether a comma-separated list has token as an element, in any case.
func hasToken(list, token string) bool {
	for list != "" {
		var element string
		element, list, _ = strings.Cut(list, ",")
		if strings.EqualFold(trimOWS(element), token) {
			return true
		}
	}
	return false
}

// trimOWS removes optional white space (RFC 9110 section 5.6.3).
func trimOWS(s string) string { return strings.Trim(s, " \t") }

// isForm reports whether a Content-Type is application/x-www-form-urlencoded in any case, with at most a charset of UTF-8 or US-ASCII
// (V2).
func isForm(contentType string) bool {
	mediaType, parameter, has := strings.Cut(contentType, ";")
	if !strings.EqualFold(trimOWS(mediaType), "application/x-www-form-urlencoded") {
		return false
	}
	if !has {
		return true
	}
	name, value, _ := strings.Cut(trimOWS(parameter), "=")
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	return strings.EqualFold(name, "charset") && (strings.EqualFold(value, "utf-8") || strings.EqualFold(value, "us-ascii"))
}

// isIdentity reports whether a Content-Encoding field leaves the body as it is (V5).
func isIdentity(f field) bool {
	return f.lines == 0 || f.lines == 1 && strings.EqualFold(f.value, "identity")
}
