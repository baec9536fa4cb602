package core_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

var errSourceDown = errors.New("source is down")

func failingSource(context.Context, string) ([]core.Token, error) { return nil, errSourceDown }

// tokenOfB is the auth token of account B; that of account A is authToken.
const tokenOfB = "fedcba9876543210fedcba9876543210"

// recordingSource knows accounts A and B and keeps what it was asked for.
type recordingSource struct{ asked []string }

func (s *recordingSource) tokens(_ context.Context, sid string) ([]core.Token, error) {
	s.asked = append(s.asked, sid)
	switch sid {
	case accountA:
		return []core.Token{primaryToken()}, nil
	case accountB:
		return []core.Token{core.AuthToken("b", tokenOfB)}, nil
	}
	return nil, nil
}

// signedBy replaces the signature by one that token made over text.
func signedBy(token, text string, r *core.Request) *core.Request {
	r.Header.Set("X-Twilio-Signature", macOf(token, text))
	return r
}

// Account B is a sub-account of A.
func TestS7WhoSigns(t *testing.T) {
	const secondary, apiKey = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"
	a, b := []core.Token{primaryToken()}, []core.Token{core.AuthToken("b", tokenOfB)}
	rotating := append([]core.Token{core.AuthToken("secondary", secondary)}, a...)
	tests := []struct {
		name            string
		tokensOfA       []core.Token
		account, secret string
		label           string // or "" for a signature that does not match
	}{
		{"the primary token", a, accountA, authToken, "primary"},
		{"a secondary one that is not configured", a, accountA, secondary, ""},
		{"a secondary one that is promoted", rotating, accountA, secondary, "secondary"},
		{"the primary one before that", rotating, accountA, authToken, "primary"},
		{"a sub-account's token, for the sub-account", a, accountB, tokenOfB, "b"},
		{"the account's token, for a sub-account", a, accountB, authToken, ""},
		{"a sub-account's token, for the account", a, accountA, tokenOfB, ""},
		{"an API key", a, accountA, apiKey, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := validatorFor(t, core.Config{Accounts: map[string][]core.Token{accountA: test.tokensOfA, accountB: b}})
			form := signedForm("/x", "AccountSid="+test.account, "")
			r := signedBy(test.secret, publicURL+"/xAccountSid"+test.account, form)
			if test.label == "" {
				refused(t, v, r, core.ErrSignature)
			} else if got := accepted(t, v, r); got.TokenLabel != test.label || got.AccountSid != test.account {
				t.Errorf("token %q of account %q", got.TokenLabel, got.AccountSid)
			}
		})
	}
}

