package core_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

// headerOf collects the header lines of an answer.
func headerOf(a core.Answer) http.Header {
	header := http.Header{}
	a.EachHeader(header.Add)
	return header
}

// refusals provokes every reason there is.
func refusals(t *testing.T, twiml bool) map[core.Reason]*core.Error {
	const url = publicURL + "/x"
	form := func(body string) *core.Request { return signedForm("/x", body, url) }
	without := signedGet("/x", url)
	without.Header.Del("X-Twilio-Signature")
	malformed := signedGet("/x", url)
	malformed.Header.Set("X-Twilio-Signature", "x")
	trusted := signedGet("/x", url, "X-Forwarded-Proto: x")
	trusted.Peer = tcpPeer(proxy)
	unreadable := form("")
	unreadable.Body, unreadable.Buffered = stuck{}, nil
	derive := core.Config{AllowedHosts: []string{"other.example"}, TrustedProxies: []string{proxy}}

	got := map[core.Reason]*core.Error{}
	for reason, test := range map[core.Reason]struct {
		config core.Config
		r      *core.Request
	}{
		core.ErrMethod:           {core.Config{}, signedRequest("PUT", "/x", "", url)},
		core.ErrCredentials:      {core.Config{Basic: &core.BasicAuth{Realm: "r", Username: "u", Password: core.NewSecret("p")}}, signedGet("/x", url)},
		core.ErrNoSignature:      {core.Config{}, without},
		core.ErrSignatureFormat:  {core.Config{}, malformed},
		core.ErrSignature:        {core.Config{}, signedGet("/x", "")},
		core.ErrSigningKey:       {core.Config{SigningKeys: []core.SigningKey{sha1Key}}, signedGet("/x", url, "X-Twilio-Signature-Key-Sid: SK33")},
		core.ErrMalformedRequest: {core.Config{}, signedGet("x", url)},
		core.ErrHost:             {derive, signedGet("/x", url)},
		core.ErrForwarded:        {derive, trusted},
		core.ErrNotHTTPS:         {core.Config{PublicURL: "http://example.com", RequireHTTPS: true}, signedGet("/x", url)},
		core.ErrContentEncoding:  {core.Config{}, signedGet("/x", url, "Content-Encoding: gzip")},
		core.ErrBodyNotBound:     {core.Config{}, signedRequest("POST", "/x", "{}", url)},
		core.ErrBodyHash:         {core.Config{}, signedRequest("POST", "/x?bodySHA256=", "{}", url)},
		core.ErrBodyTooLarge:     {core.Config{MaxBodyBytes: 1}, form("a=1")},
		core.ErrBodyRead:         {core.Config{}, unreadable},
		core.ErrBodyConsumed:     {core.Config{}, signedForm("/x", "", url, "Content-Length: 1")},
		core.ErrMalformedForm:    {core.Config{}, form("%")},
		core.ErrTooManyParams:    {core.Config{MaxParams: 1}, form("a&b")},
		core.ErrAccount:          {core.Config{Accounts: map[string][]core.Token{accountA: {primaryToken()}}}, signedGet("/x", url)},
		core.ErrPin:              {core.Config{AccountSid: accountA}, signedGet("/x", url)},
		core.ErrTokenSource:      {core.Config{TokenSource: failingSource}, signedGet("/x?AccountSid="+accountA, url)},
		core.ErrReplay:           {core.Config{Replay: &core.ReplayGuard{Refuse: true, Store: storeOf(true, nil)}}, signedGet("/x", url)},
		core.ErrReplayStore:      {core.Config{Replay: &core.ReplayGuard{Store: storeOf(false, errors.New("down"))}}, signedGet("/x", url)},
	} {
		test.config.TwiML = twiml
		got[reason] = refused(t, validatorFor(t, test.config), test.r, reason)
	}
	return got
}

