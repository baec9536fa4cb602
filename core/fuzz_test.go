package core_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// The fuzz targets for whole requests. They are seeded with the hostile corpus, and the oracle (oracle_test.go) judges what they find.

const (
	fuzzToken  = "0123456789abcdef0123456789abcdef"
	fuzzToken2 = "fedcba9876543210fedcba9876543210"
	fuzzSid    = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	fuzzSid2   = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	fuzzForm   = "application/x-www-form-urlencoded"
	fuzzBody   = 16 << 10 // the longest body, since the oracle hashes it some hundred times
)

// fuzzPeers are the other ends of the socket that a request may come from.
var fuzzPeers = []string{"127.0.0.1", "203.0.113.9", "::1", "::ffff:127.0.0.9", "unix", "10.1.2.3", "2001:db8::1"}

// fuzzConfigs returns the corpus's configurations that the oracle can judge, and some of our own.
func fuzzConfigs() (configs []oracleConfig) {
	for _, c := range golden.Hostile() {
		config := oracleConfig{Config: c.Config}
		if c.Config.Digest == nil && !c.Config.ReplayGuard && fuzzConfigIndex(configs, c.Config) < 0 {
			configs = append(configs, config)
		}
	}
	return append(configs,
		oracleConfig{
			Config:         golden.Config{PublicURL: "https://a.example", Tokens: []string{fuzzToken, fuzzToken2}},
			morePublicURLs: []string{"http://a.example:8080", "https://b.example/twilio/", "https://[2001:db8::1]:8443"},
		},
		oracleConfig{
			Config: golden.Config{
				PublicURL: "http://a.example", Tokens: []string{fuzzToken}, RequireHTTPS: true, TrustedProxies: []string{"127.0.0.0/8", "unix"},
			},
			morePublicURLs: []string{"https://a.example:8443"},
		},
		oracleConfig{Config: golden.Config{
			AllowedHosts: []string{"mycompany.com", "mycompany.com:8443", "[::1]:8080", "plain:80"}, Tokens: []string{fuzzToken},
			TrustedProxies: []string{"10.1.2.3", "unix", "2001:db8::/32"}, RequireHTTPS: true,
		}},
		oracleConfig{Config: golden.Config{PublicURL: "https://a.example", Tokens: []string{fuzzToken}, Methods: []string{"GET"}, RequiredParams: []string{"To"}}},
		oracleConfig{Config: golden.Config{PublicURL: "https://a.example", Tokens: []string{fuzzToken}, MaxBodyBytes: 64, MaxParams: 3}},
		oracleConfig{Config: golden.Config{
			PublicURL: "https://a.example:443", ExactURL: "https://a.example/x?y=1",
			Accounts: map[string][]string{fuzzSid: {fuzzToken}, fuzzSid2: {fuzzToken2, fuzzToken}}, AccountSid: fuzzSid2,
		}},
		oracleConfig{
			Config: golden.Config{PublicURL: "https://a.example", Accounts: map[string][]string{fuzzSid: {fuzzToken}}, AccountSid: fuzzSid},
			keys: []core.SigningKey{
				{Sid: "K1", Algorithm: core.HMACSHA1, Secret: core.NewSecret(fuzzToken), AccountSid: fuzzSid},
				{Sid: "K2", Algorithm: core.HMACSHA256, Secret: core.NewSecret(fuzzToken2), AccountSid: fuzzSid2},
			},
			keySecrets: []string{fuzzToken, fuzzToken2},
		},
		oracleConfig{
			Config:     golden.Config{PublicURL: "https://a.example", Tokens: []string{fuzzToken}, Basic: &golden.Credentials{Realm: "r", Username: "u", Password: "p:w"}},
			keys:       []core.SigningKey{{Sid: "K3", Algorithm: core.HMACSHA256, Secret: core.NewSecret(fuzzToken2)}},
			keySecrets: []string{fuzzToken2},
		},
	)
}

func fuzzConfigIndex(configs []oracleConfig, config golden.Config) int {
	return slices.IndexFunc(configs, func(c oracleConfig) bool { return reflect.DeepEqual(c.Config, config) })
}

// fuzzLines splits text into well-formed header lines and leaves out what is none, and what decides where a message ends.
func fuzzLines(text string) (lines []golden.HeaderLine) {
	for _, line := range strings.Split(text, "\n") {
		name, value, found := strings.Cut(strings.TrimSuffix(line, "\r"), ":")
		r := oracleRequest{lines: append(slices.Clone(lines), golden.HeaderLine{name, value})}
		if found && r.isWellFormed() {
			lines = r.lines
		}
	}
	return lines
}

