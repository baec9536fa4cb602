package core_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

// httpForm returns a form POST to target as a test helper builds it, signed over text.
func httpForm(target, body, text string) *http.Request {
	r := httptest.NewRequest("POST", target, strings.NewReader(body))
	r.Header.Set("Content-Type", formType)
	r.Header.Set("X-Twilio-Signature", macOf(authToken, text))
	return r
}

func httpAccepted(t *testing.T, v *core.Validator, r *http.Request) (*http.Request, *core.Webhook) {
	t.Helper()
	verified, webhook, err := v.ValidateHTTP(r)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return verified, webhook
}

func httpRefused(t *testing.T, v *core.Validator, r *http.Request, reason core.Reason) {
	t.Helper()
	verified, webhook, err := v.ValidateHTTP(r)
	if verified != nil || webhook != nil {
		t.Fatalf("got a request or a webhook (%v) to be refused with %q", webhook, reason)
	}
	refusalFor(t, err, reason)
}

// onServer sends a request, given as it is on the wire, through a net/http server, runs handle on what arrives, and returns the status.
func onServer(t *testing.T, network, wire string, handle func(*http.Request)) int {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = t.TempDir() + "/s"
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { handle(r) }))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	defer server.Close()
	conn, err := net.Dial(network, listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, wire); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

func TestU2AbsoluteFormIsRefusedOnAServer(t *testing.T) {
	v := validatorFor(t, core.Config{})
	for target, want := range map[string]core.Reason{
		"/x":                     "",
		"https://example.com/x":  core.ErrMalformedRequest,
		"https://evil.example/x": core.ErrMalformedRequest,
	} {
		var err error
		wire := "GET " + target + " HTTP/1.1\r\nHost: example.com\r\nX-Twilio-Signature: " + macOf(authToken, publicURL+"/x") + "\r\n\r\n"
		if status := onServer(t, "tcp", wire, func(r *http.Request) { _, _, err = v.ValidateHTTP(r) }); status != 200 {
			t.Errorf("%s: the handler did not run", target)
		}
		if want == "" && err != nil || want != "" && !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %q", target, err, want)
		}
	}
}

func TestU2HandmadeRequests(t *testing.T) {
	public := core.Config{PublicURL: "https://example.com:8443"}
	derive := core.Config{AllowedHosts: []string{"example.com:8443", "other.example"}}
	tests := []struct {
		name       string
		config     core.Config
		requestURI string
		url        string // of a request without RequestURI
		signed     string
		want       core.Reason
	}{
		{"origin-form", public, "/x?a=%2f", "", "/x?a=%2f", ""},
		{"absolute-form with the configured authority", public, "https://example.com:8443/x?a=%2f", "", "/x?a=%2f", ""},
		{"absolute-form without path", public, "https://example.com:8443", "", "/", ""},
		{"absolute-form with a query and no path", public, "https://example.com:8443?a=1", "", "/?a=1", ""},
		{"absolute-form with another authority", public, "https://evil.example/x", "", "/x", core.ErrMalformedRequest},
		{"absolute-form with another port", public, "https://example.com/x", "", "/x", core.ErrMalformedRequest},
		{"absolute-form with userinfo", public, "https://u@example.com:8443/x", "", "/x", core.ErrMalformedRequest},
		{"absolute-form with an authority that begins alike", public, "https://example.com:8443.evil.example/x", "", "/x", core.ErrMalformedRequest},
		{"a URL in the query of origin-form", public, "/x?u=https://evil.example/y", "", "/x?u=https://evil.example/y", ""},
		{"a URL in the path of origin-form", public, "/https://example.com:8443/y", "", "/https://example.com:8443/y", ""},
		{"asterisk-form", public, "*", "", "*", core.ErrMalformedRequest},
		{"no RequestURI", public, "", "https://example.com:8443/a%2Fb?c", "/a%2Fb?c", ""},
		{"no RequestURI and an opaque URL", public, "", "mailto:a@example.com", "/", core.ErrMalformedRequest},
		{"derive mode, absolute-form with an allowed authority", derive, "https://other.example/x", "", "/x", ""},
		{"derive mode, absolute-form with another authority", derive, "https://evil.example/x", "", "/x", core.ErrMalformedRequest},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RequestURI, r.Host = test.requestURI, "example.com:8443"
			if test.url != "" {
				r.URL, _ = url.Parse(test.url)
			}
			origin := "https://example.com:8443"
			if test.config.AllowedHosts != nil {
				origin = "http://example.com:8443"
			}
			r.Header.Set("X-Twilio-Signature", macOf(authToken, origin+test.signed))
			v := validatorFor(t, test.config)
			if test.want != "" {
				httpRefused(t, v, r, test.want)
			} else if _, webhook := httpAccepted(t, v, r); webhook.URL() != origin+test.signed {
				t.Errorf("matched %q", webhook.URL())
			}
		})
	}
	t.Run("nothing at all", func(t *testing.T) {
		httpRefused(t, validatorFor(t, public), &http.Request{Method: "GET", Header: http.Header{"X-Twilio-Signature": {macOf(authToken, "")}}}, core.ErrMalformedRequest)
	})
}

