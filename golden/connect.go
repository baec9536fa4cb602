package golden

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Connect serves on a new listener and returns a connection to it, until the test ends: stop makes serve return.
func Connect(t *testing.T, serve, stop func(net.Listener) error) net.Conn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- serve(listener) }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		if err := stop(listener); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return conn
}

// Write writes a formatted request, or a part of one.
func Write(t *testing.T, conn net.Conn, format string, args ...any) {
	t.Helper()
	if _, err := fmt.Fprintf(conn, format, args...); err != nil {
		t.Fatal(err)
	}
}

// UnreadBody holds a server that streams bodies to ending the connection when it refuses a request: it has not read the body, of which
// nothing may be answered as the next request.
func UnreadBody(t *testing.T, conn net.Conn, chunked bool) {
	t.Helper()
	// More than a server reads ahead, so that the rest starts where it would read the next request.
	body := strings.Repeat(" ", 8<<10) + strings.Repeat("GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n", 2000)
	header := fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))
	if chunked {
		header = "Transfer-Encoding: chunked\r\n\r\n"
	}
	go func() { _, _ = io.WriteString(conn, "POST /sms HTTP/1.1\r\nHost: example.com\r\n"+header+body) }()

	r := bufio.NewReader(conn)
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusForbidden || !response.Close {
		t.Errorf("status %d, close %v", response.StatusCode, response.Close)
	}
	if second, err := http.ReadResponse(r, nil); err == nil {
		t.Errorf("the body was answered: %s", second.Status)
	}
}
