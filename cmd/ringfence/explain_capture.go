package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/ringfence-go/ringfence/core"
)

// capture is a captured request, whatever it was captured with.
type capture struct {
	raw    []byte // the HTTP/1 text
	origin string // scheme and host as far as the capture shows them
	peer   string // an IP address, or ""
	tls    bool
}

// parseCapture reads a capture in one of the forms of the usage. body, where it is not nil, is the request's.
func parseCapture(text, body []byte) (capture, error) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	start := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case len(start) == 0:
		return capture{}, errors.New("the capture is empty")
	case start[0] == '{':
		return parseJSON(start, body)
	case bytes.HasPrefix(start, []byte("curl ")) || bytes.HasPrefix(start, []byte("$ curl ")):
		return parseCurlCommand(string(bytes.TrimPrefix(start, []byte("$ "))), body)
	case start[0] == '*' || start[0] == '>' || bytes.Contains(text, []byte("\n> ")):
		return parseCurlOutput(string(text), body)
	}
	return parseRaw(start, body)
}

func parseRaw(text, body []byte) (capture, error) {
	if body != nil {
		head, _, _ := bytes.Cut(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
		text = append(append(head, "\n\n"...), body...)
	}
	return capture{raw: text, origin: originOfHost(text)}, nil
}

// originOfHost is https:// and the Host header: what Twilio is most likely configured with.
func originOfHost(raw []byte) string {
	for _, line := range strings.Split(string(raw), "\n")[1:] {
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			break
		}
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Host") && strings.TrimSpace(value) != "" {
			return "https://" + strings.TrimSpace(value)
		}
	}
	return ""
}

// request parses the capture for the core.
func (c capture) request(o explainOptions) (*core.Request, error) {
	r, err := core.ParseCapture(c.raw)
	if err != nil {
		return nil, fmt.Errorf("the captured request: %w", err)
	}
	peer := c.peer
	if o.peer != "" {
		peer = o.peer
	}
	if peer != "" {
		r.Peer = core.PeerOf(&net.TCPAddr{IP: net.ParseIP(peer)})
	}
	r.TLS = c.tls || o.tls
	return r, nil
}

// message is a request in parts, as JSON and curl have it.
type message struct {
	method, target string
	host           string // where no Host header is among the lines
	headers        [][2]string
	body           []byte
	isWhole        bool // the body is known to be all of it, so that the lines about its length say nothing
}

// raw writes the message as HTTP/1 text.
func (m message) raw() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", m.method, m.target)
	hasHost, hasLength := false, false
	for _, line := range m.headers {
		name := strings.ToLower(line[0])
		switch {
		case strings.HasPrefix(name, ":"), name == "transfer-encoding", name == "content-length" && m.isWhole:
			continue
		case strings.ContainsAny(line[0]+line[1], "\r\n"):
			return nil, fmt.Errorf("the captured request: a line end in the header %q", line[0])
		}
		hasHost = hasHost || name == "host"
		hasLength = hasLength || name == "content-length"
		fmt.Fprintf(&b, "%s: %s\r\n", line[0], line[1])
	}
	if !hasHost {
		fmt.Fprintf(&b, "Host: %s\r\n", m.host)
	}
	if !hasLength {
		b.WriteString("Content-Length: " + strconv.Itoa(len(m.body)) + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(m.body)
	return b.Bytes(), nil
}

// capture returns the message as a capture. origin is the URL's, or "".
func (m message) capture(origin string) (capture, error) {
	raw, err := m.raw()
	if err != nil {
		return capture{}, err
	}
	if origin == "" {
		origin = originOfHost(raw)
	}
	return capture{raw: raw, origin: origin}, nil
}

// cutURL cuts a URL into its origin, its host and its target, byte for byte. User name, password and fragment are dropped.
func cutURL(raw string) (origin, host, target string, err error) {
	scheme, rest, found := strings.Cut(raw, "://")
	if !found || scheme != "http" && scheme != "https" && scheme != "ws" && scheme != "wss" {
		return "", "", "", errors.New("the captured request: its URL is not an absolute http or https URL")
	}
	scheme = strings.Replace(scheme, "ws", "http", 1)
	rest, _, _ = strings.Cut(rest, "#")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, target = rest[:end], rest[end:]
	host = host[strings.LastIndexByte(host, '@')+1:]
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	return scheme + "://" + host, host, target, nil
}

// jsonCapture is the documented JSON form.
type jsonCapture struct {
	Method     string      `json:"method"`
	Target     string      `json:"target"`
	URL        string      `json:"url"`
	Version    string      `json:"version"`
	Headers    jsonHeaders `json:"headers"`
	Body       *string     `json:"body"`
	BodyBase64 []byte      `json:"body_base64"`
	Peer       string      `json:"peer"`
	TLS        bool        `json:"tls"`
}

// jsonHeaders are header lines: a list of [name, value], or an object from name to value or values.
type jsonHeaders [][2]string

func (h *jsonHeaders) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, (*[][2]string)(h)) == nil {
		return nil
	}
	var single map[string]json.RawMessage
	if err := json.Unmarshal(text, &single); err != nil {
		return errors.New("headers must be a list of [name, value], or an object")
	}
	for name, raw := range single {
		var values []string
		var value string
		if json.Unmarshal(raw, &value) == nil {
			values = []string{value}
		} else if json.Unmarshal(raw, &values) != nil {
			return fmt.Errorf("the header %q must be a text or a list of texts", name)
		}
		for _, value := range values {
			*h = append(*h, [2]string{name, value})
		}
	}
	return nil
}