func TestU2ARouterThatRewritesTheURLChangesNothing(t *testing.T) {
	v := validatorFor(t, core.Config{})
	called := false
	http.StripPrefix("/api", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		called = true
		r.URL.RawQuery = "rewritten"
		httpAccepted(t, v, r)
	})).ServeHTTP(httptest.NewRecorder(), httpForm("/api/x?a=1", "", publicURL+"/api/x?a=1"))
	if !called {
		t.Error("the handler did not run")
	}
}

func TestV7TheHandlerReadsTheBodyAsIfNothingHadHappened(t *testing.T) {
	v := validatorFor(t, core.Config{})
	const body, text = "b=2&a=1&&b=%31&x=", publicURL + "/x?q=1a1b1b2x"
	verified := func(t *testing.T) *http.Request {
		t.Helper()
		r, _ := httpAccepted(t, v, httpForm("/x?q=1", body, text))
		return r
	}
	wantForm := url.Values{"a": {"1"}, "b": {"2", "1"}, "x": {""}}

	t.Run("raw, byte for byte", func(t *testing.T) {
		r := verified(t)
		got, err := io.ReadAll(r.Body)
		if err != nil || string(got) != body {
			t.Errorf("read %q, %v", got, err)
		}
		if err := r.Body.Close(); err != nil {
			t.Error(err)
		}
		if r.ContentLength != int64(len(body)) {
			t.Errorf("ContentLength %d", r.ContentLength)
		}
	})
	t.Run("PostForm is preset", func(t *testing.T) {
		if got := verified(t).PostForm; fmt.Sprint(got) != fmt.Sprint(wantForm) {
			t.Errorf("PostForm %q, want %q", got, wantForm)
		}
	})
	t.Run("ParseForm merges the query", func(t *testing.T) {
		r := verified(t)
		if r.Form != nil {
			t.Errorf("Form is preset: %q", r.Form)
		}
		if err := r.ParseForm(); err != nil {
			t.Fatal(err)
		}
		want := url.Values{"a": {"1"}, "b": {"2", "1"}, "x": {""}, "q": {"1"}}
		if fmt.Sprint(r.Form) != fmt.Sprint(want) || fmt.Sprint(r.PostForm) != fmt.Sprint(wantForm) {
			t.Errorf("Form %q, PostForm %q", r.Form, r.PostForm)
		}
	})
	t.Run("FormValue and PostFormValue", func(t *testing.T) {
		r := verified(t)
		if got := r.FormValue("q") + r.FormValue("b") + r.PostFormValue("a") + r.PostFormValue("q"); got != "121" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("values can be appended without touching another's", func(t *testing.T) {
		r := verified(t)
		_ = append(r.PostForm["a"], "x")
		if got := r.PostForm.Get("b"); got != "2" {
			t.Errorf("b is %q now", got)
		}
	})
	t.Run("an empty form", func(t *testing.T) {
		r, _ := httpAccepted(t, v, httpForm("/x?q=1", "", publicURL+"/x?q=1"))
		if r.Body != http.NoBody || r.PostForm == nil || r.FormValue("q") != "1" {
			t.Errorf("body %v, PostForm %q", r.Body, r.PostForm)
		}
	})
}

func TestV7BodiesThatAreNoForm(t *testing.T) {
	v := validatorFor(t, core.Config{})
	const parts = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n"
	for contentType, body := range map[string]string{"application/json": `{"a": 1}`, "multipart/form-data; boundary=x": parts} {
		target := "/x?" + bodyHash(body)
		r := httpForm(target, body, publicURL+target)
		r.Header.Set("Content-Type", contentType)
		verified, _ := httpAccepted(t, v, r)
		if verified.PostForm != nil {
			t.Errorf("%s: PostForm %q", contentType, verified.PostForm)
		}
		if contentType == "application/json" {
			if got, _ := io.ReadAll(verified.Body); string(got) != body {
				t.Errorf("read %q", got)
			}
		} else if got := verified.FormValue("a"); got != "1" {
			t.Errorf("FormValue of multipart is %q", got)
		}
	}
}

func TestV7TheRequestCarriesTheWebhook(t *testing.T) {
	type key struct{}
	v := validatorFor(t, core.Config{})
	r := httpForm("/x", "a=1", publicURL+"/xa1")
	r = r.WithContext(context.WithValue(r.Context(), key{}, "value"))
	original := *r
	verified, webhook := httpAccepted(t, v, r)
	if got, ok := core.FromContext(verified.Context()); !ok || got != webhook {
		t.Errorf("the context has %v, want %v", got, webhook)
	}
	if verified.Context().Value(key{}) != "value" {
		t.Error("the context's own value is gone")
	}
	if got, ok := core.FromContext(r.Context()); ok {
		t.Errorf("the request before has the webhook %v", got)
	}
	if r.PostForm != nil || r.Body != original.Body || verified == r {
		t.Error("the request before was changed")
	}
}

func TestV8ABodyThatSomethingConsumed(t *testing.T) {
	const body, text = "a=1", publicURL + "/xa1"
	v := validatorFor(t, core.Config{})
	for name, consume := range map[string]func(*http.Request){
		"ParseForm":           func(r *http.Request) { _ = r.ParseForm() },
		"FormValue":           func(r *http.Request) { _ = r.FormValue("a") },
		"read to its end":     func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) },
		"read in part":        func(r *http.Request) { _, _ = r.Body.Read(make([]byte, 1)) },
		"replaced by nothing": func(r *http.Request) { r.Body = http.NoBody },
		"taken away":          func(r *http.Request) { r.Body = nil },
	} {
		t.Run(name, func(t *testing.T) {
			r := httpForm("/x", body, text)
			consume(r)
			httpRefused(t, v, r, core.ErrBodyConsumed)

			var err error
			wire := "POST /x HTTP/1.1\r\nHost: example.com\r\nContent-Type: " + formType + "\r\nContent-Length: 3\r\nX-Twilio-Signature: " +
				macOf(authToken, text) + "\r\n\r\n" + body
			onServer(t, "tcp", wire, func(r *http.Request) {
				consume(r)
				_, _, err = v.ValidateHTTP(r)
			})
			if !errors.Is(err, core.ErrBodyConsumed) {
				t.Errorf("on a server: got %v", err)
			}
		})
	}
	t.Run("read to its end and closed", func(t *testing.T) {
		var err error
		wire := "POST /x HTTP/1.1\r\nHost: example.com\r\nContent-Type: " + formType + "\r\nContent-Length: 3\r\nX-Twilio-Signature: " +
			macOf(authToken, text) + "\r\n\r\n" + body
		onServer(t, "tcp", wire, func(r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
			_, _, err = v.ValidateHTTP(r)
		})
		if !errors.Is(err, core.ErrBodyConsumed) {
			t.Errorf("got %v, want %q", err, core.ErrBodyConsumed)
		}
	})
	t.Run("ParseMultipartForm", func(t *testing.T) {
		for _, part := range []string{`name="a"`, `name="a"; filename="f"`} {
			parts := "--x\r\nContent-Disposition: form-data; " + part + "\r\n\r\n1\r\n--x--\r\n"
			target := "/x?" + bodyHash(parts)
			r := httpForm(target, parts, publicURL+target)
			r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			if err := r.ParseMultipartForm(1 << 20); err != nil {
				t.Fatal(err)
			}
			r.Body, r.PostForm = io.NopCloser(strings.NewReader(parts)), nil
			httpRefused(t, v, r, core.ErrBodyConsumed)
		}
	})
	t.Run("forms that are empty", func(t *testing.T) {
		r := httpForm("/x", body, text)
		r.PostForm, r.MultipartForm = url.Values{}, &multipart.Form{}
		httpAccepted(t, v, r)
	})
	t.Run("a form of the query alone was parsed", func(t *testing.T) {
		r := httptest.NewRequest("GET", "/x?a=1", nil)
		r.Header.Set("X-Twilio-Signature", macOf(authToken, publicURL+"/x?a=1"))
		if r.FormValue("a") != "1" {
			t.Fatal("FormValue found nothing")
		}
		httpAccepted(t, v, r)
	})
}

