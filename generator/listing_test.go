package generator

import (
	"bytes"
	"strings"
	"testing"
)

func TestAFailingRenderShowsWhereAndLeavesTheOldFile(t *testing.T) {
	broken := fake("gin")
	emit := broken.Emit
	broken.Emit = func(f *File, s Spec) { emit(f, s); f.Line(); f.Id("func broken( {") }

	dir := t.TempDir()
	if got := runIn(dir, nil, strings.Fields(generateGin+"x.go")...); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	before := snapshot(t, dir)
	var stdout, stderr bytes.Buffer
	code := Run(Call{
		Args: strings.Fields(generateGin + "x.go"), Dir: dir, Getenv: func(string) string { return "" }, Stdout: &stdout, Stderr: &stderr,
	}, Verbs(broken)...)
	if after := snapshot(t, dir); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	lines := strings.Split(stderr.String(), "\n")
	const want = `ringfence: template "gin" emits source that does not parse: `
	if code != 2 || stdout.Len() > 0 || !strings.HasPrefix(lines[0], want) {
		t.Fatalf("exit %d, %s%s", code, stdout.String(), stderr.String())
	}
	marked := 0
	for _, line := range lines[1:] {
		if strings.HasPrefix(line, ">") {
			marked++
			if !strings.HasSuffix(line, "  func broken( {") {
				t.Errorf("the wrong line is marked: %q", line)
			}
		}
	}
	if marked != 1 || !strings.Contains(stderr.String(), "\n    ") {
		t.Errorf("%d lines marked in:\n%s", marked, stderr.String())
	}
}

func TestListingMarksTheLineAndKeepsTheTerminalSafe(t *testing.T) {
	const want = "     1  package p\n     2  \n>    3      func (\n     4  ?[2J\n"
	if got := listing([]byte("package p\n\n\tfunc (\n\x1b[2J\n"), 3); got != want {
		t.Errorf("got:\n%q\nwant:\n%q", got, want)
	}
}
