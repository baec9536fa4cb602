package core_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"unsafe"

	"github.com/ringfence-go/ringfence/core"
)

func TestV1EveryByteIsBound(t *testing.T) {
	const url = publicURL + "/x"
	const body = "a=1"
	v := validatorFor(t, core.Config{})
	form := "Content-Type: " + formType
	tests := []struct {
		name string
		r    *core.Request
		want core.Reason
	}{
		{"a form whose parameters are signed", signedForm("/x", body, url+"a1"), ""},
		{"an empty body of no type", signedRequest("POST", "/x", "", url), ""},
		{"an empty form", signedForm("/x", "", url), ""},
		{"an empty JSON body", signedRequest("POST", "/x", "", url, "Content-Type: application/json"), ""},
		{"a GET without body", signedGet("/x", url), ""},
		{"a GET with a form's type and no body", signedGet("/x", url, form), ""},
		{"a form and a signature over the URL alone", signedForm("/x", body, url), core.ErrSignature},
		{"a form with a parameter more", signedForm("/x", body+"&b=2", url+"a1"), core.ErrSignature},
		{"a form with a parameter more, of no value", signedForm("/x", body+"&b=", url+"a1"), core.ErrSignature},
		{"a form with a parameter fewer", signedForm("/x", body, url+"a1b2"), core.ErrSignature},
		{"a form with another value", signedForm("/x", "a=2", url+"a1"), core.ErrSignature},
		{"a form with another name", signedForm("/x", "A=1", url+"a1"), core.ErrSignature},
		{"a form that is signed as it is encoded", signedForm("/x", "a=%2B", url+"a%2B"), core.ErrSignature},
		{"a form that is signed in the order of the wire", signedForm("/x", "b=1&a=2", url+"b1a2"), core.ErrSignature},
		{"a repeated pair that is signed twice", signedForm("/x", "a=1&a=1", url+"a1a1"), core.ErrSignature},
		{"a parameter of a GET that is signed a second time (S3)", signedGet("/x?a=1", url+"?a=1a1"), core.ErrSignature},
		{"a GET with a body", signedRequest("GET", "/x", body, url), core.ErrBodyNotBound},
		{"a GET with a form", signedRequest("GET", "/x", body, url, form), core.ErrBodyNotBound},
		{"a GET with a form that is signed", signedRequest("GET", "/x", body, url+"a1", form), core.ErrBodyNotBound},
		{"an upgrade with a body", signedRequest("GET", "/x", body, url, upgradeLines...), core.ErrBodyNotBound},
		{"JSON without hash", signedRequest("POST", "/x", "{}", url, "Content-Type: application/json"), core.ErrBodyNotBound},
		{"multipart without hash", signedRequest("POST", "/x", "--x--", url, "Content-Type: multipart/form-data; boundary=x"), core.ErrBodyNotBound},
		{"a body without type", signedRequest("POST", "/x", body, url), core.ErrBodyNotBound},
		{"a body of white space", signedRequest("POST", "/x", "\r\n", url), core.ErrBodyNotBound},
		{"a hash that nobody signed", signedRequest("POST", "/x?"+bodyHash("{}"), "{}", url), core.ErrSignature},
		{"a signature of another token", signedRequest("POST", "/x", "", "", "X: y"), core.ErrSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.want == "" {
				accepted(t, v, test.r)
			} else {
				refused(t, v, test.r, test.want)
			}
			if err := v.Check(test.r); test.want == "" && err != nil || test.want != "" && !errors.Is(err, test.want) {
				t.Errorf("Check says %v, want %q", err, test.want)
			}
		})
	}
}

// V1: "never 'no parameters' while a body exists". Parameters without name and value add nothing to the signed text.
func TestV1AFormThatContributesNothingIsNotBound(t *testing.T) {
	for _, body := range []string{"&&", "=", "=&&="} {
		refused(t, validatorFor(t, core.Config{}), signedForm("/x", body, publicURL+"/x"), core.ErrBodyNotBound)
	}
}

