package sigclient_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigclient"
)

const authToken = "0123456789abcdef0123456789abcdef"

// wire plays the transport below: it records what would be sent and answers 200.
type wire struct {
	sent []*http.Request
	body []string
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body.Close()
		body = string(text)
	}
	w.sent = append(w.sent, r)
	w.body = append(w.body, body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func newSigner(t *testing.T, cfg sigclient.SignerConfig) (*sigclient.Signer, *wire) {
	t.Helper()
	below := new(wire)
	cfg.Base = below
	if cfg.Token.Label == "" {
		cfg.Token = core.AuthToken("primary", authToken)
	}
	if cfg.Origins == nil {
		cfg.Origins = []string{"https://example.com"}
	}
	signer, err := sigclient.NewSigner(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return signer, below
}

func newRequest(t *testing.T, method, rawURL, contentType, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, rawURL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// roundTrip returns what was sent for r.
func roundTrip(t *testing.T, signer *sigclient.Signer, below *wire, r *http.Request) (*http.Request, string) {
	t.Helper()
	response, err := signer.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return below.sent[len(below.sent)-1], below.body[len(below.body)-1]
}

// validate lets core judge what was sent, as its server would receive it.
func validate(t *testing.T, publicURL string, sent *http.Request, body string) error {
	t.Helper()
	v, err := core.NewValidator(core.Config{
		PublicURL: publicURL,
		Tokens:    []core.Token{core.AuthToken("primary", authToken)},
		Methods:   []string{"GET", "POST"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Validate(&core.Request{
		Method: sent.Method, Target: sent.URL.RequestURI(), Host: sent.URL.Host, Header: sent.Header, Buffered: []byte(body),
	})
	return err
}

func TestS8WhatIsSentIsAccepted(t *testing.T) {
	const form, json = "application/x-www-form-urlencoded", "application/json"
	tests := []struct {
		name, method, url, contentType, body string
		hashed                               bool // bodySHA256 is appended
	}{
		{"a GET", "GET", "https://example.com/x?a=1&b=%27", "", "", false},
		{"a GET of the root without a slash", "GET", "https://example.com", "", "", false},
		{"a GET with an empty query", "GET", "https://example.com/x?", "", "", false},
		{"a path with escapes", "GET", "https://example.com/a%2Fb/%C3%A9", "", "", false},
		{"a form", "POST", "https://example.com/x?a=1", form, "Body=a+b&From=%2B1555", false},
		{"a form that names its charset", "POST", "https://example.com/x", form + "; charset=UTF-8", "a=1", false},
		{"a form with repeated and empty parameters", "POST", "https://example.com/x", form, "b=2&b=1&b=2&a=&c", false},
		{"a form without parameters", "POST", "https://example.com/x", form, "", false},
		{"a form in a charset that the scheme does not sign", "POST", "https://example.com/x", form + "; charset=latin1", "a=1", true},
		{"a form with another parameter of its type", "POST", "https://example.com/x", form + "; v=1", "a=1", true},
		{"a form with a charset and another parameter", "POST", "https://example.com/x", form + "; charset=utf-8; v=1", "a=1", true},
		{"JSON", "POST", "https://example.com/x", json, `{"a":1}`, true},
		{"JSON to a URL with a query", "POST", "https://example.com/x?a=1", json, `{"a":1}`, true},
		{"a body without a type", "POST", "https://example.com/x", "", "abc", true},
		{"a GET with a body", "GET", "https://example.com/x", json, `{"a":1}`, true},
		{"a GET with a form", "GET", "https://example.com/x", form, "a=1", true},
		{"the scheme's port, named", "GET", "https://example.com:443/x", "", "", false},
		{"a host in capitals", "GET", "HTTPS://EXAMPLE.com/x", "", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			signer, below := newSigner(t, sigclient.SignerConfig{})
			sent, body := roundTrip(t, signer, below, newRequest(t, test.method, test.url, test.contentType, test.body))
			if body != test.body || sent.ContentLength != int64(len(test.body)) {
				t.Errorf("sent %q with length %d", body, sent.ContentLength)
			}
			if hashed := sent.URL.Query().Has("bodySHA256"); hashed != test.hashed {
				t.Errorf("bodySHA256 was appended: %v", hashed)
			}
			if err := validate(t, "https://"+sent.URL.Host, sent, body); err != nil {
				t.Error(err)
			}
		})
	}
}

// A request that was made by hand need not have a Host.
func TestS8WithoutAHost(t *testing.T) {
	signer, below := newSigner(t, sigclient.SignerConfig{})
	u, err := url.Parse("https://example.com/x")
	if err != nil {
		t.Fatal(err)
	}
	sent, body := roundTrip(t, signer, below, &http.Request{Method: "GET", URL: u, Header: http.Header{}})
	if err := validate(t, "https://example.com", sent, body); err != nil {
		t.Error(err)
	}
}

func TestS8OnlyForTheOriginsThatItWasGiven(t *testing.T) {
	origins := []string{"https://example.com", "http://127.0.0.1:8080/"}
	tests := []struct {
		name, url, host string
		signed          bool
	}{
		{"the origin", "https://example.com/x", "", true},
		{"the other origin", "http://127.0.0.1:8080/x", "", true},
		{"another host", "https://example.org/x", "", false},
		{"a host below", "https://a.example.com/x", "", false},
		{"a host that ends so", "https://notexample.com/x", "", false},
		{"another port", "https://example.com:8443/x", "", false},
		{"without TLS", "http://example.com/x", "", false},
		{"another Host header", "https://example.com/x", "example.org", false},
		{"another server with its Host header", "https://example.org/x", "example.com", false},
		{"userinfo that looks like it", "https://example.com@example.org/x", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			signer, below := newSigner(t, sigclient.SignerConfig{Origins: origins})
			r := newRequest(t, "GET", test.url, "", "")
			if test.host != "" {
				r.Host = test.host
			}
			sent, _ := roundTrip(t, signer, below, r)
			if signed := sent.Header.Get("X-Twilio-Signature") != ""; signed != test.signed {
				t.Errorf("signed: %v", signed)
			}
		})
	}
}

func TestS8NeverAcrossARedirect(t *testing.T) {
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			var seen []*http.Request
			record := func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, r) }
			other := httptest.NewServer(http.HandlerFunc(record))
			defer other.Close()
			mux := http.NewServeMux()
			mux.HandleFunc("/here", record)
			mux.HandleFunc("/to-here", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/here", status) })
			mux.HandleFunc("/to-other", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/x", status) })
			server := httptest.NewServer(mux)
			defer server.Close()
			signer, err := sigclient.NewSigner(sigclient.SignerConfig{
				Token: core.AuthToken("primary", authToken), Origins: []string{server.URL, other.URL},
			})
			if err != nil {
				t.Fatal(err)
			}
			client := &http.Client{Transport: signer}
			for _, path := range []string{"/here", "/to-here", "/to-other"} {
				r := newRequest(t, "POST", server.URL+path, "application/json", `{"a":1}`)
				r.Header.Set("X-Twilio-Signature", "set by the caller")
				response, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
			}
			if len(seen) != 3 || seen[0].Header.Get("X-Twilio-Signature") == "" {
				t.Fatalf("%d requests arrived", len(seen))
			}
			for _, r := range seen[1:] {
				if r.Header.Get("X-Twilio-Signature") != "" || strings.Contains(r.URL.RawQuery, "bodySHA256") {
					t.Errorf("the redirected %s %s is signed", r.Method, r.URL)
				}
				if strings.Contains(r.Header.Get("Referer"), "bodySHA256") {
					t.Errorf("the Referer %s shows the signed URL", r.Header.Get("Referer"))
				}
			}
		})
	}
}

// closeable says whether it was closed.
type closeable struct {
	io.Reader
	closed bool
}

func (c *closeable) Close() error {
	c.closed = true
	return nil
}

func TestTheCallersRequestIsNotChanged(t *testing.T) {
	signer, below := newSigner(t, sigclient.SignerConfig{})
	body := &closeable{Reader: strings.NewReader(`{"a":1}`)}
	r := newRequest(t, "POST", "https://example.com/x?a=1", "application/json", "")
	r.Body = body
	header, rawURL := r.Header.Clone(), r.URL.String()
	sent, _ := roundTrip(t, signer, below, r)
	if fmt.Sprint(r.Header) != fmt.Sprint(header) || r.URL.String() != rawURL || r.Body != io.ReadCloser(body) {
		t.Errorf("it is now %v %s", r.Header, r.URL)
	}
	if !body.closed {
		t.Error("its body was not closed")
	}
	again, err := sent.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(again); string(text) != `{"a":1}` {
		t.Errorf("GetBody returns %q", text)
	}
}

func TestWhatCannotBeSignedIsNotSent(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	broken := io.MultiReader(strings.NewReader("a"), iotestErr{errors.New("unplugged")})
	tests := []struct {
		name, url, contentType string
		body                   io.Reader
		word                   string
	}{
		{"a body over the limit", "https://example.com/x", "", bytes.NewReader(make([]byte, 101)), "100 bytes"},
		{"a body that breaks off", "https://example.com/x", "", broken, "unplugged"},
		{"a malformed form", "https://example.com/x", form, strings.NewReader("a=%zz"), "well-formed"},
		{"a form with an unescaped semicolon", "https://example.com/x", form, strings.NewReader("a=1;b=2"), "well-formed"},
		{"a second hash", "https://example.com/x?bodySHA256=1", "", strings.NewReader("a"), "bodySHA256"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			signer, below := newSigner(t, sigclient.SignerConfig{MaxBodyBytes: 100})
			r := newRequest(t, "POST", test.url, test.contentType, "")
			body := &closeable{Reader: test.body}
			r.Body = body
			_, err := signer.RoundTrip(r)
			if err == nil || !strings.Contains(err.Error(), test.word) || len(below.sent) != 0 {
				t.Errorf("error %v, %d requests sent", err, len(below.sent))
			}
			if !body.closed {
				t.Error("the body was not closed")
			}
		})
	}

	signer, below := newSigner(t, sigclient.SignerConfig{MaxBodyBytes: 100})
	if _, body := roundTrip(t, signer, below, newRequest(t, "POST", "https://example.com/x", "", strings.Repeat("a", 100))); len(body) != 100 {
		t.Errorf("of a body of the limit's size, %d bytes were sent", len(body))
	}
}

