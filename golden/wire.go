package golden

import (
	"bytes"
	"fmt"
	"io"
	"net/http/httputil"
	"strings"
)

// sentBody returns the body that a well-formed request carries, without its chunked coding: what the handler of an accepted
// request must read (V7). The request ends where its bytes do.
func sentBody(request []byte) ([]byte, error) {
	head, body, ok := bytes.Cut(request, []byte("\r\n\r\n"))
	if !ok {
		return nil, fmt.Errorf("golden: no end of the header block")
	}
	if !isChunked(head) {
		return body, nil
	}
	decoded, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body)))
	if err != nil {
		return nil, fmt.Errorf("golden: chunked body: %w", err)
	}
	return decoded, nil
}

func isChunked(head []byte) bool {
	for _, line := range strings.Split(string(head), "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, "Transfer-Encoding") && strings.EqualFold(strings.TrimSpace(value), "chunked") {
			return true
		}
	}
	return false
}

// method returns the first word of the request line.
func method(request []byte) string {
	word, _, _ := bytes.Cut(request, []byte(" "))
	return string(word)
}

// printable shows a request for a failure report: text as it is, one line a line, and what does not print escaped.
func printable(request []byte) string {
	const most = 2000
	shown, rest := request, ""
	if len(shown) > most {
		shown, rest = shown[:most], fmt.Sprintf("\n… and %d bytes more", len(request)-most)
	}
	var b strings.Builder
	for _, line := range bytes.SplitAfter(shown, []byte("\n")) {
		quoted := fmt.Sprintf("%q", line)
		b.WriteString("\t" + quoted[1:len(quoted)-1] + "\n")
	}
	return b.String() + rest
}
