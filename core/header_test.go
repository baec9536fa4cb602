package core_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

// rawForm returns a signed form POST whose header block is block, with <mac> replaced by the right signature.
func rawForm(block string) *core.Request {
	const body = "a=1"
	block = strings.ReplaceAll(block, "<mac>", macOf(authToken, publicURL+"/xa1"))
	return &core.Request{Method: "POST", Target: "/x", RawHeader: []byte(block), Buffered: []byte(body)}
}

const rawFormHeader = "Host: example.com\r\nContent-Type: " + formType + "\r\nContent-Length: 3\r\n"

func TestV4TheNameOfTheHeaderHasNoCase(t *testing.T) {
	v := validatorFor(t, core.Config{})
	for _, name := range []string{"X-Twilio-Signature", "x-twilio-signature", "X-TWILIO-SIGNATURE"} {
		accepted(t, v, rawForm(strings.ToLower(rawFormHeader)+name+": <mac>\r\n\r\n"))
		accepted(t, v, rawForm(strings.ToUpper(rawFormHeader)+name+":\t <mac> \t\r\n"))
	}
}

func TestV4TheHeaderStandsOnOneLine(t *testing.T) {
	v := validatorFor(t, core.Config{})
	tests := []struct {
		name, lines string
		want        core.Reason
	}{
		{"no line", "", core.ErrNoSignature},
		{"two equal lines", "X-Twilio-Signature: <mac>\r\nX-Twilio-Signature: <mac>\r\n", core.ErrSignatureFormat},
		{"two lines in different case", "X-Twilio-Signature: <mac>\r\nx-twilio-signature: <mac>\r\n", core.ErrSignatureFormat},
		{"an empty line beside the right one", "X-Twilio-Signature:\r\nX-Twilio-Signature: <mac>\r\n", core.ErrSignatureFormat},
		{"a longer name", "X-Twilio-Signature2: <mac>\r\n", core.ErrNoSignature},
		{"another name of the same length", "X-Twilio-Signatura: <mac>\r\n", core.ErrNoSignature},
		{"a cookie", "Cookie: X-Twilio-Signature=<mac>\r\n", core.ErrNoSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			refused(t, v, rawForm(rawFormHeader+test.lines), test.want)

			parsed, err := core.ParseRawHeader(rawForm(rawFormHeader + test.lines).RawHeader)
			if err != nil {
				t.Fatal(err)
			}
			r := rawForm("")
			r.RawHeader, r.Host, r.Header = nil, "example.com", parsed
			refused(t, v, r, test.want)
		})
	}
}

func TestV4TheSignatureIsStrictBase64OfTwentyBytes(t *testing.T) {
	v := validatorFor(t, core.Config{})
	const text = publicURL + "/14" // its signature has both characters that base64url replaces
	right := macOf(authToken, text)
	accepted(t, v, signedGet("/14", text))
	for name, value := range map[string]string{
		"empty":                             "",
		"one character":                     right[:1],
		"no padding":                        right[:27],
		"more padding":                      right + "=",
		"a prefix of whole groups":          right[:24],
		"two signatures with a comma":       right + "," + right,
		"base64url":                         strings.NewReplacer("+", "-", "/", "_").Replace(right),
		"bits behind the last byte":         nextInAlphabet(right, 26),
		"percent-escaped padding":           right[:27] + "%3D",
		"a space inside":                    right[:10] + " " + right[11:],
		"a line feed inside":                right[:10] + "\n" + right[11:],
		"a line feed more":                  right[:10] + "\n" + right[10:],
		"a carriage return for the padding": right[:27] + "\r",
		"21 bytes":                          right[:24] + "AAAA",
		"19 bytes":                          right[:24] + "AA==",
		"the 44 characters of an unconfigured hash": strings.Repeat("A", 43) + "=",
		"64 KiB": strings.Repeat("A", 64<<10),
	} {
		t.Run(name, func(t *testing.T) {
			r := signedGet("/14", text)
			r.Header.Set("X-Twilio-Signature", value)
			refused(t, v, r, core.ErrSignatureFormat)
		})
	}
}

