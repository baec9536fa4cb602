package core_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestC1SecretsThatCannotBeTokens(t *testing.T) {
	for secret, word := range map[string]string{
		"":                        "empty",
		"   ":                     "blank",
		"\t\r\n":                  "blank",
		"\u00a0":                  "blank",
		authToken + "\n":          "newline",
		authToken + "\r\n":        "newline",
		authToken + "\r":          "newline",
		" " + authToken:           "white space",
		authToken + " ":           "white space",
		"0123 4567":               "white space",
		"0123\n4567":              "white space",
		"0123\u20284567":          "white space",
		authToken + "\x00":        "control",
		"0123\x004567":            "control",
		"0123\x1b4567":            "control",
		"0123\x7f4567":            "control",
		"0123\u200b4567":          "invisible",
		"\ufeff" + authToken:      "byte order mark",
		"0123\ufeff4567":          "invisible",
		"0123\xff4567":            "UTF-8",
		`"` + authToken + `"`:     "quotes",
		"'" + authToken + "'":     "quotes",
		"`" + authToken + "`":     "quotes",
		`"` + authToken:           "quotes",
		authToken + `"`:           "quotes",
		"${TWILIO_AUTH_TOKEN}":    "not expanded",
		"$(cat twilio_auth.txt)":  "not expanded",
		"${TWILIO_AUTH_TOKEN:-x}": "not expanded",
	} {
		t.Run(secret, func(t *testing.T) {
			token := core.AuthToken("primary", secret)
			for name, cfg := range map[string]core.Config{
				"the only token":   {Tokens: []core.Token{token}},
				"the second token": {Tokens: []core.Token{core.AuthToken("first", "12345"), token}},
				"an account's":     {Accounts: map[string][]core.Token{accountA: {token}}},
				"a signing key":    {SigningKeys: []core.SigningKey{{Sid: "SK1", Algorithm: core.HMACSHA256, Secret: core.NewSecret(secret)}}},
			} {
				cfg.PublicURL = publicURL
				t.Run(name, func(t *testing.T) {
					configRefused(t, cfg, word)
					if _, err := core.NewValidator(cfg); len(strings.TrimSpace(secret)) > 0 && strings.Contains(err.Error(), strings.TrimSpace(secret)) {
						t.Errorf("the secret is in %q", err)
					}
				})
			}
		})
	}
}

func TestC1TheDocumentedTokenIsFine(t *testing.T) {
	for _, secret := range []string{"12345", "x", "a$b", "{}", "caf\u00e9", authToken} {
		r := signedBy(secret, publicURL+"/x", signedGet("/x", ""))
		accepted(t, validatorFor(t, core.Config{Tokens: []core.Token{core.AuthToken("docs", secret)}}), r)
	}
}

func TestC1WithoutAToken(t *testing.T) {
	for name, test := range map[string]struct {
		config core.Config
		word   string
	}{
		"nothing":                       {core.Config{}, "no token"},
		"an empty list":                 {core.Config{Tokens: []core.Token{}}, "no token"},
		"a token that nothing made":     {core.Config{Tokens: []core.Token{{Label: "zero"}}}, "AuthToken"},
		"no accounts":                   {core.Config{Accounts: map[string][]core.Token{}}, "empty"},
		"an account without tokens":     {core.Config{Accounts: map[string][]core.Token{accountA: nil}}, accountA},
		"an account that is none":       {core.Config{Accounts: map[string][]core.Token{"AC1": {primaryToken()}}}, "32 hex"},
		"an account with labels alike":  {core.Config{Accounts: map[string][]core.Token{accountA: {primaryToken(), primaryToken()}}}, "label"},
		"tokens beside accounts":        {core.Config{Tokens: []core.Token{primaryToken()}, Accounts: map[string][]core.Token{accountA: {primaryToken()}}}, "more than one"},
		"a source beside tokens":        {core.Config{Tokens: []core.Token{primaryToken()}, TokenSource: failingSource}, "more than one"},
		"a source beside no accounts":   {core.Config{Accounts: map[string][]core.Token{}, TokenSource: failingSource}, "more than one"},
		"a source beside an empty list": {core.Config{Tokens: []core.Token{}, TokenSource: failingSource}, "more than one"},
	} {
		t.Run(name, func(t *testing.T) {
			test.config.PublicURL = publicURL
			configRefused(t, test.config, test.word)
		})
	}
}

