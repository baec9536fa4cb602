package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"sort"
	"strings"

	"github.com/ringfence-go/ringfence/core"
)

// kind is what sort of webhook a probe is.
type kind string

const (
	kindGet  kind = "get"
	kindForm kind = "form"
	kindJSON kind = "json"
)

// probe is one request to the endpoint.
type probe struct {
	kind   kind
	name   string
	hole   string // what is wrong with an endpoint that accepts it; "" for a signed request
	broad  bool   // a hole beside which the kind's further ones go without saying
	login  login
	method string
	target string
	header http.Header
	body   string
}

// login is what a probe does with the HTTP credentials.
type login int

const (
	loginRight login = iota // answer a challenge, where there are credentials
	loginNone
	loginWrong
)

func (p *probe) valid() bool { return p.hole == "" }

// forger makes the probes of one kind out of a message that is right.
type forger struct {
	endpoint endpoint
	token    core.Token
	kind     kind
	method   string
	target   string // with the query that the kind needs
	params   url.Values
	body     string
	made     []probe
	err      error // the first one of signing
}

// probes returns what is to be sent, for each kind the signed request first.
func (o probeOptions) probes() ([]probe, error) {
	params, err := newParams(o.params)
	if err != nil {
		return nil, err
	}
	var probes []probe
	for _, k := range o.kinds {
		f := forger{endpoint: o.endpoint, token: o.token, kind: k, method: http.MethodPost, target: o.endpoint.target}
		switch k {
		case kindGet:
			f.makeGet(params)
		case kindForm:
			f.makeForm(params)
		case kindJSON:
			f.makeJSON(params.Get("MessageSid"))
		}
		if o.credentials != nil {
			f.makeLogins()
		}
		if f.err != nil {
			return nil, f.err
		}
		probes = append(probes, f.made...)
	}
	if !o.invalidOnly {
		return probes, nil
	}
	var forged []probe
	for _, p := range probes {
		if !p.valid() {
			forged = append(forged, p)
		}
	}
	return forged, nil
}

// newParams returns the parameters of a text message. Its SID is new, so that a replay guard does not take it for a repetition.
func newParams(more url.Values) (url.Values, error) {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	params := url.Values{
		"AccountSid": {"AC00112233445566778899aabbccddeeff"},
		"MessageSid": {"SM" + hex.EncodeToString(id[:])},
		"From":       {"+14155550100"},
		"To":         {"+14155550199"},
		"Body":       {"ringfence probe"},
	}
	for name, values := range more {
		params[name] = values
	}
	return params, nil
}

func (f *forger) makeGet(params url.Values) {
	f.method = http.MethodGet
	f.target = addQuery(f.target, params.Encode())
	f.makeCommon()
	p := f.signed("with another value of a parameter", "it does not check the values of a GET's parameters")
	p.target = addQuery(f.endpoint.target, withParam(params, "Body", forged(params)).Encode())
	f.add(p)
}

func (f *forger) makeForm(params url.Values) {
	f.params, f.body = params, params.Encode()
	f.makeCommon()

	p := f.signed("with another value of a parameter", "it does not check the values of a form's parameters")
	p.body = withParam(params, "Body", forged(params)).Encode()
	f.add(p)

	p = f.signed("with one parameter more", "it does not check that a form has no further parameters")
	p.body += "&Forged=1"
	f.add(p)

	p = f.signed("with a second value appended to a parameter", "it checks only the first value of a repeated parameter")
	p.body += "&" + url.Values{"Body": {forged(params)}}.Encode()
	f.add(p)

	p = f.signed("with a second value put before a parameter's", "it checks only the last value of a repeated parameter")
	p.body = url.Values{"Body": {forged(params)}}.Encode() + "&" + p.body
	f.add(p)

	p = f.signed("with a parameter moved from the body to the query", "it does not tell parameters of the query from those of the body")
	p.target = addQuery(f.target, url.Values{"Body": params["Body"]}.Encode())
	p.body = withParam(params, "Body").Encode()
	f.add(p)

	p = f.signed("with parameters that were not signed", "it does not check a form's parameters at all")
	p.sign(f.sign(f.token, f.endpoint.public+f.target, nil))
	f.add(p)
}

func (f *forger) makeJSON(id string) {
	f.body = fmt.Sprintf(`{"ringfence":"probe","id":%q}`, id)
	bare := f.target
	signed, _, err := core.SignBody(f.token, f.endpoint.public+f.target, []byte(f.body))
	if err != nil {
		f.fail(err)
		return
	}
	f.target = strings.TrimPrefix(signed, f.endpoint.public)
	f.makeCommon()

	p := f.signed("with another body than bodySHA256 says", "it does not compare the body with bodySHA256")
	p.body = strings.Replace(p.body, "probe", "forge", 1)
	f.add(p)

	p = f.signed("without bodySHA256, signed over the URL alone", "it accepts JSON bodies that nothing signs")
	p.target = bare
	p.sign(f.sign(f.token, f.endpoint.public+bare, nil))
	f.add(p)
}