type iotestErr struct{ err error }

func (r iotestErr) Read([]byte) (int, error) { return 0, r.err }

func TestNewSignerRefuses(t *testing.T) {
	good := core.AuthToken("primary", authToken)
	tests := []struct {
		name string
		cfg  sigclient.SignerConfig
		word string
	}{
		{"no origin", sigclient.SignerConfig{Token: good}, "origin"},
		{"an origin without scheme", sigclient.SignerConfig{Token: good, Origins: []string{"example.com"}}, "https://HOST"},
		{"another scheme", sigclient.SignerConfig{Token: good, Origins: []string{"wss://example.com"}}, "https://HOST"},
		{"an origin with a path", sigclient.SignerConfig{Token: good, Origins: []string{"https://example.com/x"}}, "leave out"},
		{"an origin with a query", sigclient.SignerConfig{Token: good, Origins: []string{"https://example.com?"}}, "leave out"},
		{"an origin with a password", sigclient.SignerConfig{Token: good, Origins: []string{"https://u:hunter2@example.com"}}, "leave out"},
		{"no token", sigclient.SignerConfig{Origins: []string{"https://example.com"}}, "AuthToken"},
		{"a token that cannot be one", sigclient.SignerConfig{
			Token: core.AuthToken("file", authToken+"\n"), Origins: []string{"https://example.com"}}, "newline"},
		{"a negative limit", sigclient.SignerConfig{Token: good, Origins: []string{"https://example.com"}, MaxBodyBytes: -1}, "negative"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := sigclient.NewSigner(test.cfg)
			if !errors.Is(err, core.ErrConfig) || !strings.Contains(err.Error(), test.word) {
				t.Fatalf("error %v, want ErrConfig with %q", err, test.word)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), authToken) {
				t.Errorf("a secret is in the error %q", err)
			}
		})
	}
}

func TestR2NoErrorShowsTheTokenTheSignatureOrAValue(t *testing.T) {
	signer, _ := newSigner(t, sigclient.SignerConfig{})
	r := newRequest(t, "POST", "https://example.com/x", "application/x-www-form-urlencoded", "Body=%secret")
	_, err := signer.RoundTrip(r)
	signature, _ := core.Sign(core.AuthToken("primary", authToken), "https://example.com/x", url.Values{})
	for _, text := range []string{fmt.Sprint(err), fmt.Sprintf("%+v %#v", signer, *signer)} {
		for _, secret := range []string{authToken, signature, "secret"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q shows %q", text, secret)
			}
		}
	}
}