// nextInAlphabet replaces the character at i by the next one of base64's alphabet.
func nextInAlphabet(text string, i int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	at := strings.IndexByte(alphabet, text[i])
	return text[:i] + alphabet[(at+1)%64:][:1] + text[i+1:]
}

func TestV4EveryBitOfTheSignatureCounts(t *testing.T) {
	v := validatorFor(t, core.Config{})
	right := macOf(authToken, publicURL+"/x")
	for i := range 26 { // the 27th has bits that stand for nothing, the 28th is padding
		r := signedGet("/x", publicURL+"/x")
		r.Header.Set("X-Twilio-Signature", nextInAlphabet(right, i))
		refused(t, v, r, core.ErrSignature)
	}
}

func TestV2OnlyOneMediaTypeIsAForm(t *testing.T) {
	const body, signed = "a=1", publicURL + "/xa1"
	v := validatorFor(t, core.Config{})
	tests := []struct {
		contentType string
		form        bool
	}{
		{"application/x-www-form-urlencoded", true},
		{"Application/X-WWW-Form-URLEncoded", true},
		{"application/x-www-form-urlencoded; charset=utf-8", true},
		{"application/x-www-form-urlencoded;charset=UTF-8", true},
		{"application/x-www-form-urlencoded ; Charset=us-ascii", true},
		{`application/x-www-form-urlencoded; charset="utf-8"`, true},
		{"application/x-www-form-urlencoded; charset=utf-16", false},
		{"application/x-www-form-urlencoded; charset=utf-7", false},
		{"application/x-www-form-urlencoded; charset=", false},
		{`application/x-www-form-urlencoded; charset="`, false},
		{`application/x-www-form-urlencoded; charset=""`, false},
		{`application/x-www-form-urlencoded; charset="utf-8`, false},
		{`application/x-www-form-urlencoded; charset=utf-8"`, false},
		{"application/x-www-form-urlencoded; charset", false},
		{"application/x-www-form-urlencoded; boundary=x", false},
		{"application/x-www-form-urlencoded; charset=utf-8; x=y", false},
		{"application/x-www-form-urlencoded; x=y; charset=utf-8", false},
		{"application/x-www-form-urlencoded;", false},
		{"application/x-www-form-urlencoded, text/plain", false},
		{"application/x-www-form-urlencoded2", false},
		{"application /x-www-form-urlencoded", false},
		{"multipart/form-data; boundary=x", false},
		{"application/json", false},
		{"text/plain", false},
		{"", false},
	}
	for _, test := range tests {
		t.Run(test.contentType, func(t *testing.T) {
			r := signedRequest("POST", "/x", body, signed, "Content-Type: "+test.contentType)
			if test.form {
				accepted(t, v, r)
				return
			}
			refused(t, v, r, core.ErrBodyNotBound)
			// V1: nor is such a body one without parameters.
			refused(t, v, signedRequest("POST", "/x", body, publicURL+"/x", "Content-Type: "+test.contentType), core.ErrBodyNotBound)
		})
	}
	t.Run("no Content-Type", func(t *testing.T) {
		refused(t, v, signedRequest("POST", "/x", body, signed), core.ErrBodyNotBound)
	})
	t.Run("two equal lines", func(t *testing.T) {
		refused(t, v, signedForm("/x", body, signed, "Content-Type: "+formType), core.ErrMalformedRequest)
	})
	t.Run("two lines, bound by the hash", func(t *testing.T) {
		target := "/x?" + bodyHash(body)
		refused(t, v, signedForm(target, body, publicURL+target, "Content-Type: text/plain"), core.ErrMalformedRequest)
	})
}

