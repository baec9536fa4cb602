package golden

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
)

// Family names what takes a framework's requests off the wire and answers some of them before any middleware runs.
type Family string

const (
	// NetHTTP is the standard library's server, under most frameworks.
	NetHTTP Family = "net/http"
	// Beego is Beego v2 on the standard library's server: its router leaves targets that are no paths to nobody.
	Beego Family = "beego"
	// Fiber is Fiber v2 over fasthttp as it comes: the body is in memory before any middleware runs.
	Fiber Family = "fiber"
	// FiberStreaming is Fiber v2 with StreamRequestBody.
	FiberStreaming Family = "fiber, streaming"
	// FiberV3 is Fiber v3 as it comes.
	FiberV3 Family = "fiber v3"
	// FiberV3Streaming is Fiber v3 with StreamRequestBody.
	FiberV3Streaming Family = "fiber v3, streaming"
	// FastHTTP is fasthttp as it comes.
	FastHTTP Family = "fasthttp"
	// FastHTTPStreaming is fasthttp with StreamRequestBody.
	FastHTTPStreaming Family = "fasthttp, streaming"
	// Hertz is Hertz as it comes.
	Hertz Family = "hertz"
	// HertzStreaming is Hertz with WithStreamBody.
	HertzStreaming Family = "hertz, streaming"
	// Lambda is a server on net/http that makes an event of each request, as AWS does for a Function URL.
	Lambda Family = "lambda"
)

var families = []Family{
	NetHTTP, Beego, Fiber, FiberStreaming, FiberV3, FiberV3Streaming, FastHTTP, FastHTTPStreaming, Hertz, HertzStreaming, Lambda,
}

// buffers reports whether the family has a body in memory before any middleware runs, and a limit of its own for it.
func (f Family) buffers() bool {
	return f == Fiber || f == FiberV3 || f == FastHTTP || f == Hertz || f == Lambda
}

// onNetHTTP reports whether the family's server is the standard library's, which survives a handler's panic.
func (f Family) onNetHTTP() bool { return f == NetHTTP || f == Beego || f == Lambda }

// verdictFile is data/verdicts.json: one verdict per hostile case for all adapters. It never contradicts data/hostile.json.
type verdictFile struct {
	Format int    `json:"format"`
	About  string `json:"about"`
	// Cases holds the verdict and the exact status by case ID.
	Cases map[string]recorded `json:"cases"`
	// Differences lists every status that a framework's own parser answers with instead, and every case that an event cannot hold.
	Differences []Difference `json:"differences"`
	// ByParser lists what a framework's own parser or router refuses, in a form of its own, though with the same status.
	ByParser []kind `json:"by_parser"`
	// Waits lists what a framework's parser takes for the beginning of a request, so that it answers after its read timeout.
	Waits []kind `json:"waits"`
}

// kind is a list of cases that are alike in some families.
type kind struct {
	Families []Family `json:"families"`
	Cases    []string `json:"cases"`
	Reason   string   `json:"reason"`
}

type recorded struct {
	Verdict Verdict `json:"verdict"`
	Status  int     `json:"status"`
}

// Difference is a case that a family's parser answers by itself, with another status than the middleware would, or of which an event
// of Lambda's leaves another request.
type Difference struct {
	Case     string   `json:"case"`
	Families []Family `json:"families"`
	// Verdict is that on the request which is left of the case, or empty where it is the same. Only an event may change it.
	Verdict Verdict `json:"verdict,omitempty"`
	Status  int     `json:"status"`
	Reason  string  `json:"reason"`
}

var verdicts = sync.OnceValue(func() (file verdictFile) {
	mustDecode("verdicts.json", &file)
	return file
})

// Differences returns the statuses that parsers answer with by themselves, and the cases that events cannot hold, as data/verdicts.json
// lists them.
func Differences() []Difference { return append([]Difference(nil), verdicts().Differences...) }

// expect narrows a hostile case to the one verdict and status that the family must answer with.
func (f verdictFile) expect(c Case, family Family) (Case, error) {
	r, ok := f.Cases[c.ID]
	if !ok {
		return c, fmt.Errorf("data/verdicts.json has no verdict for %s; record it with go test ./golden -update", c.ID)
	}
	if d := f.difference(c.ID, family); d != nil {
		r.Status = d.Status
		if d.Verdict != "" {
			c.Expect = d.Verdict
		}
	}
	c.StatusAny = []int{r.Status}
	return f.mark(c, family), nil
}

// mark notes what the family's parser does with a case.
func (f verdictFile) mark(c Case, family Family) Case {
	d := f.difference(c.ID, family)
	c.byParser = isListed(f.ByParser, c.ID, family) || d != nil && d.Verdict == ""
	c.waits = isListed(f.Waits, c.ID, family)
	return c
}

