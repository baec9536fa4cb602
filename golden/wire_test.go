package golden

import (
	"strings"
	"testing"
)

func TestSentBody(t *testing.T) {
	tests := []struct{ name, request, want string }{
		{"by length", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "abc"},
		{"none", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", ""},
		{"the text chunked elsewhere", "POST / HTTP/1.1\r\nX: chunked\r\n\r\n1\r\n", "1\r\n"},
		{"chunks", "POST / HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "abc0123456789"},
		{"chunk extensions", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\n\r\n", "a"},
		{"trailers", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n", "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := sentBody([]byte(tt.request)); err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	for _, bad := range []string{
		"POST / HTTP/1.1\r\n",
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
	} {
		if got, err := sentBody([]byte(bad)); err == nil {
			t.Errorf("%q: %q and no error", bad, got)
		}
	}
}

func TestPrintableShowsLinesAndCutsLongRequests(t *testing.T) {
	if got := printable([]byte("A: \x00\r\nb")); got != "\tA: \\x00\\r\\n\n\tb\n" {
		t.Errorf("%q", got)
	}
	if got := printable(make([]byte, 5000)); !strings.HasSuffix(got, "… and 3000 bytes more") {
		t.Errorf("%q", got[len(got)-40:])
	}
}
