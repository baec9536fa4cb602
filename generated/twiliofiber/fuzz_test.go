package twiliofiber_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofiber"
	"github.com/ringfence-go/ringfence/golden"
)

// FuzzAgreesWithNetHTTP sends the same bytes to a net/http server and to a Fiber app. On every well-formed message both say the same.
// On any other they may differ in what their parsers make of it, for the reasons that framingDifferences names. Never do both accept a
// message with different parameters or bodies.
//
// sign replaces the value of the signature line by one that is right for some reading of the message.
func FuzzAgreesWithNetHTTP(f *testing.F) {
	servers := newFuzzServers(f)
	for _, c := range golden.Hostile() {
		if raw := c.Bytes(); len(raw) < 16<<10 && c.Config.Digest == nil {
			for sign := range uint8(5) {
				f.Add(raw, sign)
			}
		}
	}
	for _, d := range framingDifferences {
		f.Add([]byte(d.example), d.sign)
	}
	// RFC 9112 section 6.1: Transfer-Encoding in HTTP/1.0 is faulty framing. Where one server obeys it and the other does not, a parameter
	// "/" in the chunks and the slash of the root path are the same text (U4).
	f.Add([]byte(strings.NewReplacer("HTTP/1.1", "HTTP/1.0", "/sms", "/").Replace(fuzzHead)+"Transfer-Encoding: chunked\r\n\r\n3\r\n%2F\r\n0\r\n\r\n"), uint8(1))
	f.Add([]byte("POST /sms HTTP/1.1\r\nHost: mycompany.com\r\nContent-Type: multipart/form-data; boundary=b\r\nX-Twilio-Signature: x\r\nContent-Length: 62\r\n\r\n"+
		"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n"), uint8(4))
	f.Fuzz(func(t *testing.T, raw []byte, sign uint8) {
		if len(raw) > 32<<10 {
			return
		}
		raw = signFuzzed(raw, sign)
		std, fib := servers.both(raw)
		if std.accepts() && fib.accepts() && !reflect.DeepEqual(std.calls[0].verified, fib.calls[0].verified) {
			t.Fatalf("both accept, but net/http reads %+v and Fiber %+v\n%q", std.calls[0], fib.calls[0], raw)
		}
		for _, call := range append(std.calls, fib.calls...) {
			if !call.isBound() {
				t.Fatalf("V1: the framework's own parser reads what is not signed: %+v\n%q", call, raw)
			}
		}
		wellFormed := isWellFormedMessage(raw)
		if wellFormed && (std.firstStatus() != fib.firstStatus() || len(std.calls) != len(fib.calls)) {
			t.Fatalf("a well-formed message: net/http answers %d, Fiber %d\n%q", std.firstStatus(), fib.firstStatus(), raw)
		}
		if !wellFormed && std.accepts() != fib.accepts() && differenceOf(raw) == nil {
			t.Fatalf("net/http answers %d, Fiber %d, and the difference has no name\n%q", std.firstStatus(), fib.firstStatus(), raw)
		}
	})
}

// The list of framing differences has no row that does not occur.
func TestFramingDifferencesFromNetHTTPOccur(t *testing.T) {
	servers := newFuzzServers(t)
	for _, d := range framingDifferences {
		raw := signFuzzed([]byte(d.example), d.sign)
		std, fib := servers.both(raw)
		if std.accepts() == fib.accepts() || std.accepts() != d.netHTTPAccepts || isWellFormedMessage(raw) || !d.is(string(raw)) {
			t.Errorf("%s: net/http answers %d, Fiber %d\n%q", d.name, std.firstStatus(), fib.firstStatus(), raw)
		}
	}
}

// framingDifference is a kind of message that one server's parser takes and the other's does not, or takes for another message.
type framingDifference struct {
	name           string
	is             func(raw string) bool
	netHTTPAccepts bool
	example        string
	sign           uint8
}

const fuzzHead = "POST /sms HTTP/1.1\r\nHost: mycompany.com\r\nContent-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: x\r\n"

// headHas reports whether a message's header block has a match.
func headHas(expression string) func(string) bool {
	compiled := regexp.MustCompile(`(?im)` + expression)
	return func(raw string) bool {
		head, _, _ := strings.Cut(raw, "\r\n\r\n")
		return compiled.MatchString(head)
	}
}