// FuzzRequest: core never panics, accepts what the oracle accepts and nothing else, answers with a status that the contract has for a
// rule that was broken, and judges alike whether the header is parsed or raw and the body a stream or a buffer. What it hands over is
// what was sent and signed.
//
// sign replaces the signature by the right one for one of the texts that Twilio may have signed, so that the search reaches the far side
// of the MAC, or by what an attacker may hold: the signature for another host, or, where no token may sign, that of another account.
func FuzzRequest(f *testing.F) {
	configs := fuzzConfigs()
	for _, c := range golden.Hostile() {
		r, ok := oracleRequestOf(c)
		if !ok || len(r.body) > fuzzBody {
			continue
		}
		var lines strings.Builder
		for _, line := range r.lines {
			lines.WriteString(line[0] + ":" + line[1] + "\n")
		}
		f.Add(uint8(fuzzConfigIndex(configs, c.Config)), r.method, r.target, r.host, lines.String(), []byte(r.body), uint8(0), uint8(0))
	}
	for i := range configs {
		f.Add(uint8(i), "POST", "/x?y=1", "mycompany.com", "Content-Type: "+fuzzForm+"\n", []byte("AccountSid="+fuzzSid2+"&To=1"), uint8(i), uint8(1))
		f.Add(uint8(i), "GET", "/x/?To=sip%3Aa@b&AccountSid="+fuzzSid, "a.example:8443", "Upgrade: websocket\nConnection: upgrade\n", []byte(nil), uint8(i), uint8(i))
		f.Add(uint8(i), "POST", "/x?bodySHA256="+fuzzHash("{}"), "mycompany.com", "Content-Type: application/json\nX-Twilio-Signature-Key-Sid: K1\nAuthorization: Basic dTpwOnc=\n", []byte("{}"), uint8(i), uint8(2))
	}
	for i, c := range configs {
		for sign := range uint8(9) {
			if c.Accounts != nil { // two accounts in the query, and one that is none
				f.Add(uint8(i), "GET", "/x?AccountSid="+fuzzSid+"&AccountSid="+fuzzSid2, "mycompany.com", "", []byte(nil), uint8(0), sign)
				f.Add(uint8(i), "GET", "/x?AccountSid="+fuzzSid+"0", "mycompany.com", "", []byte(nil), uint8(0), sign)
			}
			if c.TrustedProxies != nil { // a port that contradicts the host's
				f.Add(uint8(i), "GET", "/x", "mycompany.com", "X-Forwarded-Host: mycompany.com:9\nX-Forwarded-Port: 8443\n", []byte(nil), uint8(0), sign)
			}
			if c.RequireHTTPS { // signed over http
				f.Add(uint8(i), "GET", "/x", "a.example", "", []byte(nil), uint8(2), sign)
			}
		}
	}
	f.Add(uint8(0), "POST", "/x", "mycompany.com", "Content-Type: "+fuzzForm+"\nContent-Length: 9\n", []byte("To=1"), uint8(0), uint8(1))             // V8
	f.Add(uint8(0), "POST", "/x?%62odySHA256="+fuzzHash("{}"), "mycompany.com", "Content-Type: application/json\n", []byte("{}"), uint8(0), uint8(1)) // V2: not plainly written
	f.Add(uint8(0), "POST", "/x", "mycompany.com", "Content-Type: "+fuzzForm+"\n", []byte("&&"), uint8(0), uint8(1))                                  // V1: no parameters, but a body
	f.Add(uint8(0), "POST", "/x", "mycompany.com", "Content-Type: "+fuzzForm+"\n", []byte("=&="), uint8(0), uint8(1))                                 // V3: parameters without text
	validators := make([]*core.Validator, len(configs))
	for i, c := range configs {
		validators[i] = c.validator(f)
	}
	f.Fuzz(func(t *testing.T, config uint8, method, target, host, lines string, body []byte, socket, sign uint8) {
		i := int(config) % len(configs)
		r := oracleRequest{
			method: method, target: target, host: host, lines: fuzzLines(lines), body: string(body),
			tls: socket&1 != 0, peer: fuzzPeers[int(socket>>1)%len(fuzzPeers)],
		}
		if !r.isWellFormed() || len(body) > fuzzBody {
			return
		}
		ruling := configs[i].rule(r)
		if sign > 0 {
			tokens, texts := configs[i].allTokens(ruling), ruling.textsAndMore(r)
			pick := (int(sign) - 1) % (len(tokens) * len(texts))
			r = r.signed(tokens[pick%len(tokens)].sign(texts[pick/len(tokens)]))
			ruling = configs[i].rule(r)
		}
		webhook, err := validators[i].Validate(r.withHeader())
		if complaint := ruling.check(err); complaint != "" {
			t.Fatalf("%s\n%+v\nconfiguration %d\n%q", complaint, r, i, ruling.doubts)
		}
		if _, rawErr := validators[i].Validate(r.withRawHeader()); fmt.Sprint(rawErr) != fmt.Sprint(err) {
			t.Fatalf("with a parsed header %v, with a raw one %v\n%+v", err, rawErr, r)
		}
		if checkErr := validators[i].Check(r.withRawHeader()); fmt.Sprint(checkErr) != fmt.Sprint(err) {
			t.Fatalf("Validate says %v, Check %v\n%+v", err, checkErr, r)
		}
		verified, webhookHTTP, httpErr := validators[i].ValidateHTTP(r.withHTTP())
		if fmt.Sprint(httpErr) != fmt.Sprint(err) {
			t.Fatalf("Validate says %v, ValidateHTTP %v\n%+v", err, httpErr, r)
		}
		if err != nil {
			ruling.checkSilence(t, err)
			return
		}
		ruling.checkWebhook(t, r, webhook)
		ruling.checkWebhook(t, r, webhookHTTP)
		got, err := io.ReadAll(verified.Body)
		if err != nil || string(got) != r.body {
			t.Fatalf("V7: the handler reads %q, %v; %q was sent", got, err, r.body)
		}
		if ruling.isForm && !sameParams(verified.PostForm, ruling.params) {
			t.Fatalf("V7: the handler's form is %q, %q was sent", verified.PostForm, ruling.params)
		}
	})
}

