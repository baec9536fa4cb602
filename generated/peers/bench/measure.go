package main

import (
	"cmp"
	"runtime"
	"slices"
	"testing"
	"time"
)

const (
	// rounds is how often each subject is timed, in turn with those that it is compared with. Its figure is the median.
	rounds = 31
	// roundTime is about how long one timing takes.
	roundTime = 10 * time.Millisecond
)

// subject is something to measure.
type subject struct {
	name string
	run  func()
}

// figure is what was measured.
type figure struct {
	time   time.Duration   // the median of the rounds, for one run
	rounds []time.Duration // one by one
	allocs float64
}

// measure times subjects in turn, round by round, so that what disturbs the machine disturbs all of them alike.
func measure(subjects ...subject) []figure {
	iterations := make([]int, len(subjects))
	for i, s := range subjects {
		iterations[i] = calibrate(s.run)
	}
	times := make([][]time.Duration, len(subjects))
	for range rounds {
		for i, s := range subjects {
			times[i] = append(times[i], timeOf(s.run, iterations[i]))
		}
	}
	figures := make([]figure, len(subjects))
	for i, s := range subjects {
		figures[i] = figure{median(times[i]), times[i], testing.AllocsPerRun(100, s.run)}
	}
	return figures
}

// calibrate returns how many runs take about roundTime.
func calibrate(run func()) int {
	for n := 1; ; n *= 2 {
		if t := timeOf(run, n); t*time.Duration(n) >= roundTime/4 {
			return max(1, int(roundTime/max(t, 1)))
		}
	}
}

// timeOf returns the time that one of n runs takes.
func timeOf(run func(), n int) time.Duration {
	runtime.Gosched()
	start := time.Now()
	for range n {
		run()
	}
	return time.Since(start) / time.Duration(n)
}

func median[T cmp.Ordered](values []T) T {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
