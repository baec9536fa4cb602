package golden

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestParseConfigRefuses(t *testing.T) {
	tests := []struct{ name, text, reason string }{
		{"an unknown key", `{"token": ["12345"]}`, `unknown field "token"`},
		{"a wrong type", `{"tokens": "12345"}`, "tokens"},
		{"something after the object", `{"tokens": ["12345"]} {}`, "more than one"},
		{"no JSON", `tokens: 12345`, "invalid character"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ParseConfig(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("got %v, want %q", err, tt.reason)
			}
		})
	}
}

func TestURLModeMustAgreeWithItsFields(t *testing.T) {
	tests := []struct {
		name    string
		config  Config
		refused bool
		isCore  bool
	}{
		{"public_url", Config{URLMode: "public_url", PublicURL: "https://example.com"}, false, false},
		{"derive", Config{URLMode: "derive", AllowedHosts: []string{"example.com"}}, false, false},
		{"none goes by the fields", Config{PublicURL: "https://example.com"}, false, false},
		{"public_url with allowed hosts", Config{URLMode: "public_url", PublicURL: "https://example.com", AllowedHosts: []string{"a"}}, true, false},
		{"derive with a public URL", Config{URLMode: "derive", PublicURL: "https://example.com"}, true, false},
		{"unknown", Config{URLMode: "guess", PublicURL: "https://example.com"}, true, false},
		{"both fields without a mode", Config{PublicURL: "https://example.com", AllowedHosts: []string{"a"}}, true, true},
		{"neither field", Config{URLMode: "derive"}, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.config.Tokens = []string{"12345"}
			_, err := tt.config.Validator(nil)
			if (err != nil) != tt.refused || errors.Is(err, core.ErrConfig) != tt.isCore {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestConfigDoesNotPrintItsSecrets(t *testing.T) {
	const secret = "0123456789abcdef"
	c := Config{
		PublicURL: "https://example.com",
		Tokens:    []string{secret},
		Accounts:  map[string][]string{"AC1": {secret}},
		Basic:     &Credentials{Realm: "r", Username: "u", Password: secret},
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "user", *c.Basic)
	shown := []string{log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		shown = append(shown, fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c), fmt.Sprintf(verb, c.Basic), fmt.Sprintf(verb, Case{Config: c}))
	}
	for _, text := range shown {
		if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
			t.Errorf("shown: %s", text)
		}
	}
}

func TestConfigSurvivesItsFile(t *testing.T) {
	for _, c := range Hostile() {
		file, err := json.Marshal(c.Config)
		if err != nil {
			t.Fatal(err)
		}
		read, err := ParseConfig(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		again, err := json.Marshal(read)
		if err != nil || !bytes.Equal(file, again) {
			t.Errorf("%s: %s became %s, %v", c.ID, file, again, err)
		}
	}
}