// allTokens returns the tokens that may have signed, or, where there is none, every configured one.
func (c oracleConfig) allTokens(o *oracleRuling) (tokens []oracleToken) {
	if len(o.tokens) > 0 {
		return o.tokens
	}
	secrets := append(slices.Clone(c.Tokens), c.keySecrets...)
	for _, sid := range oracleSorted(c.Accounts) {
		secrets = append(secrets, c.Accounts[sid]...)
	}
	for _, secret := range secrets {
		tokens = append(tokens, oracleToken{secret: secret, newHash: sha1.New})
	}
	return tokens
}

// textsAndMore returns the texts that may have been signed, and those of the URL that the request itself names.
func (o *oracleRuling) textsAndMore(r oracleRequest) []oracleText {
	host := r.host
	if forwarded := r.values("X-Forwarded-Host"); len(forwarded) > 0 {
		host = forwarded[0]
	}
	name, _, _ := strings.Cut(host, ":")
	form, _ := oracleForm(r.body)
	texts := []oracleText{{url: "https://" + host + r.target}, {url: "http://" + host + r.target}}
	for _, port := range r.values("X-Forwarded-Port") {
		texts = append(texts, oracleText{url: "http://" + name + ":" + port + r.target}, oracleText{url: "https://" + name + ":" + port + r.target})
	}
	for _, text := range slices.Clone(texts) {
		texts = append(texts, oracleText{url: text.url, params: oracleSigned(form)})
	}
	return append(slices.Clone(o.texts), texts...)
}

func fuzzHash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// signed returns the request with one signature line.
func (r oracleRequest) signed(signature string) oracleRequest {
	lines := slices.DeleteFunc(slices.Clone(r.lines), func(line golden.HeaderLine) bool { return oracleLower(line[0]) == "x-twilio-signature" })
	r.lines = append(lines, golden.HeaderLine{"X-Twilio-Signature", signature})
	return r
}

func sameParams(values url.Values, pairs [][2]string) bool {
	n := 0
	for name, list := range values {
		if !slices.Equal(list, oracleNamed(pairs, name)) {
			return false
		}
		n += len(list)
	}
	return n == len(pairs)
}

// checkWebhook fails the test if what is handed over is not what was sent, or says of the signature what is not so.
func (o *oracleRuling) checkWebhook(t *testing.T, r oracleRequest, w *core.Webhook) {
	t.Helper()
	if string(w.Body()) != r.body {
		t.Fatalf("V7: the body is %q, %q was sent", w.Body(), r.body)
	}
	if params := w.Params(); !sameParams(params, o.params) {
		t.Fatalf("V7: the parameters are %q, %q were sent", params, o.params)
	}
	if len(o.doubts) == 0 && w.AccountSid != o.account {
		t.Fatalf("T2: the account is %q, want %q", w.AccountSid, o.account)
	}
	if !slices.ContainsFunc(o.texts, func(text oracleText) bool {
		return text.url == w.URL() && slices.ContainsFunc(o.tokens, func(token oracleToken) bool {
			return token.label == w.TokenLabel && token.sign(text) == o.signature
		})
	}) {
		t.Fatalf("U4, T1: %s with URL %q did not make the signature", w, w.URL())
	}
}