func TestT2TheSignedAccountSelectsTheTokens(t *testing.T) {
	const inQuery, inForm = "AccountSid=" + accountA, "AccountSid" + accountA
	const x = publicURL + "/x"
	json := func(target string) *core.Request {
		return signedRequest("POST", target, "{}", publicURL+target, "Content-Type: application/json")
	}
	tests := []struct {
		name  string
		r     *core.Request
		asked []string
		want  core.Reason
	}{
		{"in the form", signedForm("/x", inQuery, x+inForm), []string{accountA}, ""},
		{"in the query of a GET", signedGet("/x?"+inQuery, x+"?"+inQuery), []string{accountA}, ""},
		{"in the query of a POST", signedForm("/x?"+inQuery, "", x+"?"+inQuery), []string{accountA}, ""},
		{"in the query of an upgrade", signedGet("/x?"+inQuery, "wss://example.com/x?"+inQuery, upgradeLines...), []string{accountA}, ""},
		{"in the query of a JSON webhook", json("/x?" + inQuery + "&" + bodyHash("{}")), []string{accountA}, ""},
		{"escaped in the query", signedGet("/x?Account%53id=%41"+accountA[1:], x+"?Account%53id=%41"+accountA[1:]), []string{accountA}, ""},
		{"escaped in the query of a POST", signedForm("/x?Account%53id="+accountA, "", x+"?Account%53id="+accountA), []string{accountA}, ""},
		{"escaped at the beginning of a POST's query", signedForm("/x?%41ccountSid="+accountA, "", x+"?%41ccountSid="+accountA), []string{accountA}, ""},
		{"beside a name that begins alike", signedForm("/x", inQuery+"&AccountStatus=active", x+inForm+"AccountStatusactive"), []string{accountA}, ""},
		{"another account's", signedBy(tokenOfB, x+"AccountSid"+accountB, signedForm("/x", "AccountSid="+accountB, "")), []string{accountB}, ""},
		{"signed with another account's token", signedBy(tokenOfB, x+inForm, signedForm("/x", inQuery, "")), []string{accountA}, core.ErrSignature},
		{"none", signedGet("/x", x), nil, core.ErrAccount},
		{"none in a JSON webhook, where none is pinned", json("/x?" + bodyHash("{}")), nil, core.ErrAccount},
		{"in the JSON alone", signedRequest("POST", "/x?"+bodyHash(`{"AccountSid":"`+accountA+`"}`), `{"AccountSid":"`+accountA+`"}`, ""), nil, core.ErrAccount},
		{"two in the form", signedForm("/x", inQuery+"&AccountSid="+accountB, x+inForm+"AccountSid"+accountB), nil, core.ErrAccount},
		{"one twice in the form", signedForm("/x", inQuery+"&"+inQuery, x+inForm), nil, core.ErrAccount},
		{"two in the query", signedGet("/x?"+inQuery+"&"+inQuery, x+"?"+inQuery+"&"+inQuery), nil, core.ErrAccount},
		{"different ones in form and query", signedForm("/x?AccountSid="+accountB, inQuery, x+"?AccountSid="+accountB+inForm), nil, core.ErrAccount},
		{"the same one in form and query", signedForm("/x?"+inQuery, inQuery, x+"?"+inQuery+inForm), []string{accountA}, ""},
		{"an unknown one", signedGet("/x?AccountSid="+accountA[:33]+"0", x+"?AccountSid="+accountA[:33]+"0"), []string{accountA[:33] + "0"}, core.ErrAccount},
		{"a name in another case", signedGet("/x?accountsid="+accountA, x+"?accountsid="+accountA), nil, core.ErrAccount},
		{"in a pair without decoded form", signedGet("/x?"+inQuery+"%zz", x+"?"+inQuery+"%zz"), nil, core.ErrAccount},
		{"in a pair with a semicolon", signedGet("/x?"+inQuery+";b=1", x+"?"+inQuery+";b=1"), nil, core.ErrAccount},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var source recordingSource
			v := validatorFor(t, core.Config{TokenSource: source.tokens})
			if test.want != "" {
				refused(t, v, test.r, test.want)
			} else if got := accepted(t, v, test.r).AccountSid; got != test.asked[0] {
				t.Errorf("the webhook's account is %q", got)
			}
			if !slices.Equal(source.asked, test.asked) {
				t.Errorf("the source was asked for %q, want %q", source.asked, test.asked)
			}
		})
	}
}

func TestT2OnlyAnAccountSidReachesTheSource(t *testing.T) {
	for name, sid := range map[string]string{
		"empty":                 "",
		"a digit short":         accountA[:33],
		"a digit long":          accountA + "a",
		"another kind of SID":   "SK" + accountA[2:],
		"lower-case letters":    "ac" + accountA[2:],
		"a letter beyond f":     accountA[:33] + "g",
		"the letter after F":    accountA[:33] + "G",
		"a path":                "AC../../../../../../../etc/passwd00",
		"a map's own name":      "__proto__",
		"a NUL":                 accountA[:33] + "\x00",
		"white space around it": " " + accountA[:33],
	} {
		t.Run(name, func(t *testing.T) {
			var source recordingSource
			v := validatorFor(t, core.Config{TokenSource: source.tokens})
			refused(t, v, signedForm("/x", "AccountSid="+url.QueryEscape(sid), publicURL+"/xAccountSid"+sid), core.ErrAccount)
			if source.asked != nil {
				t.Errorf("the source was asked for %q", source.asked)
			}
		})
	}
	t.Run("hex digits in either case", func(t *testing.T) {
		for _, sid := range []string{accountA, accountB, "AC0123456789abcdefABCDEF0123456789"} {
			var source recordingSource
			v := validatorFor(t, core.Config{TokenSource: source.tokens})
			_ = v.Check(signedGet("/x?AccountSid="+sid, ""))
			if !slices.Equal(source.asked, []string{sid}) {
				t.Errorf("the source was asked for %q, want %q", source.asked, sid)
			}
		}
	})
}

