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
	lengthLine                    field // Content-Length as text
	contentLength                 int64 // as a number; -1 if unknown
	upgrade, connection           bool  // Upgrade: websocket, Connection: upgrade
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

// optionalHeaders are the header lines that only some configurations look at.
type optionalHeaders struct{ keySid, authorization, forwarded bool }

// fromHeader reads the lines out of a header whose parser was as strict as ParseRawHeader.
func (h *headers) fromHeader(r *Request, options optionalHeaders) {
	*h = headers{
		host:            field{r.Host, 1},
		signature:       fieldOf(r.Header["X-Twilio-Signature"]),
		contentType:     fieldOf(r.Header["Content-Type"]),
		contentEncoding: fieldOf(r.Header["Content-Encoding"]),
		contentLength:   r.length,
	}
	if options.keySid {
		h.keySid = fieldOf(r.Header["X-Twilio-Signature-Key-Sid"])
	}
	if options.authorization {
		h.authorization = fieldOf(r.Header["Authorization"])
	}
	if options.forwarded {
		h.forwardedProto = fieldOf(r.Header["X-Forwarded-Proto"])
		h.forwardedHost = fieldOf(r.Header["X-Forwarded-Host"])
		h.forwardedPort = fieldOf(r.Header["X-Forwarded-Port"])
	}
	if r.Method == http.MethodGet {
		for _, line := range r.Header["Upgrade"] {
			h.upgrade = h.upgrade || hasToken(line, "websocket")
		}
		for _, line := range r.Header["Connection"] {
			h.connection = h.connection || hasToken(line, "upgrade")
		}
	}
	if r.length == 0 {
		h.contentLength = -1
		if lines := r.Header["Content-Length"]; len(lines) == 1 {
			if n, ok := parseLength(trimOWS(lines[0])); ok {
				h.contentLength = n
			}
		}
	}
}

// add takes one line of a raw header block.
func (h *headers) add(name, value string) error {
	switch len(name) {
	case len("Host"):
		if foldEqual(name, "host") {
			h.host.add(value)
		}
	case len("Upgrade"):
		if foldEqual(name, "upgrade") {
			h.upgrade = h.upgrade || hasToken(value, "websocket")
		}
	case len("Connection"):
		if foldEqual(name, "connection") {
			h.connection = h.connection || hasToken(value, "upgrade")
		}
	case len("Content-Type"):
		if foldEqual(name, "content-type") {
			h.contentType.add(value)
		}
	case len("Authorization"):
		if foldEqual(name, "authorization") {
			h.authorization.add(value)
		}
	case len("Content-Length"):
		if foldEqual(name, "content-length") {
			return h.addLength(value)
		}
	case len("Content-Encoding"): // and X-Forwarded-Host, X-Forwarded-Port
		switch {
		case foldEqual(name, "content-encoding"):
			h.contentEncoding.add(value)
		case foldEqual(name, "x-forwarded-host"):
			h.forwardedHost.add(value)
		case foldEqual(name, "x-forwarded-port"):
			h.forwardedPort.add(value)
		}
	case len("Transfer-Encoding"): // and X-Forwarded-Proto
		switch {
		case foldEqual(name, "transfer-encoding"):
			h.transferEncoding.add(value)
		case foldEqual(name, "x-forwarded-proto"):
			h.forwardedProto.add(value)
		}
	case len("X-Twilio-Signature"):
		if foldEqual(name, "x-twilio-signature") {
			h.signature.add(value)
		}
	case len("X-Twilio-Signature-Key-Sid"):
		if foldEqual(name, "x-twilio-signature-key-sid") {
			h.keySid.add(value)
		}
	}
	return nil
}

// addLength takes a Content-Length line. Repeated lines of one text are one, as RFC 9112 section 6.3 allows and net/http does.
func (h *headers) addLength(value string) error {
	n, ok := parseLength(value)
	if !ok {
		return errors.New("Content-Length is not one number")
	}
	if h.lengthLine.lines > 0 && value != h.lengthLine.value {
		return errors.New("two Content-Length lines differ")
	}
	h.contentLength = n
	h.lengthLine.add(value)
	return nil
}