// checkSilence fails the test if a refusal tells a token, or a signature that would be right (R2).
func (o *oracleRuling) checkSilence(t *testing.T, err error) {
	t.Helper()
	said := fmt.Sprintf("%v %+v %#v", err, err, err)
	for _, token := range o.tokens {
		if len(token.secret) > 6 && strings.Contains(said, token.secret) {
			t.Fatalf("R2: a token in %s", said)
		}
		for _, text := range o.texts {
			if strings.Contains(said, token.sign(text)) {
				t.Fatalf("R2: a signature in %s", said)
			}
		}
	}
}

// FuzzSignThenValidate: what Sign and SignBody sign is accepted, as the URL that was signed. With one bit of the target, the body, a
// parameter or the signature flipped it is refused, unless the text that Twilio signs is still the same.
func FuzzSignThenValidate(f *testing.F) {
	const host, origin = "mycompany.com", "https://mycompany.com"
	for i, c := range golden.Hostile() {
		if r, ok := oracleRequestOf(c); ok && c.Expect == golden.Accept {
			for kind := range uint8(4) {
				f.Add(kind, r.target, []byte(r.body), uint8(i), uint16(i))
			}
		}
	}
	config := oracleConfig{Config: golden.Config{PublicURL: origin, Tokens: []string{fuzzToken}}}
	v := config.validator(f)
	token := core.AuthToken("primary", fuzzToken)
	f.Fuzz(func(t *testing.T, kind uint8, target string, body []byte, part uint8, bit uint16) {
		r := oracleRequest{method: "GET", target: target, host: host, peer: fuzzPeers[1]}
		signedURL, params := origin+target, ""
		var signature string
		var err error
		switch kind % 4 {
		case 0:
			signature, err = core.Sign(token, signedURL, nil)
		case 1:
			r.method, r.body, r.lines = "POST", string(body), []golden.HeaderLine{{"Content-Type", fuzzForm}}
			pairs, _ := oracleForm(r.body)
			values := url.Values{}
			for _, p := range pairs {
				values.Add(p[0], p[1])
			}
			params = oracleSigned(pairs)
			_, query, _ := strings.Cut(target, "?")
			if hash, _ := oracleBodyHash(query); hash != "" {
				values, params = nil, "" // S4: the URL is signed alone
			}
			signature, err = core.Sign(token, signedURL, values)
		case 2:
			r.method, r.body, r.lines = "POST", string(body), []golden.HeaderLine{{"Content-Type", "application/json"}}
			signedURL, signature, err = core.SignBody(token, signedURL, body)
			r.target = strings.TrimPrefix(signedURL, origin)
		default:
			r.lines = []golden.HeaderLine{{"Connection", "Upgrade"}, {"Upgrade", "websocket"}}
			signedURL = "wss" + strings.TrimPrefix(signedURL, "https")
			signature, err = core.Sign(token, signedURL, nil)
		}
		r = r.signed(signature)
		ruling := config.rule(r)
		if err != nil || len(ruling.faults)+len(ruling.doubts) > 0 {
			return // no such request can be made
		}
		webhook, err := v.Validate(r.withRawHeader())
		if err != nil {
			t.Fatalf("%v\n%+v", err, r)
		}
		if webhook.URL() != signedURL {
			t.Fatalf("U4: %q was signed, %q is said to be", signedURL, webhook.URL())
		}

		flipped := r
		switch part % 4 {
		case 0:
			flipped.target = flipBit(r.target, bit)
		case 1:
			flipped.body = flipBit(r.body, bit)
		case 2:
			flipped = r.signed(flipBit(signature, bit))
		default:
			flipped.body = flipParameter(r.body, bit)
		}
		if reflect.DeepEqual(flipped, r) || !flipped.isWellFormed() {
			return // there was nothing to flip
		}
		ruling = config.rule(flipped)
		_, err = v.Validate(flipped.withRawHeader())
		if complaint := ruling.check(err); complaint != "" {
			t.Fatalf("%s\n%+v", complaint, flipped)
		}
		sameText := slices.ContainsFunc(ruling.texts, func(text oracleText) bool { return text.url+text.params == signedURL+params })
		if err == nil && (part%4 == 2 || !sameText) {
			t.Fatalf("accepted with another text or signature\n%+v\n%+v", r, flipped)
		}
	})
}

func flipBit(s string, bit uint16) string {
	if s == "" {
		return s
	}
	b := []byte(s)
	b[int(bit/8)%len(b)] ^= 1 << (bit % 8)
	return string(b)
}