// makeCommon adds the signed request and the forgeries that every kind has.
func (f *forger) makeCommon() {
	f.add(f.signed("signed", ""))

	p := f.signed("without signature", "it fails open: no signature is needed")
	p.header.Del(signatureHeader)
	p.broad = true
	f.add(p)

	p = f.signed("with an empty signature", "it fails open: an empty signature is enough")
	p.sign("")
	f.add(p)

	p = f.signed("with a made-up signature", "it does not check the signature, only that there is one")
	p.sign(base64.StdEncoding.EncodeToString(make([]byte, sha1.Size)))
	p.broad = true
	f.add(p)

	for _, forgery := range []struct{ name, hole, signature string }{
		{"signed with another token", "it accepts the signatures of other tokens", f.sign(
			core.AuthToken("another", "ffffffffffffffffffffffffffffffff"), f.endpoint.public+f.target, f.params)},
		{"signed with an empty token", "its auth token is empty, so that anybody can sign", f.signEmpty()},
		{"signed for another path", "it accepts signatures that were made for other URLs", f.sign(f.token, f.endpoint.public+"/ringfence-probe"+f.query(), f.params)},
	} {
		p := f.signed(forgery.name, forgery.hole)
		p.sign(forgery.signature)
		f.add(p)
	}

	const ignoresQuery = "it ignores the query: anybody can change it"
	p = f.signed("with a query that was added after signing", ignoresQuery)
	p.target = addQuery(f.target, "ringfence-probe=1")
	f.add(p)
	if path, _, hasQuery := strings.Cut(f.target, "?"); hasQuery {
		p = f.signed("with a query that was left out of the signature", ignoresQuery)
		p.sign(f.sign(f.token, f.endpoint.public+path, f.params))
		f.add(p)
	}

	const spoofed = "ringfence-probe.invalid"
	scheme, _, _ := strings.Cut(f.endpoint.public, "://")
	p = f.signed("signed for a host that X-Forwarded-Host claims", "it believes X-Forwarded-Host of anybody")
	p.header.Set("X-Forwarded-Host", spoofed)
	p.sign(f.sign(f.token, scheme+"://"+spoofed+f.target, f.params))
	f.add(p)

	const original = "/ringfence-probe-original"
	p = f.signed("signed for a path that X-Original-URL claims", "it believes X-Original-URL of anybody")
	p.header.Set("X-Original-URL", original+f.query())
	p.sign(f.sign(f.token, f.endpoint.public+original+f.query(), f.params))
	f.add(p)
}

// makeLogins adds signed requests without the credentials that the endpoint is said to ask for.
func (f *forger) makeLogins() {
	p := f.signed("signed, without HTTP credentials", "it asks for no HTTP credentials")
	p.login = loginNone
	p.broad = true
	f.add(p)
	p = f.signed("signed, with a wrong password", "it accepts any HTTP credentials")
	p.login = loginWrong
	f.add(p)
}

func (f *forger) add(p probe) { f.made = append(f.made, p) }

func (f *forger) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// signed returns the kind's request, right in everything.
func (f *forger) signed(name, hole string) probe {
	p := probe{kind: f.kind, name: name, hole: hole, method: f.method, target: f.target, body: f.body, header: http.Header{}}
	switch f.kind {
	case kindForm:
		p.header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	case kindJSON:
		p.header.Set("Content-Type", "application/json; charset=utf-8")
	}
	p.sign(f.sign(f.token, f.endpoint.public+f.target, f.params))
	return p
}

const signatureHeader = "X-Twilio-Signature"

func (p *probe) sign(signature string) { p.header[signatureHeader] = []string{signature} }

func (f *forger) sign(token core.Token, rawURL string, params url.Values) string {
	signature, err := core.Sign(token, rawURL, params)
	if err != nil {
		f.fail(err)
	}
	return signature
}

// signEmpty signs with the empty key, which core refuses to (C1).
func (f *forger) signEmpty() string {
	mac := hmac.New(sha1.New, nil)
	mac.Write([]byte(f.endpoint.public + f.target))
	names := make([]string, 0, len(f.params))
	for name := range f.params {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		mac.Write([]byte(name + f.params.Get(name)))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// query returns the target's query with its '?', or "".
func (f *forger) query() string {
	if at := strings.IndexByte(f.target, '?'); at >= 0 {
		return f.target[at:]
	}
	return ""
}

func addQuery(target, query string) string {
	switch {
	case strings.HasSuffix(target, "?"):
		return target + query
	case strings.Contains(target, "?"):
		return target + "&" + query
	}
	return target + "?" + query
}

// forged returns another value for Body.
func forged(params url.Values) string { return params.Get("Body") + " forged" }

// withParam returns a copy of params in which name has these values, or is missing.
func withParam(params url.Values, name string, values ...string) url.Values {
	changed := maps.Clone(params)
	delete(changed, name)
	if len(values) > 0 {
		changed[name] = values
	}
	return changed
}