func TestR1StatusOfEveryReason(t *testing.T) {
	want := map[core.Reason]int{
		core.ErrMethod:           405,
		core.ErrCredentials:      401,
		core.ErrNoSignature:      403,
		core.ErrSignatureFormat:  403,
		core.ErrSignature:        403,
		core.ErrSigningKey:       403,
		core.ErrMalformedRequest: 400,
		core.ErrHost:             403,
		core.ErrForwarded:        403,
		core.ErrNotHTTPS:         403,
		core.ErrContentEncoding:  415,
		core.ErrBodyNotBound:     403,
		core.ErrBodyHash:         403,
		core.ErrBodyTooLarge:     413,
		core.ErrBodyRead:         400,
		core.ErrBodyConsumed:     403,
		core.ErrMalformedForm:    400,
		core.ErrTooManyParams:    413,
		core.ErrAccount:          403,
		core.ErrPin:              403,
		core.ErrTokenSource:      503,
		core.ErrReplay:           409,
		core.ErrReplayStore:      503,
	}
	for reason, e := range refusals(t, false) {
		if e.Status() != want[reason] || core.AnswerTo(e).Status != want[reason] {
			t.Errorf("%q: status %d, answer %d, want %d", reason, e.Status(), core.AnswerTo(e).Status, want[reason])
		}
	}
}

func TestR1TheAnswerIsConstantPerStatus(t *testing.T) {
	const emptyTwiML = `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`
	for _, twiml := range []bool{false, true} {
		for reason, e := range refusals(t, twiml) {
			want, contentType := http.StatusText(e.Status())+"\n", "text/plain; charset=utf-8"
			if twiml {
				want, contentType = emptyTwiML, "text/xml; charset=utf-8"
			}
			w := httptest.NewRecorder()
			w.Header().Set("Content-Type", "application/json") // what something before us meant for another answer
			w.Header().Set("Content-Length", "7")
			w.Header().Set("X-Content-Type-Options", "sniff")
			core.AnswerTo(fmt.Errorf("wrapped: %w", e)).Write(w)
			if w.Code != e.Status() || w.Body.String() != want {
				t.Errorf("%q: answer %d %q, want %d %q", reason, w.Code, w.Body, e.Status(), want)
			}
			header := http.Header{"Content-Type": {contentType}, "X-Content-Type-Options": {"nosniff"}}
			switch reason {
			case core.ErrMethod:
				header["Allow"] = []string{"GET, POST"}
			case core.ErrCredentials:
				header["Www-Authenticate"] = []string{`Basic realm="r"`}
			}
			if got := w.Header(); fmt.Sprint(got) != fmt.Sprint(header) {
				t.Errorf("%q: header %q, want %q", reason, got, header)
			}
		}
	}
}

func TestR1WhatIsNoRefusalIsAnsweredWith403(t *testing.T) {
	var typedNil *core.Error
	for name, err := range map[string]error{
		"another error":  errors.New("token 12345"),
		"nil":            nil,
		"a nil *Error":   typedNil,
		"the zero Error": &core.Error{},
		"no Reason":      core.Reason(""),
	} {
		t.Run(name, func(t *testing.T) {
			defer failOnPanic(t)
			w := httptest.NewRecorder()
			core.AnswerTo(err).Write(w)
			if w.Code != 403 || w.Body.String() != "Forbidden\n" {
				t.Errorf("answer %d %q", w.Code, w.Body)
			}
		})
	}
}

func TestR1AnAnswerMadeByHandIsWritten(t *testing.T) {
	w := httptest.NewRecorder()
	core.Answer{}.Write(w)
	if got := w.Header().Get("Content-Type"); w.Code != http.StatusForbidden || got != "text/plain; charset=utf-8" {
		t.Errorf("got %d with %q", w.Code, got)
	}
}

func TestR1ABareReasonHasItsAnswer(t *testing.T) {
	if a := core.AnswerTo(fmt.Errorf("wrapped: %w", core.ErrReplay)); a.Status != 409 || a.Body != "Conflict\n" {
		t.Errorf("answer %d %q", a.Status, a.Body)
	}
}

func TestR2TheErrorIsTyped(t *testing.T) {
	for reason, e := range refusals(t, false) {
		if got := e.Error(); got != reason.Error() && got != reason.Error()+": "+e.Detail {
			t.Errorf("%q: text %q", reason, got)
		}
		wrapped := fmt.Errorf("wrapped: %w", e)
		for other := range refusals(t, false) {
			if got := errors.Is(wrapped, other); got != (other == reason) {
				t.Errorf("errors.Is(%q, %q) is %v", e, other, got)
			}
		}
	}
}

func TestR2TheReasonsAreDistinct(t *testing.T) {
	var texts []string
	for reason := range refusals(t, false) {
		texts = append(texts, reason.Error())
	}
	slices.Sort(texts)
	if n := len(slices.Compact(slices.Clone(texts))); n != len(texts) {
		t.Errorf("%d of %d texts are distinct: %q", n, len(texts), texts)
	}
}
