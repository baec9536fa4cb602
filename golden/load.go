package golden

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringfence-go/ringfence/core"
)

const (
	loadRequests    = 10_000
	loadConnections = 64
	loadOrigin      = "https://example.com"
	loadToken       = "0123456789abcdef0123456789abcdef"

	// What may be left behind: goroutines that a framework starts once per process, and its pools.
	spareGoroutines = 8
	spareHeap       = 4 << 20
)

// Load sends 10,000 valid and invalid requests over 64 kept-alive connections. Every verdict must be right, and afterwards the number
// of goroutines and the heap must be near where they started. It must not run in parallel with other tests.
func Load(t *testing.T, serve Serve) {
	logs := captureLogs(t)
	mix, err := loadMix()
	if err != nil {
		t.Fatal(err)
	}
	before := takeInventory()
	if err := bombard(serve, mix, logs); err != nil {
		t.Error(err)
	}
	logs.reset()
	if err := before.compare(); err != nil {
		t.Error(err)
	}
}

func loadConfig() Config { return Config{PublicURL: loadOrigin, Tokens: []string{loadToken}} }

// bombard starts a server, sends it loadRequests requests in turn, and stops it.
func bombard(serve Serve, mix []loadRequest, logs *logBuffer) error {
	patient := func(ln net.Listener) net.Listener { return patientListener{ln} }
	s, err := startBehind(patient, loadConfig(), serve, logs)
	if err != nil {
		return err
	}
	valid, err := sendAll(s.addr, mix)
	calls, _ := s.handler.count(Response{})
	if err == nil && calls != valid {
		err = fmt.Errorf("the handler was called %d times for %d valid requests", calls, valid)
	}
	return errors.Join(err, s.close(), judgeStability(Outcome{Logs: logs.since(0)}))
}

// inventory is what a process holds.
type inventory struct {
	goroutines int
	heap       uint64
}

// takeInventory collects garbage twice: the second time empties what sync.Pools kept over the first.
func takeInventory() inventory {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return inventory{goroutines: runtime.NumGoroutine(), heap: m.HeapAlloc}
}

// compare waits for the process to hold about as much as before.
func (before inventory) compare() error { return before.compareWithin(3 * Timeout) }

func (before inventory) compareWithin(patience time.Duration) error {
	var now inventory
	settled := eventually(patience, func() bool {
		now = takeInventory()
		return now.goroutines <= before.goroutines+spareGoroutines && now.heap <= before.heap+spareHeap
	})
	if !settled {
		return fmt.Errorf("%d goroutines and %d bytes of heap before, %d and %d after", before.goroutines, before.heap, now.goroutines, now.heap)
	}
	return nil
}

// loadRequest is one kind of request. Its bytes are the same each time, so that no answer can depend on luck.
type loadRequest struct {
	bytes  []byte
	accept bool
	hash   string
}

// loadMix returns the kinds of requests: forms small and large, a GET, a JSON body, and each of them made invalid.
func loadMix() ([]loadRequest, error) {
	const form, target = "application/x-www-form-urlencoded", "/sms?x=1"
	token := core.AuthToken("primary", loadToken)
	var mix []loadRequest
	add := func(accept bool, method, target, contentType, body, signature string) {
		c := Case{Method: method, Target: target, Version: "HTTP/1.1", Body: []byte(body), Headers: []HeaderLine{
			{"Host", "example.com"},
			{"Content-Type", contentType},
			{"Content-Length", strconv.Itoa(len(body))},
			{signatureHeader, signature},
		}}
		mix = append(mix, loadRequest{bytes: c.Bytes(), accept: accept, hash: hashOf(c.Body)})
	}
	for _, length := range []int{20, 32 << 10} {
		params := url.Values{"CallSid": {"CA1"}, "Body": {strings.Repeat("a", length)}}
		signature, err := core.Sign(token, loadOrigin+target, params)
		if err != nil {
			return nil, err
		}
		add(true, "POST", target, form, params.Encode(), signature)
		add(false, "POST", "/sms?x=2", form, params.Encode(), signature)
		add(false, "POST", target, form, params.Encode()+"&Admin=1", signature)
		add(false, "POST", target, form, params.Encode(), tamper(signature))
	}
	signature, err := core.Sign(token, loadOrigin+"/voice?Digits=1", nil)
	if err != nil {
		return nil, err
	}
	add(true, "GET", "/voice?Digits=1", "", "", signature)
	add(false, "GET", "/voice?Digits=2", "", "", signature)

	signed, signature, err := core.SignBody(token, loadOrigin+"/events", []byte(`{"a":1}`))
	if err != nil {
		return nil, err
	}
	add(true, "POST", strings.TrimPrefix(signed, loadOrigin), "application/json", `{"a":1}`, signature)
	add(false, "POST", strings.TrimPrefix(signed, loadOrigin), "application/json", `{"a":2}`, signature)
	return mix, nil
}

