package golden

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Expectation is the verdict that one request must get.
type Expectation struct {
	Verdict Verdict
	// Statuses are those that are right. Empty means 200 for Accept, and any that is no success for Refuse.
	Statuses []int
	// Header and HeaderPrefix are response header lines that must be there, by exact value and by beginning.
	Header       map[string]string
	HeaderPrefix map[string]string
	// Secrets of more than six characters must appear nowhere.
	Secrets []string
	// ByParser allows that the framework's own parser refuses, which answers in a form of its own. Any other 400, 405 or 413 must have
	// that of R1.
	ByParser bool
}

// Outcome is what one request caused.
type Outcome struct {
	// Response and Err are what Send returned.
	Response Response
	Err      error
	// Calls is how often the handler was called.
	Calls int
	// Logs is what was logged meanwhile.
	Logs string
}

func (c Case) expectation() Expectation {
	return Expectation{
		Verdict:      c.Expect,
		Statuses:     c.StatusAny,
		Header:       c.MustHaveHeader,
		HeaderPrefix: c.MustHaveHeaderPrefix,
		Secrets:      c.Secrets,
		ByParser:     c.byParser,
	}
}

// Judge compares the outcome of a request with what was expected, as the "how" object of data/hostile.json says, and the form of a
// refusal with R1. The error names everything that is wrong.
func Judge(request []byte, want Expectation, got Outcome) error {
	return errors.Join(
		got.Err,
		want.judgeVerdict(request, got),
		want.judgeStatus(got.Response.Status),
		want.judgeHeaders(got.Response.Header),
		want.judgeRefusal(method(request), got.Response),
		want.judgeSecrecy(got),
		judgeStability(got),
	)
}

// judgeVerdict counts the handler's calls and compares the body that it read with the one that was sent (V7, V8, V9).
func (e Expectation) judgeVerdict(request []byte, got Outcome) error {
	if e.Verdict == Refuse {
		if got.Calls != 0 {
			return fmt.Errorf("refused requests must not reach the handler: it was called %d times", got.Calls)
		}
		return nil
	}
	if got.Calls != 1 {
		return fmt.Errorf("an accepted request must reach the handler exactly once: it was called %d times", got.Calls)
	}
	body, err := sentBody(request)
	if err != nil {
		return err
	}
	if sent, read := hashOf(body), got.Response.Header.Get(BodyHashHeader); sent != read {
		return fmt.Errorf("the handler read another body than was sent: hash %s instead of %s", read, sent)
	}
	return nil
}

func (e Expectation) judgeStatus(status int) error {
	switch {
	case len(e.Statuses) > 0 && !slices.Contains(e.Statuses, status):
		return fmt.Errorf("status %d, want one of %d", status, e.Statuses)
	case len(e.Statuses) > 0:
		return nil
	case e.Verdict == Accept && status != http.StatusOK:
		return fmt.Errorf("status %d, want 200", status)
	case e.Verdict == Refuse && status/100 == 2:
		return fmt.Errorf("status %d for a refusal", status)
	}
	return nil
}

func (e Expectation) judgeHeaders(got http.Header) error {
	for name, value := range e.Header {
		if !slices.Contains(got.Values(name), value) {
			return fmt.Errorf("no header line %s: %s in %q", name, value, got.Values(name))
		}
	}
	for name, beginning := range e.HeaderPrefix {
		begins := func(value string) bool { return strings.HasPrefix(value, beginning) }
		if !slices.ContainsFunc(got.Values(name), begins) {
			return fmt.Errorf("no header line %s: %s… in %q", name, beginning, got.Values(name))
		}
	}
	return nil
}

// statuses of the middleware alone: no HTTP parser answers with them.
var middlewareStatuses = []int{
	http.StatusUnauthorized,
	http.StatusForbidden,
	http.StatusConflict,
	http.StatusUnsupportedMediaType,
	http.StatusServiceUnavailable,
}

// sharedStatuses are those of the middleware that parsers answer with, too.
var sharedStatuses = []int{
	http.StatusBadRequest,
	http.StatusMethodNotAllowed,
	http.StatusRequestEntityTooLarge,
}

// judgeRefusal holds a refusal of the middleware to R1: a body that is constant per status and reflects nothing. Where a parser may
// refuse by itself, a status that both have is the middleware's if the answer carries nosniff.
func (e Expectation) judgeRefusal(method string, r Response) error {
	ours := slices.Contains(middlewareStatuses, r.Status) || r.Header.Get("X-Content-Type-Options") != "" ||
		!e.ByParser && slices.Contains(sharedStatuses, r.Status)
	if !ours {
		return nil
	}
	if got := r.Header["Content-Type"]; !slices.Equal(got, []string{"text/plain; charset=utf-8"}) {
		return fmt.Errorf("R1: Content-Type %q of a refusal", got)
	}
	if got := r.Header["X-Content-Type-Options"]; !slices.Equal(got, []string{"nosniff"}) {
		return fmt.Errorf("R1: X-Content-Type-Options %q of a refusal", got)
	}
	if want := http.StatusText(r.Status) + "\n"; method != http.MethodHead && string(r.Body) != want {
		return fmt.Errorf("R1: body %q of a refusal, want %q", r.Body, want)
	}
	switch {
	case r.Status == http.StatusUnauthorized && r.Header.Get("WWW-Authenticate") == "":
		return errors.New("a 401 without WWW-Authenticate")
	case r.Status == http.StatusMethodNotAllowed && r.Header.Get("Allow") == "":
		return errors.New("a 405 without Allow")
	}
	return nil
}

// judgeSecrecy looks for the case's secrets wherever the outside world could read them (R2). It does not print them.
func (e Expectation) judgeSecrecy(got Outcome) error {
	const shortest = 7 // the documented token 12345 is part of too many other texts
	for i, secret := range e.Secrets {
		switch {
		case len(secret) < shortest:
		case strings.Contains(string(got.Response.Raw), secret):
			return fmt.Errorf("R2: secret %d is in the response", i)
		case strings.Contains(got.Logs, secret):
			return fmt.Errorf("R2: secret %d is in the logs", i)
		}
	}
	return nil
}

// judgeStability looks for panics and stack traces (V9).
func judgeStability(got Outcome) error {
	for _, sign := range []string{"panic", "goroutine ", "runtime error"} {
		switch {
		case strings.Contains(got.Logs, sign):
			return fmt.Errorf("V9: %q in the logs", sign)
		case strings.Contains(string(got.Response.Raw), sign):
			return fmt.Errorf("V9: %q in the response", sign)
		}
	}
	if strings.Contains(string(got.Response.Raw), ".go:") {
		return errors.New("V9: a stack trace in the response")
	}
	return nil
}
