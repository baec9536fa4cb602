package main

import (
	"fmt"
	"strings"
	"time"
)

// table is what is printed, section by section, as Markdown.
type table struct{ sections []*section }

type section struct {
	title   string
	columns []string
	rows    [][]string
	charts  []chart
}

// factor is a ratio of two times of one run.
type factor float64

// count is how many a second.
type count float64

// ratio returns a ÷ b: the median of the rounds' ratios, since what disturbs a round disturbs both.
func ratio(a, b figure) factor {
	return medianFactor(func(round int) float64 { return float64(a.rounds[round]) / float64(b.rounds[round]) })
}

// added returns (a − b) ÷ floor, likewise.
func added(a, b, floor figure) factor {
	return medianFactor(func(round int) float64 {
		return float64(a.rounds[round]-b.rounds[round]) / float64(floor.rounds[round])
	})
}

func medianFactor(of func(round int) float64) factor {
	all := make([]float64, rounds)
	for round := range all {
		all[round] = of(round)
	}
	return factor(median(all))
}

func (t *table) section(title string, columns ...string) *section {
	s := &section{title: title, columns: columns}
	t.sections = append(t.sections, s)
	return s
}

func (s *section) row(cells ...any) {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		texts[i] = cellText(cell)
	}
	s.rows = append(s.rows, texts)
}

func cellText(cell any) string {
	switch c := cell.(type) {
	case time.Duration:
		return duration(c)
	case float64: // allocations
		return fmt.Sprintf("%.0f", c)
	case factor:
		return fmt.Sprintf("%.2f", float64(c))
	case count:
		return fmt.Sprintf("%.0f", float64(c))
	default:
		return fmt.Sprint(c)
	}
}

// duration shows three digits.
func duration(d time.Duration) string {
	switch {
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1e3)
	case d >= 100*time.Microsecond:
		return fmt.Sprintf("%.0f µs", d.Seconds()*1e6)
	case d >= time.Microsecond:
		return fmt.Sprintf("%.2f µs", d.Seconds()*1e6)
	default:
		return fmt.Sprintf("%d ns", d.Nanoseconds())
	}
}

// String returns the sections as Markdown.
func (t *table) String() string { return markdown(t.sections) }

func markdown(sections []*section) string {
	var b strings.Builder
	for _, s := range sections {
		fmt.Fprintf(&b, "### %s\n\n", s.title)
		fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(s.columns, " | "), strings.Repeat("---|", len(s.columns)))
		for _, row := range s.rows {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		}
		b.WriteString("\n")
	}
	return b.String()
}
