package core_test

import (
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestParseCapture(t *testing.T) {
	for _, test := range []struct{ name, raw, target, body string }{
		{"CRLF line ends", "POST /x?a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", "/x?a", "abc"},
		{"LF line ends", "POST /x HTTP/1.1\nHost: h\nContent-Length: 3\n\nabc", "/x", "abc"},
		{"a newline that an editor appended", "POST /x HTTP/1.1\nHost: h\nContent-Length: 3\n\nabc\n", "/x", "abc"},
		{"a body without a length", "POST /x HTTP/1.1\nHost: h\n\nabc\n", "/x", "abc\n"},
		{"a body that is cut short", "POST /x HTTP/1.1\nHost: h\nContent-Length: 9\n\nabc", "/x", "abc"},
		{"a chunked body", "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "/x", "abc"},
		{"no empty line", "GET /x HTTP/1.1\nHost: h", "/x", ""},
		{"no body", "GET /x HTTP/1.0\r\nHost: h\r\n\r\n", "/x", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := core.ParseCapture([]byte(test.raw))
			if err != nil {
				t.Fatal(err)
			}
			if r.Target != test.target || string(r.Buffered) != test.body || r.Method != test.raw[:len(r.Method)] || r.Buffered == nil {
				t.Errorf("got %s %q with body %q", r.Method, r.Target, r.Buffered)
			}
		})
	}
}

func TestParseCaptureRefusesWhatIsNoRequest(t *testing.T) {
	for _, raw := range []string{
		"", "GET /x HTTP/1.1", "HTTP/1.1 200 OK\n\n", "GET /x\nHost: h\n\n", "GET /a b HTTP/1.1\nHost: h\n\n", "{\"a\": 1}\n",
		"GET /x HTTP/1.1\nHost h\n\n", "GET /x HTTP/1.1\n\n", "POST /x HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\nsecret",
	} {
		r, err := core.ParseCapture([]byte(raw))
		if err == nil {
			t.Errorf("%q: got %+v", raw, r)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error quotes it: %v", raw, err)
		}
	}
}
