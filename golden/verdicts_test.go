package golden

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

var update = flag.Bool("update", false, "record the statuses of the reference server in data/verdicts.json")

// reference is the shortest net/http middleware there can be. Adapters are compared with its answers.
func reference(ln net.Listener, v *core.Validator, h *Handler) error {
	return ServeHTTP(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verified, _, err := v.ValidateHTTP(r)
		if err != nil {
			core.AnswerTo(err).Write(w)
			return
		}
		h.ServeHTTP(w, verified)
	}))
}

func TestConformance(t *testing.T) {
	if *update {
		recordVerdicts(t)
		t.Skip("recorded; this binary still holds the old file")
	}
	Conformance(t, NetHTTP, reference)
}

func TestLoad(t *testing.T) { Load(t, reference) }

func TestResources(t *testing.T) { Resources(t, NetHTTP, reference) }

func TestVerdictsAgreeWithTheData(t *testing.T) {
	if err := verdicts().check(Hostile()); err != nil {
		t.Error(err)
	}
	for _, d := range Differences() {
		t.Logf("%s: %s answers %d: %s", d.Case, d.Families, d.Status, d.Reason)
	}
	for _, k := range verdicts().ByParser {
		t.Logf("%s: %s: %s", k.Cases, k.Families, k.Reason)
	}
}

func TestVerdictsThatContradictAreRefused(t *testing.T) {
	cases := []Case{{ID: "a", Expect: Refuse, StatusAny: []int{400, 403}}, {ID: "b", Expect: Accept, StatusAny: []int{200}}}
	good := func() verdictFile {
		return verdictFile{
			Cases:       map[string]recorded{"a": {Refuse, 403}, "b": {Accept, 200}},
			Differences: []Difference{{Case: "a", Families: []Family{Fiber}, Status: 400, Reason: "its parser"}},
			ByParser:    []kind{{Cases: []string{"a"}, Families: []Family{Fiber}, Reason: "its parser"}},
			Waits:       []kind{{Cases: []string{"a"}, Families: []Family{Fiber}, Reason: "its parser"}},
		}
	}
	if err := good().check(cases); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		spoil func(f *verdictFile)
	}{
		{"another verdict", func(f *verdictFile) { f.Cases["a"] = recorded{Accept, 403} }},
		{"another status", func(f *verdictFile) { f.Cases["a"] = recorded{Refuse, 200} }},
		{"no verdict", func(f *verdictFile) { delete(f.Cases, "b") }},
		{"a verdict of no case", func(f *verdictFile) { f.Cases["c"] = recorded{Refuse, 403} }},
		{"a difference of no case", func(f *verdictFile) { f.Differences[0].Case = "c" }},
		{"a difference with another status", func(f *verdictFile) { f.Differences[0].Status = 200 }},
		{"a difference that is none", func(f *verdictFile) { f.Differences[0].Status = 403 }},
		{"a difference of an unknown family", func(f *verdictFile) { f.Differences[0].Families = []Family{Fiber, "rails"} }},
		{"a difference of no family", func(f *verdictFile) { f.Differences[0].Families = nil }},
		{"a difference without a reason", func(f *verdictFile) { f.Differences[0].Reason = "" }},
		{"a parser that accepts", func(f *verdictFile) { f.ByParser[0].Cases[0] = "b" }},
		{"a parser's case that is none", func(f *verdictFile) { f.ByParser[0].Cases[0] = "c" }},
		{"a parser without cases", func(f *verdictFile) { f.ByParser[0].Cases = nil }},
		{"a parser of an unknown family", func(f *verdictFile) { f.ByParser[0].Families[0] = "rails" }},
		{"a parser of no family", func(f *verdictFile) { f.ByParser[0].Families = nil }},
		{"a parser without a reason", func(f *verdictFile) { f.ByParser[0].Reason = "" }},
		{"a wait without a reason", func(f *verdictFile) { f.Waits[0].Reason = "" }},
		{"another verdict of what is no event", func(f *verdictFile) {
			f.Differences[0] = Difference{Case: "a", Families: []Family{Lambda, Fiber}, Verdict: Accept, Status: 200, Reason: "lost"}
		}},
		{"another verdict that is none", func(f *verdictFile) {
			f.Differences[0] = Difference{Case: "a", Families: []Family{Lambda}, Verdict: Refuse, Status: 403, Reason: "lost"}
		}},
		{"another verdict with the status of the first", func(f *verdictFile) {
			f.Differences[0] = Difference{Case: "a", Families: []Family{Lambda}, Verdict: Accept, Status: 403, Reason: "lost"}
		}},
		{"a verdict that is no word", func(f *verdictFile) {
			f.Differences[0] = Difference{Case: "a", Families: []Family{Lambda}, Verdict: "perhaps", Status: 403, Reason: "lost"}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := good()
			tt.spoil(&f)
			if err := f.check(cases); err == nil {
				t.Error("no error")
			}
		})
	}
	f := good()
	if err := f.record(cases[0], 200); err == nil || f.Cases["a"].Status != 403 {
		t.Errorf("recorded a contradiction: %v", err)
	}
}

