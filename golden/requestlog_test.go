package golden

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

// loggedLines returns the lines of JSON in a log.
func loggedLines(t *testing.T, text string) (lines []loggedRequest) {
	t.Helper()
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var request loggedRequest
		if err := json.Unmarshal([]byte(line), &request); err != nil {
			t.Errorf("%v in %s", err, line)
		}
		lines = append(lines, request)
	}
	return lines
}

// startLogged serves the reference behind a request log that writes to logs.
func startLogged(t *testing.T, c Config, logs *logBuffer) *server {
	t.Helper()
	requests, err := newRequestLog(c, logs)
	if err != nil {
		t.Fatal(err)
	}
	s, err := startBehind(requests.listener, c, reference, logs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	return s
}

// R2: the log of hostile requests holds none of their secrets, and logs change no verdict.
func TestRequestLogHoldsNoSecrets(t *testing.T) {
	logged := 0
	for _, group := range byConfig(hostileCases(t, NetHTTP)) {
		logs := new(logBuffer)
		s := startLogged(t, group[0].Config, logs)
		for _, c := range group {
			if c.Class == "http-framing" { // slow, and no captures
				continue
			}
			mark := logs.mark()
			if result := s.replay(c); result.Err != nil {
				t.Error(result)
			}
			lines := loggedLines(t, logs.since(mark))
			if c.Expect == Accept && c.Repeat < 2 && c.DigestFlow == nil && len(lines) > 0 {
				t.Errorf("%s is accepted, and logged", c.ID)
			}
			logged += len(lines)
		}
	}
	if logged < 150 {
		t.Errorf("only %d requests were logged", logged)
	}
}

// Each request is sent on one connection, and is logged or not.
func TestRequestLogOfOneConnection(t *testing.T) {
	config := Config{PublicURL: "https://example.com", Tokens: []string{"0123456789abcdef0123456789abcdef"}, RequiredParams: []string{"From"}}
	right := signatureOf(t, config, url.Values{"Body": {"a"}})
	wrong := "X-Twilio-Signature: " + strings.Repeat("A", 27) + "="
	for _, test := range []struct{ name, lines, body, logged string }{
		{"a wrong signature", wrong + "\r\nContent-Length: 6\r\n", "Body=a", "Body=a"},
		{"credentials", wrong + "\r\nAuthorization: Basic c2VjcmV0\r\ncookie: secret\r\nContent-Length: 6\r\n", "Body=b", "Body=b"},
		{"a chunked body", wrong + "\r\nTransfer-Encoding: chunked\r\n", "6\r\nBody=c\r\n0\r\n\r\n", "Body=c"},
		{"bytes that are no text", wrong + "\r\nContent-Length: 6\r\n", "Body=\xff", "Body=\xff"},
		{"the right signature, refused for a parameter", "X-Twilio-Signature: " + right + "\r\nContent-Length: 6\r\n", "Body=a", ""},
		{"the right signature beside a wrong one", wrong + "\r\nX-Twilio-Signature: " + right + "\r\nContent-Length: 6\r\n", "Body=a", ""},
		{"no signature", "Content-Length: 6\r\n", "Body=d", "Body=d"},
	} {
		t.Run(test.name, func(t *testing.T) {
			logs := new(logBuffer)
			s := startLogged(t, config, logs)
			conn, err := net.Dial("tcp", s.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			reader := bufio.NewReader(conn)
			for range 2 { // the connection stays in step
				mark := logs.mark()
				if _, err := fmt.Fprintf(conn, "POST /sms HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/x-www-form-urlencoded\r\n%s\r\n%s",
					test.lines, test.body); err != nil {
					t.Fatal(err)
				}
				response, err := http.ReadResponse(reader, nil)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, response.Body)
				lines := loggedLines(t, logs.since(mark))
				switch {
				case response.StatusCode != http.StatusForbidden:
					t.Errorf("status %d", response.StatusCode)
				case test.logged == "" && len(lines) == 0:
				case len(lines) != 1 || bodyOf(lines[0]) != test.logged || lines[0].Target != "/sms" || lines[0].Peer != "127.0.0.1":
					t.Errorf("logged %v", lines)
				case strings.Contains(logs.since(mark), "c2VjcmV0") || strings.Contains(logs.since(mark), "secret"):
					t.Error("credentials are logged")
				}
			}
		})
	}
}

func signatureOf(t *testing.T, c Config, params url.Values) string {
	t.Helper()
	signature, err := core.Sign(core.AuthToken("test", c.Tokens[0]), c.PublicURL+"/sms", params)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func bodyOf(r loggedRequest) string {
	if r.Body != nil {
		return *r.Body
	}
	return string(r.BodyBase64)
}

func TestRequestLogLosesAConnectionThatItCannotFollow(t *testing.T) {
	logs := new(logBuffer)
	c := &loggedConn{log: &requestLog{out: logs}}
	c.received = []byte("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
	c.answer([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	if c.lost {
		t.Fatal("an interim answer ends nothing")
	}
	c.answer([]byte("HTTP/1.1 403 Forbidden\r\n\r\n"))
	if !c.lost || logs.mark() != 0 {
		t.Errorf("lost: %t, logged %q", c.lost, logs.since(0))
	}
	c = &loggedConn{received: []byte("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n")}
	if c.answer([]byte("HTTP/1.1 101 Switching Protocols\r\n\r\n")); !c.lost {
		t.Error("what follows an upgrade is taken for HTTP")
	}
}