// parseJSON reads the documented form, or a HAR file.
func parseJSON(text, body []byte) (capture, error) {
	var probe struct {
		Log json.RawMessage `json:"log"`
	}
	if err := json.Unmarshal(text, &probe); err != nil {
		return capture{}, fmt.Errorf("the capture is not valid JSON: %s", placeOf(err))
	}
	if probe.Log != nil {
		return parseHAR(probe.Log, body)
	}
	var j jsonCapture
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&j); err != nil {
		return capture{}, fmt.Errorf("the JSON capture: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return j.capture(body)
}

// placeOf says where JSON is malformed, without quoting it.
func placeOf(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return "malformed at byte " + strconv.FormatInt(syntax.Offset, 10)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

func (j jsonCapture) capture(body []byte) (capture, error) {
	m := message{method: j.Method, target: j.Target, headers: j.Headers}
	origin := ""
	switch {
	case j.Method == "":
		return capture{}, errors.New(`the JSON capture has no "method"`)
	case (j.Target == "") == (j.URL == ""):
		return capture{}, errors.New(`the JSON capture must have one of "target" and "url"`)
	case j.Body != nil && j.BodyBase64 != nil:
		return capture{}, errors.New(`the JSON capture has both "body" and "body_base64": keep one of them`)
	case j.Peer != "" && net.ParseIP(j.Peer) == nil:
		return capture{}, errors.New(`the JSON capture's "peer" is not an IP address`)
	}
	if j.URL != "" {
		var err error
		if origin, m.host, m.target, err = cutURL(j.URL); err != nil {
			return capture{}, err
		}
	}
	switch {
	case body != nil:
		m.body, m.isWhole = body, true
	case j.Body != nil:
		m.body = []byte(*j.Body)
	default:
		m.body = j.BodyBase64
	}
	captured, err := m.capture(origin)
	captured.peer, captured.tls = j.Peer, j.TLS
	return captured, err
}

// har is the part of a HAR file's log that matters.
type har struct {
	Entries []struct {
		Request struct {
			Method  string
			URL     string
			Headers []struct{ Name, Value string }
			// PostData has Text, or else Params.
			PostData *struct {
				Text     string
				Encoding string
				Params   []struct{ Name, Value string }
			}
		}
	}
}

// parseHAR reads the first entry that carries a signature, or else the only one.
func parseHAR(text, body []byte) (capture, error) {
	var log har
	if err := json.Unmarshal(text, &log); err != nil {
		return capture{}, errors.New("the HAR file is malformed: its log has no usable entries")
	}
	for i, entry := range log.Entries {
		m := message{method: entry.Request.Method, isWhole: true}
		signed := false
		for _, line := range entry.Request.Headers {
			m.headers = append(m.headers, [2]string{line.Name, line.Value})
			signed = signed || strings.EqualFold(line.Name, "X-Twilio-Signature")
		}
		if !signed && len(log.Entries) > 1 {
			continue
		}
		origin, host, target, err := cutURL(entry.Request.URL)
		if err != nil {
			return capture{}, fmt.Errorf("entry %d: %w", i+1, err)
		}
		m.host, m.target = host, target
		if data := entry.Request.PostData; body != nil {
			m.body = body
		} else if data != nil {
			m.body = []byte(data.Text)
			if data.Encoding == "base64" {
				if m.body, err = base64.StdEncoding.DecodeString(data.Text); err != nil {
					return capture{}, fmt.Errorf("entry %d: its body is not base64", i+1)
				}
			}
			for j, p := range data.Params {
				if data.Text != "" {
					break
				}
				if j > 0 {
					m.body = append(m.body, '&')
				}
				m.body = append(m.body, url.QueryEscape(p.Name)+"="+url.QueryEscape(p.Value)...)
			}
		}
		return m.capture(origin)
	}
	return capture{}, errors.New("the HAR file has no entry with an X-Twilio-Signature")
}
