package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// mistakes is a validator as people write them, with the mistakes that they make.
type mistakes struct {
	token, secondToken string

	failsOpen       bool   // no header, no check
	emptyIsFine     bool   // the same for an empty one
	presenceIsFine  bool   // any header will do
	cache           *cache // of signatures that were right before
	secondPath      string // that URLs are signed for, too
	ignoresQuery    bool
	hardCodedURL    string // signed instead of the request's target
	forwardedHost   bool   // believed
	originalURL     bool   // believed
	jsonUnsigned    bool   // no bodySHA256, no check of the body
	hashUnchecked   bool   // a bodySHA256 is enough
	firstValueOnly  bool
	lastValueOnly   bool
	knownParamsOnly bool
	merged          bool // parameters of query and body are one
	paramsUnchecked bool // a signature of the URL alone is fine
}

// cache remembers signatures.
type cache struct{ seen map[string]bool }

func (m mistakes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !m.accepts(r) {
		w.WriteHeader(http.StatusForbidden)
	}
}

func (m mistakes) accepts(r *http.Request) bool {
	lines := r.Header.Values("X-Twilio-Signature")
	switch {
	case len(lines) == 0:
		return m.failsOpen
	case lines[0] == "" && m.emptyIsFine, m.presenceIsFine, m.cache != nil && m.cache.seen[lines[0]]:
		return true
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || !m.bodyIsBound(r, body) {
		return false
	}
	for _, url := range m.urls(r) {
		for _, params := range m.params(r, body) {
			if m.isSigned(url+params, lines[0]) {
				return true
			}
		}
	}
	return false
}

func (m mistakes) isSigned(text, signature string) bool {
	for _, token := range []string{m.token, m.secondToken} {
		mac := hmac.New(sha1.New, []byte(token))
		mac.Write([]byte(text))
		if base64.StdEncoding.EncodeToString(mac.Sum(nil)) == signature {
			if m.cache != nil {
				m.cache.seen[signature] = true
			}
			return true
		}
		if m.secondToken == "" {
			break
		}
	}
	return false
}

func (m mistakes) bodyIsBound(r *http.Request, body []byte) bool {
	hashes := r.URL.Query()["bodySHA256"]
	switch {
	case !isJSONRequest(r):
		return true
	case len(hashes) == 0:
		return m.jsonUnsigned
	}
	sum := sha256.Sum256(body)
	return m.hashUnchecked || hashes[0] == hex.EncodeToString(sum[:])
}

func isJSONRequest(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
}

// urls returns the URLs that may have been signed.
func (m mistakes) urls(r *http.Request) []string {
	origin, target := "http://"+r.Host, r.RequestURI
	if forwarded := r.Header.Get("X-Forwarded-Host"); m.forwardedHost && forwarded != "" {
		origin = "http://" + forwarded
	}
	if original := r.Header.Get("X-Original-URL"); m.originalURL && original != "" {
		target = original
	}
	if m.hardCodedURL != "" {
		target = m.hardCodedURL
	}
	path, query, hasQuery := strings.Cut(target, "?")
	if m.ignoresQuery || m.merged || !hasQuery {
		query = ""
	} else {
		query = "?" + query
	}
	urls := []string{origin + path + query}
	if m.secondPath != "" {
		urls = append(urls, origin+m.secondPath+query)
	}
	return urls
}

// params returns the texts that may have been signed after the URL.
func (m mistakes) params(r *http.Request, body []byte) []string {
	if r.Method == http.MethodGet || isJSONRequest(r) {
		return []string{""}
	}
	params, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	if m.merged {
		for name, values := range r.URL.Query() {
			params[name] = append(params[name], values...)
		}
	}
	var names []string
	for name := range params {
		if !m.knownParamsOnly || name != "Forged" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	text := ""
	for _, name := range names {
		text += m.signedValues(name, params[name])
	}
	if m.paramsUnchecked {
		return []string{text, ""}
	}
	return []string{text}
}

func (m mistakes) signedValues(name string, values []string) string {
	switch {
	case m.firstValueOnly:
		values = values[:1]
	case m.lastValueOnly:
		values = values[len(values)-1:]
	}
	slices.Sort(values)
	text := ""
	for _, value := range slices.Compact(values) {
		text += name + value
	}
	return text
}

func TestProbeNamesTheHole(t *testing.T) {
	const all, forms = "get,form,json", "form"
	tests := []struct {
		name  string
		m     mistakes
		send  string
		holes []string
	}{
		{"fails open without a header", mistakes{failsOpen: true}, all, []string{"it fails open: no signature is needed (get, form, json)"}},
		{"fails open with an empty header", mistakes{emptyIsFine: true}, all,
			[]string{"it fails open: an empty signature is enough (get, form, json)"}},
		{"any header will do", mistakes{presenceIsFine: true}, all,
			[]string{"it fails open: an empty signature is enough (get, form, json)",
				"it does not check the signature, only that there is one (get, form, json)"}},
		{"another token, too", mistakes{secondToken: "ffffffffffffffffffffffffffffffff"}, all,
			[]string{"it accepts the signatures of other tokens (get, form, json)"}},
		{"an empty token", mistakes{token: "-"}, all, []string{"its auth token is empty, so that anybody can sign (get, form, json)"}},
		{"another path, too", mistakes{secondPath: "/ringfence-probe"}, all,
			[]string{"it accepts signatures that were made for other URLs (get, form, json)"}},
		{"the query ignored", mistakes{ignoresQuery: true}, all, []string{"it ignores the query: anybody can change it (get, form, json)"}},
		{"a URL in the source", mistakes{hardCodedURL: "/sms?tenant=1"}, forms, []string{"it ignores the query: anybody can change it (form)"}},
		{"X-Forwarded-Host believed", mistakes{forwardedHost: true}, all, []string{"it believes X-Forwarded-Host of anybody (get, form, json)"}},
		{"X-Original-URL believed", mistakes{originalURL: true}, all, []string{"it believes X-Original-URL of anybody (get, form, json)"}},
		{"JSON unsigned", mistakes{jsonUnsigned: true}, all, []string{"it accepts JSON bodies that nothing signs (json)"}},
		{"the hash not compared", mistakes{hashUnchecked: true}, all, []string{"it does not compare the body with bodySHA256 (json)"}},
		{"the first value only", mistakes{firstValueOnly: true}, all, []string{"it checks only the first value of a repeated parameter (form)"}},
		{"the last value only", mistakes{lastValueOnly: true}, all, []string{"it checks only the last value of a repeated parameter (form)"}},
		{"the parameters that it knows", mistakes{knownParamsOnly: true}, all,
			[]string{"it does not check that a form has no further parameters (form)"}},
		{"query and body in one", mistakes{merged: true}, forms,
			[]string{"it does not tell parameters of the query from those of the body (form)"}},
		{"the parameters left out", mistakes{paramsUnchecked: true}, all, []string{"it does not check a form's parameters at all (form)"}},
		{"signatures that were right once", mistakes{cache: &cache{map[string]bool{}}}, all, []string{
			"it ignores the query: anybody can change it (get, form, json)",
			"it does not check the values of a GET's parameters (get)",
			"it does not check the values of a form's parameters (form)",
			"it does not check that a form has no further parameters (form)",
			"it checks only the first value of a repeated parameter (form)",
			"it checks only the last value of a repeated parameter (form)",
			"it does not tell parameters of the query from those of the body (form)",
			"it does not compare the body with bodySHA256 (json)",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := test.m
			switch m.token {
			case "":
				m.token = probeSecret
			case "-":
				m.token = ""
			}
			server := httptest.NewServer(m)
			defer server.Close()
			target := "/sms?tenant=1"
			if m.merged { // who takes the query for parameters has none in the URL
				target = "/sms"
			}
			run := runProbeWith(t, withToken(), "-send", test.send, server.URL+target)
			want := fmt.Sprintf("NOT PROTECTED: %s/sms let forged requests through:\n  - %s\n", server.URL, strings.Join(test.holes, "\n  - "))
			if run.code != exitNo || !strings.HasSuffix(run.stdout, "\n"+want) {
				t.Errorf("exit %d, want\n%s\ngot\n%s", run.code, want, run.stdout)
			}
		})
	}

	// The control: without a mistake the same server is protected.
	server := httptest.NewServer(mistakes{token: probeSecret})
	defer server.Close()
	if run := runProbeWith(t, withToken(), server.URL+"/sms?tenant=1"); run.code != 0 {
		t.Errorf("without a mistake: exit %d\n%s", run.code, run.stdout)
	}
}

func TestProbeNamesMissingCredentials(t *testing.T) {
	run := func(handler http.Handler) probeRun {
		server := httptest.NewServer(handler)
		defer server.Close()
		return runProbeWith(t, withCredentials(), server.URL)
	}
	if run := run(mistakes{token: probeSecret}); run.code != exitNo ||
		!strings.HasSuffix(run.stdout, "\n  - it asks for no HTTP credentials (get, form, json)\n") {
		t.Errorf("none asked for: exit %d\n%s", run.code, run.stdout)
	}
	anyWillDo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		mistakes{token: probeSecret}.ServeHTTP(w, r)
	})
	if run := run(anyWillDo); run.code != exitNo || !strings.HasSuffix(run.stdout, "\n  - it accepts any HTTP credentials (get, form, json)\n") {
		t.Errorf("any will do: exit %d\n%s", run.code, run.stdout)
	}
}