func TestV8ARequestThatIsValidatedTwice(t *testing.T) {
	const body, text = "a=1", publicURL + "/xa1"
	outer := validatorFor(t, core.Config{})
	for name, between := range map[string]func(*http.Request) *http.Request{
		"nothing between":      func(r *http.Request) *http.Request { return r },
		"the body was read":    func(r *http.Request) *http.Request { _, _ = io.Copy(io.Discard, r.Body); return r },
		"the form was parsed":  func(r *http.Request) *http.Request { _ = r.FormValue("a"); return r },
		"the body was wrapped": func(r *http.Request) *http.Request { r.Body = http.MaxBytesReader(nil, r.Body, 1); return r },
		"the body was replaced": func(r *http.Request) *http.Request {
			r.Body = io.NopCloser(strings.NewReader("a=2"))
			return r
		},
		"the parsed form was changed": func(r *http.Request) *http.Request {
			changed := url.Values{"a": {"2"}}
			r.Form, r.PostForm, r.MultipartForm = changed, changed, &multipart.Form{Value: changed}
			return r
		},
		"the request was copied": func(r *http.Request) *http.Request { return r.Clone(r.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			between := func() *http.Request {
				verified, _ := httpAccepted(t, outer, httpForm("/x", body, text))
				return between(verified)
			}
			verified, webhook := httpAccepted(t, validatorFor(t, core.Config{RequiredParams: []string{"a"}}), between())
			if got, _ := io.ReadAll(verified.Body); string(got) != body || string(webhook.Body()) != body || verified.FormValue("a") != "1" {
				t.Errorf("read %q, webhook %q, form %q", got, webhook.Body(), verified.Form)
			}
			if got, ok := core.FromContext(verified.Context()); !ok || got != webhook {
				t.Error("the context has another webhook")
			}
			httpRefused(t, validatorFor(t, core.Config{RequiredParams: []string{"b"}}), between(), core.ErrPin)
			httpRefused(t, validatorFor(t, core.Config{Methods: []string{"GET"}}), between(), core.ErrMethod)
			httpRefused(t, validatorFor(t, core.Config{MaxBodyBytes: 1}), between(), core.ErrBodyTooLarge)
			httpRefused(t, validatorFor(t, core.Config{PublicURL: "https://other.example"}), between(), core.ErrSignature)
			httpRefused(t, validatorFor(t, core.Config{Tokens: []core.Token{core.AuthToken("another", "another")}}), between(), core.ErrSignature)
		})
	}
}