func TestT2TheSourceIsHandedTheContextOfTheRequest(t *testing.T) {
	type key struct{}
	for name, want := range map[string]any{"a context": "value", "none": nil} {
		var got any = "not asked"
		v := validatorFor(t, core.Config{TokenSource: func(ctx context.Context, _ string) ([]core.Token, error) {
			got = ctx.Value(key{})
			return nil, nil
		}})
		r := signedGet("/x?AccountSid="+accountA, "")
		if want != nil {
			r.Context = context.WithValue(context.Background(), key{}, want)
		}
		_ = v.Check(r)
		if got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestT4TheMapSource(t *testing.T) {
	accounts := map[string][]core.Token{accountA: {primaryToken()}, accountB: {core.AuthToken("b", tokenOfB)}}
	v := validatorFor(t, core.Config{Accounts: accounts})
	accounts[accountA][0] = core.AuthToken("changed", tokenOfB)
	delete(accounts, accountB)

	request := func(token, sid string) *core.Request {
		target := "/x?AccountSid=" + sid
		return signedBy(token, publicURL+target, signedGet(target, ""))
	}
	if webhook := accepted(t, v, request(authToken, accountA)); webhook.AccountSid != accountA || webhook.TokenLabel != "primary" {
		t.Errorf("got %v", webhook)
	}
	accepted(t, v, request(tokenOfB, accountB))
	refused(t, v, request(tokenOfB, accountA), core.ErrSignature)
	refused(t, v, request(authToken, accountB), core.ErrSignature)
	refused(t, v, request(authToken, "AC00000000000000000000000000000000"), core.ErrAccount)
}

// T2: the answers to an unknown account and to a wrong signature are one.
func TestT2AnUnknownAccountLooksLikeAWrongSignature(t *testing.T) {
	v := validatorFor(t, core.Config{Accounts: map[string][]core.Token{accountA: {primaryToken()}}})
	unknown := core.AnswerTo(refused(t, v, signedGet("/x?AccountSid="+accountB, ""), core.ErrAccount))
	wrong := core.AnswerTo(refused(t, v, signedGet("/x?AccountSid="+accountA, ""), core.ErrSignature))
	if unknown.Status != wrong.Status || unknown.Body != wrong.Body {
		t.Errorf("%d %q and %d %q", unknown.Status, unknown.Body, wrong.Status, wrong.Body)
	}
}

func TestT4AFailureOfTheSourceIsNeverAcceptance(t *testing.T) {
	target := "/x?AccountSid=" + accountA
	for name, source := range map[string]core.TokenSource{
		"an error": failingSource,
		"an error beside a token": func(context.Context, string) ([]core.Token, error) {
			return []core.Token{primaryToken()}, errSourceDown
		},
		"a panic (V9)":   func(context.Context, string) ([]core.Token, error) { panic(authToken) },
		"the zero Token": func(context.Context, string) ([]core.Token, error) { return []core.Token{primaryToken(), {}}, nil },
		"a token of an empty file": func(context.Context, string) ([]core.Token, error) {
			return []core.Token{core.AuthToken("file", "")}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := refused(t, validatorFor(t, core.Config{TokenSource: source}), signedGet(target, publicURL+target), core.ErrTokenSource)
			if e.Status() != 503 {
				t.Errorf("status %d", e.Status())
			}
			if errors.Unwrap(e) == nil {
				t.Error("the cause is gone")
			}
		})
	}
	t.Run("errors.Is finds the source's error", func(t *testing.T) {
		_, err := validatorFor(t, core.Config{TokenSource: failingSource}).Validate(signedGet(target, publicURL+target))
		if !errors.Is(err, errSourceDown) {
			t.Errorf("got %v", err)
		}
	})
}

func TestU5ThePinnedAccount(t *testing.T) {
	const pair, signed = "AccountSid=" + accountA, "AccountSid" + accountA
	const x = publicURL + "/x"
	other := "AccountSid=" + accountB
	tests := []struct {
		name string
		r    *core.Request
		want core.Reason
	}{
		{"in the form", signedForm("/x", pair, x+signed), ""},
		{"in the query of a GET", signedGet("/x?"+pair, x+"?"+pair), ""},
		{"selected for JSON that names none", signedJSON("/x", "{}"), ""},
		{"selected for an upgrade that names none", signedGet("/x", "wss://example.com/x", upgradeLines...), ""},
		{"another in the form", signedForm("/x", other, x+"AccountSid"+accountB), core.ErrPin},
		{"another in the query of JSON", signedRequest("POST", "/x?"+other+"&"+bodyHash("{}"), "{}", x+"?"+other+"&"+bodyHash("{}")), core.ErrPin},
		{"none in a form", signedForm("/x", "a=1", x+"a1"), core.ErrPin},
		{"none in a form bound by its hash", signedForm("/x?"+bodyHash("a=1"), "a=1", x+"?"+bodyHash("a=1")), core.ErrPin},
		{"none in a GET", signedGet("/x", x), core.ErrPin},
		{"twice", signedForm("/x", pair+"&"+pair, x+signed), core.ErrPin},
		{"twice in the query of JSON", signedRequest("POST", "/x?"+pair+"&"+pair+"&"+bodyHash("{}"), "{}", x+"?"+pair+"&"+pair+"&"+bodyHash("{}")), core.ErrPin},
		{"in another case", signedForm("/x", "AccountSid=ACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", x+"AccountSidACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), core.ErrPin},
	}
	static := core.Config{AccountSid: accountA}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.want != "" {
				refused(t, validatorFor(t, static), test.r, test.want)
				return
			}
			var source recordingSource
			for _, cfg := range []core.Config{static, {AccountSid: accountA, TokenSource: source.tokens}} {
				if got := accepted(t, validatorFor(t, cfg), test.r).AccountSid; got != accountA {
					t.Errorf("the webhook's account is %q", got)
				}
			}
			if !slices.Equal(source.asked, []string{accountA}) {
				t.Errorf("the source was asked for %q", source.asked)
			}
		})
	}
	t.Run("it does not replace the account that is signed", func(t *testing.T) {
		var source recordingSource
		v := validatorFor(t, core.Config{AccountSid: accountA, TokenSource: source.tokens})
		refused(t, v, signedBy(tokenOfB, x+"AccountSid"+accountB, signedForm("/x", other, "")), core.ErrPin)
		refused(t, v, signedForm("/x", "a=1", x+"a1"), core.ErrAccount)
	})
}

