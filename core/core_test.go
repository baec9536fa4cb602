package core_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

const (
	authToken = "0123456789abcdef0123456789abcdef"
	accountA  = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	accountB  = "ACBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
	publicURL = "https://example.com"
	formType  = "application/x-www-form-urlencoded"
)

// macOf computes a signature independently of the package: base64 of the HMAC-SHA1 of text (S1).
func macOf(key, text string) string {
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// bodyHash is the parameter that binds body (S4).
func bodyHash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return "bodySHA256=" + hex.EncodeToString(sum[:])
}

func primaryToken() core.Token { return core.AuthToken("primary", authToken) }

// validatorFor returns a Validator for cfg. Where cfg names no origin it is publicURL, and where it names no token it is primaryToken.
func validatorFor(t testing.TB, cfg core.Config) *core.Validator {
	t.Helper()
	if cfg.PublicURL == "" && cfg.AllowedHosts == nil {
		cfg.PublicURL = publicURL
	}
	if cfg.Tokens == nil && cfg.Accounts == nil && cfg.TokenSource == nil && cfg.SigningKeys == nil {
		cfg.Tokens = []core.Token{primaryToken()}
	}
	v, err := core.NewValidator(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// signedRequest returns a request to example.com whose signature, by authToken, is over text. Headers are "Name: value" lines.
func signedRequest(method, target, body, text string, headers ...string) *core.Request {
	r := &core.Request{
		Method:   method,
		Target:   target,
		Host:     "example.com",
		Header:   http.Header{"X-Twilio-Signature": {macOf(authToken, text)}},
		Buffered: []byte(body),
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func signedGet(target, text string, headers ...string) *core.Request {
	return signedRequest(http.MethodGet, target, "", text, headers...)
}

func signedForm(target, body, text string, headers ...string) *core.Request {
	return signedRequest(http.MethodPost, target, body, text, append(headers, "Content-Type: "+formType)...)
}

// signedJSON returns a request whose body is bound by bodySHA256, the only parameter of its query.
func signedJSON(path, body string) *core.Request {
	target := path + "?" + bodyHash(body)
	return signedRequest(http.MethodPost, target, body, publicURL+target, "Content-Type: application/json")
}

// asRaw returns r with its Host and Header as the header block that a framework of fasthttp's family hands over.
func asRaw(r *core.Request) *core.Request {
	var block strings.Builder
	block.WriteString("HOST: " + r.Host + "\r\n")
	for name, values := range r.Header {
		for _, value := range values {
			block.WriteString(strings.ToUpper(name) + ": " + value + "\r\n")
		}
	}
	raw := *r
	raw.Host, raw.Header, raw.RawHeader = "", nil, []byte(block.String())
	return &raw
}

// upgradeLines are the header lines of a WebSocket handshake that the core looks at.
var upgradeLines = []string{"Connection: keep-alive, Upgrade", "Upgrade: websocket"}

// accepted fails the test unless v accepts r.
func accepted(t *testing.T, v *core.Validator, r *core.Request) *core.Webhook {
	t.Helper()
	webhook, err := v.Validate(r)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if webhook == nil {
		t.Fatal("accepted without a webhook")
	}
	return webhook
}

// refused fails the test unless v refuses r for the reason.
func refused(t *testing.T, v *core.Validator, r *core.Request, reason core.Reason) *core.Error {
	t.Helper()
	webhook, err := v.Validate(r)
	if webhook != nil {
		t.Fatalf("got webhook %v for a request to be refused with %q", webhook, reason)
	}
	return refusalFor(t, err, reason)
}

// refusalFor fails the test unless err is a refusal for the reason.
func refusalFor(t *testing.T, err error, reason core.Reason) *core.Error {
	t.Helper()
	var e *core.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a refusal with %q", err, reason)
	}
	if !errors.Is(err, reason) {
		t.Fatalf("got %q, want %q", e, reason)
	}
	return e
}

// configRefused fails the test unless NewValidator refuses cfg with an error that contains word.
func configRefused(t *testing.T, cfg core.Config, word string) {
	t.Helper()
	v, err := core.NewValidator(cfg)
	if err == nil {
		t.Fatalf("got %v, want an error with %q", v, word)
	}
	if !errors.Is(err, core.ErrConfig) {
		t.Errorf("error %q is not ErrConfig", err)
	}
	if !strings.Contains(err.Error(), word) {
		t.Errorf("error %q does not say %q", err, word)
	}
}

// failOnPanic is deferred where a panic is what a test looks for (V9), so that the other tests run all the same.
func failOnPanic(t *testing.T) {
	if p := recover(); p != nil {
		t.Errorf("it panicked: %v", p)
	}
}
