package core_test

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// rawDifference is a kind of header block that ParseRawHeader and net/http's server do not judge alike.
type rawDifference struct {
	name    string
	is      func(block string) bool // lines end with LF
	example string
}

var (
	hasFold     = regexp.MustCompile(`\n[ \t]`).MatchString
	hasLength   = regexp.MustCompile(`(?i)(^|\n)content-length:`).MatchString
	hasTransfer = regexp.MustCompile(`(?i)(^|\n)transfer-encoding:`).MatchString
	hasTrailer  = regexp.MustCompile(`(?i)(^|\n)trailer:`).MatchString
	hasExpect   = regexp.MustCompile(`(?i)(^|\n)expect:`).MatchString
)

// net/http mends these blocks, ParseRawHeader refuses them.
var refusedByUsAlone = []rawDifference{
	{"a folded line is joined", hasFold, "Host: a\nX: 1\n 2\n"},
	{"Content-Length beside Transfer-Encoding is dropped", func(block string) bool { return hasLength(block) && hasTransfer(block) },
		"Host: a\nContent-Length: 5\nTransfer-Encoding: chunked\n"},
}

// net/http's server answers these requests itself, although their header is well-formed.
var refusedByNetHTTPAlone = []rawDifference{
	{"an expectation other than 100-continue", hasExpect, "Host: a\nExpect: 200-ok\n"},
	{"a trailer that must not be one", func(block string) bool { return hasTrailer(block) && hasTransfer(block) },
		"Host: a\nTransfer-Encoding: chunked\nTrailer: Content-Length\n"},
}

func explained(block []byte, list []rawDifference) bool {
	for _, d := range list {
		if d.is(strings.ReplaceAll(string(block), "\r\n", "\n")) {
			return true
		}
	}
	return false
}

// The lists above hold no difference that does not exist.
func TestRawHeaderDifferencesFromNetHTTPOccur(t *testing.T) {
	server := newHeaderServer(t)
	judge := func(example string) (ours, theirs bool) {
		block := firstBlock([]byte(example))
		_, err := core.ParseRawHeader(block)
		return err == nil, server.read(block) != nil
	}
	for _, d := range refusedByUsAlone {
		if ours, theirs := judge(d.example); ours || !theirs || !d.is(d.example) {
			t.Errorf("%s: %q is accepted by us: %v, by net/http: %v", d.name, d.example, ours, theirs)
		}
	}
	for _, d := range refusedByNetHTTPAlone {
		if ours, theirs := judge(d.example); !ours || theirs || !d.is(d.example) {
			t.Errorf("%s: %q is accepted by us: %v, by net/http: %v", d.name, d.example, ours, theirs)
		}
	}
}