func TestV5Methods(t *testing.T) {
	form := "Content-Type: " + formType
	tests := []struct {
		methods []string
		method  string
		allow   string // of a refusal
	}{
		{nil, "GET", ""}, {nil, "POST", ""}, {nil, "HEAD", "GET, POST"}, {nil, "PUT", "GET, POST"}, {nil, "DELETE", "GET, POST"},
		{nil, "OPTIONS", "GET, POST"}, {nil, "TRACE", "GET, POST"}, {nil, "", "GET, POST"}, {nil, "get", "GET, POST"}, {nil, "POST ", "GET, POST"},
		{[]string{"POST"}, "POST", ""}, {[]string{"POST"}, "GET", "POST"},
		{[]string{"GET"}, "GET", ""}, {[]string{"GET"}, "POST", "GET"}, {[]string{"GET"}, "PUT", "GET"},
		{[]string{"POST", "GET"}, "GET", ""}, {[]string{"POST", "GET"}, "PUT", "GET, POST"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%q of %q", test.method, test.methods), func(t *testing.T) {
			v := validatorFor(t, core.Config{Methods: test.methods})
			r := signedRequest(test.method, "/x", "", publicURL+"/x", form)
			if test.allow == "" {
				accepted(t, v, r)
			} else if allow := headerOf(core.AnswerTo(refused(t, v, r, core.ErrMethod)))["Allow"]; len(allow) != 1 || allow[0] != test.allow {
				t.Errorf("Allow %q, want %q", allow, test.allow)
			}
		})
	}
}

func TestV5MethodOverridesAreIgnored(t *testing.T) {
	v := validatorFor(t, core.Config{Methods: []string{"POST"}})
	refused(t, v, signedGet("/x?_method=POST", publicURL+"/x?_method=POST", "X-HTTP-Method-Override: POST", "X-HTTP-Method: POST"), core.ErrMethod)
	accepted(t, v, signedForm("/x", "_method=GET", publicURL+"/x_methodGET", "X-HTTP-Method-Override: GET"))
}

// fault breaks a request in one way.
type fault struct {
	name  string
	want  core.Reason
	apply func(*core.Request)
}

// orderedFaults are in the order of V6: where a request has two of them, the earlier one is the reason.
var orderedFaults = []fault{
	{"method", core.ErrMethod, func(r *core.Request) { r.Method = "PUT" }},
	{"credentials", core.ErrCredentials, func(r *core.Request) { r.Header.Del("Authorization") }},
	{"no signature", core.ErrNoSignature, func(r *core.Request) { r.Header.Del("X-Twilio-Signature") }},
	{"signature's shape", core.ErrSignatureFormat, func(r *core.Request) { r.Header.Set("X-Twilio-Signature", "x") }},
	{"too large", core.ErrBodyTooLarge, func(r *core.Request) { r.Buffered = append(r.Buffered, "&a="+strings.Repeat("a", 64)...) }},
	{"malformed form", core.ErrMalformedForm, func(r *core.Request) { r.Buffered = append(r.Buffered, "&%zz"...) }},
	{"wrong signature", core.ErrSignature, func(r *core.Request) { r.Header.Set("X-Twilio-Signature", macOf("another", "text")) }},
	{"pin", core.ErrPin, func(r *core.Request) {
		r.Buffered = []byte("to=1")
		r.Header.Set("X-Twilio-Signature", macOf(authToken, publicURL+"/xto1"))
	}},
}

// faultyRequest returns a request to faultyValidator with the faults.
func faultyRequest(faults ...fault) *core.Request {
	r := signedForm("/x", "From=1", publicURL+"/xFrom1", basicAuthorization("user", "password"))
	for _, f := range faults {
		f.apply(r)
	}
	return r
}

func faultyValidator(t *testing.T) *core.Validator {
	return validatorFor(t, core.Config{
		Basic:          &core.BasicAuth{Realm: "twilio", Username: "user", Password: core.NewSecret("password")},
		MaxBodyBytes:   32,
		RequiredParams: []string{"From"},
	})
}

