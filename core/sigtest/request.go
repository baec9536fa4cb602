package sigtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/ringfence-go/ringfence/core"
)

const (
	signatureHeader = "X-Twilio-Signature"

	formType = "application/x-www-form-urlencoded; charset=UTF-8" // as Twilio sends it
	jsonType = "application/json; charset=utf-8"
)

// NewFormRequest returns the POST of a form, as most webhooks are. rawURL is the URL that Twilio is configured with, scheme and host
// included, as in the validator's PublicURL.
func NewFormRequest(token core.Token, rawURL string, params url.Values) *http.Request {
	return webhook{
		token: token, method: http.MethodPost, url: rawURL, contentType: formType, params: params, body: []byte(params.Encode()),
	}.request()
}

// NewJSONRequest returns the POST of a JSON body, which bodySHA256 in the URL's query binds (S4).
func NewJSONRequest(token core.Token, rawURL string, body []byte) *http.Request {
	signed, _, err := core.SignBody(token, rawURL, body)
	if err != nil {
		panic(fmt.Sprintf("sigtest: %v", err))
	}
	return webhook{token: token, method: http.MethodPost, url: signed, contentType: jsonType, body: body}.request()
}

// NewGetRequest returns a GET, whose parameters are appended to rawURL's query, since Twilio puts them there before it signs (S3).
func NewGetRequest(token core.Token, rawURL string, params url.Values) *http.Request {
	return webhook{token: token, method: http.MethodGet, url: withQuery(withoutFragment(rawURL), params.Encode())}.request()
}

// NewUpgradeRequest returns the request that opens a WebSocket (Media Streams, ConversationRelay). rawURL is its wss URL (S6).
func NewUpgradeRequest(token core.Token, rawURL string) *http.Request {
	if !strings.HasPrefix(rawURL, "ws") {
		panic("sigtest: the URL of an upgrade has the scheme wss, or ws")
	}
	return webhook{token: token, method: http.MethodGet, url: rawURL, upgrade: true}.request()
}

func withQuery(rawURL, query string) string {
	switch {
	case query == "":
		return rawURL
	case strings.HasSuffix(rawURL, "?"):
		return rawURL + query
	case strings.Contains(rawURL, "?"):
		return rawURL + "&" + query
	}
	return rawURL + "?" + query
}

// withoutFragment drops webhook options such as #rc=2, which never reach a server (S5).
func withoutFragment(rawURL string) string {
	rawURL, _, _ = strings.Cut(rawURL, "#")
	return rawURL
}

// webhook is what a request is made from.
type webhook struct {
	token       core.Token
	method, url string
	contentType string
	params      url.Values // of a form: they are signed
	body        []byte
	upgrade     bool
}

// webhookKey finds the webhook in the context of its request, for mutations.
type webhookKey struct{}

// request returns the signed request.
func (w webhook) request() *http.Request {
	w.url = withoutFragment(w.url)
	return w.requestWith(w.sign())
}

func (w webhook) sign() string {
	signature, err := core.Sign(w.token, w.url, w.params)
	if err != nil {
		panic(fmt.Sprintf("sigtest: %v", err))
	}
	return signature
}

// requestWith returns the request with a signature that may not be its own. It is what a server would have received: its target is in
// origin-form, which Fiber's app.Test needs, and scheme and host are in TLS and Host.
func (w webhook) requestWith(signatures ...string) *http.Request {
	u, err := url.Parse(w.url)
	if err != nil {
		panic("sigtest: malformed URL")
	}
	r := httptest.NewRequest(w.method, u.RequestURI(), bytes.NewReader(w.body))
	r.Host = u.Host
	if u.Scheme == "https" || u.Scheme == "wss" {
		r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: u.Hostname()}
	}
	if w.contentType != "" {
		r.Header.Set("Content-Type", w.contentType)
	}
	if w.upgrade {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
		r.Header.Set("Sec-WebSocket-Version", "13")
		r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==") // RFC 6455 section 1.3
	}
	r.Header.Set("User-Agent", "TwilioProxy/1.1")
	for _, signature := range signatures {
		r.Header.Add(signatureHeader, signature)
	}
	return r.WithContext(context.WithValue(r.Context(), webhookKey{}, w))
}

// clone returns a copy whose parameters can be changed.
func (w webhook) clone() webhook {
	if w.params = maps.Clone(w.params); w.params == nil {
		w.params = url.Values{}
	}
	w.body = bytes.Clone(w.body)
	return w
}