func TestU5ExactURL(t *testing.T) {
	hash := bodyHash("{}")
	exact := func(url string) core.Config { return core.Config{ExactURL: url} }
	tests := []struct {
		name   string
		config core.Config
		target string
		signed string
		want   core.Reason
	}{
		{"equal", exact(publicURL + "/x?a=1"), "/x?a=1", publicURL + "/x?a=1", ""},
		{"the root", exact(publicURL), "/", publicURL + "/", ""},
		{"the configured port is the default one", exact("https://example.com:443/x"), "/x", publicURL + "/x", ""},
		{"the matched candidate does not count", exact(publicURL + "/x"), "/x", "https://example.com:443/x", ""},
		{"behind a prefix", core.Config{PublicURL: publicURL + "/p", ExactURL: publicURL + "/p/x"}, "/x", publicURL + "/p/x", ""},
		{"one of more origins", core.Config{PublicURL: publicURL, MorePublicURLs: []string{"https://b.example"}, ExactURL: "https://b.example/x"}, "/x", "https://b.example/x", ""},
		{"bodySHA256 apart", exact(publicURL + "/x?a=1"), "/x?a=1&" + hash, publicURL + "/x?a=1&" + hash, ""},
		{"bodySHA256 apart, wherever it stands", exact(publicURL + "/x?a=1&b=2"), "/x?a=1&" + hash + "&b=2", publicURL + "/x?a=1&" + hash + "&b=2", ""},
		{"bodySHA256 apart, alone", exact(publicURL + "/x"), "/x?" + hash, publicURL + "/x?" + hash, ""},
		{"bodySHA256 apart, in the configuration too", exact(publicURL + "/x?" + bodyHash("x")), "/x?" + hash, publicURL + "/x?" + hash, ""},
		{"another path", exact(publicURL + "/x"), "/y", publicURL + "/y", core.ErrPin},
		{"a shorter path", exact(publicURL + "/xy"), "/x", publicURL + "/x", core.ErrPin},
		{"another query", exact(publicURL + "/x?a=1"), "/x?a=2", publicURL + "/x?a=2", core.ErrPin},
		{"another spelling", exact(publicURL + "/x?a=@"), "/x?a=%40", publicURL + "/x?a=@", core.ErrPin},
		{"an empty query", exact(publicURL + "/x"), "/x?", publicURL + "/x?", core.ErrPin},
		{"no query", exact(publicURL + "/x?a=1"), "/x", publicURL + "/x", core.ErrPin},
		{"a slash", exact(publicURL + "/x/"), "/x", publicURL + "/x", core.ErrPin},
		{"another one of more origins", core.Config{PublicURL: publicURL, MorePublicURLs: []string{"https://b.example"}, ExactURL: "https://b.example/x"}, "/x", publicURL + "/x", core.ErrPin},
		{"another port of the same host", core.Config{PublicURL: publicURL, MorePublicURLs: []string{"https://example.com:8443"}, ExactURL: "https://example.com:8443/x"}, "/x", publicURL + ":443/x", core.ErrPin},
		{"derived, equal", core.Config{AllowedHosts: []string{"example.com"}, ExactURL: "http://example.com/x"}, "/x", "http://example.com/x", ""},
		{"derived, another scheme", core.Config{AllowedHosts: []string{"example.com"}, ExactURL: "https://example.com/x"}, "/x", "http://example.com/x", core.ErrPin},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := signedGet(test.target, test.signed)
			if len(test.target) > 64 {
				r.Buffered = []byte("{}")
			}
			if v := validatorFor(t, test.config); test.want == "" {
				accepted(t, v, r)
			} else {
				refused(t, v, r, test.want)
			}
		})
	}
}

