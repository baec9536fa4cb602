package core_test

import (
	"net/url"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestV7TheWebhookHasWhatWasVerified(t *testing.T) {
	const x = publicURL + "/x"
	get := "/x?From=%2B1&From=2&AccountSid=" + accountA
	json := signedJSON("/x", `{"a": 1}`)
	tests := []struct {
		name    string
		r       *core.Request
		url     string
		account string
		body    string
		params  url.Values
	}{
		{"a form", signedForm("/x?q=1", "From=%2B1&AccountSid="+accountA, x+"?q=1AccountSid"+accountA+"From+1"), x + "?q=1", accountA,
			"From=%2B1&AccountSid=" + accountA, url.Values{"From": {"+1"}, "AccountSid": {accountA}}},
		{"a GET", signedGet(get, publicURL+get), publicURL + get, accountA, "", url.Values{"From": {"+1", "2"}, "AccountSid": {accountA}}},
		{"a GET with pairs that have no decoded form", signedGet("/x?a=%zz&b=1", x+"?a=%zz&b=1"), x + "?a=%zz&b=1", "", "", url.Values{"b": {"1"}}},
		{"JSON, which has no parameters", json, publicURL + json.Target, "", `{"a": 1}`, url.Values{}},
		{"a POST of nothing", signedForm("/x?q=1", "", x+"?q=1"), x + "?q=1", "", "", url.Values{}},
		{"two accounts, of which neither counts", signedForm("/x", "AccountSid="+accountA+"&AccountSid="+accountB, x+"AccountSid"+accountB+"AccountSid"+accountA), x, "",
			"AccountSid=" + accountA + "&AccountSid=" + accountB, url.Values{"AccountSid": {accountA, accountB}}},
	}
	v := validatorFor(t, core.Config{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := accepted(t, v, test.r)
			if w.URL() != test.url || w.AccountSid != test.account || string(w.Body()) != test.body || w.TokenLabel != "primary" {
				t.Errorf("URL %q, account %q, body %q, token %q", w.URL(), w.AccountSid, w.Body(), w.TokenLabel)
			}
			if got := w.Params(); got.Encode() != test.params.Encode() {
				t.Errorf("parameters %q, want %q", got, test.params)
			}
			if got, want := w.Param("From"), test.params.Get("From"); got != want {
				t.Errorf("From %q, want %q", got, want)
			}
			if got := w.Param("missing"); got != "" {
				t.Errorf("a missing parameter is %q", got)
			}
		})
	}
}

func TestV7NothingThatAWebhookReturnsChangesIt(t *testing.T) {
	w := accepted(t, validatorFor(t, core.Config{}), signedForm("/x", "a=1&b=2", publicURL+"/xa1b2"))
	w.Body()[2] = '#'
	params := w.Params()
	params["a"][0] = "#"
	params.Del("b")
	if got := string(w.Body()) + w.Params().Encode() + w.Param("a"); got != "a=1&b=2a=1&b=21" {
		t.Errorf("got %q", got)
	}
}

func TestV9AWebhookThatNobodyVerifiedIsEmpty(t *testing.T) {
	defer failOnPanic(t)
	var w core.Webhook
	if len(w.Body()) > 0 || len(w.Params()) > 0 || w.Param("a") != "" || w.String() != `Webhook(account "", token "", URL as received)` {
		t.Errorf("got %v with body %q and parameters %q", w, w.Body(), w.Params())
	}
}
