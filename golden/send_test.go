package golden

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// fakeTCP serves each connection with a function and returns the address.
func fakeTCP(t *testing.T, serve func(conn *net.TCPConn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn.(*net.TCPConn))
			}()
		}
	}()
	return ln.Addr().String()
}

// answering reads the request's header block, writes text and waits for the client to half-close.
func answering(text string) func(*net.TCPConn) {
	return func(conn *net.TCPConn) {
		wire := bufio.NewReader(conn)
		for line := ""; line != "\r\n"; {
			var err error
			if line, err = wire.ReadString('\n'); err != nil {
				return
			}
		}
		_, _ = io.WriteString(conn, text)
		_, _ = io.Copy(io.Discard, wire)
	}
}

const bareGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

func TestSendReadsOneFramedResponse(t *testing.T) {
	tests := []struct {
		name, method, text string
		status             int
		body               string
	}{
		{"by length", "GET", "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nabc", 403, "abc"},
		{"by chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 200, "a"},
		{"after interim responses", "GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x"},
		{"to a HEAD", "HEAD", "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 19\r\n\r\n", 405, ""},
		{"switching protocols", "GET", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", 101, ""},
		{"with another one after it", "GET", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nsecret", 403, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			addr := fakeTCP(t, answering(tt.text))
			got, err := Send(addr, []byte(tt.method+strings.TrimPrefix(bareGet, "GET")))
			if err != nil || got.Status != tt.status || string(got.Body) != tt.body {
				t.Errorf("status %d, body %q, %v", got.Status, got.Body, err)
			}
			if string(got.Raw) != tt.text {
				t.Errorf("raw %q", got.Raw)
			}
		})
	}
}

func TestSendTellsAClosedConnectionFromASilentOne(t *testing.T) {
	closed := fakeTCP(t, func(conn *net.TCPConn) { _, _ = bufio.NewReader(conn).ReadString('\n') })
	if got, err := Send(closed, []byte(bareGet)); err != nil || got.Status != 0 {
		t.Errorf("closed: status %d, %v", got.Status, err)
	}
	reset := fakeTCP(t, func(conn *net.TCPConn) {
		_, _ = bufio.NewReader(conn).ReadString('\n')
		_ = conn.SetLinger(0)
	})
	if got, err := Send(reset, []byte(bareGet)); err != nil || got.Status != 0 {
		t.Errorf("reset: status %d, %v", got.Status, err)
	}
	silent := fakeTCP(t, func(conn *net.TCPConn) { _, _ = io.Copy(io.Discard, conn) })
	conn, err := net.Dial("tcp", silent)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got, err := exchange(conn.(*net.TCPConn), []byte(bareGet), 50*time.Millisecond); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("silent: status %d, %v", got.Status, err)
	}
}

func TestSendReportsWhatIsNoResponse(t *testing.T) {
	for name, text := range map[string]string{
		"no HTTP":      "hello\r\n\r\n",
		"a cut length": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
		"a cut chunk":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
	} {
		addr := fakeTCP(t, func(conn *net.TCPConn) {
			_, _ = bufio.NewReader(conn).ReadString('\n')
			_, _ = io.WriteString(conn, text)
			_ = conn.CloseWrite()
			_, _ = io.Copy(io.Discard, conn)
		})
		if got, err := Send(addr, []byte(bareGet)); err == nil {
			t.Errorf("%s: status %d and no error", name, got.Status)
		}
	}
	if _, err := Send("127.0.0.1:1", nil); err == nil {
		t.Error("nobody listens, and no error")
	}
}

// A server that answers before it has read a large request, and reads no more, must not block the client.
func TestSendWritesAndReadsAtTheSameTime(t *testing.T) {
	answer := "HTTP/1.1 431 Too Large\r\nContent-Length: 0\r\n\r\n"
	addr := fakeTCP(t, func(conn *net.TCPConn) {
		_, _ = bufio.NewReaderSize(conn, 16).ReadByte()
		_, _ = io.WriteString(conn, answer)
		_ = conn.CloseWrite()
	})
	got, err := Send(addr, bytes.Repeat([]byte("X: y\r\n"), 4<<20))
	if err != nil || got.Status != 431 {
		t.Errorf("status %d, %v", got.Status, err)
	}
}