// flipParameter flips a bit of a decoded name or value.
func flipParameter(form string, bit uint16) string {
	pairs, malformed := oracleForm(form)
	if len(pairs) == 0 || malformed {
		return form
	}
	p := &pairs[int(bit>>4)%len(pairs)][int(bit)>>3&1]
	*p = flipBit(*p, bit)
	var b strings.Builder
	for _, p := range pairs {
		b.WriteString(url.QueryEscape(p[0]) + "=" + url.QueryEscape(p[1]) + "&")
	}
	return b.String()
}

// FuzzForwarded: from an untrusted peer no header line of any name changes anything, except those that the contract gives a meaning of
// another kind; from a trusted one only X-Forwarded-Proto, -Host and -Port do (U3).
func FuzzForwarded(f *testing.F) {
	configs := []oracleConfig{
		{Config: golden.Config{AllowedHosts: []string{"mycompany.com", "other.example:8443"}, TrustedProxies: []string{"10.0.0.0/8", "unix"}, Tokens: []string{fuzzToken}}},
		{Config: golden.Config{AllowedHosts: []string{"mycompany.com"}, TrustedProxies: []string{"10.0.0.0/8"}, Tokens: []string{fuzzToken}, RequireHTTPS: true}},
		{Config: golden.Config{PublicURL: "https://mycompany.com", TrustedProxies: []string{"10.0.0.0/8"}, Tokens: []string{fuzzToken}, RequireHTTPS: true}},
		{Config: golden.Config{PublicURL: "http://mycompany.com", Tokens: []string{fuzzToken}}},
	}
	for i, c := range golden.Hostile() {
		var lines strings.Builder
		for _, line := range c.Headers {
			lines.WriteString(line[0] + ":" + line[1] + "\n")
		}
		f.Add(uint8(i), uint8(i), lines.String())
	}
	for i := range configs {
		f.Add(uint8(i), uint8(3), "Forwarded: for=1.2.3.4;host=evil.example;proto=https\nX-Forwarded-Ssl: on\nX-Real-Ip: 10.0.0.1\nX-Forwarded-For: 10.0.0.1\n")
		f.Add(uint8(i), uint8(2), "X-Forwarded-Host: other.example\nX-Forwarded-Port: 8443\nX-Forwarded-Proto: https\n")
	}
	meaningful := map[string]bool{
		"x-twilio-signature": true, "x-twilio-signature-key-sid": true, "content-type": true, "content-encoding": true,
		"content-length": true, "authorization": true, "upgrade": true, "connection": true,
	}
	validators := make([]*core.Validator, len(configs))
	for i, c := range configs {
		validators[i] = c.validator(f)
	}
	f.Fuzz(func(t *testing.T, config, socket uint8, lines string) {
		i := int(config) % len(configs)
		r := oracleRequest{
			method: "POST", target: "/sms?a=1", host: "mycompany.com", body: "From=1", lines: []golden.HeaderLine{{"Content-Type", fuzzForm}},
			tls: socket&1 != 0, peer: fuzzPeers[int(socket>>1)%len(fuzzPeers)],
		}
		scheme := "http"
		if r.tls || configs[i].PublicURL == "https://mycompany.com" {
			scheme = "https"
		}
		r = r.signed(oracleToken{secret: fuzzToken, newHash: sha1.New}.sign(oracleText{url: scheme + "://mycompany.com/sms?a=1", params: "From1"}))
		with, without := r, r
		with.lines = slices.Clone(r.lines)
		for _, line := range fuzzLines(lines) {
			switch name := oracleLower(line[0]); {
			case meaningful[name]:
			case name == "x-forwarded-proto" || name == "x-forwarded-host" || name == "x-forwarded-port":
				with.lines = append(with.lines, line)
				if oracleTrusted(configs[i].TrustedProxies, r.peer) {
					without.lines = append(without.lines[:len(without.lines):len(without.lines)], line)
				}
			default:
				with.lines = append(with.lines, line)
			}
		}
		if got, want := verdictOf(validators[i], with), verdictOf(validators[i], without); got != want {
			t.Fatalf("%s, but without the lines %s\n%+v", got, want, with)
		}
		_, err := validators[i].Validate(with.withRawHeader())
		if complaint := configs[i].rule(with).check(err); complaint != "" {
			t.Fatalf("%s\n%+v", complaint, with)
		}
	})
}

func verdictOf(v *core.Validator, r oracleRequest) string {
	webhook, err := v.Validate(r.withHeader())
	if err != nil {
		return err.Error()
	}
	return "accepted " + webhook.URL()
}
