package core

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
)

// signer is a secret that may have signed.
type signer struct {
	label  string
	secret string
	keys   map[Algorithm]*key
}

func newSigner(label, secret string) signer {
	return signer{label, secret, make(map[Algorithm]*key)}
}

// with returns the signer's key for an algorithm, nil where the runtime forbids it.
func (s signer) with(algorithm Algorithm) *key {
	k, made := s.keys[algorithm]
	if !made {
		if k = newKey(s.secret, algorithm); k.check() != nil {
			k = nil
		}
		s.keys[algorithm] = k
	}
	return k
}

// The bounds for secrets that are tried.
const (
	maxSigners = 64
	maxRespelt = 8
)

// ownSigners are the secrets that the Validator tries for the request: its tokens, those of the signed account, or the signing key
// that the request names.
func (q *inquiry) ownSigners(r *Request) []signer {
	if k, known := q.v.keys[q.headers.keySid.value]; known {
		return []signer{newSigner(k.Sid, k.Secret.reveal())}
	}
	tokens := q.v.tokens
	if q.v.source != nil {
		sid := q.accountSid()
		if sid == "" {
			sid = string(q.v.accountSid)
		}
		if isAccountSid(sid) {
			tokens, _ = q.v.ask(r.context(), sid)
		}
	}
	return signersOf(tokens)
}

// accountSid returns the request's AccountSid, of the form or else of the query.
func (q *inquiry) accountSid() string {
	for _, p := range append(q.params[:len(q.params):len(q.params)], looseParams(q.target.query)...) {
		if p.name == accountSidParam {
			return p.value
		}
	}
	return ""
}

func signersOf(tokens []Token) []signer {
	var signers []signer
	for _, t := range tokens {
		if t.key != nil && len(signers) < maxSigners {
			signers = append(signers, newSigner(t.Label, t.key.secret.reveal()))
		}
	}
	return signers
}

const fixToken = "sign with the auth token itself, exactly as Twilio's console shows it"

// signerChanges are the other secrets that may have signed (S7), and what a secret is mistaken for.
func (q *inquiry) signerChanges(own []signer) []change {
	var changes []change
	add := func(cause Cause, s signer, why, fix string) {
		if len(s.secret) > shortestSecret {
			q.secrets = append(q.secrets, s.secret)
		}
		changes = append(changes, change{cause: cause, parts: partSigner, why: why, fix: fix, apply: func(r *reading) { r.signers = []signer{s} }})
	}
	for _, s := range own {
		if len(s.secret) > shortestSecret {
			q.secrets = append(q.secrets, s.secret)
		}
	}
	for _, s := range q.otherSigners(own) {
		why := fmt.Sprintf("another token signed: %s, which the configuration does not have for this request", show(s.label))
		add(CauseToken, s, why, fmt.Sprintf("the token that is labelled %s, in Tokens or, for its account, in Accounts", show(s.label)))
	}
	for _, s := range signersOf(q.options.APIKeys) {
		add(CauseAPIKey, s, fmt.Sprintf("the secret of the API key %s signed: API keys never sign webhooks", show(s.label)), fixToken)
	}
	for _, s := range own[:min(len(own), maxRespelt)] {
		for _, m := range mistakes {
			add(m.cause, newSigner(s.label, m.respell(s.secret)), fmt.Sprintf("the token %s signed %s", show(s.label), m.name), fixToken)
		}
	}
	for _, nothing := range []string{"", "undefined", "null", "None", "nil", "$TWILIO_AUTH_TOKEN", "${TWILIO_AUTH_TOKEN}"} {
		add(CauseTokenMissing, newSigner("", nothing), fmt.Sprintf("no token signed, but the text %q: the sender has none", nothing), "set the token where the sender runs")
	}
	for _, sid := range []string{q.accountSid(), string(q.v.accountSid)} {
		if isAccountSid(sid) {
			add(CauseAccountSid, newSigner("", sid), "the Account SID signed instead of the auth token", fixToken)
		}
	}
	for i := range changes[min(len(changes), maxSigners):] { // pairs are for the likely ones
		changes[maxSigners+i].alone = true
	}
	return changes
}

// otherSigners are the secrets that the Validator has for other accounts and keys, and those that the caller named.
func (q *inquiry) otherSigners(own []signer) []signer {
	known := make(map[string]bool)
	for _, s := range own {
		known[s.secret] = true
	}
	all := signersOf(q.v.tokens)
	var sids []string
	for sid := range q.v.accounts {
		sids = append(sids, sid)
	}
	sort.Strings(sids)
	for _, sid := range sids {
		for _, s := range signersOf(q.v.accounts[sid]) {
			s.label = s.label + " of account " + sid
			all = append(all, s)
		}
	}
	var keys []string
	for sid := range q.v.keys {
		keys = append(keys, sid)
	}
	sort.Strings(keys)
	for _, sid := range keys {
		all = append(all, newSigner("signing key "+sid, q.v.keys[sid].Secret.reveal()))
	}
	all = append(all, signersOf(q.options.OtherTokens)...)
	var others []signer
	for _, s := range all {
		if !known[s.secret] && len(others) < maxSigners {
			known[s.secret] = true
			others = append(others, s)
		}
	}
	return others
}

// mistake is a wrong way to hand a secret over.
type mistake struct {
	cause   Cause
	name    string
	respell func(string) string
}

var mistakes = []mistake{
	{CauseTokenSpace, "with a newline at its end", func(s string) string { return s + "\n" }},
	{CauseTokenSpace, "with CR and LF at its end", func(s string) string { return s + "\r\n" }},
	{CauseTokenSpace, "with a space at its end", func(s string) string { return s + " " }},
	{CauseTokenSpace, "with a space before it", func(s string) string { return " " + s }},
	{CauseTokenSpace, "with a byte order mark before it", func(s string) string { return "\uFEFF" + s }},
	{CauseTokenQuotes, "with double quotes around it", func(s string) string { return `"` + s + `"` }},
	{CauseTokenQuotes, "with single quotes around it", func(s string) string { return `'` + s + `'` }},
	{CauseTokenEncoding, "in upper case", strings.ToUpper},
	{CauseTokenEncoding, "in lower case", lower},
	{CauseTokenEncoding, "encoded in base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{CauseTokenEncoding, "decoded from hex", func(s string) string {
		decoded, err := hex.DecodeString(s)
		if err != nil {
			return s
		}
		return string(decoded)
	}},
}
