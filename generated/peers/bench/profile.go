package main

import (
	"bytes"
	"fmt"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// profileTime is how long the profiled run takes. The profiler takes 100 samples a second.
const profileTime = 5 * time.Second

// steps are the parts of a validation, by the function of core that does each. A sample counts for the first step that it is in.
var steps = []struct{ name, functions string }{
	{"HMAC-SHA1 (the floor)", "appendMAC"},
	{"decode the form", "parse decode"},
	{"sort the parameters", "sort"},
	{"put the signed text together", "appendSigned"},
	{"read the header lines", "fromHeader readSignature"},
	{"target, origin, candidates", "readTarget findOrigins listCandidates appendURL"},
}

// profiled says where the time of accepting an SMS form goes.
func profiled(t *table) {
	run := accept(newValidator(token), smsPayload()).run
	var recorded bytes.Buffer
	must(pprof.StartCPUProfile(&recorded))
	for start := time.Now(); time.Since(start) < profileTime; {
		for range 1000 {
			run()
		}
	}
	pprof.StopCPUProfile()
	p, err := profile.Parse(&recorded)
	must(err)

	samples := make([]int64, len(steps)+1)
	var all int64
	for _, s := range p.Sample {
		if step := stepOf(s); step >= 0 {
			samples[step] += s.Value[0]
			all += s.Value[0]
		}
	}
	section := t.section("Where the time of accepting an SMS form goes", "step", "share of the samples")
	for i, step := range steps {
		section.row(step.name, fmt.Sprintf("%.0f %%", 100*float64(samples[i])/float64(all)))
	}
	section.row("the rest: pool, pins, comparison", fmt.Sprintf("%.0f %%", 100*float64(samples[len(steps)])/float64(all)))
}

// stepOf returns the step that a sample is in, len(steps) for the rest of Check, and -1 for what is not Check's.
func stepOf(s *profile.Sample) int {
	step := -1
	for _, location := range s.Location {
		for _, line := range location.Line {
			name, ours := strings.CutPrefix(line.Function.Name, "github.com/ringfence-go/ringfence/core.")
			if !ours {
				continue
			}
			name = name[strings.LastIndexByte(name, '.')+1:]
			for i, candidate := range steps {
				if slices.Contains(strings.Fields(candidate.functions), name) {
					return i
				}
			}
			step = len(steps)
		}
	}
	return step
}