func TestU5RequiredParams(t *testing.T) {
	const x = publicURL + "/x"
	v := validatorFor(t, core.Config{RequiredParams: []string{"From", "To"}})
	accepted(t, v, signedForm("/x", "From=1&To=&To=2", x+"From1ToTo2"))
	accepted(t, v, signedGet("/x?To&From=1", x+"?To&From=1"))
	form := "/x?" + bodyHash("From&To")
	accepted(t, v, signedForm(form, "From&To", publicURL+form))
	for name, r := range map[string]*core.Request{
		"one missing in the form":                signedForm("/x", "From=1", x+"From1"),
		"another case":                           signedForm("/x", "From=1&to=2", x+"From1to2"),
		"in the query of a POST":                 signedForm("/x?From=1&To=2", "", x+"?From=1&To=2"),
		"one missing in the query":               signedGet("/x?From=1", x+"?From=1"),
		"one without decoded form in the query":  signedGet("/x?From=1&To=%zz", x+"?From=1&To=%zz"),
		"JSON, which has none":                   signedJSON("/x", `{"From":"1","To":"2"}`),
		"a value that swallowed the other names": signedForm("/x", "From=1ToX", x+"From1ToX"),
	} {
		t.Run(name, func(t *testing.T) { refused(t, v, r, core.ErrPin) })
	}
}
