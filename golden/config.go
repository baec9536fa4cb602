package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"

	"github.com/ringfence-go/ringfence/core"
)

// Config is the JSON form of a [core.Config], as the playground's -config file and data/hostile.json hold it. It has no say of
// its own: what is missing or malformed is for core's constructor to refuse.
//
// As the form of a file, its JSON shows its secrets; printing or logging it does not (R2).
type Config struct {
	// URLMode is "public_url" or "derive". It must agree with the fields below; "" goes by the fields.
	URLMode        string   `json:"url_mode,omitempty"`
	PublicURL      string   `json:"public_url,omitempty"`
	AllowedHosts   []string `json:"allowed_hosts,omitempty"`
	TrustedProxies []string `json:"trusted_proxies,omitempty"`
	// Tokens are auth tokens. Their labels are "token 1", "token 2" …
	Tokens []string `json:"tokens,omitempty"`
	// Accounts are auth tokens by Account SID, labelled alike.
	Accounts       map[string][]string `json:"accounts,omitempty"`
	Basic          *Credentials        `json:"basic,omitempty"`
	Digest         *Credentials        `json:"digest,omitempty"`
	MaxBodyBytes   int64               `json:"max_body_bytes,omitempty"`
	MaxParams      int                 `json:"max_params,omitempty"`
	Methods        []string            `json:"methods,omitempty"`
	ExactURL       string              `json:"exact_url,omitempty"`
	AccountSid     string              `json:"account_sid,omitempty"`
	RequiredParams []string            `json:"required_params,omitempty"`
	// ReplayGuard refuses a webhook that was verified before.
	ReplayGuard  bool `json:"replay_guard,omitempty"`
	StrictURL    bool `json:"strict_url,omitempty"`
	RequireHTTPS bool `json:"require_https,omitempty"`
}

// Credentials are a user for HTTP Basic or Digest.
type Credentials struct {
	Realm    string `json:"realm"`
	Username string `json:"username"`
	Password string `json:"password"`
}

// Format shows neither tokens nor passwords, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "golden.Config(%s, secrets redacted)", c.origin())
}

// LogValue shows neither tokens nor passwords.
func (c Config) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

func (c Config) origin() string { return fmt.Sprintf("%q %q", c.PublicURL, c.AllowedHosts) }

// Format shows the realm alone, whatever the verb.
func (c Credentials) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "golden.Credentials(realm %q, rest redacted)", c.Realm)
}

// LogValue shows the realm alone.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// ParseConfig reads one JSON object. A key that Config does not have is an error, and so is anything after the object.
func ParseConfig(r io.Reader) (Config, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var c Config
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Config{}, errors.New("configuration: more than one JSON value")
	}
	return c, nil
}

// ReadConfig reads the configuration in a file.
func ReadConfig(path string) (Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, err
	}
	defer f.Close()
	return ParseConfig(f)
}

// Validator hands the configuration to [core.NewValidator]. The logger receives refusals with their reasons; nil means none.
func (c Config) Validator(logger *slog.Logger) (*core.Validator, error) {
	if err := c.checkURLMode(); err != nil {
		return nil, err
	}
	config := core.Config{
		PublicURL:      c.PublicURL,
		AllowedHosts:   c.AllowedHosts,
		TrustedProxies: c.TrustedProxies,
		Tokens:         labelled(c.Tokens),
		Methods:        c.Methods,
		ExactURL:       c.ExactURL,
		AccountSid:     c.AccountSid,
		RequiredParams: c.RequiredParams,
		StrictURL:      c.StrictURL,
		RequireHTTPS:   c.RequireHTTPS,
		MaxBodyBytes:   c.MaxBodyBytes,
		MaxParams:      c.MaxParams,
		Logger:         logger,
	}
	if c.Accounts != nil {
		config.Accounts = make(map[string][]core.Token, len(c.Accounts))
		for sid, tokens := range c.Accounts {
			config.Accounts[sid] = labelled(tokens)
		}
	}
	if b := c.Basic; b != nil {
		config.Basic = &core.BasicAuth{Realm: b.Realm, Username: b.Username, Password: core.NewSecret(b.Password)}
	}
	if d := c.Digest; d != nil {
		config.Digest = &core.DigestAuth{Realm: d.Realm, Username: d.Username, Password: core.NewSecret(d.Password)}
	}
	if c.ReplayGuard {
		config.Replay = &core.ReplayGuard{Refuse: true}
	}
	return core.NewValidator(config)
}

// checkURLMode refuses a mode that its fields contradict. A mode without its field is core's to refuse (C2).
func (c Config) checkURLMode() error {
	switch {
	case c.URLMode == "derive" && c.PublicURL != "":
		return errors.New(`configuration: url_mode "derive" with a public_url: leave one of them out`)
	case c.URLMode == "public_url" && len(c.AllowedHosts) > 0:
		return errors.New(`configuration: url_mode "public_url" with allowed_hosts: leave one of them out`)
	case c.URLMode != "" && c.URLMode != "derive" && c.URLMode != "public_url":
		return fmt.Errorf(`configuration: unknown url_mode %q; have "public_url" and "derive"`, c.URLMode)
	}
	return nil
}

func labelled(secrets []string) []core.Token {
	var tokens []core.Token
	for i, secret := range secrets {
		tokens = append(tokens, core.AuthToken("token "+strconv.Itoa(i+1), secret))
	}
	return tokens
}
