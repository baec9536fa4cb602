package generator

import (
	"fmt"
	"strings"
)

// unknown is the error for a name that is none of have: it suggests the nearest and lists all.
func unknown(what, name string, have []string) error {
	suggestion := ""
	if near := nearest(name, have); near != "" {
		suggestion = fmt.Sprintf(" did you mean %q?", near)
	}
	return fmt.Errorf("unknown %s %q;%s have %s", what, name, suggestion, strings.Join(have, ", "))
}

// nearest returns the name that a typing error most likely meant: at most two edits away, and fewer than half the name's length. It
// returns "" if there is none.
func nearest(typed string, names []string) string {
	best, bestDistance := "", 3
	for _, name := range names {
		if d := distance(typed, name); d < bestDistance && 2*d < len(name) {
			best, bestDistance = name, d
		}
	}
	return best
}

// distance is the Levenshtein distance: how many bytes must be inserted, removed or replaced to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1) // row[j] is the distance of the part of a seen so far and b[:j]
	for j := range row {
		row[j] = j
	}
	for i := 0; i < len(a); i++ {
		diagonal := row[0]
		row[0] = i + 1
		for j := 0; j < len(b); j++ {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
