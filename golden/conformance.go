package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Conformance holds an adapter to the contract over real sockets: published vectors, single changed bytes, hostile requests and
// constructor configurations, each against a server in this process, one per distinct configuration. Every adapter must give the
// verdicts and the exact statuses of data/verdicts.json; family says which of the differences listed there apply.
//
// While it runs it captures what package log and log/slog write, so it must not run in parallel with other tests. Vectors that cannot
// be replayed are skipped by name, with the reason.
func Conformance(t *testing.T, family Family, serve Serve) {
	logs := captureLogs(t)
	t.Run("published vectors", func(t *testing.T) { runCases(t, serve, logs, publishedCases(t)) })
	t.Run("changed bytes", func(t *testing.T) { runCases(t, serve, logs, Mutations()) })
	t.Run("hostile requests", func(t *testing.T) { runCases(t, serve, logs, hostileCases(t, family)) })
	t.Run("first requests of a server", func(t *testing.T) { runAlone(t, serve, logs, framingCases(t, family)) })
	if family.onNetHTTP() { // elsewhere a panic ends the process
		t.Run("a handler that panics", func(t *testing.T) {
			if err := checkPanic(serve, logs); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("constructors", func(t *testing.T) {
		for _, c := range Constructions() {
			t.Run(c.ID, func(t *testing.T) { c.judge(t) })
		}
	})
}

// publishedCases reports the vectors that have no verdict over HTTP and returns the others.
func publishedCases(t *testing.T) []Case {
	var cases []Case
	for _, v := range Vectors() {
		c, err := v.Case()
		if err != nil {
			t.Run(v.ID, func(t *testing.T) { t.Skip(v.Contract) })
			continue
		}
		cases = append(cases, c)
	}
	t.Logf("%d of %d vectors replayed, the others skipped by name", len(cases), len(Vectors()))
	return cases
}

func hostileCases(t *testing.T, family Family) []Case {
	cases := Hostile()
	if err := verdicts().check(cases); err != nil {
		t.Error(err)
	}
	for i := range cases {
		c, err := verdicts().expect(cases[i], family)
		if err != nil {
			t.Error(err)
		}
		cases[i] = c
	}
	return cases
}

// framingCases returns the hostile cases that a parser may answer by what an earlier request left in its buffers.
func framingCases(t *testing.T, family Family) []Case {
	notFraming := func(c Case) bool { return c.Class != "http-framing" }
	return slices.DeleteFunc(hostileCases(t, family), notFraming)
}

// runAlone replays each case against a server of its own: a fresh server and a used one must answer alike.
func runAlone(t *testing.T, serve Serve, logs *logBuffer, cases []Case) {
	for _, c := range cases {
		runCases(t, serve, logs, []Case{c})
	}
}

// runCases replays the cases, grouped by configuration.
func runCases(t *testing.T, serve Serve, logs *logBuffer, cases []Case) {
	for _, group := range byConfig(cases) {
		wrap := asItIs
		if group[0].waits {
			wrap = hurried
		}
		s, err := startBehind(wrap, group[0].Config, serve, logs)
		if err != nil {
			t.Errorf("%s and %d more: %v", group[0].ID, len(group)-1, err)
			continue
		}
		mark := logs.mark()
		for _, c := range group {
			t.Run(c.ID, func(t *testing.T) { report(t, s.replay(c)) })
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
		// What was logged late belongs to no single case.
		late := Outcome{Logs: logs.since(mark)}
		for _, c := range group {
			if err := c.expectation().judgeSecrecy(late); err != nil {
				t.Errorf("%s: %v", c.ID, err)
			}
		}
		if err := judgeStability(late); err != nil {
			t.Error(err)
		}
	}
}

// checkPanic holds an adapter to V9: it does not swallow a handler's panic, so that the server logs it and closes the connection.
func checkPanic(serve Serve, logs *logBuffer) error {
	c, err := Vectors()[0].Case()
	if err != nil {
		return err
	}
	s, err := start(c.Config, serve, logs)
	if err != nil {
		return err
	}
	s.protected.panics.Store(true)
	mark := logs.mark()
	response, err := Send(s.addr, c.Bytes())
	switch calls := s.protected.Calls(); {
	case err != nil:
	case calls != 1:
		err = fmt.Errorf("V9: a handler that panics was called %d times", calls)
	case response.Status != 0 || !strings.Contains(logs.since(mark), handlerPanic):
		err = fmt.Errorf("V9: the handler's panic does not reach the server: status %d", response.Status)
	}
	return errors.Join(err, s.close())
}

// byConfig groups cases with equal configurations, in the order of their first ones. What a server waits for is apart.
func byConfig(cases []Case) [][]Case {
	var groups [][]Case
	place := make(map[string]int)
	for _, c := range cases {
		config, err := json.Marshal(c.Config)
		if err != nil {
			panic(err)
		}
		key := fmt.Sprintf("%t %s", c.waits, config)
		i, ok := place[key]
		if !ok {
			i = len(groups)
			place[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

func report(t *testing.T, r Result) {
	if r.Err != nil {
		t.Error(r)
	}
}

// String shows what was wrong, the request and the response.
func (r Result) String() string {
	return fmt.Sprintf("%s: %v\nwant: %s %d\nwhy: %s\nrequest:\n%s\nresponse:\n%s", r.Case.ID, r.Err, r.Case.Expect, r.Case.StatusAny,
		r.Case.Why, printable(r.Request), printable(r.Response.Raw))
}

// judge hands the configuration to the constructor. Its error must not show a secret (R2).
func (c ConstructionCase) judge(t *testing.T) {
	_, err := c.Config.Validator(nil)
	outcome := "ok"
	if err != nil {
		outcome = "error"
	}
	right := c.ExpectAny
	if right == nil {
		right = []string{c.Expect}
	}
	if !slices.Contains(right, outcome) {
		t.Errorf("%s: constructor returned %v, want %s: %s", c.ID, err, right, c.Why)
	}
	for _, token := range c.Config.Tokens {
		if err != nil && len(token) > 6 && strings.Contains(err.Error(), token) {
			t.Errorf("%s: R2: the error shows the token", c.ID)
		}
	}
}
