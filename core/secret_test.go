package core_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

// marked is the secret of everything in these tests: a token, a password, a parameter's value. It is long enough for every key.
const marked = "CONFIDENTIAL-0123456789abcdefghijklmnop"

// sourceError is an error whose text is in the value itself, where package fmt finds it without calling a method.
type sourceError string

func (e sourceError) Error() string { return string(e) }

// printable is a value in the places where it may be when something prints it.
type printable struct {
	name   string
	places []any
}

// inEveryPlace returns v as it is, behind a pointer, and in exported and unexported fields, where package fmt calls no methods.
func inEveryPlace[T any](name string, v T) printable {
	return printable{name, []any{
		v, &v,
		struct{ Field T }{v}, struct{ Field *T }{&v}, struct{ Field any }{v},
		struct{ field T }{v}, struct{ field *T }{&v}, struct{ field any }{v}, &struct{ field T }{v},
		[]T{v}, map[string]T{"key": v},
	}}
}

// printers are the ways in which a value becomes text.
var printers = map[string]func(any) string{
	"String": func(v any) string {
		if s, ok := v.(fmt.Stringer); ok {
			return s.String()
		}
		return ""
	},
	"GoString": func(v any) string {
		if s, ok := v.(fmt.GoStringer); ok {
			return s.GoString()
		}
		return ""
	},
	"Error": func(v any) string {
		if err, ok := v.(error); ok {
			return fmt.Sprintf("%v %+v", fmt.Errorf("wrapped: %w", err), errors.Join(err))
		}
		return ""
	},
	"encoding/json": func(v any) string {
		text, err := json.Marshal(v)
		return fmt.Sprint(string(text), err)
	},
	"slog.TextHandler": func(v any) string {
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("message", "value", v)
		return log.String()
	},
	"slog.JSONHandler": func(v any) string {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("message", "value", v)
		return log.String()
	},
}

func init() {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d"} {
		printers[verb] = func(v any) string { return fmt.Sprintf(verb, v) }
	}
}

// shows reports whether secret can be read in text: as it is, or in the ways that package fmt and encoding/json write bytes.
func shows(text, secret string) bool {
	for _, form := range []string{
		secret,
		hex.EncodeToString([]byte(secret)),
		fmt.Sprintf("% x", secret),
		strings.Trim(fmt.Sprint([]byte(secret)), "[]"),
		base64.StdEncoding.EncodeToString([]byte(secret))[:len(secret)], // the rest depends on what comes behind
	} {
		if strings.Contains(text, form) || strings.Contains(text, strings.ToUpper(form)) {
			return true
		}
	}
	return false
}

// everythingWithASecret returns a value of every exported type that can hold something confidential.
func everythingWithASecret(t *testing.T) []printable {
	secret := core.NewSecret(marked)
	token := core.AuthToken("primary", marked)
	key := core.SigningKey{Sid: "SK1", Algorithm: core.HMACSHA256, Secret: secret, AccountSid: accountA}
	basic := core.BasicAuth{Realm: "r", Username: "u", Password: secret}
	digest := core.DigestAuth{Realm: "r", Username: "u", Password: secret, NonceKey: secret}
	guard := core.ReplayGuard{}
	cfg := core.Config{
		PublicURL: publicURL, Tokens: []core.Token{token}, SigningKeys: []core.SigningKey{key}, Basic: &basic, Digest: &digest, Replay: &guard,
	}
	accounts := core.Config{PublicURL: publicURL, Accounts: map[string][]core.Token{accountA: {token}}}

	var observed core.Observation
	receiver := validatorFor(t, core.Config{Tokens: []core.Token{token}, Observer: observeInto(&observed)})
	target := "/x?q=" + marked
	r := signedBy(marked, publicURL+target+"a"+marked, signedForm(target, "a="+marked, "", basicAuthorization("u", marked)))
	webhook := accepted(t, receiver, r)

	failing := func(context.Context, string) ([]core.Token, error) { return nil, sourceError(marked) }
	ofSource := refused(t, validatorFor(t, core.Config{TokenSource: failing}), signedGet("/x?AccountSid="+accountA, ""), core.ErrTokenSource)
	ofStore := refused(t, validatorFor(t, core.Config{Replay: &core.ReplayGuard{Store: storeOf(false, sourceError(marked))}}), signedGet("/x", publicURL+"/x"), core.ErrReplayStore)

	return []printable{
		inEveryPlace("Secret", secret),
		inEveryPlace("Token", token),
		inEveryPlace("Token that cannot be one", core.AuthToken("primary", marked+"\n")),
		inEveryPlace("SigningKey", key),
		inEveryPlace("BasicAuth", basic),
		inEveryPlace("DigestAuth", digest),
		inEveryPlace("Config", cfg),
		inEveryPlace("Config with Accounts", accounts),
		inEveryPlace("Validator", *validatorFor(t, cfg)),
		inEveryPlace("Validator with Accounts", *validatorFor(t, accounts)),
		inEveryPlace("Webhook", *webhook),
		inEveryPlace("Observation", observed),
		inEveryPlace("Error of a token source", *ofSource),
		inEveryPlace("Error of a replay store", *ofStore),
	}
}

