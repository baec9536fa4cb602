package sigtest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
)

// Every mutation of every request is refused for the reason that it names, and the request itself is still accepted afterwards.
func TestMutationsAreRefusedForTheirReason(t *testing.T) {
	v := newValidator(t, core.Config{PublicURL: "https://example.com"})
	tried := map[sigtest.Mutation]bool{}
	for name, r := range requests() {
		for _, mutation := range sigtest.Mutations(r) {
			tried[mutation] = true
			t.Run(name+" "+string(mutation), func(t *testing.T) {
				_, _, err := v.ValidateHTTP(mutation.Apply(r))
				if !errors.Is(err, mutation.Reason()) {
					t.Errorf("refused for %v, want %v", err, mutation.Reason())
				}
			})
		}
		if _, _, err := v.ValidateHTTP(r); err != nil {
			t.Errorf("%s was changed: %v", name, err)
		}
	}
	if len(tried) != 16 {
		t.Errorf("%d mutations were tried, want all 16", len(tried))
	}
}

// A mutation must change what it names and nothing else: a request that is refused for another flaw proves nothing.
func TestMutationsChangeWhatTheyName(t *testing.T) {
	form := func() *http.Request {
		return sigtest.NewFormRequest(testToken(), "https://example.com/sms", map[string][]string{"A": {"1"}, "B": {"2"}})
	}
	json := func() *http.Request {
		return sigtest.NewJSONRequest(testToken(), "https://example.com/events?a=1", []byte("{}\n"))
	}
	signed := form().Header.Get("X-Twilio-Signature")
	tests := []struct {
		mutation     sigtest.Mutation
		of           func() *http.Request
		target, body string
		keeps        bool // the signature
	}{
		{sigtest.NoSignature, form, "/sms", "A=1&B=2", false},
		{sigtest.OtherToken, form, "/sms", "A=1&B=2", false},
		{sigtest.OtherURL, form, "/sms", "A=1&B=2", false},
		{sigtest.QueryAdded, form, "/sms?added=1", "A=1&B=2", true},
		{sigtest.ParameterChanged, form, "/sms", "A=1&B=20", true},
		{sigtest.ParameterAdded, form, "/sms", "A=1&Added=1&B=2", true},
		{sigtest.ParameterRemoved, form, "/sms", "A=1", true},
		{sigtest.ParameterRepeated, form, "/sms", "A=1&B=2&B=20", true},
		{sigtest.ParameterMoved, form, "/sms?B=2", "A=1", true},
		{sigtest.ParametersUnsigned, form, "/sms", "A=1&B=2", false},
		{sigtest.BodyChanged, json, "/events?a=1&bodySHA256=" + hashOf("{}\n"), "{} ", false},
		{sigtest.BodyUnbound, json, "/events?a=1", "{}\n", false},
	}
	for _, test := range tests {
		t.Run(string(test.mutation), func(t *testing.T) {
			r := test.mutation.Apply(test.of())
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			if r.RequestURI != test.target || r.URL.RequestURI() != test.target || string(body) != test.body || r.ContentLength != int64(len(body)) {
				t.Errorf("it is %s with %q", r.RequestURI, body)
			}
			if keeps := r.Header.Get("X-Twilio-Signature") == signed; keeps != test.keeps {
				t.Errorf("it keeps the signature: %v", keeps)
			}
		})
	}
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}
