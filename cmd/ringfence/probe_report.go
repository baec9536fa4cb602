package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
)

// verdict is what the answers say about the endpoint.
type verdict string

const (
	verdictProtected    verdict = "protected"
	verdictNotProtected verdict = "not protected"
	verdictInconclusive verdict = "inconclusive"
)

// report is the verdict with what led to it.
type report struct {
	endpoint endpoint
	results  []result
	verdict  verdict
	holes    []string
	reason   string // why it is inconclusive
}

// judge says protected if every signed request was answered with 2xx and every forged one with 401 or 403, not protected if a forged
// one was answered with 2xx, and inconclusive otherwise.
func judge(results []result, o probeOptions) report {
	r := report{endpoint: o.endpoint, results: results, verdict: verdictProtected, holes: findHoles(results)}
	if len(r.holes) > 0 {
		r.verdict = verdictNotProtected
		return r
	}
	for i := range results {
		if results[i].outcome() == outcomeUnclear {
			r.verdict, r.reason = verdictInconclusive, explainUnclear(&results[i])
			return r
		}
	}
	if o.invalidOnly {
		r.verdict = verdictInconclusive
		r.reason = "no forged request passed, but without a signed one it is unknown whether token and URL are the endpoint's, " +
			"which most forgeries need"
	}
	return r
}

// findHoles returns a sentence for each hole, with the kinds that have it.
func findHoles(results []result) []string {
	var holes []string
	kinds := make(map[string][]string)
	enough := make(map[kind]bool) // kinds with a broad hole
	for i := range results {
		r := &results[i]
		if r.outcome() != outcomeHole || enough[r.kind] || slices.Contains(kinds[r.hole], string(r.kind)) {
			continue
		}
		if kinds[r.hole] == nil {
			holes = append(holes, r.hole)
		}
		kinds[r.hole] = append(kinds[r.hole], string(r.kind))
		enough[r.kind] = r.broad
	}
	for i, hole := range holes {
		holes[i] = hole + " (" + strings.Join(kinds[hole], ", ") + ")"
	}
	return holes
}

// explainUnclear says what an answer that proves nothing may mean, and what to do.
func explainUnclear(r *result) string {
	what := fmt.Sprintf("the %s request %q ", r.kind, r.name)
	if r.status == 0 {
		return what + "got no answer: " + r.problem
	}
	what += fmt.Sprintf("was answered with %d", r.status)
	switch {
	case r.status == http.StatusUnauthorized:
		return what + fmt.Sprintf(": set %s and %s to the HTTP credentials that the endpoint asks for", probeUserEnv, probePasswordEnv)
	case r.status == http.StatusForbidden:
		return what + ": check that the token is the endpoint's, and that the URL is the one that Twilio requests; -public-url names another"
	case r.status == http.StatusNotFound || r.status == http.StatusMethodNotAllowed:
		return what + ": if the endpoint does not serve these, leave " + string(r.kind) + " out of -send"
	case r.status >= 300 && r.status <= 399:
		return what + ": redirects are not followed; probe the address that it leads to"
	case r.valid():
		return what + ", which is not 2xx: see the endpoint's log"
	default:
		return what + ", which is neither 401 nor 403: see the endpoint's log for whether its handler ran"
	}
}

func (r report) exitCode() int {
	switch r.verdict {
	case verdictProtected:
		return 0
	case verdictNotProtected:
		return exitNo
	default:
		return exitInconclusive
	}
}

// writeTable prints a line for each request, and then the verdict.
func (r report) writeTable(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "KIND\tREQUEST\tWANT\tANSWER\tRESULT")
	for i := range r.results {
		result := &r.results[i]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", result.kind, result.name, result.want(), result.answer(), result.outcome())
	}
	fmt.Fprintln(w)
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, r.sentence())
	return err
}

func (r *result) want() string {
	if r.valid() {
		return "2xx"
	}
	return "401 or 403"
}

func (r *result) answer() string {
	if r.status == 0 {
		return "none"
	}
	return fmt.Sprint(r.status)
}

func (r report) sentence() string {
	switch r.verdict {
	case verdictProtected:
		return fmt.Sprintf("protected: %s accepts what is signed and refused each of the %d forged requests\n", r.endpoint, countForged(r.results))
	case verdictNotProtected:
		return fmt.Sprintf("NOT PROTECTED: %s let forged requests through:\n  - %s\n", r.endpoint, strings.Join(r.holes, "\n  - "))
	default:
		return "inconclusive: " + r.reason + "\n"
	}
}

func countForged(results []result) int {
	n := 0
	for i := range results {
		if !results[i].valid() {
			n++
		}
	}
	return n
}

// writeJSON prints one object on lines of its own.
func (r report) writeJSON(out io.Writer) error {
	type line struct {
		Kind    kind    `json:"kind"`
		Name    string  `json:"name"`
		Valid   bool    `json:"valid"`
		Status  int     `json:"status,omitempty"`
		Problem string  `json:"problem,omitempty"`
		Result  outcome `json:"result"`
	}
	report := struct {
		URL     string   `json:"url"`
		Verdict verdict  `json:"verdict"`
		Holes   []string `json:"holes,omitempty"`
		Reason  string   `json:"reason,omitempty"`
		Probes  []line   `json:"probes"`
	}{URL: r.endpoint.String(), Verdict: r.verdict, Holes: r.holes, Reason: r.reason}
	for i := range r.results {
		x := &r.results[i]
		report.Probes = append(report.Probes, line{x.kind, x.name, x.valid(), x.status, x.problem, x.outcome()})
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(report)
}
