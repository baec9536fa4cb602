package core_test

import (
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestU4TheResultSaysWhichCandidateMatched(t *testing.T) {
	tests := []struct {
		name, publicURL, target string
		upgrade                 bool
		signed                  string
		candidate               string
		url                     string // Webhook.URL, where it is not what was signed
	}{
		{name: "as received", publicURL: "https://example.com", target: "/x?a=1", signed: "https://example.com/x?a=1", candidate: "as received"},
		{name: "HTTPS's default port added", publicURL: "https://example.com", target: "/x", signed: "https://example.com:443/x", candidate: "port toggled"},
		{name: "HTTP's default port added", publicURL: "http://example.com", target: "/x", signed: "http://example.com:80/x", candidate: "port toggled"},
		{name: "a port removed", publicURL: "https://example.com:8443", target: "/x", signed: "https://example.com/x", candidate: "port toggled"},
		{name: "IPv6 and a port removed", publicURL: "https://[2001:db8::1]:8443", target: "/x", signed: "https://[2001:db8::1]/x", candidate: "port toggled"},
		{name: "IPv6 and a port added", publicURL: "https://[2001:db8::1]", target: "/x", signed: "https://[2001:db8::1]:443/x", candidate: "port toggled"},
		{name: "the root without its slash", publicURL: "https://example.com", target: "/", signed: "https://example.com", candidate: "slash toggled"},
		{name: "the root without its slash, with a query", publicURL: "https://example.com", target: "/?a=1", signed: "https://example.com?a=1", candidate: "slash toggled"},
		{name: "the root without its slash, with a port", publicURL: "https://example.com", target: "/", signed: "https://example.com:443", candidate: "port toggled, slash toggled"},
		{name: "a prefix without the root's slash", publicURL: "https://example.com/p", target: "/?a=1", signed: "https://example.com/p?a=1", candidate: "slash toggled"},
		{name: "a query all plain", publicURL: "https://example.com", target: "/x?a=%27b%40c%3Ad%3a", signed: "https://example.com/x?a='b@c:d:", candidate: "query plain"},
		{name: "a query all escaped", publicURL: "https://example.com", target: "/x?a='b@c:d%3a", signed: "https://example.com/x?a=%27b%40c%3Ad%3A", candidate: "query escaped"},
		{name: "a query all escaped, with a port", publicURL: "https://example.com", target: "/x?a:", signed: "https://example.com:443/x?a%3A", candidate: "port toggled, query escaped"},
		{name: "a query that leaves other escapes alone", publicURL: "https://example.com", target: "/x?%2541:%2f+%zz%3", signed: "https://example.com/x?%2541%3A%2f+%zz%3", candidate: "query escaped"},
		{name: "an upgrade as received", publicURL: "https://example.com", target: "/ws", upgrade: true, signed: "https://example.com/ws", candidate: "as received"},
		{name: "an upgrade over wss", publicURL: "https://example.com", target: "/ws?a=1", upgrade: true, signed: "wss://example.com/ws?a=1", candidate: "ws scheme"},
		{name: "an upgrade over ws", publicURL: "http://example.com", target: "/ws", upgrade: true, signed: "ws://example.com/ws", candidate: "ws scheme"},
		{name: "wss with its default port", publicURL: "https://example.com", target: "/ws", upgrade: true, signed: "wss://example.com:443/ws", candidate: "port toggled, ws scheme"},
		{name: "ws with its default port", publicURL: "http://example.com", target: "/ws", upgrade: true, signed: "ws://example.com:80/ws", candidate: "port toggled, ws scheme"},
		{name: "wss with a slash added", publicURL: "https://example.com", target: "/ws?a=1", upgrade: true, signed: "wss://example.com/ws/?a=1", candidate: "slash toggled, ws scheme"},
		{name: "wss with a slash removed", publicURL: "https://example.com", target: "/ws/?a=1", upgrade: true, signed: "wss://example.com/ws?a=1", candidate: "slash toggled, ws scheme"},
		{name: "wss with the query all escaped", publicURL: "https://example.com", target: "/ws?a=:", upgrade: true, signed: "wss://example.com/ws?a=%3A", candidate: "query escaped, ws scheme"},
		{name: "wss with the query as parameters", publicURL: "https://example.com", target: "/ws?b=2&a=%2B&b=1&b=2", upgrade: true, signed: "wss://example.com/wsa+b1b2", candidate: "ws scheme, query as parameters", url: "wss://example.com/ws"},
		{name: "wss with the query as parameters and a slash added", publicURL: "https://example.com", target: "/ws?a=1", upgrade: true, signed: "wss://example.com/ws/a1", candidate: "slash toggled, ws scheme, query as parameters", url: "wss://example.com/ws/"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := signedGet(test.target, test.signed)
			if test.upgrade {
				r = signedGet(test.target, test.signed, upgradeLines...)
			}
			webhook := accepted(t, validatorFor(t, core.Config{PublicURL: test.publicURL}), r)
			if got := webhook.Candidate.String(); got != test.candidate {
				t.Errorf("candidate %q, want %q", got, test.candidate)
			}
			if test.url == "" {
				test.url = test.signed
			}
			if got := webhook.URL(); got != test.url {
				t.Errorf("URL %q, want %q", got, test.url)
			}
		})
	}
}

