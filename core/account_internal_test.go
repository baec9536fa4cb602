package core

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"hash"
	"net/http"
	"strings"
	"testing"
)

// countingHash counts the MACs that are computed with it.
type countingHash struct {
	hash.Hash
	sums *int
}

func (c countingHash) Sum(b []byte) []byte {
	*c.sums++
	return c.Hash.Sum(b)
}

// T2: an unknown account costs as many MACs as the account with the most tokens.
func TestT2AnUnknownAccountCostsTheSameWork(t *testing.T) {
	known, small, unknown := "AC"+strings.Repeat("a", 32), "AC"+strings.Repeat("b", 32), "AC"+strings.Repeat("c", 32)
	sums := 0
	counting := func() Token {
		k := newKey("secret", HMACSHA1)
		k.states.New = func() any { return countingHash{hmac.New(sha1.New, []byte("secret")), &sums} }
		return Token{key: k}
	}
	v, err := NewValidator(Config{PublicURL: "https://example.com", Accounts: map[string][]Token{
		known: {AuthToken("1", "12345"), AuthToken("2", "12345"), AuthToken("3", "12345")},
		small: {AuthToken("1", "12345")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	tokens, _ := v.source(context.Background(), known)
	for i := range tokens {
		tokens[i].key = counting().key
	}
	for i := range v.strangers {
		v.strangers[i].key = counting().key
	}
	macs := func(query string) int {
		sums = 0
		header := http.Header{"X-Twilio-Signature": {"RSOYDt4T1cUTdK1PDd93/VVr8B8="}}
		if err := v.Check(&Request{Method: "GET", Target: "/x?" + query, Header: header}); err == nil {
			t.Fatalf("%s: accepted", query)
		}
		return sums
	}
	const candidates, most = 2, 3
	for name, query := range map[string]string{
		"a known account": "AccountSid=" + known, "an unknown account": "AccountSid=" + unknown, "no account": "", "none that is one": "AccountSid=AC",
	} {
		if got := macs(query); got != candidates*most {
			t.Errorf("%s costs %d MACs, want %d", name, got, candidates*most)
		}
	}
}