// A digest answer can be used once, but not once for each of two middlewares.
func TestV8OneDigestAnswerValidatedTwice(t *testing.T) {
	v := validatorFor(t, core.Config{Digest: digestConfig()})
	request := func(authorization string) *http.Request {
		r := httptest.NewRequest("GET", "/x?a=1", nil)
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Twilio-Signature", macOf(authToken, publicURL+"/x?a=1"))
		return r
	}
	authorization := rightAnswer(nonceFrom(t, v), "/x?a=1").header()
	verified, _ := httpAccepted(t, v, request(authorization))
	verified, _ = httpAccepted(t, v, verified)
	httpRefused(t, v, request(authorization), core.ErrCredentials)

	withoutDigest, _ := httpAccepted(t, validatorFor(t, core.Config{}), verified)
	httpAccepted(t, v, withoutDigest)

	verified.Header.Set("Authorization", rightAnswer(nonceFrom(t, validatorFor(t, core.Config{Digest: digestConfig()})), "/x?a=1").header())
	httpRefused(t, v, verified, core.ErrCredentials)
}

func TestV8TheInnerGuardCountsWhereTheOuterHasNone(t *testing.T) {
	outer := validatorFor(t, core.Config{})
	for name, store := range map[string]core.ReplayStore{"the default store": nil, "a store that cannot be compared": funcStore()} {
		t.Run(name, func(t *testing.T) {
			inner := validatorFor(t, core.Config{Replay: &core.ReplayGuard{Refuse: true, Store: store}})
			request := func() *http.Request {
				verified, _ := httpAccepted(t, outer, httpForm("/x", "a=1", publicURL+"/xa1"))
				return verified
			}
			httpAccepted(t, inner, request())
			httpRefused(t, inner, request(), core.ErrReplay)
		})
	}
}