func TestExpectedStatusByFamily(t *testing.T) {
	f := verdictFile{
		Cases:       map[string]recorded{"a": {Refuse, 403}},
		Differences: []Difference{{Case: "a", Families: []Family{Fiber}, Status: 400, Reason: "its parser"}},
	}
	for family, status := range map[Family]int{NetHTTP: 403, Fiber: 400, FiberStreaming: 403} {
		if c, err := f.expect(Case{ID: "a"}, family); err != nil || c.StatusAny[0] != status {
			t.Errorf("%s: %d, %v", family, c.StatusAny, err)
		}
	}
	f.Differences = []Difference{{Case: "a", Families: []Family{Lambda}, Verdict: Accept, Status: 200, Reason: "lost"}}
	for family, verdict := range map[Family]Verdict{NetHTTP: Refuse, Lambda: Accept} {
		if c, err := f.expect(Case{ID: "a", Expect: Refuse}, family); err != nil || c.Expect != verdict {
			t.Errorf("%s: %s, %v", family, c.Expect, err)
		}
	}
	if _, err := f.expect(Case{ID: "b"}, NetHTTP); err == nil {
		t.Error("a case without a verdict: no error")
	}
}

// recordVerdicts writes data/verdicts.json anew. It keeps the differences, and the status of a case of which net/http's own parser
// differs. A wrong verdict is never written.
func recordVerdicts(t *testing.T) {
	file := verdictFile{
		Format:      1,
		About:       "One verdict and status for each hostile case, alike in every adapter; written by go test ./golden -update.",
		Cases:       map[string]recorded{},
		Differences: verdicts().Differences,
		ByParser:    verdicts().ByParser,
		Waits:       verdicts().Waits,
	}
	logs := captureLogs(t)
	for _, group := range byConfig(Hostile()) {
		s, err := start(group[0].Config, reference, logs)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range group {
			result := s.replay(file.mark(c, NetHTTP))
			if result.Err != nil {
				t.Fatal(result)
			}
			status := result.Response.Status
			if kept, ok := verdicts().Cases[c.ID]; ok && file.difference(c.ID, NetHTTP) != nil {
				status = kept.Status
			}
			if err := file.record(c, status); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.check(Hostile()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("data/verdicts.json", file.encode(t), 0o644); err != nil {
		t.Fatal(err)
	}
}

// encode writes a case a line, so that a changed verdict is a changed line.
func (f verdictFile) encode(t *testing.T) []byte {
	line := func(v any) string {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(b.String())
	}
	var cases, differences, byParser, waits []string
	for _, id := range sortedKeys(f.Cases) {
		cases = append(cases, fmt.Sprintf("    %s: %s", line(id), line(f.Cases[id])))
	}
	for _, d := range f.Differences {
		differences = append(differences, "    "+line(d))
	}
	for _, k := range f.ByParser {
		byParser = append(byParser, "    "+line(k))
	}
	for _, k := range f.Waits {
		waits = append(waits, "    "+line(k))
	}
	return fmt.Appendf(nil, "{\n  \"format\": %d,\n  \"about\": %s,\n  \"cases\": {\n%s\n  },\n  \"differences\": [\n%s\n  ],\n"+
		"  \"by_parser\": [\n%s\n  ],\n  \"waits\": [\n%s\n  ]\n}\n", f.Format, line(f.About), strings.Join(cases, ",\n"),
		strings.Join(differences, ",\n"), strings.Join(byParser, ",\n"), strings.Join(waits, ",\n"))
}

func sortedKeys(cases map[string]recorded) []string {
	var ids []string
	for id := range cases {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