// TestC3WhereTheRuntimeForbidsHMACSHA1 runs the test below in a process of its own, since FIPS-only mode is a process's.
func TestC3WhereTheRuntimeForbidsHMACSHA1(t *testing.T) {
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(executable, "-test.run=^TestC3InFIPSOnlyMode$", "-test.v")
	child.Env = append(os.Environ(), "GODEBUG=fips140=only", fipsOnly+"=1")
	output, err := child.CombinedOutput()
	switch {
	case err != nil:
		t.Errorf("%v\n%s", err, output)
	case strings.Contains(string(output), "--- SKIP"):
		t.Skip("this Go has no FIPS-only mode")
	case !strings.Contains(string(output), "--- PASS: TestC3InFIPSOnlyMode"):
		t.Errorf("the test did not run:\n%s", output)
	}
}

const fipsOnly = "RINGFENCE_TEST_FIPS_ONLY"

func TestC3InFIPSOnlyMode(t *testing.T) {
	if os.Getenv(fipsOnly) == "" || !forbidsHMACSHA1() {
		t.Skip("only in FIPS-only mode")
	}
	digest := digestConfig()
	short := sha256Key
	short.Secret = core.NewSecret("12345")
	for name, cfg := range map[string]core.Config{
		"tokens":                   {Tokens: []core.Token{primaryToken()}},
		"accounts":                 {Accounts: map[string][]core.Token{accountA: {primaryToken()}}},
		"a source":                 {TokenSource: failingSource},
		"a signing key of SHA-1":   {SigningKeys: []core.SigningKey{sha1Key}},
		"tokens beside a key":      {Tokens: []core.Token{primaryToken()}, SigningKeys: []core.SigningKey{sha256Key}},
		"a key too short for FIPS": {SigningKeys: []core.SigningKey{short}},
		"MD5 for Digest":           {SigningKeys: []core.SigningKey{sha256Key}, Digest: digest},
	} {
		t.Run(name, func(t *testing.T) {
			defer failOnPanic(t)
			cfg.PublicURL = publicURL
			configRefused(t, cfg, "fips140")
		})
	}
	t.Run("signing", func(t *testing.T) {
		defer failOnPanic(t)
		_, ofForm := core.Sign(primaryToken(), publicURL, nil)
		_, _, ofBody := core.SignBody(primaryToken(), publicURL, nil)
		for _, err := range []error{ofForm, ofBody} {
			if !errors.Is(err, core.ErrConfig) || !strings.Contains(err.Error(), "fips140") {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("keys of SHA-256 work", func(t *testing.T) {
		defer failOnPanic(t)
		ofAccount := sha256Key
		ofAccount.AccountSid = accountA
		v := validatorFor(t, core.Config{SigningKeys: []core.SigningKey{ofAccount}})
		request := func(target, sid string) *core.Request {
			r := &core.Request{Context: context.Background(), Method: "GET", Target: target, Header: map[string][]string{}}
			r.Header.Set("X-Twilio-Signature", sha256MAC(publicURL+target))
			r.Header.Set("X-Twilio-Signature-Key-Sid", sid)
			return r
		}
		accepted(t, v, request("/x?AccountSid="+accountA, sha256Key.Sid))
		refused(t, v, request("/x?AccountSid="+accountB, sha256Key.Sid), core.ErrAccount)
		withoutKey := request("/x", "")
		withoutKey.Header = map[string][]string{"X-Twilio-Signature": {"RSOYDt4T1cUTdK1PDd93/VVr8B8="}}
		refused(t, v, withoutKey, core.ErrSignature)
	})
}

func forbidsHMACSHA1() (forbidden bool) {
	defer func() { forbidden = recover() != nil }()
	hmac.New(sha1.New, []byte(authToken)).Sum(nil)
	return false
}
