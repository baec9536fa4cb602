package core_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// The oracle is a second opinion on requests, written from CONTRACT.md and not from the code: slow, plain, with regular expressions and
// whole strings, without reuse, and with every rule looked at whatever the others say. Where the contract leaves a question open, it says
// so (a doubt), and either answer is right. HTTP Digest, token sources and the replay guard, which have state, are not part of it.

// oracleConfig is a configuration as plain text: golden's, and what its file format does not have.
type oracleConfig struct {
	golden.Config
	morePublicURLs []string
	keys           []core.SigningKey
	keySecrets     []string // of keys, in their order
}

func (c oracleConfig) validator(t testing.TB) *core.Validator {
	t.Helper()
	cfg := core.Config{
		PublicURL: c.PublicURL, MorePublicURLs: c.morePublicURLs, AllowedHosts: c.AllowedHosts, TrustedProxies: c.TrustedProxies,
		Methods: c.Methods, ExactURL: c.ExactURL, AccountSid: c.AccountSid, RequiredParams: c.RequiredParams, SigningKeys: c.keys,
		StrictURL: c.StrictURL, RequireHTTPS: c.RequireHTTPS, MaxBodyBytes: c.MaxBodyBytes, MaxParams: c.MaxParams,
	}
	for _, secret := range c.Tokens {
		cfg.Tokens = append(cfg.Tokens, core.AuthToken(secret[:1], secret))
	}
	for sid, secrets := range c.Accounts {
		if cfg.Accounts == nil {
			cfg.Accounts = map[string][]core.Token{}
		}
		for _, secret := range secrets {
			cfg.Accounts[sid] = append(cfg.Accounts[sid], core.AuthToken(secret[:1], secret))
		}
	}
	if c.Basic != nil {
		cfg.Basic = &core.BasicAuth{Realm: c.Basic.Realm, Username: c.Basic.Username, Password: core.NewSecret(c.Basic.Password)}
	}
	v, err := core.NewValidator(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// oracleLower knows the case of ASCII letters alone, as HTTP does.
func oracleLower(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ", r) {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// oracleRuling is what the contract says about a request.
type oracleRuling struct {
	faults []oracleFault // what is wrong with the request, the value of its signature apart
	doubts []string      // what the contract does not decide
	texts  []oracleText  // what Twilio may have signed
	tokens []oracleToken // that may have signed it

	signature string
	isForm    bool
	params    [][2]string // of the form or of a GET's query, in the order of the wire
	account   string
	upgrade   bool
}

// oracleFault is a broken rule, the statuses that R allows for it, and its place in the order of V6: 0 the method, 1 the credentials, 2 the
// signature's shape, 3 everything else.
type oracleFault struct {
	rule     string
	statuses []int
	stage    int
}

// oracleText is a text that counts as signed. must says that the contract asks for it, otherwise it only permits it: U4 names the ways in which
// a URL may differ, but of an upgrade it leaves open, within 16, which of them go together.
type oracleText struct {
	url, params string
	must        bool
}

type oracleToken struct {
	label, secret string
	newHash       func() hash.Hash
}

func (t oracleToken) sign(text oracleText) string {
	mac := hmac.New(t.newHash, []byte(t.secret))
	io.WriteString(mac, text.url+text.params)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (o *oracleRuling) fault(rule string, stage int, statuses ...int) {
	o.faults = append(o.faults, oracleFault{rule, statuses, stage})
}

// check says what is wrong with a verdict, or nothing.
func (o *oracleRuling) check(err error) string {
	var may, must bool
	for _, text := range o.texts {
		for _, token := range o.tokens {
			if token.sign(text) == o.signature {
				may, must = true, must || text.must
			}
		}
	}
	switch {
	case err == nil && len(o.faults) > 0:
		return fmt.Sprintf("accepted, although %v", o.faults)
	case err == nil && !may:
		return "accepted, although nothing that Twilio may have signed has this signature"
	case err != nil && must && len(o.faults)+len(o.doubts) == 0:
		return fmt.Sprintf("refused, although no rule is broken: %v", err)
	case err == nil || len(o.doubts) > 0:
		return ""
	}
	statuses := []int{403} // V6: the MAC comes last
	if len(o.faults) > 0 {
		first := slices.MinFunc(o.faults, func(a, b oracleFault) int { return a.stage - b.stage }).stage
		statuses = nil
		for _, fault := range o.faults {
			if fault.stage == first {
				statuses = append(statuses, fault.statuses...)
			}
		}
	}
	if status := core.AnswerTo(err).Status; !slices.Contains(statuses, status) {
		return fmt.Sprintf("status %d for %v, want one of %v because of %v", status, err, statuses, o.faults)
	}
	return ""
}

// rule applies the contract to a request.
func (c oracleConfig) rule(r oracleRequest) *oracleRuling {
	o := &oracleRuling{}
	c.ruleMethod(o, r)
	c.ruleCredentials(o, r)
	c.ruleSignature(o, r)
	path, query, hasQuery := c.ruleTarget(o, r)
	origins := c.ruleOrigin(o, r)
	hash := c.ruleBody(o, r, query)
	c.ruleAccount(o, r, query, hash)
	c.rulePins(o, r)
	for _, origin := range origins {
		if path == "" {
			continue // nothing can have been signed
		}
		if c.ExactURL != "" && !oracleSameURL(c.ExactURL, origin+r.target) { // U5
			continue
		}
		if c.RequireHTTPS && !strings.HasPrefix(origin, "https:") { // H4
			continue
		}
		o.texts = append(o.texts, c.ruleTexts(o, origin, path, query, hasQuery, hash)...)
	}
	return o
}

// ruleMethod is V5: only GET and POST, and Methods only narrows.
func (c oracleConfig) ruleMethod(o *oracleRuling, r oracleRequest) {
	if r.method != "GET" && r.method != "POST" || len(c.Methods) > 0 && !slices.Contains(c.Methods, r.method) {
		o.fault("V5: the method", 0, 405)
	}
	hasElement := func(header, element string) bool {
		return slices.ContainsFunc(r.values(header), func(value string) bool {
			return slices.ContainsFunc(strings.Split(value, ","), func(e string) bool { return oracleLower(strings.Trim(e, " \t")) == element })
		})
	}
	o.upgrade = r.method == "GET" && hasElement("Upgrade", "websocket") && hasElement("Connection", "upgrade")
}

// ruleCredentials is H1 and H2: one line, strict base64, the first colon splits.
func (c oracleConfig) ruleCredentials(o *oracleRuling, r oracleRequest) {
	if c.Basic == nil {
		return
	}
	lines := r.values("Authorization")
	if len(lines) == 1 {
		scheme, credentials, _ := strings.Cut(lines[0], " ")
		credentials = strings.Trim(credentials, " \t")
		decoded, err := base64.StdEncoding.DecodeString(credentials)
		strict := err == nil && base64.StdEncoding.EncodeToString(decoded) == credentials
		if strict && oracleLower(scheme) == "basic" && string(decoded) == c.Basic.Username+":"+c.Basic.Password {
			if len(lines[0]) > 4000 {
				o.doubts = append(o.doubts, "how long credentials may be")
			}
			return
		}
	}
	o.fault("H2: the credentials", 1, 401)
}

// ruleSignature is V4 and T3.
func (c oracleConfig) ruleSignature(o *oracleRuling, r oracleRequest) {
	size := 20
	for _, secret := range c.Tokens {
		o.tokens = append(o.tokens, oracleToken{secret[:1], secret, sha1.New})
	}
	if sids := r.values("X-Twilio-Signature-Key-Sid"); len(c.keys) > 0 && len(sids) > 0 {
		o.tokens = nil
		for i, k := range c.keys {
			if len(sids) == 1 && sids[0] == k.Sid {
				o.tokens = []oracleToken{{k.Sid, c.keySecrets[i], sha1.New}}
				if k.Algorithm == core.HMACSHA256 {
					o.tokens[0].newHash = sha256.New
					size = 32
				}
			}
		}
		if o.tokens == nil {
			o.fault("T3: the signing key", 2, 403)
		}
	}
	lines := r.values("X-Twilio-Signature")
	if len(lines) != 1 {
		o.fault("V4: exactly one line", 2, 403)
		return
	}
	o.signature = lines[0]
	decoded, err := base64.StdEncoding.DecodeString(o.signature)
	if err != nil || len(decoded) != size || base64.StdEncoding.EncodeToString(decoded) != o.signature {
		o.fault("V4: strict base64 of one MAC", 2, 403)
	}
}

// The oracle itself gets every verdict of the hostile corpus right that is in its province, and so does core by each of the three ways.
func TestOracleAndCoreAgreeWithTheHostileCorpus(t *testing.T) {
	judged := map[golden.Verdict]int{}
	for _, c := range golden.Hostile() {
		r, ok := oracleRequestOf(c)
		if !ok {
			continue
		}
		judged[c.Expect]++
		t.Run(c.ID, func(t *testing.T) {
			config := oracleConfig{Config: c.Config}
			ruling := config.rule(r)
			if complaint := ruling.check(nil); (complaint == "") != (c.Expect == golden.Accept) {
				t.Errorf("the oracle does not %s: %s", c.Expect, complaint)
			}
			v := config.validator(t)
			_, headerErr := v.Validate(r.withHeader())
			_, rawErr := v.Validate(r.withRawHeader())
			_, _, httpErr := v.ValidateHTTP(r.withHTTP())
			for way, err := range map[string]error{"Header": headerErr, "RawHeader": rawErr, "http.Request": httpErr} {
				if (err == nil) != (c.Expect == golden.Accept) {
					t.Errorf("by %s: %v, want %s", way, err, c.Expect)
				}
				if complaint := ruling.check(err); complaint != "" {
					t.Errorf("by %s: %s", way, complaint)
				}
			}
		})
	}
	if judged[golden.Accept] < 70 || judged[golden.Refuse] < 170 {
		t.Errorf("only %v cases were judged", judged)
	}
}
