package golden

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ringfence-go/ringfence/core"
)

// requestLog writes what a server refused in the JSON that ringfence explain reads, a line for each request. It looks at the wire, since
// the core shows nobody a request's values (R2), and leaves out
//   - HTTP credentials and cookies;
//   - a request whose signature is right: it was refused for something else, which the refusal's reason says;
//   - a request that the server did not read to its end, that is not UTF-8 outside its body, or over maxLoggedRequest.
type requestLog struct {
	out   io.Writer
	right *core.Validator // of the same origin and tokens, and no other rules
}

// maxLoggedRequest bounds a request in the log, header and body, in bytes.
const maxLoggedRequest = 1 << 20

func newRequestLog(c Config, out io.Writer) (*requestLog, error) {
	right, err := Config{
		URLMode: c.URLMode, PublicURL: c.PublicURL, AllowedHosts: c.AllowedHosts, TrustedProxies: c.TrustedProxies, ExactURL: c.ExactURL,
		Tokens: c.Tokens, Accounts: c.Accounts,
	}.Validator(nil)
	return &requestLog{out, right}, err
}

// listener returns ln with connections whose requests are logged.
func (l *requestLog) listener(ln net.Listener) net.Listener { return loggedListener{ln, l} }

type loggedListener struct {
	net.Listener
	log *requestLog
}

func (l loggedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &loggedConn{Conn: conn, log: l.log}, nil
}

// loggedConn keeps what was received since the last answer.
type loggedConn struct {
	net.Conn
	log *requestLog

	mu       sync.Mutex
	received []byte
	lost     bool // where the next request begins is not known
}

func (c *loggedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost = c.lost || len(c.received)+max(n, 0) > maxLoggedRequest; c.lost {
		c.received = nil
	} else if n > 0 {
		c.received = append(c.received, p[:n]...)
	}
	return n, err
}

func (c *loggedConn) Write(p []byte) (int, error) {
	c.answer(p)
	return c.Conn.Write(p)
}

var statusLine = regexp.MustCompile(`^HTTP/1\.[01] ([1-5])([0-9]{2}) `)

// answer takes note of an answer's first bytes. What does not begin with a status line goes on with an earlier one.
func (c *loggedConn) answer(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	status := statusLine.FindSubmatch(p[:min(len(p), len("HTTP/1.1 200 "))])
	if c.lost || status == nil || string(status[1]) == "1" && string(status[2]) != "01" {
		return
	}
	r, size := cutRequest(c.received)
	if r == nil || status[1][0] == '1' { // 101: what follows is no HTTP
		c.lost, c.received = true, nil
		return
	}
	c.received = c.received[size:]
	if refused := status[1][0] >= '4'; refused {
		r.Peer = core.PeerOf(c.RemoteAddr())
		c.log.write(r)
	}
}

var emptyLine = regexp.MustCompile(`\n\r?\n`)

// cutRequest returns the request at the beginning of text and its length, or nil where there is no whole one.
func cutRequest(text []byte) (*core.Request, int) {
	rest := bytes.NewReader(text)
	reader := bufio.NewReader(rest)
	r, err := http.ReadRequest(reader)
	if err != nil {
		return nil, 0
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, 0
	}
	_, header, _ := bytes.Cut(text, []byte("\n"))
	end := emptyLine.FindIndex(header)
	if end == nil {
		return nil, 0
	}
	return &core.Request{
		Method: r.Method, Target: r.RequestURI, Proto: r.Proto, RawHeader: bytes.Clone(header[:end[0]+1]), Buffered: body,
	}, len(text) - rest.Len() - reader.Buffered()
}

// loggedRequest is the form that ringfence explain -h documents.
type loggedRequest struct {
	Method     string      `json:"method"`
	Target     string      `json:"target"`
	Headers    [][2]string `json:"headers"`
	Body       *string     `json:"body,omitempty"`
	BodyBase64 []byte      `json:"body_base64,omitempty"`
	Peer       string      `json:"peer,omitempty"`
}

func (l *requestLog) write(r *core.Request) {
	if !utf8.ValidString(r.Target) || !utf8.Valid(r.RawHeader) || l.isRight(r) {
		return
	}
	logged := loggedRequest{Method: r.Method, Target: r.Target, Headers: publicLines(r.RawHeader), BodyBase64: r.Buffered}
	if peer := r.Peer.String(); net.ParseIP(peer) != nil {
		logged.Peer = peer
	}
	if utf8.Valid(r.Buffered) {
		body := string(r.Buffered)
		logged.Body, logged.BodyBase64 = &body, nil
	}
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(logged); err == nil {
		_, _ = l.out.Write(line.Bytes()) // at once: other lines come from other goroutines
	}
}

// publicLines returns the header lines without those that hold credentials.
func publicLines(block []byte) (lines [][2]string) {
	for _, line := range strings.Split(strings.TrimSuffix(string(block), "\n"), "\n") {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\r"), ":")
		switch strings.ToLower(name) {
		case "authorization", "proxy-authorization", "cookie":
		default:
			lines = append(lines, [2]string{name, strings.TrimSpace(value)})
		}
	}
	return lines
}

var signatureText = regexp.MustCompile(`(?:[A-Za-z0-9+/]{43}|[A-Za-z0-9+/]{27})=`)

// isRight reports whether the request's signature is right, or one of several that it carries.
func (l *requestLog) isRight(r *core.Request) bool {
	header, err := core.ParseRawHeader(r.RawHeader)
	if err != nil {
		return false
	}
	lines := strings.Join(header.Values(signatureHeader), "\n")
	for _, signature := range signatureText.FindAllString(lines, -1) {
		alone := *r
		alone.RawHeader = nil
		alone.Host, alone.Header = header.Get("Host"), header.Clone()
		alone.Header.Set(signatureHeader, signature)
		if l.right.Check(&alone) == nil {
			return true
		}
	}
	return false
}