func TestR2NothingThatHoldsASecretShowsIt(t *testing.T) {
	for _, p := range everythingWithASecret(t) {
		t.Run(p.name, func(t *testing.T) {
			for _, v := range p.places {
				var show []string
				for name, print := range printers {
					if shows(print(v), marked) {
						show = append(show, name)
					}
				}
				if show != nil {
					t.Errorf("%T shows it with %q", v, show)
				}
			}
		})
	}
}

// The test above finds a secret where one is.
func TestR2APlainSecretWouldBeFound(t *testing.T) {
	for name, print := range printers {
		var v any = struct{ Field string }{marked}
		switch name {
		case "String", "GoString":
			continue // of no value here
		case "Error":
			v = errors.New(marked)
		}
		if !shows(print(v), marked) {
			t.Errorf("%s does not show it: %s", name, print(v))
		}
	}
	if text := fmt.Sprint([]byte("a" + marked)); !shows(text, marked) {
		t.Errorf("not found in %s", text)
	}
	if text, _ := json.Marshal([]byte(marked + "a")); !shows(string(text), marked) {
		t.Errorf("not found in %s", text)
	}
}

func TestR2WhatIsShownInstead(t *testing.T) {
	v := validatorFor(t, core.Config{MorePublicURLs: []string{"http://b.example:81/p"}})
	derive := validatorFor(t, core.Config{AllowedHosts: []string{"example.com", "b.example:81"}})
	webhook := accepted(t, v, signedGet("/x?AccountSid="+accountA, publicURL+":443/x?AccountSid="+accountA))
	const ofWebhook = `Webhook(account "` + accountA + `", token "primary", URL port toggled)`
	for want, value := range map[string]any{
		"[redacted]":                   core.NewSecret(marked),
		`Token("primary", [redacted])`: primaryToken(),
		ofWebhook:                      webhook,
		"Validator(https://example.com http://b.example:81/p, 1 tokens)": v,
		"Validator(example.com b.example:81, 1 tokens)":                  derive,
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			if got := fmt.Sprintf(verb, value); got != want {
				t.Errorf("%s shows %q, want %q", verb, got, want)
			}
		}
		if s, ok := value.(interface{ GoString() string }); !ok || s.GoString() != want || fmt.Stringer.String(value.(fmt.Stringer)) != want {
			t.Errorf("String or GoString of %T is not %q", value, want)
		}
	}
	for want, value := range map[string]any{`"[redacted]"`: core.NewSecret(marked), fmt.Sprintf("%q", ofWebhook): webhook} {
		if got, err := json.Marshal(value); err != nil || string(got) != want {
			t.Errorf("JSON is %s, %v, want %s", got, err, want)
		}
	}
}

func TestR2ErrorsOfConstructorsShowNoPassword(t *testing.T) {
	tokens := []core.Token{primaryToken()}
	for name, cfg := range map[string]core.Config{
		"in PublicURL":       {PublicURL: "https://user:" + marked + "@example.com", Tokens: tokens},
		"in MorePublicURLs":  {PublicURL: publicURL, MorePublicURLs: []string{"https://user:" + marked + "@example.com"}, Tokens: tokens},
		"in AllowedHosts":    {AllowedHosts: []string{"user:" + marked + "@example.com"}, Tokens: tokens},
		"a URL as host":      {AllowedHosts: []string{"https://user:" + marked + "@example.com"}, Tokens: tokens},
		"in ExactURL":        {PublicURL: publicURL, ExactURL: "https://user:" + marked + "@example.com/x", Tokens: tokens},
		"in TrustedProxies":  {PublicURL: publicURL, TrustedProxies: []string{"user:" + marked + "@10.0.0.1"}, Tokens: tokens},
		"in another scheme":  {PublicURL: "ftp://user:" + marked + "@example.com", Tokens: tokens},
		"in a URL with a #":  {PublicURL: "https://user:" + marked + "@example.com/#x", Tokens: tokens},
		"in a URL with a LF": {PublicURL: "https://user:" + marked + "@example.com\n", Tokens: tokens},
		"in no URL":          {PublicURL: "user:" + marked + "@example.com", Tokens: tokens},
		"in Basic":           {PublicURL: publicURL, Tokens: tokens, Basic: &core.BasicAuth{Username: "u", Password: core.NewSecret(marked + "\n")}},
		"in Digest":          {PublicURL: publicURL, Tokens: tokens, Digest: &core.DigestAuth{Username: "u", Password: core.NewSecret(marked + "\n")}},
		"in NonceKey":        {PublicURL: publicURL, Tokens: tokens, Digest: &core.DigestAuth{Username: "u", Password: core.NewSecret("p"), NonceKey: core.NewSecret(marked[:20])}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := core.NewValidator(cfg)
			if !errors.Is(err, core.ErrConfig) {
				t.Fatalf("got %v", err)
			}
			if shows(err.Error(), marked) || shows(err.Error(), marked[:20]) {
				t.Errorf("it is in %q", err)
			}
		})
	}
	t.Run("of Sign", func(t *testing.T) {
		if _, err := core.Sign(primaryToken(), "ftp://user:"+marked+"@example.com", nil); err == nil || shows(err.Error(), marked) {
			t.Errorf("got %v", err)
		}
	})
}
