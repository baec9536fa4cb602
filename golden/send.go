package golden

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// Timeout is how long a server may take over one request, from the connection to the end of its answer.
const Timeout = 5 * time.Second

// Response is what came back over the wire for one request.
type Response struct {
	// Status is that of the first response that is not interim, or 0 if the connection was closed without one.
	Status int
	Header http.Header
	// Body is the body, without its chunked coding.
	Body []byte
	// Raw is every byte that was received, interim and later responses included.
	Raw []byte
}

// ErrNoAnswer is what errors.Is finds if neither a whole response nor the end of the connection came within Timeout.
var ErrNoAnswer = errors.New("golden: no answer in time")

// Send writes request to addr over a TCP connection of its own and returns the answer. It skips interim responses (1xx, except 101)
// and stops at the end of the response, wherever its framing says that is; the write side stays open until then.
//
// Before it returns it half-closes the connection and reads to its end, so that the server has dealt with everything that it took
// from this connection, a smuggled second request included.
func Send(addr string, request []byte) (Response, error) {
	conn, err := net.DialTimeout("tcp", addr, Timeout)
	if err != nil {
		return Response{}, err
	}
	defer conn.Close()
	return exchange(conn.(*net.TCPConn), request, Timeout)
}

func exchange(conn *net.TCPConn, request []byte, timeout time.Duration) (Response, error) {
	_ = conn.SetDeadline(time.Now().Add(timeout))
	written := make(chan struct{})
	go func() {
		defer close(written)
		// A server may answer and close before it has read everything: what counts is its answer.
		_, _ = conn.Write(request)
	}()
	var raw bytes.Buffer
	wire := bufio.NewReader(io.TeeReader(conn, &raw))
	response, err := readResponse(wire, method(request))
	_ = conn.CloseWrite()
	_, drainErr := io.Copy(io.Discard, wire)
	if err == nil && errors.Is(drainErr, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("%w: the connection was not closed", ErrNoAnswer)
	}
	_ = conn.Close()
	<-written
	response.Raw = raw.Bytes()
	return response, err
}

// readResponse reads the first response that is not interim. A connection that ends before its first byte is Status 0 and no error.
func readResponse(wire *bufio.Reader, method string) (Response, error) {
	for {
		if _, err := wire.Peek(1); err != nil {
			return Response{}, endOfConnection(err)
		}
		r, err := http.ReadResponse(wire, &http.Request{Method: method})
		if err != nil {
			return Response{}, fmt.Errorf("golden: malformed response: %w", err)
		}
		if r.StatusCode/100 == 1 && r.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		response := Response{Status: r.StatusCode, Header: r.Header}
		response.Body, err = io.ReadAll(r.Body)
		if err != nil {
			return response, fmt.Errorf("golden: response cut short: %w", err)
		}
		return response, nil
	}
}

// endOfConnection tells a closed connection, in whatever manner, from one that stays silent.
func endOfConnection(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrNoAnswer
	default:
		return err
	}
}
