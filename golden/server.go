package golden

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/ringfence-go/ringfence/core"
)

// server is a server under test in this process.
type server struct {
	site
	protected *Handler
	ln        net.Listener
	done      chan error
}

// start serves a handler behind an adapter with that configuration on a free port of 127.0.0.1.
func start(c Config, serve Serve, logs *logBuffer) (*server, error) {
	return startBehind(asItIs, c, serve, logs)
}

func asItIs(ln net.Listener) net.Listener { return ln }

// startBehind lets wrap put a listener of its own in front of the server.
func startBehind(wrap func(net.Listener) net.Listener, c Config, serve Serve, logs *logBuffer) (*server, error) {
	v, err := c.Validator(slog.New(slog.NewTextHandler(logs, nil)))
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return serveOn(wrap(ln), v, serve, logs), nil
}

func serveOn(ln net.Listener, v *core.Validator, serve Serve, logs *logBuffer) *server {
	h := new(Handler)
	s := &server{
		site:      site{addr: ln.Addr().String(), handler: &localCounter{handler: h}, logs: logs},
		protected: h,
		ln:        ln,
		done:      make(chan error, 1),
	}
	go func() {
		s.done <- serve(ln, v, h)
		_ = ln.Close() // so that clients of a server that gave up fail at once
	}()
	return s
}

// close closes the listener and waits for the serve function. That it returned by itself is an error.
func (s *server) close() error {
	select {
	case err := <-s.done:
		return fmt.Errorf("serve returned before its listener was closed: %v", err)
	default:
	}
	_ = s.ln.Close()
	select {
	case <-s.done:
		return nil
	case <-time.After(Timeout):
		return errors.New("serve did not return after its listener was closed")
	}
}

// hurriedTimeout is how long a server behind a hurried listener waits for the rest of a request that never comes, instead of ReadTimeout.
const hurriedTimeout = 300 * time.Millisecond

func hurried(ln net.Listener) net.Listener { return hurriedListener{ln} }

// hurriedListener shortens the server's read timeouts to hurriedTimeout.
type hurriedListener struct{ net.Listener }

func (l hurriedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return hurriedConn{conn.(*net.TCPConn)}, nil
}

// hurriedConn is still a TCP connection, which a server can half-close.
type hurriedConn struct{ *net.TCPConn }

func (c hurriedConn) SetReadDeadline(t time.Time) error {
	if soon := time.Now().Add(hurriedTimeout); t.After(soon) {
		t = soon
	}
	return c.TCPConn.SetReadDeadline(t)
}

// logBuffer collects what is logged. Its methods may be called from several goroutines.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) mark() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Len()
}

func (b *logBuffer) since(mark int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text.Bytes()[mark:])
}

func (b *logBuffer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = bytes.Buffer{}
}

// captureLogs sends what packages log and log/slog write to a buffer for the rest of the test.
func captureLogs(t *testing.T) *logBuffer {
	logs := new(logBuffer)
	structured, writer, flags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(slog.NewTextHandler(logs, nil))) // also redirects package log; hence its own line comes after
	log.SetOutput(logs)
	t.Cleanup(func() {
		slog.SetDefault(structured)
		log.SetOutput(writer)
		log.SetFlags(flags)
	})
	return logs
}
