package core_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestT1TheResultNamesTheTokenThatMatched(t *testing.T) {
	const secondary = "fedcba9876543210fedcba9876543210"
	v := validatorFor(t, core.Config{Tokens: []core.Token{primaryToken(), core.AuthToken("secondary", secondary)}})
	for label, secret := range map[string]string{"primary": authToken, "secondary": secondary} {
		r := signedGet("/x", "")
		r.Header.Set("X-Twilio-Signature", macOf(secret, publicURL+"/x"))
		if got := accepted(t, v, r).TokenLabel; got != label {
			t.Errorf("signed by %s, matched %q", label, got)
		}
	}
	r := signedGet("/x", "")
	r.Header.Set("X-Twilio-Signature", macOf("another", publicURL+"/x"))
	refused(t, v, r, core.ErrSignature)
}

func TestT1LabelsOfOneSetDiffer(t *testing.T) {
	configRefused(t, core.Config{PublicURL: publicURL, Tokens: []core.Token{primaryToken(), core.AuthToken("primary", "12345")}}, "label")
}

func TestS1AKeyLongerThanABlock(t *testing.T) {
	long := strings.Repeat("k", 65)
	r := signedGet("/x", "")
	r.Header.Set("X-Twilio-Signature", macOf(long, publicURL+"/x"))
	accepted(t, validatorFor(t, core.Config{Tokens: []core.Token{core.AuthToken("long", long)}}), r)
}

func TestT4EnvTokens(t *testing.T) {
	const first, second, unset = "RINGFENCE_TEST_PRIMARY", "RINGFENCE_TEST_SECONDARY", "RINGFENCE_TEST_UNSET"
	t.Setenv(first, authToken)
	t.Setenv(second, "12345")
	labels := func(tokens []core.Token) (labels []string) {
		for _, token := range tokens {
			labels = append(labels, token.Label)
		}
		return labels
	}
	tests := []struct {
		name  string
		names []string
		want  []string
	}{
		{"one", []string{first}, []string{first}},
		{"two, in their order", []string{second, first}, []string{second, first}},
		{"the second unset", []string{first, unset, second}, []string{first, second}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tokens, err := core.EnvTokens(test.names...)
			if err != nil {
				t.Fatal(err)
			}
			if got := labels(tokens); !slices.Equal(got, test.want) {
				t.Errorf("labels %q, want %q", got, test.want)
			}
			r := signedGet("/x", publicURL+"/x")
			if got := accepted(t, validatorFor(t, core.Config{Tokens: tokens}), r).TokenLabel; got != first {
				t.Errorf("matched %q", got)
			}
		})
	}

	t.Setenv(second, "12345\n")
	for name, test := range map[string]struct {
		names []string
		words []string
	}{
		"the first unset":        {[]string{unset, first}, []string{unset, "not set"}},
		"none named":             {nil, []string{"at least one"}},
		"one that cannot be one": {[]string{first, second}, []string{second, "newline"}},
	} {
		t.Run(name, func(t *testing.T) {
			tokens, err := core.EnvTokens(test.names...)
			if !errors.Is(err, core.ErrConfig) || tokens != nil {
				t.Fatalf("got %v, %v", tokens, err)
			}
			for _, word := range test.words {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("error %q does not say %q", err, word)
				}
			}
		})
	}
}

// Shared keys of the Webhooks configuration API (T3).
var (
	sha1Key   = core.SigningKey{Sid: "SK11", Algorithm: core.HMACSHA1, Secret: core.NewSecret("secret-of-sha1-key")}
	sha256Key = core.SigningKey{Sid: "SK22", Algorithm: core.HMACSHA256, Secret: core.NewSecret("secret-of-sha256-key")}
)

// sha256MAC returns the signature of sha256Key over text.
func sha256MAC(text string) string {
	h := hmac.New(sha256.New, []byte("secret-of-sha256-key"))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func TestT3SigningKeys(t *testing.T) {
	both := []core.SigningKey{sha1Key, sha256Key}
	const text = publicURL + "/x"
	ofToken, ofSHA1, ofSHA256 := macOf(authToken, text), macOf("secret-of-sha1-key", text), sha256MAC(text)
	tests := []struct {
		name      string
		keys      []core.SigningKey
		header    []string // X-Twilio-Signature-Key-Sid
		signature string
		label     string
		want      core.Reason
	}{
		{"the named key, HMAC-SHA1", both, []string{"SK11"}, ofSHA1, "SK11", ""},
		{"the named key, HMAC-SHA256 with 44 characters", both, []string{"SK22"}, ofSHA256, "SK22", ""},
		{"no header: the auth token", both, nil, ofToken, "primary", ""},
		{"no header: not a key", both, nil, ofSHA1, "", core.ErrSignature},
		{"no header: 44 characters", both, nil, ofSHA256, "", core.ErrSignatureFormat},
		{"another key's signature", both, []string{"SK22"}, ofSHA1, "", core.ErrSignatureFormat},
		{"44 characters for HMAC-SHA1", both, []string{"SK11"}, ofSHA256, "", core.ErrSignatureFormat},
		{"the auth token's signature", both, []string{"SK11"}, ofToken, "", core.ErrSignature},
		{"44 characters of something else", both, []string{"SK22"}, sha256MAC("x"), "", core.ErrSignature},
		{"a signature that is right in its first 20 bytes", both, []string{"SK22"}, ofSHA256[:27] + strings.Repeat("A", 16) + "=", "", core.ErrSignature},
		{"an unknown key", both, []string{"SK33"}, ofToken, "", core.ErrSigningKey},
		{"a key in another case", both, []string{"sk11"}, ofSHA1, "", core.ErrSigningKey},
		{"an empty name", both, []string{""}, ofToken, "", core.ErrSigningKey},
		{"two header lines", both, []string{"SK11", "SK11"}, ofSHA1, "", core.ErrSigningKey},
		{"none configured: the header is ignored", nil, []string{"SK11"}, ofToken, "primary", ""},
		{"none configured: nor is it a key", nil, []string{"SK11"}, ofSHA1, "", core.ErrSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := validatorFor(t, core.Config{Tokens: []core.Token{primaryToken()}, SigningKeys: test.keys})
			header := http.Header{"X-Twilio-Signature": {test.signature}, "X-Twilio-Signature-Key-Sid": test.header}
			raw := "Host: example.com\r\nX-Twilio-Signature: " + test.signature + "\r\n"
			for _, sid := range test.header {
				raw += "x-twilio-signature-key-sid: " + sid + "\r\n"
			}
			for _, r := range []*core.Request{
				{Method: "GET", Target: "/x", Header: header},
				{Method: "GET", Target: "/x", RawHeader: []byte(raw)},
			} {
				if test.want != "" {
					refused(t, v, r, test.want)
				} else if got := accepted(t, v, r).TokenLabel; got != test.label {
					t.Errorf("label %q, want %q", got, test.label)
				}
			}
		})
	}
}