func TestU3ThePeerIsTheSocket(t *testing.T) {
	config := core.Config{AllowedHosts: []string{"example.com"}, TrustedProxies: []string{"10.0.0.0/8"}}
	for remote, trusted := range map[string]bool{
		"10.1.2.3:40000":          true,
		"[::ffff:10.1.2.3]:40000": true,
		"192.0.2.1:40000":         false,
		"10.1.2.3":                false, // as a middleware writes it that copies X-Forwarded-For
		"":                        false,
		"@":                       false,
	} {
		v := validatorFor(t, config)
		r := httptest.NewRequest("GET", "/x", nil)
		r.RemoteAddr = remote
		r.Header.Set("X-Forwarded-Proto", "https")
		scheme := map[bool]string{true: "https", false: "http"}[trusted]
		r.Header.Set("X-Twilio-Signature", macOf(authToken, scheme+"://example.com/x"))
		if _, _, err := v.ValidateHTTP(r); err != nil {
			t.Errorf("RemoteAddr %q: %v", remote, err)
		}
	}
}

func TestU3UnixSocketsOnAServer(t *testing.T) {
	wire := "GET /x HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-Proto: https\r\nX-Twilio-Signature: " + macOf(authToken, publicURL+"/x") + "\r\n\r\n"
	for proxies, want := range map[string]core.Reason{"unix": "", "127.0.0.1": core.ErrSignature} {
		var err error
		v := validatorFor(t, core.Config{AllowedHosts: []string{"example.com"}, TrustedProxies: []string{proxies}})
		onServer(t, "unix", wire, func(r *http.Request) { _, _, err = v.ValidateHTTP(r) })
		if want == "" && err != nil || want != "" && !errors.Is(err, want) {
			t.Errorf("trusted %s: got %v", proxies, err)
		}
	}
}

func TestU1TheSchemeOfAnHTTPRequestIsItsSockets(t *testing.T) {
	v := validatorFor(t, core.Config{AllowedHosts: []string{"example.com"}})
	for _, scheme := range []string{"http", "https"} {
		r := httptest.NewRequest("GET", scheme+"://example.com/x", nil) // sets TLS for https
		r.Header.Set("X-Twilio-Signature", macOf(authToken, scheme+"://example.com/x"))
		httpAccepted(t, v, r)
	}
}

func TestR2TheObserverIsToldOfHTTPRequests(t *testing.T) {
	var o core.Observation
	var log bytes.Buffer
	v := validatorFor(t, core.Config{Observer: observeInto(&o), Logger: loggerInto(&log)})
	_, webhook := httpAccepted(t, v, httpForm("/x?a=1", "", publicURL+"/x?a=1"))
	if o.Webhook != webhook || o.Path != "/x" || o.Peer != "192.0.2.1" {
		t.Errorf("acceptance: observed %+v", o)
	}
	parsed := httpForm("/y?a=1", "a=1", publicURL+"/y?a=1a1")
	_ = parsed.ParseForm()
	httpRefused(t, v, parsed, core.ErrBodyConsumed)
	if o.Err == nil || o.Webhook != nil || o.Path != "/y" {
		t.Errorf("refusal: observed %+v", o)
	}
	if strings.Count(log.String(), "\n") != 2 {
		t.Errorf("logged %q", log.String())
	}
}

func TestFromContextWithoutAWebhook(t *testing.T) {
	if webhook, ok := core.FromContext(context.Background()); ok || webhook != nil {
		t.Errorf("got %v", webhook)
	}
}
