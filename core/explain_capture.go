package core

import (
	"bytes"
	"errors"
	"io"
	"net/http/httputil"
	"strings"
)

// ParseCapture reads an HTTP/1 request as it was captured: request line, header lines, an empty line, and the body, for Explain. Lines
// end with LF or CRLF. The body ends where Content-Length says, a chunked one is put together, and one with neither is the rest of the
// text. A body that is shorter than Content-Length stays so, for Explain to say.
//
// The Request has no Peer and no TLS: a capture does not show them. The error quotes nothing of the text.
func ParseCapture(raw []byte) (*Request, error) {
	line, rest, found := bytes.Cut(raw, []byte("\n"))
	words := strings.Split(strings.TrimSuffix(string(line), "\r"), " ")
	if !found || len(words) != 3 || !isToken(words[0]) || !strings.HasPrefix(words[2], "HTTP/") {
		return nil, errors.New("the first line is not a request line: want METHOD TARGET HTTP/1.1")
	}
	block, body := cutHeader(rest)
	header, err := ParseRawHeader(block)
	if err != nil {
		return nil, err
	}
	if foldEqual(header.Get("Transfer-Encoding"), "chunked") {
		if body, err = io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body))); err != nil {
			return nil, errors.New("the chunked body is malformed or cut short")
		}
	} else if n, ok := parseLength(header.Get("Content-Length")); ok && int64(len(body)) > n {
		body = body[:n] // a newline that an editor appended, or a next request
	}
	return &Request{Method: words[0], Target: words[1], RawHeader: block, Buffered: append([]byte{}, body...)}, nil
}

// cutHeader cuts the text after the empty line that ends a header block. Without one there is no body.
func cutHeader(text []byte) (block, body []byte) {
	for i := 0; i < len(text); {
		end := bytes.IndexByte(text[i:], '\n')
		if end < 0 {
			return append(text[:len(text):len(text)], '\n'), nil
		}
		if line := text[i : i+end]; len(line) == 0 || string(line) == "\r" {
			return text[:i+end+1], text[i+end+1:]
		}
		i += end + 1
	}
	return text, nil
}