func TestT3SigningKeysAloneWithoutAnAuthToken(t *testing.T) {
	v := validatorFor(t, core.Config{SigningKeys: []core.SigningKey{sha256Key}})
	r := signedGet("/x", "")
	r.Header = http.Header{"X-Twilio-Signature": {sha256MAC(publicURL + "/x")}, "X-Twilio-Signature-Key-Sid": {sha256Key.Sid}}
	accepted(t, v, r)
	refused(t, v, signedGet("/x", publicURL+"/x"), core.ErrSignature)
}

func TestT3AKeyIsItsAccountsAlone(t *testing.T) {
	ofAccountA := sha256Key
	ofAccountA.AccountSid = accountA
	keys := []core.SigningKey{ofAccountA}
	query := func(sid string) string { return "/x?AccountSid=" + sid }
	request := func(r *core.Request, text string) *core.Request {
		r.Header.Set("X-Twilio-Signature", sha256MAC(text))
		r.Header.Set("X-Twilio-Signature-Key-Sid", sha256Key.Sid)
		return r
	}
	get := func(target string) *core.Request { return request(signedGet(target, ""), publicURL+target) }
	json := signedJSON("/x", "{}")
	json = request(json, publicURL+json.Target)

	for name, v := range map[string]*core.Validator{
		"beside tokens":   validatorFor(t, core.Config{Tokens: []core.Token{primaryToken()}, SigningKeys: keys}),
		"beside accounts": validatorFor(t, core.Config{Accounts: map[string][]core.Token{accountB: {primaryToken()}}, SigningKeys: keys}),
	} {
		t.Run(name, func(t *testing.T) {
			if webhook := accepted(t, v, get(query(accountA))); webhook.AccountSid != accountA || webhook.TokenLabel != sha256Key.Sid {
				t.Errorf("got %v", webhook)
			}
			accepted(t, v, json) // the signed text names no account
			accepted(t, v, request(signedGet("/ws", "", upgradeLines...), "wss://example.com/ws"))
			refused(t, v, get(query(accountB)), core.ErrAccount)
			refused(t, v, get("/x"), core.ErrAccount)
			refused(t, v, get(query(accountA)+"&AccountSid="+accountA), core.ErrAccount)
		})
	}
	t.Run("and the pinned account's", func(t *testing.T) {
		accepted(t, validatorFor(t, core.Config{SigningKeys: keys, AccountSid: accountA}), json)
		refused(t, validatorFor(t, core.Config{SigningKeys: keys, AccountSid: accountB}), json, core.ErrAccount)
	})
}

func TestT3Configuration(t *testing.T) {
	key := func(change func(*core.SigningKey)) core.SigningKey {
		k := sha256Key
		change(&k)
		return k
	}
	accounts := map[string][]core.Token{accountA: {primaryToken()}}
	tests := []struct {
		name     string
		accounts map[string][]core.Token
		keys     []core.SigningKey
		word     string
	}{
		{"no Sid", nil, []core.SigningKey{key(func(k *core.SigningKey) { k.Sid = "" })}, "Sid"},
		{"a Sid twice", nil, []core.SigningKey{sha256Key, sha256Key}, "two"},
		{"no algorithm", nil, []core.SigningKey{key(func(k *core.SigningKey) { k.Algorithm = "" })}, "algorithm"},
		{"another algorithm", nil, []core.SigningKey{key(func(k *core.SigningKey) { k.Algorithm = "HMAC-MD5" })}, "algorithm"},
		{"no secret", nil, []core.SigningKey{key(func(k *core.SigningKey) { k.Secret = core.Secret{} })}, "empty"},
		{"a secret with a newline", nil, []core.SigningKey{key(func(k *core.SigningKey) { k.Secret = core.NewSecret("x\n") })}, "newline"},
		{"an account that is none", nil, []core.SigningKey{key(func(k *core.SigningKey) { k.AccountSid = "AC1" })}, "32 hex"},
		{"no account where accounts choose the token", accounts, []core.SigningKey{sha256Key}, "AccountSid"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			configRefused(t, core.Config{PublicURL: publicURL, Accounts: test.accounts, SigningKeys: test.keys}, test.word)
		})
	}
}