// markAny allows what any family's parser does.
func (f verdictFile) markAny(c Case) Case {
	for _, family := range families {
		if marked := f.mark(c, family); marked.byParser {
			return marked
		}
	}
	return c
}

// isListed reports whether a case is in a list for the family.
func isListed(list []kind, id string, family Family) bool {
	return slices.ContainsFunc(list, func(k kind) bool { return slices.Contains(k.Cases, id) && slices.Contains(k.Families, family) })
}

func (f verdictFile) difference(id string, family Family) *Difference {
	for i, d := range f.Differences {
		if d.Case == id && slices.Contains(d.Families, family) {
			return &f.Differences[i]
		}
	}
	return nil
}

// record writes down the status of a case, unless data/hostile.json says that it is wrong.
func (f verdictFile) record(c Case, status int) error {
	if !slices.Contains(c.StatusAny, status) {
		return fmt.Errorf("case %s: status %d contradicts data/hostile.json, which allows %d", c.ID, status, c.StatusAny)
	}
	f.Cases[c.ID] = recorded{Verdict: c.Expect, Status: status}
	return nil
}

// check compares the file with the cases: exactly one verdict for each, none that contradicts, and a reason for each difference.
func (f verdictFile) check(cases []Case) error {
	byID := make(map[string]Case, len(cases))
	for _, c := range cases {
		byID[c.ID] = c
		r, ok := f.Cases[c.ID]
		switch {
		case !ok:
			return fmt.Errorf("case %s has no verdict", c.ID)
		case r.Verdict != c.Expect:
			return fmt.Errorf("case %s: verdict %s contradicts data/hostile.json", c.ID, r.Verdict)
		case !slices.Contains(c.StatusAny, r.Status):
			return fmt.Errorf("case %s: status %d contradicts data/hostile.json", c.ID, r.Status)
		}
	}
	for id := range f.Cases {
		if _, ok := byID[id]; !ok {
			return fmt.Errorf("verdict for %s, which is not a case", id)
		}
	}
	for _, d := range f.Differences {
		if err := d.check(byID[d.Case], f.Cases[d.Case]); err != nil {
			return fmt.Errorf("difference of %s: %w", d.Case, err)
		}
	}
	for _, k := range slices.Concat(f.ByParser, f.Waits) {
		if err := k.check(byID); err != nil {
			return fmt.Errorf("%q: %w", k.Cases, err)
		}
	}
	return nil
}

// check compares a list with the cases: whatever a parser answers by itself is a refusal.
func (k kind) check(cases map[string]Case) error {
	for _, id := range k.Cases {
		if cases[id].Expect != Refuse {
			return fmt.Errorf("%s is no refusal", id)
		}
	}
	switch {
	case len(k.Families) == 0 || slices.ContainsFunc(k.Families, isUnknown):
		return fmt.Errorf("families %q", k.Families)
	case len(k.Cases) == 0:
		return fmt.Errorf("no cases")
	case k.Reason == "":
		return fmt.Errorf("no reason")
	}
	return nil
}

func isUnknown(f Family) bool { return !slices.Contains(families, f) }

func (d Difference) check(c Case, r recorded) error {
	switch {
	case c.ID == "":
		return fmt.Errorf("no such case")
	case len(d.Families) == 0 || slices.ContainsFunc(d.Families, isUnknown):
		return fmt.Errorf("families %q", d.Families)
	case d.Reason == "":
		return fmt.Errorf("no reason")
	case d.Verdict != "":
		return d.checkVerdict(r)
	case !slices.Contains(c.StatusAny, d.Status):
		return fmt.Errorf("status %d contradicts data/hostile.json", d.Status)
	case d.Status == r.Status:
		return fmt.Errorf("status %d is not different", d.Status)
	}
	return nil
}

// checkVerdict is check for a case that an event cannot hold. Whatever takes requests off the wire as they are must judge it alike.
func (d Difference) checkVerdict(r recorded) error {
	status := http.StatusForbidden
	if d.Verdict == Accept {
		status = http.StatusOK
	}
	switch {
	case !slices.Equal(d.Families, []Family{Lambda}):
		return fmt.Errorf("another verdict of %q", d.Families)
	case d.Verdict != Accept && d.Verdict != Refuse || d.Verdict == r.Verdict:
		return fmt.Errorf("verdict %q is not another one", d.Verdict)
	case d.Status != status:
		return fmt.Errorf("status %d for the verdict %s", d.Status, d.Verdict)
	}
	return nil
}
