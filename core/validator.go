package core

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// The limits that a Config's zero values stand for.
const (
	DefaultMaxBodyBytes = 1 << 20
	DefaultMaxParams    = 1000
)

const maxPublicURLs = 4

// Validator decides which requests carry a signature of Twilio's. It is made by [NewValidator], never changes, and is safe for
// concurrent use.
type Validator struct {
	origins []origin // of PublicURL; nil in derive mode
	allowed []origin // host and port of AllowedHosts
	proxies proxies

	tokens    []Token
	source    TokenSource // nil where tokens are static
	accounts  map[string][]Token
	keys      map[string]signingKey
	strangers []Token // nobody's

	get, post    bool
	allow        string
	exact        *exactURL
	accountSid   []byte
	required     []string
	strictURL    bool
	requireHTTPS bool

	maxBody   int64
	maxParams int

	basic   *basicAuth
	digest  *digestAuth
	replay  *replayGuard
	looksAt optionalHeaders

	logger   *slog.Logger
	observer func(context.Context, Observation)
	twiml    bool
	explain  *explainHook // nil where refusals are not explained
}

// signingKey is a configured key with its MAC.
type signingKey struct {
	SigningKey
	token Token
}

// exactURL is the pinned URL: its server, and path and query without bodySHA256 (U5).
type exactURL struct {
	origin origin
	target string
}

// NewValidator returns a Validator for a configuration, or an error that says what is wrong with it and what to do (C1 to C3);
// errors.Is finds ErrConfig in it. There is no configuration that lets unsigned requests through.
func NewValidator(cfg Config) (*Validator, error) {
	v := &Validator{
		required:     append([]string(nil), cfg.RequiredParams...),
		strictURL:    cfg.StrictURL,
		requireHTTPS: cfg.RequireHTTPS,
		logger:       cfg.Logger,
		observer:     cfg.Observer,
		twiml:        cfg.TwiML,
	}
	for _, set := range []func(*Config) error{
		v.setOrigins, v.setTokens, v.setSigningKeys, v.setMethods, v.setPins, v.setLimits, v.setCredentials, v.setReplay, v.setExplain,
	} {
		if err := set(&cfg); err != nil {
			return nil, err
		}
	}
	v.looksAt = optionalHeaders{
		keySid:        v.keys != nil,
		authorization: v.basic != nil || v.digest != nil,
		forwarded:     v.proxies.ranges != nil || v.proxies.unix,
	}
	return v, nil
}

func (v *Validator) setOrigins(cfg *Config) (err error) {
	public := cfg.MorePublicURLs
	if cfg.PublicURL != "" {
		public = append([]string{cfg.PublicURL}, public...)
	}
	switch {
	case len(public) > 0 && len(cfg.AllowedHosts) > 0:
		return configError("both PublicURL and AllowedHosts: keep PublicURL unless the host must be derived from each request")
	case len(public) == 0 && len(cfg.AllowedHosts) == 0:
		return configError("no origin: set PublicURL to the scheme and host that Twilio requests, such as https://example.com")
	case cfg.PublicURL == "" && len(public) > 0:
		return configError("MorePublicURLs without PublicURL")
	case len(public) > maxPublicURLs:
		return configError("%d public URLs: at most %d are tried", len(public), maxPublicURLs)
	}
	for _, text := range public {
		o, err := parseOrigin(text)
		if err != nil {
			return err
		}
		v.origins = append(v.origins, o)
	}
	for _, text := range cfg.AllowedHosts {
		host, port, err := splitHost(text)
		if err != nil {
			return configError("allowed host %s: want an exact host or host:port, without scheme, path or wildcard", shown(text))
		}
		v.allowed = append(v.allowed, origin{host: host, port: port})
	}
	v.proxies, err = parseProxies(cfg.TrustedProxies)
	return err
}