// fromRaw reads the lines out of a raw header block that came with the version proto.
func (h *headers) fromRaw(block, proto string) error {
	*h = headers{contentLength: -1}
	if err := scanHeader(block, h.add); err != nil {
		return err
	}
	return h.checkFraming(proto)
}

// checkFraming refuses what a server must answer with 400 (RFC 9112 sections 3.2 and 6) and fasthttp lets through. Transfer-Encoding
// in HTTP/1.0 is faulty framing (section 6.1): net/http ignores it, fasthttp obeys it, so they would read two different bodies.
func (h *headers) checkFraming(proto string) error {
	switch {
	case proto != "" && !isHTTP1(proto):
		return errors.New("a version other than HTTP/1")
	case h.host.lines != 1:
		return errors.New("not exactly one Host line")
	case !isHostHeader(h.host.value):
		return errors.New("a character in Host that cannot be in a host")
	case proto == "HTTP/1.0" && h.transferEncoding.lines > 0:
		return errors.New("Transfer-Encoding in HTTP/1.0")
	case h.transferEncoding.lines > 1:
		return errors.New("two Transfer-Encoding lines")
	case h.transferEncoding.lines == 1 && !foldEqual(h.transferEncoding.value, "chunked"):
		return errors.New("a Transfer-Encoding other than chunked")
	case h.transferEncoding.lines == 1 && h.lengthLine.lines > 0:
		return errors.New("both Transfer-Encoding and Content-Length")
	}
	return nil
}

// ParseRawHeader parses the header block of an HTTP/1 request as it was on the wire, without the request line, for frameworks that
// hide what was in it. It refuses names that are not tokens, values with control characters, folded lines, no or several Host lines,
// Content-Length that is no number or differs from line to line, a Transfer-Encoding other than one chunked, and Content-Length beside
// it: what net/http's server refuses, and some that it mends. The error says which; it quotes nothing of the block.
func ParseRawHeader(block []byte) (http.Header, error) {
	var framing headers
	text := string(block)
	if err := framing.fromRaw(text, "HTTP/1.1"); err != nil {
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

// isHTTP1 reports whether s is HTTP/1 with a minor version of one digit. A higher one than is known counts as 1 (RFC 9110 section 2.5).
func isHTTP1(s string) bool {
	minor, found := strings.CutPrefix(s, "HTTP/1.")
	return found && len(minor) == 1 && '0' <= minor[0] && minor[0] <= '9'
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
		if foldEqual(trimOWS(element), token) {
			return true
		}
	}
	return false
}

// foldEqual reports whether s is lower in any case. Only ASCII letters have a case: a protocol knows no other (strings.EqualFold takes
// the Kelvin sign for a k).
func foldEqual(s, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// trimOWS removes optional white space (RFC 9110 section 5.6.3).
func trimOWS(s string) string {
	for s != "" && isOWS(s[0]) {
		s = s[1:]
	}
	for s != "" && isOWS(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isOWS(c byte) bool { return c == ' ' || c == '\t' }

// isForm reports whether a Content-Type is application/x-www-form-urlencoded in any case, with at most a charset of UTF-8 or US-ASCII
// (V2).
func isForm(contentType string) bool {
	const form = "application/x-www-form-urlencoded"
	if contentType == form {
		return true
	}
	mediaType, parameter, has := strings.Cut(contentType, ";")
	if !foldEqual(trimOWS(mediaType), form) {
		return false
	}
	if !has {
		return true
	}
	name, value, _ := strings.Cut(trimOWS(parameter), "=")
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	return foldEqual(name, "charset") && (foldEqual(value, "utf-8") || foldEqual(value, "us-ascii"))
}

// isIdentity reports whether a Content-Encoding field leaves the body as it is (V5).
func isIdentity(f field) bool {
	return f.lines == 0 || f.lines == 1 && foldEqual(f.value, "identity")
}