var framingDifferences = []framingDifference{
	{
		name:           "net/http drops a Content-Length beside Transfer-Encoding, we refuse both together",
		is:             func(raw string) bool { return headHas(`^content-length:`)(raw) && headHas(`^transfer-encoding:`)(raw) },
		netHTTPAccepts: true, example: fuzzHead + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n", sign: 3,
	},
	{
		name:    "fasthttp takes a request line without a version",
		is:      func(raw string) bool { return !regexp.MustCompile(`^[^\n]* HTTP/[^\n ]*\r?\n`).MatchString(raw) },
		example: strings.Replace(fuzzHead, " HTTP/1.1", "", 1) + "Content-Length: 3\r\n\r\na=1", sign: 2,
	},
	{
		name:    "fasthttp skips empty lines before the request line",
		is:      regexp.MustCompile(`^\r?\n`).MatchString,
		example: "\r\n" + fuzzHead + "Content-Length: 3\r\n\r\na=1", sign: 2,
	},
	{
		name:           "net/http joins folded lines, we refuse them",
		is:             headHas(`^[ \t]`),
		netHTTPAccepts: true, example: fuzzHead + "X: 1\r\n 2\r\nContent-Length: 3\r\n\r\na=1", sign: 2,
	},
	{
		name:           "net/http ignores Transfer-Encoding in HTTP/1.0, we refuse it",
		is:             func(raw string) bool { return isHTTP10(raw) && headHas(`^transfer-encoding:`)(raw) },
		netHTTPAccepts: true, example: strings.Replace(fuzzHead, "HTTP/1.1", "HTTP/1.0", 1) + "Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n", sign: 1,
	},
	{
		name:           "net/http takes HTTP/1.0 without Host, we refuse it",
		is:             func(raw string) bool { return isHTTP10(raw) && !headHas(`^host:`)(raw) },
		netHTTPAccepts: true, example: strings.Replace(strings.Replace(fuzzHead, "HTTP/1.1", "HTTP/1.0", 1), "Host: mycompany.com\r\n", "", 1) + "Content-Length: 3\r\n\r\na=1", sign: 2,
	},
	{
		name:    "fasthttp takes expectations other than 100-continue",
		is:      headHas(`^expect:`),
		example: fuzzHead + "Expect: 200-ok\r\nContent-Length: 3\r\n\r\na=1", sign: 2,
	},
	{
		name: "fasthttp takes chunks without their last line, and malformed trailers",
		is: func(raw string) bool {
			_, body, _ := strings.Cut(raw, "\r\n\r\n")
			return headHas(`^transfer-encoding:`)(raw) && !isChunkedPlainly(body)
		},
		example: fuzzHead + "Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\nX\x00: 1\r\n\r\n", sign: 3,
	},
	{
		name:           "fasthttp refuses a tab before the number of Content-Length",
		is:             headHas(`^content-length:.*\t`),
		netHTTPAccepts: true, example: fuzzHead + "Content-Length:\t3\r\n\r\na=1", sign: 2,
	},
	{
		name:           "fasthttp refuses trailers that must not be announced, chunked or not",
		is:             headHas(`^trailer:`),
		netHTTPAccepts: true, example: fuzzHead + "Trailer: Content-Length\r\nContent-Length: 3\r\n\r\na=1", sign: 2,
	},
}

func isHTTP10(raw string) bool {
	return regexp.MustCompile(`^[^\n]* HTTP/1\.0\r?\n`).MatchString(raw)
}

func differenceOf(raw []byte) *framingDifference {
	for i := range framingDifferences {
		if framingDifferences[i].is(string(raw)) {
			return &framingDifferences[i]
		}
	}
	return nil
}

