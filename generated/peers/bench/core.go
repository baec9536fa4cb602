package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	twilio "github.com/twilio/twilio-go/client"

	"github.com/ringfence-go/ringfence/core"
)

func newValidator(tokens ...core.Token) *core.Validator {
	v, err := core.NewValidator(core.Config{PublicURL: origin, Tokens: tokens})
	must(err)
	return v
}

// accept is a run of Check that must accept.
func accept(v *core.Validator, p payload) subject {
	r := p.request()
	return subject{"ringfence", func() { must(v.Check(r)) }}
}

// acceptByTwilio is a run of twilio-go's RequestValidator as its documentation shows it, on a body that is read already: the form
// parsed with net/http's parser, and one value a parameter.
func acceptByTwilio(p payload) subject {
	rv := twilio.NewRequestValidator(authToken)
	body := []byte(p.body)
	return subject{"twilio-go", func() {
		if p.params == nil {
			if !rv.ValidateBody(origin+p.target, body, p.signature) {
				panic("twilio-go refused")
			}
			return
		}
		if !rv.Validate(origin+p.target, firstValues(p.body), p.signature) {
			panic("twilio-go refused")
		}
	}}
}

// firstValues is what twilio-go's Validate takes: a map with one value a name.
func firstValues(body string) map[string]string {
	values, err := url.ParseQuery(body)
	must(err)
	first := make(map[string]string, len(values))
	for name := range values {
		first[name] = values.Get(name)
	}
	return first
}

// acceptShuffled is accept for a form whose parameters come in another order each time. The signature is the same for all.
func acceptShuffled(v *core.Validator, p payload) subject {
	random := rand.New(rand.NewPCG(1, 2))
	pairs := strings.Split(p.body, "&")
	requests := make([]*core.Request, 64)
	for i := range requests {
		random.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		requests[i] = p.request()
		requests[i].Buffered = []byte(strings.Join(pairs, "&"))
	}
	i := 0
	return subject{"shuffled", func() { i++; must(v.Check(requests[i%len(requests)])) }}
}

// validation compares validating with its floor and with twilio-go.
func validation(t *table) *section {
	v := newValidator(token)
	section := t.section("Validation in core", "payload", "ringfence", "allocations", "÷ HMAC floor", "twilio-go", "allocations",
		"twilio-go ÷ ringfence")
	for _, p := range []payload{smsPayload(), voicePayload(), jsonPayload(), largePayload()} {
		f := measure(accept(v, p), subject{"floor", p.floor()}, acceptByTwilio(p))
		section.row(p.name, f[0].time, f[0].allocs, ratio(f[0], f[1]), f[2].time, f[2].allocs, ratio(f[2], f[0]))
		section.bar(p.name, bar{"floor", f[1]}, bar{"ringfence", f[0]}, bar{"twilio-go", f[2]})
	}
	shuffled := t.section("The same SMS form with its parameters in one order, and in a new one each time", "order", "ringfence", "÷ HMAC floor")
	s := measure(accept(v, smsPayload()), acceptShuffled(v, smsPayload()), subject{"floor", smsPayload().floor()})
	shuffled.row("one, as Twilio sends a kind of webhook", s[0].time, ratio(s[0], s[2]))
	shuffled.row("a new one each time", s[1].time, ratio(s[1], s[2]))
	webhook := t.section("Handing over a webhook", "payload", "Validate", "allocations")
	for _, p := range []payload{smsPayload(), jsonPayload()} {
		r := p.request()
		f := measure(subject{"Validate", func() { _, err := v.Validate(r); must(err) }})
		webhook.row(p.name, f[0].time, f[0].allocs)
	}
	return section
}

// refusal measures what a request without a valid signature costs.
func refusal(t *table) {
	v := newValidator(token)
	section := t.section("Refusal in core", "signature", "ringfence", "allocations")
	for _, kind := range []struct {
		name  string
		lines []string
	}{
		{"missing", nil},
		{"malformed", []string{"not a signature"}},
		{"wrong", []string{"AAAAAAAAAAAAAAAAAAAAAAAAAAA="}},
	} {
		r := smsPayload().request()
		r.Header = http.Header{"Content-Type": {formType}, "X-Twilio-Signature": kind.lines}
		f := measure(subject{kind.name, func() {
			if v.Check(r) == nil {
				panic("accepted")
			}
		}})
		section.row(kind.name, f[0].time, f[0].allocs)
	}
}

// growth measures how the cost grows with what the client and the configuration choose.
func growth(t *table) {
	v := newValidator(token)
	params := t.section("Growth with parameters of 24 bytes", "parameters", "ringfence", "in a new order each time", "that, a parameter", "twilio-go")
	for _, n := range []int{1, 10, 100, 1000} {
		p := paramsPayload(n)
		f := measure(accept(v, p), acceptShuffled(v, p), acceptByTwilio(p))
		params.row(p.name, f[0].time, f[1].time, f[1].time/time.Duration(n), f[2].time)
	}
	body := t.section("Growth with the body", "bytes", "ringfence", "÷ HMAC floor")
	for _, n := range []int{100, 1_000, 10_000, 100_000, 1_000_000} {
		p := bodyPayload(n)
		f := measure(accept(v, p), subject{"floor", p.floor()})
		body.row(p.name, f[0].time, ratio(f[0], f[1]))
	}
	tokens := t.section("Growth with tokens, the last one signing", "tokens", "ringfence")
	for n := 1; n <= 8; n *= 2 {
		var set []core.Token
		for i := 1; i < n; i++ {
			set = append(set, core.AuthToken(fmt.Sprint("token ", i), fmt.Sprintf("%032x", i)))
		}
		f := measure(accept(newValidator(append(set, token)...), smsPayload()))
		tokens.row(fmt.Sprint(n), f[0].time)
	}
	candidates := t.section("Candidates, all tried and refused", "request", "origins", "tokens", "MACs", "ringfence")
	several, err := core.NewValidator(core.Config{
		PublicURL: origin, MorePublicURLs: []string{"https://a.example.com", "https://b.example.com", "https://c.example.com"},
		Tokens: []core.Token{token, core.AuthToken("secondary", fmt.Sprintf("%032x", 1))},
	})
	must(err)
	const quoted = "?a='@:%27"
	for _, c := range []struct {
		name, method, target   string
		v                      *core.Validator
		origins, tokens, tried int
	}{
		{"a form POST to a path", http.MethodPost, "/hook", v, 1, 1, 2},
		{"the same with ' @ : in the query", http.MethodPost, "/hook" + quoted, v, 1, 1, 6},
		{"the same to the root", http.MethodPost, "/" + quoted, v, 1, 1, 12},
		{"an upgrade of the root with such a query", http.MethodGet, "/" + quoted, v, 1, 1, 16},
		{"the same", http.MethodGet, "/" + quoted, several, 4, 2, 128},
	} {
		r := smsPayload().request()
		r.Method, r.Target = c.method, c.target
		r.Header.Set("X-Twilio-Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
		if c.method == http.MethodGet {
			r.Buffered = nil
			r.Header.Del("Content-Type")
			r.Header.Set("Connection", "Upgrade")
			r.Header.Set("Upgrade", "websocket")
		}
		f := measure(subject{c.name, func() { _ = c.v.Check(r) }})
		candidates.row(c.name, c.origins, c.tokens, c.tried, f[0].time)
	}
}