func TestV6TheEarlierCheckWins(t *testing.T) {
	v := faultyValidator(t)
	accepted(t, v, faultyRequest())
	for i, earlier := range orderedFaults {
		t.Run(earlier.name+" alone", func(t *testing.T) { refused(t, v, faultyRequest(earlier), earlier.want) })
		for _, later := range orderedFaults[i+1:] {
			t.Run(earlier.name+" before "+later.name, func(t *testing.T) {
				refused(t, v, faultyRequest(later, earlier), earlier.want)
			})
		}
	}
}

func TestV6NoBodyIsReadForAnUnsignedRequest(t *testing.T) {
	v := faultyValidator(t)
	for _, f := range orderedFaults[:4] {
		t.Run(f.name, func(t *testing.T) {
			r := faultyRequest(f)
			r.Body, r.Buffered = iotest.ErrReader(errors.New("the body was read")), nil
			refused(t, v, r, f.want)
		})
	}
}

// endless is a body without end that counts what was read of it.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestV6TheBodyIsReadUpToTheLimitAndOneByte(t *testing.T) {
	for _, limit := range []int64{0, 1, 600, 5000, 1 << 20} {
		want := limit
		if limit == 0 {
			want = 1 << 20 // the default
		}
		for _, length := range []string{"", "5", "1000000000000"} {
			t.Run(fmt.Sprintf("limit %d, Content-Length %q", limit, length), func(t *testing.T) {
				v := validatorFor(t, core.Config{MaxBodyBytes: limit})
				var body endless
				r := signedRequest("POST", "/x", "", publicURL+"/x")
				r.Body, r.Buffered = &body, nil
				if length != "" {
					r.Header.Set("Content-Length", length)
				}
				refused(t, v, r, core.ErrBodyTooLarge)
				if body.read != want+1 {
					t.Errorf("%d bytes were read, want %d", body.read, want+1)
				}
			})
		}
	}
}

func TestV6ABodyAtTheLimitPassesAndIsNeverCut(t *testing.T) {
	v := validatorFor(t, core.Config{MaxBodyBytes: 1000})
	for length := 998; length <= 1002; length++ {
		body := strings.Repeat("a", length)
		for name, r := range map[string]*core.Request{"buffered": signedJSON("/x", body), "streamed": signedJSON("/x", body)} {
			if name == "streamed" {
				r.Body, r.Buffered = strings.NewReader(body), nil
			}
			if length > 1000 {
				refused(t, v, r, core.ErrBodyTooLarge)
			} else if got := accepted(t, v, r).Body(); string(got) != body {
				t.Errorf("%s: %d bytes came back of %d", name, len(got), length)
			}
		}
	}
}

func TestV6TheHighestLimitIsALimitToo(t *testing.T) {
	v := validatorFor(t, core.Config{MaxBodyBytes: 1<<63 - 1})
	accepted(t, v, signedJSON("/x", "{}"))
}

// stuck is a body that never ends and never has anything.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// liar is a body that says it read another number of bytes than it could.
type liar int

func (n liar) Read(p []byte) (int, error) {
	if n < 0 {
		return int(n), nil
	}
	return len(p) + int(n), nil
}

func TestV6BodiesThatCannotBeRead(t *testing.T) {
	v := validatorFor(t, core.Config{})
	for name, test := range map[string]struct {
		body io.Reader
		want core.Reason
	}{
		"an error":                        {iotest.ErrReader(io.ErrUnexpectedEOF), core.ErrBodyRead},
		"an error after some bytes":       {io.MultiReader(strings.NewReader("a=1"), iotest.ErrReader(io.ErrClosedPipe)), core.ErrBodyRead},
		"nothing, for ever":               {stuck{}, core.ErrBodyRead},
		"more bytes than there was space": {liar(1), core.ErrBodyRead},
		"fewer bytes than none":           {liar(-1), core.ErrBodyRead},
		"an outer limit":                  {iotest.ErrReader(fmt.Errorf("wrapped: %w", &http.MaxBytesError{Limit: 1})), core.ErrBodyTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			r := signedForm("/x", "", publicURL+"/xa1")
			r.Body, r.Buffered = test.body, nil
			refused(t, v, r, test.want)
		})
	}
}