// isWellFormedMessage reports whether raw is one message that RFC 9112 leaves no two readings of: HTTP/1.1, origin-form, one Host, token
// names, no control characters, less than Fiber's limit of 4 KiB, and a body that is as long as one Content-Length says or is chunked without trailers.
func isWellFormedMessage(raw []byte) bool {
	head, body, found := strings.Cut(string(raw), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	if !found || len(head) > 3500 || !regexp.MustCompile(`^(GET|POST) /([!-"$&->@-~]|%[0-9A-Fa-f]{2})*(\?[!-"$-~]*)? HTTP/1\.1$`).MatchString(lines[0]) {
		return false
	}
	count := map[string]int{}
	value := map[string]string{}
	for _, line := range lines[1:] {
		m := regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t -~]*)$").FindStringSubmatch(line)
		if m == nil {
			return false
		}
		name := strings.ToLower(m[1])
		if name == "content-length" && strings.Contains(m[2], "\t") {
			return false
		}
		count[name]++
		value[name] = strings.Trim(m[2], " \t")
	}
	if count["host"] != 1 || !regexp.MustCompile(`^[A-Za-z0-9.:-]+$`).MatchString(value["host"]) || count["expect"]+count["trailer"]+count["upgrade"] > 0 {
		return false
	}
	switch {
	case count["transfer-encoding"] == 1:
		return count["content-length"] == 0 && value["transfer-encoding"] == "chunked" && regexp.MustCompile(`^([1-9a-f][0-9a-f]{0,3}\r\n)`).MatchString(body) && isChunkedPlainly(body)
	case count["content-length"] == 1:
		return value["content-length"] == strconv.Itoa(len(body))
	}
	return body == "" && count["transfer-encoding"]+count["content-length"] == 0
}

// isChunkedPlainly reports whether body is chunks and a last chunk, with nothing after the sizes, no trailers and nothing behind.
func isChunkedPlainly(body string) bool {
	for {
		line, rest, found := strings.Cut(body, "\r\n")
		size, err := strconv.ParseUint(line, 16, 16)
		switch {
		case !found || err != nil || strconv.FormatUint(size, 16) != line:
			return false
		case size == 0:
			return rest == "\r\n"
		case uint64(len(rest)) < size+2 || rest[size:size+2] != "\r\n":
			return false
		}
		body = rest[size+2:]
	}
}

const fuzzSecret = "0123456789abcdef0123456789abcdef"

// signFuzzed replaces the value of the signature line: 1 signs the URL alone, 2 the form that is the body, 3 the form in the chunks of the
// body, 4 the URL with the body's hash, which it writes to the query.
func signFuzzed(raw []byte, sign uint8) []byte {
	empty := string(raw[:len(raw)-len(bytes.TrimLeft(raw, "\r\n"))]) // lines before the request line
	head, body, _ := strings.Cut(string(raw[len(empty):]), "\r\n\r\n")
	request, rest, found := strings.Cut(head, "\r\n")
	words := strings.Split(request, " ")
	line := regexp.MustCompile(`(?i)(\r\nX-Twilio-Signature:)[^\r\n]*`)
	if !found || len(words) < 2 || sign%5 == 0 {
		return raw
	}
	var params url.Values
	switch sign % 5 {
	case 2:
		params, _ = url.ParseQuery(body)
	case 3:
		decoded, _ := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(body)))
		params, _ = url.ParseQuery(string(decoded))
	case 4:
		sum := sha256.Sum256([]byte(body))
		path, _, _ := strings.Cut(words[1], "?")
		words[1] = path + "?bodySHA256=" + hex.EncodeToString(sum[:])
	}
	signature, err := core.Sign(core.AuthToken("primary", fuzzSecret), "https://mycompany.com"+words[1], params)
	if err != nil {
		return raw
	}
	rest = line.ReplaceAllString("\r\n"+rest, "${1} "+signature)
	return []byte(empty + strings.Join(words, " ") + rest + "\r\n\r\n" + body)
}

// fuzzCall is what a handler behind the middleware sees.
type fuzzCall struct {
	verified verifiedCall
	form     url.Values // what the framework's own form parser reads
}

// verifiedCall is the verified webhook and what it belongs to.
type verifiedCall struct {
	method, target string
	params         url.Values
	body           string
}

// isBound reports whether the framework's form is nothing, or the verified parameters, or of a body that is bound as a whole. Which media
// types a framework parses differs.
func (c fuzzCall) isBound() bool {
	return len(c.form) == 0 || reflect.DeepEqual(c.form, c.verified.params) || strings.Contains(c.verified.target, "bodySHA256=")
}

type fuzzOutcome struct {
	statuses []int
	calls    []fuzzCall
}

func (o fuzzOutcome) firstStatus() int {
	if len(o.statuses) == 0 {
		return 0
	}
	return o.statuses[0]
}

func (o fuzzOutcome) accepts() bool { return o.firstStatus() == http.StatusOK && len(o.calls) > 0 }

