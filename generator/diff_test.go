package generator

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

func TestUnifiedDiff(t *testing.T) {
	for _, test := range []struct {
		name     string
		old, new string
		want     string
	}{
		{"one line of many", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
			"--- a/x.go\n+++ b/x.go\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"},
		{"two places far apart", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "one\n2\n3\n4\n5\n6\n7\n8\nnine\n",
			"--- a/x.go\n+++ b/x.go\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+nine\n"},
		{"two places near each other", "1\n2\n3\n4\n", "one\n2\n3\nfour\n",
			"--- a/x.go\n+++ b/x.go\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n-4\n+four\n"},
		{"lines at the end", "1\n", "1\n2\n3\n", "--- a/x.go\n+++ b/x.go\n@@ -1 +1,3 @@\n 1\n+2\n+3\n"},
		{"everything removed", "1\n2\n", "", "--- a/x.go\n+++ b/x.go\n@@ -1,2 +0,0 @@\n-1\n-2\n"},
		{"no newline at the end of either", "1\n2", "1\n3",
			"--- a/x.go\n+++ b/x.go\n@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+3\n\\ No newline at end of file\n"},
		{"a newline that was missing", "1", "1\n", "--- a/x.go\n+++ b/x.go\n@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+1\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := unifiedDiff("x.go", []byte(test.old), []byte(test.new)); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
	t.Run("a file that does not exist", func(t *testing.T) {
		want := "--- /dev/null\n+++ b/sub/x.go\n@@ -0,0 +1 @@\n+1\n"
		if got := unifiedDiff("sub/x.go", nil, []byte("1\n")); got != want {
			t.Errorf("got:\n%s", got)
		}
	})
}

// Whatever the texts are, applying the diff to the old one gives the new one.
func TestUnifiedDiffApplies(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	text := func() string {
		var b strings.Builder
		for i := random.Intn(30); i > 0; i-- {
			fmt.Fprintf(&b, "%d\n", random.Intn(4))
		}
		if random.Intn(4) == 0 {
			b.WriteString("last")
		}
		return b.String()
	}
	for i := 0; i < 2000; i++ {
		old, new := text(), text()
		diff := unifiedDiff("x", []byte(old), []byte(new))
		if got, err := patch(old, diff); err != nil || got != new {
			t.Fatalf("%v: applied to %q gives %q, want %q:\n%s", err, old, got, new, diff)
		}
	}
}

// patch applies a unified diff, and checks every line number and length in it.
func patch(old, diff string) (string, error) {
	diff = strings.ReplaceAll(diff, "\n\\ No newline at end of file\n", "\x00")
	lines := strings.FieldsFunc(strings.ReplaceAll(diff, "\x00", "\x00\n"), func(r rune) bool { return r == '\n' })
	olds := splitLines([]byte(old))
	var b strings.Builder
	at := 0
	for i := 2; i < len(lines); {
		oldStart, oldLength, newStart, newLength, err := parseHunk(lines[i])
		if err != nil {
			return "", err
		}
		for at < oldStart {
			b.WriteString(olds[at])
			at++
		}
		if written := strings.Count(b.String(), "\n"); written != newStart {
			return "", fmt.Errorf("%s: %d lines are before it", lines[i], written)
		}
		for i++; i < len(lines) && lines[i][0] != '@'; i++ {
			line := lines[i][1:] + "\n"
			line = strings.TrimSuffix(line, "\x00\n")
			if kind := lines[i][0]; kind != '+' {
				if olds[at] != line {
					return "", fmt.Errorf("line %d is %q, not %q", at+1, olds[at], line)
				}
				at, oldLength = at+1, oldLength-1
			}
			if lines[i][0] != '-' {
				b.WriteString(line)
				newLength--
			}
		}
		if oldLength != 0 || newLength != 0 {
			return "", fmt.Errorf("lengths are off by %d and %d", oldLength, newLength)
		}
	}
	return b.String() + strings.Join(olds[at:], ""), nil
}

// parseHunk returns how many lines are before a hunk, and its lengths.
func parseHunk(line string) (oldStart, oldLength, newStart, newLength int, err error) {
	fields := strings.Fields(line)
	if len(fields) != 4 || fields[0] != "@@" || fields[3] != "@@" {
		return 0, 0, 0, 0, fmt.Errorf("not the beginning of a hunk: %q", line)
	}
	parse := func(text string) (start, length int) {
		length = 1
		if _, err := fmt.Sscanf(text, "%d,%d", &start, &length); err != nil {
			_, _ = fmt.Sscan(text, &start)
		}
		if length > 0 {
			start--
		}
		return start, length
	}
	oldStart, oldLength = parse(fields[1][1:])
	newStart, newLength = parse(fields[2][1:])
	return oldStart, oldLength, newStart, newLength, nil
}
