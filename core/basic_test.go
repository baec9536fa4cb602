package core_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

// basicAuthorization returns the header line of RFC 7617.
func basicAuthorization(username, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))
}

// challengesOf returns the WWW-Authenticate lines of the answer to e.
func challengesOf(e *core.Error) []string { return headerOf(core.AnswerTo(e))["Www-Authenticate"] }

func TestH1CredentialsAndSignatureAreBothRequired(t *testing.T) {
	v := validatorFor(t, core.Config{Basic: &core.BasicAuth{Realm: "twilio", Username: "user", Password: core.NewSecret("pass")}})
	right := basicAuthorization("user", "pass")

	e := refused(t, v, signedGet("/x", publicURL+"/x"), core.ErrCredentials)
	if got := challengesOf(e); e.Status() != 401 || !slices.Equal(got, []string{`Basic realm="twilio"`}) {
		t.Errorf("status %d with %q", e.Status(), got)
	}
	accepted(t, v, signedGet("/x", publicURL+"/x", right))
	accepted(t, v, asRaw(signedGet("/x", publicURL+"/x", right)))
	refused(t, v, signedGet("/x", publicURL+"/y", right), core.ErrSignature)
}

func TestH2BasicCredentials(t *testing.T) {
	v := validatorFor(t, core.Config{Basic: &core.BasicAuth{Realm: "twilio", Username: "user", Password: core.NewSecret("pa:ss")}})
	encode := base64.StdEncoding.EncodeToString
	right := encode([]byte("user:pa:ss")) // dXNlcjpwYTpzcw==
	tests := []struct {
		name  string
		lines []string
		ok    bool
	}{
		{"the first colon splits", []string{"Basic " + right}, true},
		{"the scheme has no case", []string{"bAsIC " + right}, true},
		{"more spaces", []string{"Basic   " + right}, true},
		{"wrong password", []string{"Basic " + encode([]byte("user:pa"))}, false},
		{"a longer password", []string{"Basic " + encode([]byte("user:pa:ss2"))}, false},
		{"empty password", []string{"Basic " + encode([]byte("user:"))}, false},
		{"wrong user", []string{"Basic " + encode([]byte("User:pa:ss"))}, false},
		{"empty user", []string{"Basic " + encode([]byte(":pa:ss"))}, false},
		{"another split", []string{"Basic " + encode([]byte("user:pa:ss"[:4]+"pa:ss"))}, false},
		{"no colon", []string{"Basic " + encode([]byte("user"))}, false},
		{"not encoded", []string{"Basic user:pa:ss"}, false},
		{"no padding", []string{"Basic " + strings.TrimRight(right, "=")}, false},
		{"bits behind the last byte", []string{"Basic " + strings.Replace(right, "w==", "x==", 1)}, false},
		{"a line feed in the base64", []string{"Basic " + right[:4] + "\n" + right[4:]}, false},
		{"text behind", []string{"Basic " + right + " x"}, false},
		{"the scheme alone", []string{"Basic"}, false},
		{"nothing", []string{""}, false},
		{"another scheme", []string{"Bearer " + right}, false},
		{"Digest where it is not configured", []string{`Digest username="user"`}, false},
		{"two equal lines", []string{"Basic " + right, "Basic " + right}, false},
		{"4 KiB", []string{"Basic " + strings.Repeat(" ", 4096-len("Basic "+right)) + right}, true},
		{"more than 4 KiB", []string{"Basic " + strings.Repeat(" ", 4097-len("Basic "+right)) + right}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := signedGet("/x", publicURL+"/x")
			r.Header["Authorization"] = test.lines
			if test.ok {
				accepted(t, v, r)
				return
			}
			if e := refused(t, v, r, core.ErrCredentials); !slices.Equal(challengesOf(e), []string{`Basic realm="twilio"`}) {
				t.Errorf("challenges %q", challengesOf(e))
			}
		})
	}
}

func TestH2TheRealmIsQuoted(t *testing.T) {
	for realm, want := range map[string]string{
		"":                `Basic realm=""`,
		`say "hi"`:        `Basic realm="say \"hi\""`,
		`back\slash`:      `Basic realm="back\\slash"`,
		"beyond \u00e4":   "Basic realm=\"beyond \u00e4\"",
		"comma, a=b, c=d": `Basic realm="comma, a=b, c=d"`,
	} {
		v := validatorFor(t, core.Config{Basic: &core.BasicAuth{Realm: realm, Username: "u", Password: core.NewSecret("p")}})
		if got := challengesOf(refused(t, v, signedGet("/x", ""), core.ErrCredentials)); !slices.Equal(got, []string{want}) {
			t.Errorf("challenges %q, want %q", got, want)
		}
	}
}

func TestC2Users(t *testing.T) {
	tests := []struct{ name, realm, username, password, word string }{
		{"no user", "r", "", "p", "user name"},
		{"no password", "r", "u", "", "password"},
		{"a colon in the user", "r", "u:v", "p", "colon"},
		{"a control character in the user", "r", "u\n", "p", "control"},
		{"a newline at the end of the password", "r", "u", "p\n", "newline"},
		{"a NUL in the password", "r", "u", "p\x00", "control"},
		{"a line break in the realm", "r\r\nX: y", "u", "p", "realm"},
		{"a tab in the realm", "r\t", "u", "p", "realm"},
		{"DEL in the realm", "r\x7f", "u", "p", "realm"},
		{"a C1 control character in the realm", "r\u0085", "u", "p", "realm"},
		{"the last C1 control character in the realm", "r\u009f", "u", "p", "realm"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			password := core.NewSecret(test.password)
			cfg := core.Config{PublicURL: publicURL, Tokens: []core.Token{primaryToken()}}
			cfg.Basic = &core.BasicAuth{Realm: test.realm, Username: test.username, Password: password}
			configRefused(t, cfg, test.word)
			cfg.Basic, cfg.Digest = nil, &core.DigestAuth{Realm: test.realm, Username: test.username, Password: password}
			configRefused(t, cfg, test.word)
		})
	}
	t.Run("the zero Secret", func(t *testing.T) {
		configRefused(t, core.Config{PublicURL: publicURL, Tokens: []core.Token{primaryToken()}, Basic: &core.BasicAuth{Username: "u"}}, "password")
	})
	t.Run("what is allowed", func(t *testing.T) {
		validatorFor(t, core.Config{Basic: &core.BasicAuth{Realm: "~ \u00a0", Username: "u \u00a0", Password: core.NewSecret(" ~")}})
	})
}