// fuzzServers are the two servers, both in memory. They answer one connection after the other.
type fuzzServers struct {
	app   *fiber.App
	conns chan net.Conn
	calls []fuzzCall
}

func newFuzzServers(tb testing.TB) *fuzzServers {
	v, err := core.NewValidator(core.Config{PublicURL: "https://mycompany.com", Tokens: []core.Token{core.AuthToken("primary", fuzzSecret)}})
	if err != nil {
		tb.Fatal(err)
	}
	s := &fuzzServers{conns: make(chan net.Conn), app: fiber.New(fiber.Config{
		DisableStartupMessage: true,
		// Else fasthttp parses multipart bodies before any middleware, and Body writes them anew: not the bytes that were signed.
		DisablePreParseMultipartForm: true,
	})}
	s.app.Use(twiliofiber.New(twiliofiber.Config{Validator: v}), func(c *fiber.Ctx) error {
		webhook, _ := twiliofiber.FromCtx(c)
		form := url.Values{}
		c.Request().PostArgs().VisitAll(func(name, value []byte) { form.Add(string(name), string(value)) })
		s.calls = append(s.calls, fuzzCall{verifiedCall{strings.Clone(c.Method()), strings.Clone(c.OriginalURL()), webhook.Params(), string(c.Request().Body())}, form})
		return c.SendString("ok")
	})
	s.app.Handler() // makes Server ready
	s.app.Server().Logger = log.New(io.Discard, "", 0)
	server := &http.Server{
		ErrorLog: log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			verified, webhook, err := v.ValidateHTTP(r)
			if err != nil {
				core.AnswerTo(err).Write(w)
				return
			}
			body, _ := io.ReadAll(verified.Body)
			verified.Body = io.NopCloser(bytes.NewReader(body))
			_ = verified.ParseForm()
			s.calls = append(s.calls, fuzzCall{verifiedCall{r.Method, r.RequestURI, webhook.Params(), string(body)}, verified.PostForm})
			fmt.Fprint(w, "ok")
		}),
	}
	go func() { _ = server.Serve(s) }()
	tb.Cleanup(func() { _ = server.Close() })
	return s
}

// both sends the same bytes to both servers, one after the other, and returns what came of each.
func (s *fuzzServers) both(raw []byte) (std, fib fuzzOutcome) {
	c := newSentConn(raw)
	s.calls = nil
	s.conns <- c
	<-c.closed
	std = fuzzOutcome{c.statuses(), s.calls}

	c = newSentConn(raw)
	s.calls = nil
	_ = s.app.Server().ServeConn(c)
	return std, fuzzOutcome{c.statuses(), s.calls}
}

// Accept, Close and Addr make it the listener of the net/http server.
func (s *fuzzServers) Accept() (net.Conn, error) {
	c, open := <-s.conns
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (s *fuzzServers) Close() error { close(s.conns); return nil }

func (s *fuzzServers) Addr() net.Addr { return &net.TCPAddr{} }

// sentConn is a connection on which the client has sent everything.
type sentConn struct {
	in     *bytes.Reader
	out    bytes.Buffer
	closed chan struct{}
}

func newSentConn(raw []byte) *sentConn {
	return &sentConn{in: bytes.NewReader(raw), closed: make(chan struct{})}
}

// statuses returns the status of each final response.
func (c *sentConn) statuses() (statuses []int) {
	for out := bufio.NewReader(&c.out); ; {
		response, err := http.ReadResponse(out, nil)
		if err != nil {
			return statuses
		}
		_, _ = io.Copy(io.Discard, response.Body)
		if response.StatusCode >= 200 {
			statuses = append(statuses, response.StatusCode)
		}
	}
}

func (c *sentConn) Read(b []byte) (int, error)       { return c.in.Read(b) }
func (c *sentConn) Write(b []byte) (int, error)      { return c.out.Write(b) }
func (c *sentConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *sentConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *sentConn) SetDeadline(time.Time) error      { return nil }
func (c *sentConn) SetReadDeadline(time.Time) error  { return nil }
func (c *sentConn) SetWriteDeadline(time.Time) error { return nil }

func (c *sentConn) Close() error {
	select {
	case <-c.closed:
	default:
		close(c.closed)
	}
	return nil
}