func (v *Validator) setTokens(cfg *Config) error {
	sources := 0
	for _, given := range []bool{cfg.Tokens != nil, cfg.Accounts != nil, cfg.TokenSource != nil} {
		if given {
			sources++
		}
	}
	switch {
	case sources > 1:
		return configError("more than one of Tokens, Accounts and TokenSource")
	case sources == 0 && len(cfg.SigningKeys) == 0:
		return configError("no token: set Tokens to the account's auth token, for example with EnvTokens(%q)", "TWILIO_AUTH_TOKEN")
	}
	if err := v.setStrangers(cfg, sources > 0); err != nil {
		return err
	}
	switch {
	case cfg.TokenSource != nil:
		v.source = cfg.TokenSource
	case cfg.Accounts != nil:
		return v.setAccounts(cfg.Accounts)
	case cfg.Tokens != nil:
		v.tokens = append([]Token(nil), cfg.Tokens...)
		return checkTokens(v.tokens)
	}
	return nil
}

// setStrangers makes as many tokens that nobody has as the account with the most tokens has.
func (v *Validator) setStrangers(cfg *Config, authTokens bool) (err error) {
	algorithm := HMACSHA256
	if authTokens {
		algorithm = HMACSHA1
	}
	most := 1
	for _, tokens := range cfg.Accounts {
		most = max(most, len(tokens))
	}
	if v.strangers, err = randomKeys(most, algorithm); err != nil {
		return err
	}
	return v.strangers[0].key.check()
}

func (v *Validator) setAccounts(accounts map[string][]Token) error {
	if len(accounts) == 0 {
		return configError("Accounts is empty")
	}
	own := make(map[string][]Token, len(accounts))
	for sid, tokens := range accounts {
		if !isAccountSid(sid) {
			return configError("account %q: an Account SID is AC and 32 hex digits", sid)
		}
		own[sid] = append([]Token(nil), tokens...)
		if err := checkTokens(own[sid]); err != nil {
			return configError("account %s: %w", sid, err)
		}
	}
	v.accounts = own
	v.source = func(_ context.Context, sid string) ([]Token, error) { return own[sid], nil }
	return nil
}

// checkTokens refuses a set without tokens, with one that cannot be one, or with two of one label (C1, T1).
func checkTokens(tokens []Token) error {
	if len(tokens) == 0 {
		return configError("no token: set it to the account's auth token")
	}
	labels := make(map[string]bool, len(tokens))
	for _, t := range tokens {
		if err := t.check(); err != nil {
			return err
		}
		if labels[t.Label] {
			return configError("two tokens with the label %q: name them apart, for example primary and secondary", t.Label)
		}
		labels[t.Label] = true
	}
	return nil
}

func (v *Validator) setSigningKeys(cfg *Config) error {
	for _, k := range cfg.SigningKeys {
		_, twice := v.keys[k.Sid]
		secret := k.Secret.reveal()
		problem := checkSecret(secret)
		switch {
		case k.Sid == "":
			return configError("a signing key without Sid")
		case twice:
			return configError("two signing keys with the Sid %q", k.Sid)
		case k.Algorithm != HMACSHA1 && k.Algorithm != HMACSHA256:
			return configError("signing key %q: the algorithm must be %s or %s", k.Sid, HMACSHA1, HMACSHA256)
		case problem != nil:
			return configError("signing key %q: %w", k.Sid, problem)
		case k.AccountSid != "" && !isAccountSid(k.AccountSid):
			return configError("signing key %q: an Account SID is AC and 32 hex digits", k.Sid)
		case k.AccountSid == "" && v.source != nil:
			return configError("signing key %q: AccountSid is required where tokens are chosen by account", k.Sid)
		}
		token := Token{Label: k.Sid, key: newKey(secret, k.Algorithm)}
		if err := token.key.check(); err != nil {
			return configError("signing key %q: %w", k.Sid, err)
		}
		if v.keys == nil {
			v.keys = make(map[string]signingKey)
		}
		v.keys[k.Sid] = signingKey{k, token}
	}
	return nil
}