// pauses is a body with some empty reads between its bytes, which io.Reader allows.
type pauses struct {
	text  string
	empty int
}

func (p *pauses) Read(b []byte) (int, error) {
	if p.empty++; p.empty%100 != 0 {
		return 0, nil
	}
	if p.text == "" {
		return 0, io.EOF
	}
	n := copy(b[:1], p.text)
	p.text = p.text[n:]
	return n, nil
}

func TestV6BodiesThatComeInPieces(t *testing.T) {
	v := validatorFor(t, core.Config{})
	for _, body := range []string{"", "{}", strings.Repeat("abc", 1000), strings.Repeat("abc", 200_000)} {
		for name, pieces := range map[string]func(io.Reader) io.Reader{
			"whole":                func(r io.Reader) io.Reader { return r },
			"halves":               iotest.HalfReader,
			"the end with a piece": iotest.DataErrReader,
		} {
			t.Run(fmt.Sprintf("%d bytes, %s", len(body), name), func(t *testing.T) {
				r := signedJSON("/x", body)
				r.Body, r.Buffered = pieces(strings.NewReader(body)), nil
				if got := accepted(t, v, r).Body(); string(got) != body {
					t.Errorf("%d bytes came back", len(got))
				}
			})
		}
	}
	t.Run("pauses", func(t *testing.T) {
		r := signedJSON("/x", "{}")
		r.Body, r.Buffered = &pauses{text: "{}"}, nil
		accepted(t, v, r)
	})
}

func TestV8FewerBytesThanContentLengthAreAConsumedBody(t *testing.T) {
	v := validatorFor(t, core.Config{})
	const text = publicURL + "/xa1"
	for name, r := range map[string]*core.Request{
		"nothing left":          signedForm("/x", "", text, "Content-Length: 3"),
		"a byte missing":        signedForm("/x", "a=1", text, "Content-Length: 4"),
		"nothing in the buffer": {Method: "POST", Target: "/x", RawHeader: rawForm(rawFormHeader + "X-Twilio-Signature: <mac>\r\n").RawHeader},
	} {
		t.Run(name, func(t *testing.T) { refused(t, v, r, core.ErrBodyConsumed) })
	}
	accepted(t, v, signedForm("/x", "a=1", text, "Content-Length: 3"))
	accepted(t, v, signedForm("/x", "a=1", text, "Content-Length: nonsense")) // which net/http would not let through
}