func TestU4OtherSpellingsAreForTheQueryAndNotStrict(t *testing.T) {
	tests := []struct {
		name, target, signed string
		strict               bool
		want                 core.Reason
	}{
		{"plain, not strict", "/x?a=%3A", "/x?a=:", false, ""},
		{"plain, strict", "/x?a=%3A", "/x?a=:", true, core.ErrSignature},
		{"escaped, not strict", "/x?a=:", "/x?a=%3A", false, ""},
		{"escaped, strict", "/x?a=:", "/x?a=%3A", true, core.ErrSignature},
		{"another port, strict", "/x?a=:", ":443/x?a=:", true, ""},
		{"plain, in the path", "/%3A?a", "/:?a", false, core.ErrSignature},
		{"escaped, in the path", "/:?a", "/%3A?a", false, core.ErrSignature},
		{"escaped in lower case", "/x?a=:", "/x?a=%3a", false, core.ErrSignature},
		{"some plain and some escaped", "/x?a=::", "/x?a=:%3A", false, core.ErrSignature},
		{"another character", "/x?a=!", "/x?a=%21", false, core.ErrSignature},
		{"an escaped percent sign", "/x?a=%253A", "/x?a=%3A", false, core.ErrSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := validatorFor(t, core.Config{StrictURL: test.strict})
			if r := signedGet(test.target, publicURL+test.signed); test.want == "" {
				accepted(t, v, r)
			} else {
				refused(t, v, r, test.want)
			}
		})
	}
}

func TestU4CandidatesOfUpgradesAreForUpgradesOnly(t *testing.T) {
	v := validatorFor(t, core.Config{})
	signed := []string{"wss://example.com/ws?a=1", "wss://example.com/ws/?a=1", "wss://example.com/wsa1"}
	for name, headers := range map[string][]string{
		"an upgrade":                       upgradeLines,
		"in other case, among others":      {"connection: x, UPGRADE ,y", "upgrade: h2c, WebSocket"},
		"on lines of their own":            {"Connection: x", "Connection: upgrade", "Upgrade: h2c", "Upgrade: websocket"},
		"no headers":                       nil,
		"Upgrade without Connection":       {"Upgrade: websocket"},
		"Connection without Upgrade":       {"Connection: Upgrade"},
		"an upgrade to something else":     {"Connection: Upgrade", "Upgrade: h2c"},
		"a word that begins with upgrade":  {"Connection: Upgrades", "Upgrade: websocket"},
		"a word that ends with websocket":  {"Connection: Upgrade", "Upgrade: xwebsocket"},
		"two words where one should stand": {"Connection: Upgrade x", "Upgrade: websocket"},
	} {
		upgrade := name == "an upgrade" || name == "in other case, among others" || name == "on lines of their own"
		for _, text := range signed {
			t.Run(name+", "+text, func(t *testing.T) {
				r := signedGet("/ws?a=1", text, headers...)
				for _, r := range []*core.Request{r, asRaw(r)} {
					if upgrade {
						accepted(t, v, r)
					} else {
						refused(t, v, r, core.ErrSignature)
					}
				}
			})
		}
	}
	t.Run("a POST is no upgrade (V5)", func(t *testing.T) {
		for _, text := range signed {
			r := signedForm("/ws?a=1", "", text, upgradeLines...)
			refused(t, v, r, core.ErrSignature)
			refused(t, v, asRaw(r), core.ErrSignature)
		}
	})
	t.Run("no slash is toggled under https", func(t *testing.T) {
		refused(t, v, signedGet("/ws", publicURL+"/ws/", upgradeLines...), core.ErrSignature)
	})
}

// V1: what has no decoded form cannot be signed as parameters, and bodySHA256 counts in the URL alone.
func TestU4TheQueryAsParametersIsTheWholeQuery(t *testing.T) {
	v := validatorFor(t, core.Config{})
	for name, test := range map[string]struct{ target, signed string }{
		"a malformed escape":           {"/ws?a=1&b=%zz", "wss://example.com/wsa1"},
		"a malformed escape, as it is": {"/ws?a=1&b=%zz", "wss://example.com/wsa1b%zz"},
		"a semicolon":                  {"/ws?a=1&b;c", "wss://example.com/wsa1"},
		"bodySHA256":                   {"/ws?" + bodyHash(""), "wss://example.com/wsbodySHA256" + bodyHash("")[len("bodySHA256="):]},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, v, signedGet(test.target, test.signed, upgradeLines...), core.ErrSignature)
		})
	}
}