// FuzzRawHeader: ParseRawHeader takes a header block if and only if net/http's server does, and reads the same lines, except for the
// differences that have a name above.
func FuzzRawHeader(f *testing.F) {
	for _, c := range golden.Hostile() {
		head, _, _ := bytes.Cut(c.Bytes(), []byte("\r\n\r\n"))
		if _, block, found := bytes.Cut(head, []byte("\r\n")); found && len(block) < 8192 {
			f.Add(append(block, "\r\n"...))
		}
	}
	for _, lines := range []string{
		"", "Host: a\n", "Host: a\r\nX: 1\r\n", "Host: a\nHost: a\n", "Host:\n", "Host: a b\n", "X: 1\n", "Host: a\n: x\n", "Host: a\nX : 1\n",
		"Host: a\nX: 1\n folded\n", "Host: a\nX: a\rb\n", "Host: a\nX: a\x00b\n", "Host: a\nX: a\x7f\n", "Host: a\nX: \xff\n", "Host: a\nX\xff: 1\n",
		"Host: a\nContent-Length: 5\nContent-Length: 5\n", "Host: a\nContent-Length: 5\nContent-Length: 05\n", "Host: a\nContent-Length: 5, 5\n",
		"Host: a\nContent-Length: +5\n", "Host: a\nContent-Length:\n", "Host: a\nContent-Length: 9223372036854775808\n",
		"Host: a\nTransfer-Encoding: chunked\n", "Host: a\nTransfer-Encoding: chunked\nContent-Length: 5\n", "Host: a\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n",
		"Host: a\nTransfer-Encoding: identity\n", "Host: a\nTransfer-Encoding: gzip, chunked\n", "Host: a\nTransfer-Encoding: chun\u212aed\n", "Host: a\nTransfer-Encoding:\n",
		"Host: a\nPragma: no-cache\n", "Host: a\nExpect: x\n", "Host: a\nTrailer: X\nTransfer-Encoding: chunked\n", "Host: a\r\r\n", "Host: a\n\r\r\n", "hOST: a\nX: 1\nx: 2\n",
	} {
		f.Add([]byte(lines))
	}
	server := newHeaderServer(f)
	f.Fuzz(func(t *testing.T, block []byte) {
		block = firstBlock(block)
		if len(block) > 16<<10 {
			return // net/http has a limit of its own
		}
		ours, err := core.ParseRawHeader(block)
		theirs := server.read(block)
		switch {
		case err != nil && theirs != nil:
			if !explained(block, refusedByUsAlone) {
				t.Fatalf("%q: net/http reads %q, we refuse: %v", block, theirs, err)
			}
			return
		case err == nil && theirs == nil:
			if !explained(block, refusedByNetHTTPAlone) {
				t.Fatalf("%q: net/http refuses, we read %q", block, ours)
			}
			return
		case err != nil:
			return
		}
		// What net/http's server takes out of the header or puts in, by design.
		for _, name := range []string{"Transfer-Encoding", "Trailer"} {
			ours.Del(name)
			theirs.Del(name)
		}
		if lengths := ours["Content-Length"]; len(lengths) > 1 {
			ours["Content-Length"] = lengths[:1]
		}
		if p := ours["Pragma"]; len(p) > 0 && p[0] == "no-cache" && ours["Cache-Control"] == nil {
			theirs.Del("Cache-Control")
		}
		if !reflect.DeepEqual(ours, theirs) {
			t.Fatalf("%q: we read %q, net/http %q", block, ours, theirs)
		}
	})
}

// firstBlock returns the lines up to the first empty one, which it adds where there is none.
func firstBlock(b []byte) []byte {
	var block []byte
	for _, line := range bytes.SplitAfter(append(b[:len(b):len(b)], '\n'), []byte("\n")) {
		block = append(block, line...)
		if string(line) == "\n" || string(line) == "\r\n" {
			return block
		}
	}
	return append(block, "\r\n"...)
}

// headerServer is net/http's server in memory, one request a connection.
type headerServer struct {
	conns  chan net.Conn
	header http.Header
}

func newHeaderServer(t testing.TB) *headerServer {
	s := &headerServer{conns: make(chan net.Conn)}
	server := &http.Server{
		ErrorLog: log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s.header = r.Header.Clone()
			s.header["Host"] = []string{r.Host}
		}),
	}
	go func() { _ = server.Serve(s) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// read sends a POST with this header block and returns the header that the handler sees, or nil if the server did not call it.
func (s *headerServer) read(block []byte) http.Header {
	c := &memoryConn{in: bytes.NewReader(append([]byte("POST / HTTP/1.1\r\n"), block...)), closed: make(chan struct{})}
	s.header = nil
	s.conns <- c
	<-c.closed
	return s.header
}

// Accept, Close and Addr make it a listener.
func (s *headerServer) Accept() (net.Conn, error) {
	c, open := <-s.conns
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (s *headerServer) Close() error { close(s.conns); return nil }

func (s *headerServer) Addr() net.Addr { return &net.TCPAddr{} }

// memoryConn is a connection on which everything was sent already.
type memoryConn struct {
	in     *bytes.Reader
	closed chan struct{}
}

func (c *memoryConn) Read(b []byte) (int, error)       { return c.in.Read(b) }
func (c *memoryConn) Write(b []byte) (int, error)      { return len(b), nil }
func (c *memoryConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *memoryConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *memoryConn) SetDeadline(time.Time) error      { return nil }
func (c *memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }

func (c *memoryConn) Close() error {
	select {
	case <-c.closed:
	default:
		close(c.closed)
	}
	return nil
}