func TestV5ContentEncoding(t *testing.T) {
	v := validatorFor(t, core.Config{})
	request := func(lines ...string) *core.Request {
		r := signedForm("/x", "a=1", publicURL+"/xa1", lines...)
		return r
	}
	for _, value := range []string{"identity", "Identity"} {
		accepted(t, v, request("Content-Encoding: "+value))
		accepted(t, v, rawForm(rawFormHeader+"X-Twilio-Signature: <mac>\r\nContent-Encoding: "+value+"\r\n"))
	}
	for _, lines := range [][]string{
		{"Content-Encoding: gzip"}, {"Content-Encoding: deflate"}, {"Content-Encoding: identity, gzip"}, {"Content-Encoding: "},
		{"Content-Encoding: identity", "Content-Encoding: gzip"}, {"Content-Encoding: gzip", "Content-Encoding: identity"},
	} {
		refused(t, v, request(lines...), core.ErrContentEncoding)
		refused(t, v, rawForm(rawFormHeader+"X-Twilio-Signature: <mac>\r\n"+strings.Join(lines, "\r\n")+"\r\n"), core.ErrContentEncoding)
	}
}

func TestParseRawHeaderKeepsTheLines(t *testing.T) {
	tests := []struct {
		name, block string
		want        http.Header
	}{
		{"with the empty line", "Host: a\r\nX-A: 1\r\n\r\n", http.Header{"Host": {"a"}, "X-A": {"1"}}},
		{"without it", "Host: a\r\nX-A: 1\r\n", http.Header{"Host": {"a"}, "X-A": {"1"}}},
		{"line feeds alone", "Host: a\nX-A: 1\n\n", http.Header{"Host": {"a"}, "X-A": {"1"}}},
		{"white space around values", "host:a\r\nx-a: \t1 2\t \r\n", http.Header{"Host": {"a"}, "X-A": {"1 2"}}},
		{"repeated lines in their order", "Host: a\r\nX-A: 2\r\nx-a: 1\r\n", http.Header{"Host": {"a"}, "X-A": {"2", "1"}}},
		{"an empty value", "Host: a\r\nX-A:\r\n", http.Header{"Host": {"a"}, "X-A": {""}}},
		{"bytes beyond ASCII in a value", "Host: a\r\nX-A: \xff\r\n", http.Header{"Host": {"a"}, "X-A": {"\xff"}}},
		{"every character of a token in a name", "Host: a\r\n!#$%&'*+-.^_`|~09: 1\r\n", http.Header{"Host": {"a"}, "!#$%&'*+-.^_`|~09": {"1"}}},
		{"every character of a host", "Host: [::1]:8!$%&'()*+,-.;=_~\r\n", http.Header{"Host": {"[::1]:8!$%&'()*+,-.;=_~"}}},
		{"an empty Host", "Host:\r\n", http.Header{"Host": {""}}},
		{"equal Content-Length lines", "Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n", http.Header{"Host": {"a"}, "Content-Length": {"3", "3"}}},
		{"chunked in any case", "Host: a\r\nTransfer-Encoding: Chunked\r\n", http.Header{"Host": {"a"}, "Transfer-Encoding": {"Chunked"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := core.ParseRawHeader([]byte(test.block))
			if err != nil {
				t.Fatal(err)
			}
			if !maps.EqualFunc(got, test.want, slices.Equal[[]string]) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestParseRawHeaderRefusals(t *testing.T) {
	const host = "Host: example.com\r\n"
	v := validatorFor(t, core.Config{})
	tests := []struct{ name, block, word string }{
		{"no Host", "X-A: 1\r\n", "Host"},
		{"nothing", "", "Host"},
		{"two Host lines", host + "Host: evil.example\r\n", "Host"},
		{"two equal Host lines", host + "host: example.com\r\n", "Host"},
		{"a Host with a slash", "Host: example.com/x\r\n", "Host"},
		{"a Host with userinfo", "Host: a@example.com\r\n", "Host"},
		{"a Host beyond ASCII", "Host: ex\xe4mple.com\r\n", "Host"},
		{"a line without its end", host + "X-A: 1", "end"},
		{"a line after the empty one", host + "\r\nX-A: 1\r\n", "empty line"},
		{"a folded line", host + "X-A: 1\r\n 2\r\n", "folded"},
		{"a line folded with a tab", host + "X-A: 1\r\n\t2\r\n", "folded"},
		{"white space before the first line", " " + host, "folded"},
		{"a line without colon", host + "X-A\r\n", "colon"},
		{"an empty name", host + ": 1\r\n", "token"},
		{"a space before the colon", host + "X-A : 1\r\n", "token"},
		{"a name with a parenthesis", host + "X(A: 1\r\n", "token"},
		{"a name beyond ASCII", host + "X-\xc4: 1\r\n", "token"},
		{"a NUL in a value", host + "X-A: 1\x002\r\n", "control"},
		{"a bare carriage return in a value", host + "X-A: 1\r2\r\n", "control"},
		{"a second carriage return at the end", host + "X-A: 1\r\r\n", "control"},
		{"the last of the control characters in a value", host + "X-A: \x1f\r\n", "control"},
		{"DEL in a value", host + "X-A: \x7f\r\n", "control"},
		{"a Content-Length list", host + "Content-Length: 3, 3\r\n", "Content-Length"},
		{"a signed Content-Length", host + "Content-Length: +3\r\n", "Content-Length"},
		{"a negative Content-Length", host + "Content-Length: -3\r\n", "Content-Length"},
		{"an empty Content-Length", host + "Content-Length:\r\n", "Content-Length"},
		{"a Content-Length in hex", host + "Content-Length: 0x3\r\n", "Content-Length"},
		{"a Content-Length beyond 63 bits", host + "Content-Length: 9223372036854775808\r\n", "Content-Length"},
		{"different Content-Length lines", host + "Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length"},
		{"two Transfer-Encoding lines", host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding"},
		{"another Transfer-Encoding", host + "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding"},
		{"an obfuscated Transfer-Encoding", host + "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding"},
		{"Transfer-Encoding beside Content-Length", host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "Transfer-Encoding"},
		{"Content-Length beside Transfer-Encoding", host + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "Content-Length"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			header, err := core.ParseRawHeader([]byte(test.block))
			if err == nil {
				t.Fatalf("got %q", header)
			}
			if header != nil {
				t.Errorf("got %q beside the error", header)
			}
			if !strings.Contains(err.Error(), test.word) {
				t.Errorf("error %q does not say %q", err, test.word)
			}
			refused(t, v, &core.Request{Method: "POST", Target: "/x", RawHeader: []byte(test.block)}, core.ErrMalformedRequest)
		})
	}
}

// RFC 9112 section 6.1: Transfer-Encoding in HTTP/1.0 is faulty framing, since servers differ in whether they obey it.
func TestRawHeaderComesWithAVersion(t *testing.T) {
	v := validatorFor(t, core.Config{})
	const (
		signed  = "Host: example.com\r\nContent-Type: " + formType + "\r\nX-Twilio-Signature: <mac>\r\n"
		chunked = "Transfer-Encoding: chunked\r\n"
	)
	for _, test := range []struct {
		proto, lines string
		refused      bool
	}{
		{"", "", false},
		{"", chunked, false},
		{"HTTP/1.1", "", false},
		{"HTTP/1.1", chunked, false},
		{"HTTP/1.0", "", false},
		{"HTTP/1.0", chunked, true},
		{"HTTP/1.0", "Transfer-Encoding:\r\n", true},
		{"HTTP/1.9", chunked, false},
		{"HTTP/0.9", "", true},
		{"HTTP/2.0", "", true},
		{"HTTP/1.10", "", true},
		{"HTTP/1", "", true},
		{"HTTP/1.", "", true},
		{"HTTP/1./", "", true},
		{"HTTP/1.:", "", true},
		{"http/1.1", "", true},
		{"HTTP/1.1 ", "", true},
		{"FOO", "", true},
	} {
		r := rawForm(signed + test.lines)
		r.Proto = test.proto
		if !test.refused {
			accepted(t, v, r)
			continue
		}
		refused(t, v, r, core.ErrMalformedRequest)
	}
}

func TestRawHeaderBeatsHostAndHeader(t *testing.T) {
	r := rawForm(rawFormHeader)
	r.Host, r.Header = "example.com", http.Header{"X-Twilio-Signature": {macOf(authToken, publicURL+"/xa1")}}
	refused(t, validatorFor(t, core.Config{}), r, core.ErrNoSignature)
}