// sendAll returns how many of the requests were valid, and the first error of each connection.
func sendAll(addr string, mix []loadRequest) (valid int, err error) {
	var next, sentValid atomic.Int64
	errs := make([]error, loadConnections)
	var workers sync.WaitGroup
	for w := range errs {
		workers.Add(1)
		go func() {
			defer workers.Done()
			client := keepAlive{addr: addr}
			defer client.close()
			for i := next.Add(1); i <= loadRequests && errs[w] == nil; i = next.Add(1) {
				request := mix[int(i)%len(mix)]
				if request.accept {
					sentValid.Add(1)
				}
				errs[w] = client.send(request)
			}
		}()
	}
	workers.Wait()
	return int(sentValid.Load()), errors.Join(errs...)
}

// keepAlive is a client connection that is used for one request after the other, as long as the server allows.
type keepAlive struct {
	addr string
	conn net.Conn
	wire *bufio.Reader
}

func (k *keepAlive) close() {
	if k.conn != nil {
		_ = k.conn.Close()
		k.conn = nil
	}
}

func (k *keepAlive) send(request loadRequest) error {
	if k.conn == nil {
		conn, err := net.DialTimeout("tcp", k.addr, Timeout)
		if err != nil {
			return err
		}
		k.conn, k.wire = conn, bufio.NewReader(conn)
	}
	_ = k.conn.SetDeadline(time.Now().Add(6 * Timeout)) // the machine is busy
	if _, err := k.conn.Write(request.bytes); err != nil {
		return err
	}
	response, err := http.ReadResponse(k.wire, &http.Request{Method: method(request.bytes)})
	if err != nil {
		return err
	}
	if response.Close {
		defer k.close()
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		return err
	}
	if err := request.judge(response); err != nil {
		return fmt.Errorf("%w\n%s", err, printable(request.bytes))
	}
	return nil
}

// patientListener gives the server's read timeouts a minute more. How long 64 clients wait for a processor is not what Load asks.
type patientListener struct{ net.Listener }

func (l patientListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return patientConn{conn.(*net.TCPConn)}, nil
}

// patientConn is still a TCP connection, which a server can half-close.
type patientConn struct{ *net.TCPConn }

// SetReadDeadline passes on no deadline, and one long ago, with which net/http interrupts reads.
func (c patientConn) SetReadDeadline(t time.Time) error {
	if time.Since(t) < time.Minute {
		t = t.Add(time.Minute)
	}
	return c.TCPConn.SetReadDeadline(t)
}

func (r loadRequest) judge(response *http.Response) error {
	switch {
	case !r.accept && response.StatusCode != http.StatusForbidden:
		return fmt.Errorf("status %d for an invalid request, want 403", response.StatusCode)
	case !r.accept:
		return nil
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("status %d for a valid request, want 200", response.StatusCode)
	case response.Header.Get(BodyHashHeader) != r.hash:
		return errors.New("the handler read another body than was sent")
	}
	return nil
}

// eventually polls until the condition holds or patience is at its end.
func eventually(patience time.Duration, holds func() bool) bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if holds() {
			return true
		}
	}
	return holds()
}
