package generator

import (
	"fmt"
	"path/filepath"
	"strings"
)

// diffContext is how many unchanged lines stand around a change.
const diffContext = 3

// unifiedDiff returns what makes of old the file new, in the format of diff -u and patch -p1. A nil old is a file that does not exist.
func unifiedDiff(name string, old, new []byte) string {
	path := filepath.ToSlash(name)
	from := "a/" + path
	if old == nil {
		from = "/dev/null"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ b/%s\n", from, path)
	for _, h := range hunks(diffLines(splitLines(old), splitLines(new))) {
		h.print(&b)
	}
	return b.String()
}

// splitLines cuts text after each newline.
func splitLines(text []byte) []string {
	lines := strings.SplitAfter(string(text), "\n")
	return lines[:len(lines)-1+min(1, len(lines[len(lines)-1]))]
}

// change is one line of a diff: ' ' for both files, '-' for the old one alone, '+' for the new one alone.
type change struct {
	kind byte
	text string
}

// diffLines returns the changes that make b of a. It keeps a longest common subsequence: beyond the equal beginning and end it takes
// time and memory of the product of both lengths, which generated files allow.
func diffLines(a, b []string) []change {
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	var all []change
	for _, line := range a[:start] {
		all = append(all, change{' ', line})
	}
	all = append(all, diffMiddle(a[start:len(a)-end], b[start:len(b)-end])...)
	for _, line := range a[len(a)-end:] {
		all = append(all, change{' ', line})
	}
	return all
}

func diffMiddle(a, b []string) []change {
	// common[i][j] is the length of a longest common subsequence of a[i:] and b[j:].
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var all []change
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, change{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			all = append(all, change{'-', a[i]})
			i++
		default:
			all = append(all, change{'+', b[j]})
			j++
		}
	}
	return all
}

// hunk is a run of changes with its context.
type hunk struct {
	oldStart, newStart int // lines before the hunk
	changes            []change
}

// hunks cuts away the unchanged lines that are far from any change.
func hunks(all []change) []hunk {
	var list []hunk
	oldLine, newLine := 0, 0
	for i := 0; i < len(all); {
		if !nearChange(all, i) {
			oldLine, newLine, i = oldLine+1, newLine+1, i+1
			continue
		}
		h := hunk{oldStart: oldLine, newStart: newLine}
		for ; i < len(all) && nearChange(all, i); i++ {
			h.changes = append(h.changes, all[i])
		}
		olds, news := h.lengths()
		oldLine, newLine = oldLine+olds, newLine+news
		list = append(list, h)
	}
	return list
}

// nearChange reports whether the line i is a change, or context of one.
func nearChange(all []change, i int) bool {
	for j := max(0, i-diffContext); j <= min(len(all)-1, i+diffContext); j++ {
		if all[j].kind != ' ' {
			return true
		}
	}
	return false
}

// lengths returns how many lines of the old and of the new file the hunk has.
func (h hunk) lengths() (olds, news int) {
	for _, c := range h.changes {
		if c.kind != '+' {
			olds++
		}
		if c.kind != '-' {
			news++
		}
	}
	return olds, news
}

func (h hunk) print(b *strings.Builder) {
	olds, news := h.lengths()
	fmt.Fprintf(b, "@@ -%s +%s @@\n", place(h.oldStart, olds), place(h.newStart, news))
	for _, c := range h.changes {
		b.WriteByte(c.kind)
		b.WriteString(c.text)
		if !strings.HasSuffix(c.text, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// place is a hunk's first line and its length. An empty one is named by the line before it.
func place(before, length int) string {
	if length == 0 {
		return fmt.Sprintf("%d,0", before)
	}
	if length == 1 {
		return fmt.Sprint(before + 1)
	}
	return fmt.Sprintf("%d,%d", before+1, length)
}
