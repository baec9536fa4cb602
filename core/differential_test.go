package core_test

import (
	"crypto/sha1"
	"net/url"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// divergence is an input on which ringfence and Twilio's Node library differ, and why.
type divergence struct {
	rule, reason string
}

// divergencesFromNode are all the inputs of golden's oracle on which ringfence's verdict is not that of twilio-node 6.2.0. The library is
// handed a URL by its caller; ringfence has the request target and its configured origin, and a URL that no request can carry is refused.
var divergencesFromNode = map[string]divergence{
	"m13-userinfo-signed-with":                 {"S5, C2", "Twilio drops userinfo before signing, so that a signature over it is not Twilio's"},
	"m14-userinfo-signed-without":              {"S5, C2", "what Twilio signs: the origin is configured without userinfo, and no request carries it"},
	"m15-userinfo-port-signed-userinfo-noport": {"S5, C2", "Twilio drops userinfo before signing"},
	"m16-userinfo-pct":                         {"S5, C2", "Twilio drops userinfo before signing"},
	"m17-userinfo-rawspecial":                  {"S5, C2", "Twilio drops userinfo before signing"},
	"m18-fragment-signed-without":              {"S5", "what Twilio signs: a fragment holds webhook options and is never sent"},
	"m19-fragment-signed-with":                 {"S5", "Twilio drops the fragment before signing"},
	"m20-upper-scheme":                         {"C2", "an origin with an upper-case scheme is refused when the validator is constructed"},
	"m21-upper-scheme-signed-lower":            {"C2", "an origin with an upper-case scheme is refused when the validator is constructed"},
	"m23-upper-host-signed-lower":              {"U1, U4", "the host is kept as typed and never folded"},
	"m28-slash-signed-nopath":                  {"U4", "the root path is also tried without its slash, which a URL without path cannot show"},
	"m36-idn-raw":                              {"C2", "an origin beyond ASCII is refused when the validator is constructed: its ASCII form is to be configured"},
	"m37-idn-signed-puny":                      {"C2", "an origin beyond ASCII is refused when the validator is constructed: its ASCII form is to be configured"},
	"m39-unicode-path-signed-pct":              {"U2, U4", "the target is signed as it came and never escaped anew"},
	"m41-wss-signed-443":                       {"U4", "the default port of wss is 443"},
	"m42-wss-signed-80":                        {"U4", "80 is not the default port of wss"},
	"m44-wss-signed-trailing-slash":            {"S6, U4", "Twilio's documents say that an upgrade may be signed with a slash appended"},
	"m51-plus-signed-pct20":                    {"U4", "plus and %20 are never exchanged"},
	"m54-at-colon-pct-signed-raw":              {"U4", "all of ' @ : are tried plain"},
	"m57-lower-hex-signed-upper":               {"U4", "of the query's escapes only those of ' @ : have a second spelling"},
	"m59-pipe-quote-space":                     {"U2", "a request target cannot hold a space"},
	"m67-bad-pct":                              {"U2", "a malformed escape in the path is refused"},
	"m70-empty-fragment":                       {"S5", "Twilio drops the fragment before signing, an empty one too"},
	"p10-astral-key-sort":                      {"S2", "names are ordered bytewise, not as UTF-16"},
	"p11-astral-value-sort":                    {"S2", "values are ordered bytewise, not as UTF-16"},
	"p19-wrong-token":                          {"C1", "a token with white space is refused when the validator is constructed"},
	"b06-two-first-good":                       {"V2", "bodySHA256 must occur once"},
	"b08-pct-in-hash":                          {"V2", "bodySHA256 must be written plainly"},
	"b16-fragment-after":                       {"S5", "what Twilio signs: the fragment is dropped and never sent"},
}

// Every divergence from Node's verdicts is in the table, and nothing else is.
func TestDivergencesFromTwilioNodeAreListed(t *testing.T) {
	seen := map[string]bool{}
	agree := 0
	for _, c := range golden.Oracle() {
		seen[c.ID] = true
		row, listed := divergencesFromNode[c.ID]
		signer := oracleToken{secret: c.AuthToken, newHash: sha1.New}
		if c.SignedString != "" && c.ID != "b15-bad-sig-good-body" && signer.sign(oracleText{url: c.SignedString}) != c.Signature {
			t.Errorf("%s: the signature is not over the text that the data say", c.ID)
		}
		accepted, why := acceptsOracleCase(c)
		switch {
		case accepted == c.Node && listed:
			t.Errorf("%s is in the table (%s: %s), but both say %v", c.ID, row.rule, row.reason, accepted)
		case accepted != c.Node && !listed:
			t.Errorf("%s: Node says %v, we say %v (%s); the table has no row with the reason (%s)", c.ID, c.Node, accepted, why, c.Note)
		case accepted == c.Node:
			agree++
		case row.rule == "" || row.reason == "":
			t.Errorf("%s: a row needs a rule and a reason", c.ID)
		}
	}
	for id := range divergencesFromNode {
		if !seen[id] {
			t.Errorf("%s is in the table, but not in the data", id)
		}
	}
	t.Logf("%d cases, %d verdicts as Node's, %d divergences", len(seen), agree, len(divergencesFromNode))
}

// acceptsOracleCase sends what a browser, or Twilio, would send for the case's URL to a server that is configured with its origin.
func acceptsOracleCase(c golden.OracleCase) (accepted bool, why string) {
	location, _, _ := strings.Cut(c.URL, "#")
	scheme, rest, _ := strings.Cut(location, "://")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority, target := rest[:end], rest[end:]
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		authority = authority[at+1:]
	}
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	r := oracleRequest{method: "POST", host: authority, peer: fuzzPeers[1], lines: []golden.HeaderLine{{"Content-Type", fuzzForm}}}
	var form strings.Builder
	for _, p := range c.Params {
		form.WriteString("&" + url.QueryEscape(p[0]) + "=" + url.QueryEscape(p[1]))
	}
	switch {
	case c.Body != nil:
		r.body, r.lines = *c.Body, []golden.HeaderLine{{"Content-Type", "application/json"}}
	case scheme == "wss":
		scheme, r.method, r.lines = "https", "GET", []golden.HeaderLine{{"Connection", "Upgrade"}, {"Upgrade", "websocket"}}
		if form.Len() > 0 {
			target += "?" + form.String()[1:]
		}
	case form.Len() == 0:
		r.method, r.lines = "GET", nil
	default:
		r.body = form.String()[1:]
	}
	r.target = target
	v, err := core.NewValidator(core.Config{PublicURL: scheme + "://" + authority, Tokens: []core.Token{core.AuthToken("primary", c.AuthToken)}})
	if err != nil {
		return false, err.Error()
	}
	if _, err := v.Validate(r.signed(c.Signature).withRawHeader()); err != nil {
		return false, err.Error()
	}
	return true, "accepted"
}
