package golden

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringfence-go/ringfence/core"
)

const (
	streamLength = 100 << 20
	chunkLength  = 64 << 10
	bodyLimit    = 1 << 20 // the default of core.Config.MaxBodyBytes

	// serverSlack is what a server may take off the socket beyond the limit: its own read buffer, and twice the quarter of a megabyte
	// that net/http discards after a handler, hoping to keep the connection.
	serverSlack = 768 << 10

	// readAhead is how much of a body comes with an unsigned request: fasthttp reads 8 KB ahead even when it streams.
	readAhead = 16 << 10

	// bufferedLimit is how much of a body those that buffer it read by default before any middleware runs.
	bufferedLimit = 4 << 20
)

// Resources holds an adapter to V6: a body is cut at the limit plus one byte, and the body of an unsigned request is not read at
// all. Families that buffer read bodies before any middleware runs, and answer 413 by themselves at their own limit.
func Resources(t *testing.T, family Family, serve Serve) {
	logs := captureLogs(t)
	t.Run("an endless stream is cut at the limit", func(t *testing.T) {
		if err := checkStream(family, serve, logs); err != nil {
			t.Error(err)
		}
	})
	t.Run("the body of an unsigned request is not read", func(t *testing.T) {
		if err := checkUnsigned(family, serve, logs); err != nil {
			t.Error(err)
		}
	})
}

func checkStream(family Family, serve Serve, logs *logBuffer) error {
	limit := bodyLimit
	if family.buffers() {
		limit = bufferedLimit
	}
	m, err := startMetered(serve, logs)
	if err != nil {
		return err
	}
	status, err := stream(m.addr)
	err = errors.Join(err, m.close())
	taken := m.taken.Load()
	switch {
	case err != nil:
		return err
	case status != http.StatusRequestEntityTooLarge:
		return fmt.Errorf("status %d, want 413", status)
	case taken > int64(limit+serverSlack):
		return fmt.Errorf("the server read %d of %d bytes, want at most %d and its buffers", taken, streamLength, limit)
	}
	return nil
}

func checkUnsigned(family Family, serve Serve, logs *logBuffer) error {
	want := http.StatusForbidden
	if family.buffers() {
		want = http.StatusRequestEntityTooLarge
	}
	m, err := startMetered(serve, logs)
	if err != nil {
		return err
	}
	// The rest of the body never comes, so that a server which waits for it cannot answer.
	response, err := Send(m.addr, fmt.Appendf(nil, "POST /sms HTTP/1.1\r\nHost: example.com\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%0*d", streamLength, readAhead, 0))
	if err == nil && response.Status != want {
		err = fmt.Errorf("status %d, want %d", response.Status, want)
	}
	return errors.Join(err, m.close())
}

// metered is a server whose reads from the network are counted.
type metered struct {
	*server
	taken *atomic.Int64
}

func startMetered(serve Serve, logs *logBuffer) (metered, error) {
	taken := new(atomic.Int64)
	meter := func(ln net.Listener) net.Listener { return meteredListener{ln, taken} }
	s, err := startBehind(meter, loadConfig(), serve, logs)
	return metered{server: s, taken: taken}, err
}

// stream sends a signed request with a chunked body of streamLength, as far as the server takes it, and returns the status.
func stream(addr string) (status int, err error) {
	signature, err := core.Sign(core.AuthToken("primary", loadToken), loadOrigin+"/sms", nil)
	if err != nil {
		return 0, err
	}
	conn, err := net.DialTimeout("tcp", addr, Timeout)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(6 * Timeout))
	go func() {
		_, _ = fmt.Fprintf(conn, "POST /sms HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
			"Transfer-Encoding: chunked\r\nConnection: close\r\n%s: %s\r\n\r\n", signatureHeader, signature)
		chunk := fmt.Appendf(nil, "%x\r\n%0*d\r\n", chunkLength, chunkLength, 0)
		for sent := 0; sent < streamLength; sent += chunkLength {
			if _, err := conn.Write(chunk); err != nil {
				return
			}
		}
		_, _ = io.WriteString(conn, "0\r\n\r\n")
	}()
	wire := bufio.NewReader(conn)
	response, err := readResponse(wire, http.MethodPost)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, wire) // until the server has closed, it may read on
	return response.Status, nil
}

// meteredListener counts what its connections read. The connections stay TCP connections, so that a server can half-close them.
type meteredListener struct {
	net.Listener
	taken *atomic.Int64
}

func (l meteredListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return meteredConn{conn.(*net.TCPConn), l.taken}, nil
}

type meteredConn struct {
	*net.TCPConn
	taken *atomic.Int64
}

func (c meteredConn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	c.taken.Add(int64(n))
	return n, err
}