// TestV7TheWebhookIsAnOwnedCopy hands over strings and bytes that share one buffer, as fasthttp's do, and reuses the buffer.
func TestV7TheWebhookIsAnOwnedCopy(t *testing.T) {
	var buffers [][]byte
	bytes := func(text string) []byte {
		buffers = append(buffers, []byte(text))
		return buffers[len(buffers)-1]
	}
	borrow := func(text string) string {
		b := bytes(text)
		return unsafe.String(unsafe.SliceData(b), len(b))
	}
	const body = "AccountSid=" + accountA + "&From=%2B1"
	const url, params = "https://example.com:8443/x?a=1", "AccountSid" + accountA + "From+1"
	header := func() http.Header {
		return http.Header{
			"Content-Type":       {borrow(formType)},
			"X-Twilio-Signature": {borrow(macOf(authToken, url+params))},
			"X-Forwarded-Proto":  {borrow("https")},
			"X-Forwarded-Host":   {borrow("example.com")},
			"X-Forwarded-Port":   {borrow("8443")},
		}
	}
	raw := "Host: example.com:8443\r\nContent-Type: " + formType + "\r\nX-Twilio-Signature: " + macOf(authToken, url+params) + "\r\n"
	derive := core.Config{AllowedHosts: []string{"example.com:8443"}, TrustedProxies: []string{proxy}}
	public := core.Config{PublicURL: "https://example.com:8443"}
	tests := []struct {
		name    string
		config  core.Config
		request func() *core.Request
	}{
		{"PublicURL", public, func() *core.Request { return &core.Request{Header: header()} }},
		{"Host", derive, func() *core.Request {
			return &core.Request{Host: borrow("example.com:8443"), TLS: true, Header: header()}
		}},
		{"X-Forwarded headers", derive, func() *core.Request {
			return &core.Request{Host: borrow("internal"), Peer: tcpPeer(proxy), Header: header()}
		}},
		{"RawHeader", derive, func() *core.Request { return &core.Request{RawHeader: bytes(raw), TLS: true} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var observed core.Observation
			test.config.Observer = observeInto(&observed)
			r := test.request()
			r.Method, r.Target, r.Buffered = borrow("POST"), borrow("/x?a=1"), bytes(body)
			webhook := accepted(t, validatorFor(t, test.config), r)
			for _, buffer := range buffers {
				for i := range buffer {
					buffer[i] = '#'
				}
			}
			if got := webhook.URL(); got != url {
				t.Errorf("URL %q, want %q", got, url)
			}
			if got := webhook.AccountSid; got != accountA {
				t.Errorf("AccountSid %q", got)
			}
			if got := string(webhook.Body()); got != body {
				t.Errorf("body %q", got)
			}
			if got := webhook.Params().Get("From") + webhook.Param("From"); got != "+1+1" {
				t.Errorf("From %q", got)
			}
			if observed.Method != "POST" || observed.Path != "/x" {
				t.Errorf("observed method %q and path %q", observed.Method, observed.Path)
			}
		})
	}
}

func TestNothingOfARequestIsLeftForTheNext(t *testing.T) {
	v := validatorFor(t, core.Config{MaxBodyBytes: 4 << 20, Tokens: []core.Token{primaryToken()}, SigningKeys: []core.SigningKey{sha256Key}})
	large := strings.Repeat("x", 1<<20)
	target := "/large?AccountSid=" + accountA + "&b=%40"
	for range 3 {
		webhook := accepted(t, v, signedForm(target, "a="+large, publicURL+target+"a"+large))
		if webhook.AccountSid != accountA || len(webhook.Param("a")) != len(large) {
			t.Fatalf("got %v with %d bytes", webhook, len(webhook.Param("a")))
		}
		accepted(t, v, signedGet("/ws?a=1", "wss://example.com/wsa1", upgradeLines...))
		r := signedGet("/key", "")
		r.Header = http.Header{"X-Twilio-Signature": {sha256MAC(publicURL + "/key")}, "X-Twilio-Signature-Key-Sid": {sha256Key.Sid}}
		accepted(t, v, r)
		refused(t, v, signedGet("/small", publicURL+"/smalla1"), core.ErrSignature)
		webhook = accepted(t, v, signedGet("/small", publicURL+"/small"))
		if webhook.AccountSid != "" || webhook.TokenLabel != "primary" || webhook.Candidate != 0 || len(webhook.Body()) > 0 || len(webhook.Params()) > 0 {
			t.Errorf("something was left: %v, body %q, parameters %q", webhook, webhook.Body(), webhook.Params())
		}
	}
}

func TestAValidatorIsSafeForConcurrentUse(t *testing.T) {
	v := validatorFor(t, core.Config{Replay: &core.ReplayGuard{}})
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := range 50 {
				value := fmt.Sprintf("%d-%d", worker, i)
				webhook, err := v.Validate(signedForm("/x", "a="+value, publicURL+"/xa"+value))
				if err != nil || webhook.Param("a") != value {
					t.Errorf("%s: got %v, %v", value, webhook, err)
				}
				if _, err := v.Validate(signedForm("/x", "a="+value, publicURL+"/xa")); !errors.Is(err, core.ErrSignature) {
					t.Errorf("%s: got %v for a wrong signature", value, err)
				}
			}
		}()
	}
	wait.Wait()
}