func (v *Validator) setMethods(cfg *Config) error {
	if len(cfg.Methods) == 0 {
		v.get, v.post = true, true
	}
	for _, method := range cfg.Methods {
		switch method {
		case "GET":
			v.get = true
		case "POST":
			v.post = true
		default:
			return configError("method %q: Methods only narrows GET and POST, which are the ones that Twilio sends", method)
		}
	}
	switch {
	case v.get && v.post:
		v.allow = "GET, POST"
	case v.get:
		v.allow = "GET"
	default:
		v.allow = "POST"
	}
	return nil
}

func (v *Validator) setPins(cfg *Config) error {
	if cfg.AccountSid != "" && !isAccountSid(cfg.AccountSid) {
		return configError("AccountSid %q: an Account SID is AC and 32 hex digits", cfg.AccountSid)
	}
	v.accountSid = []byte(cfg.AccountSid)
	for _, name := range cfg.RequiredParams {
		if name == "" {
			return configError("RequiredParams has an empty name")
		}
	}
	if cfg.ExactURL == "" {
		return nil
	}
	exact, err := parseExactURL(cfg.ExactURL)
	if err != nil {
		return err
	}
	if !v.canReach(exact) {
		return configError("ExactURL %q is not below PublicURL or one of AllowedHosts, so that no request could match it", cfg.ExactURL)
	}
	v.exact = exact
	return nil
}

// parseExactURL splits a pinned URL into its server and its path and query.
func parseExactURL(text string) (*exactURL, error) {
	scheme, rest, absolute := strings.Cut(text, "://")
	if !absolute {
		return nil, configError("ExactURL %s: want the whole URL that Twilio requests", shown(text))
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	o, err := parseOrigin(scheme + "://" + rest[:end])
	if err != nil {
		return nil, err
	}
	raw := rest[end:]
	if raw == "" {
		raw = "/"
	}
	if _, problem := parseTarget(raw); problem != "" {
		return nil, configError("ExactURL %q: %s", text, problem)
	}
	return &exactURL{o, withoutBodyHash(raw)}, nil
}

// canReach reports whether a request to one of the configured origins could have the URL exact.
func (v *Validator) canReach(exact *exactURL) bool {
	for i := range v.origins {
		if exact.origin.sameServer(&v.origins[i]) && strings.HasPrefix(exact.target, v.origins[i].prefix+"/") {
			return true
		}
	}
	for _, allowed := range v.allowed {
		allowed.scheme = exact.origin.scheme
		if exact.origin.sameServer(&allowed) {
			return true
		}
	}
	return false
}

func (v *Validator) setLimits(cfg *Config) error {
	if cfg.MaxBodyBytes < 0 || cfg.MaxParams < 0 {
		return configError("a negative limit: leave it 0 for the default")
	}
	v.maxBody, v.maxParams = DefaultMaxBodyBytes, DefaultMaxParams
	if cfg.MaxBodyBytes > 0 {
		v.maxBody = min(cfg.MaxBodyBytes, maxFormBytes)
	}
	if cfg.MaxParams > 0 {
		v.maxParams = cfg.MaxParams
	}
	return nil
}

func (v *Validator) setCredentials(cfg *Config) (err error) {
	if cfg.Basic != nil {
		if v.basic, err = newBasicAuth(cfg.Basic); err != nil {
			return err
		}
	}
	if cfg.Digest != nil {
		v.digest, err = newDigestAuth(cfg.Digest)
	}
	return err
}

func (v *Validator) setReplay(cfg *Config) (err error) {
	if cfg.Replay != nil {
		v.replay, err = newReplayGuard(*cfg.Replay)
	}
	return err
}

// String shows the origins and how many tokens there are.
func (v *Validator) String() string {
	hosts := v.origins
	if hosts == nil {
		hosts = v.allowed
	}
	var names []string
	for i := range hosts {
		names = append(names, strings.TrimPrefix(hosts[i].String(), "://"))
	}
	return fmt.Sprintf("Validator(%s, %d tokens)", strings.Join(names, " "), len(v.tokens))
}

// GoString shows what String shows.
func (v *Validator) GoString() string { return v.String() }

// Format shows what String shows, whatever the verb.
func (v *Validator) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, v.String()) }
