package main

import (
	"fmt"
	"testing"
)

// Whoever generates, wherever and whenever, gets the same bytes.
func TestOutputIsTheSameEverywhere(t *testing.T) {
	flags := []string{"generate", "-framework", "gin,echo", "-package", "hooks", "-minimal", "-tests", "-standalone"}
	first := t.TempDir()
	if code, _, stderr := runProcess(t, first, "", nil, flags); code != 0 {
		t.Fatal(stderr)
	}
	want := tree(t, first)
	if len(want) != 5 {
		t.Fatalf("%d files", len(want))
	}
	for _, test := range []struct {
		name string
		env  []string
		args []string
	}{
		{"another time zone", []string{"TZ=Pacific/Kiritimati"}, flags},
		{"another language", []string{"LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8"}, flags},
		{"one processor", []string{"GOMAXPROCS=1"}, flags},
		{"many processors", []string{"GOMAXPROCS=64"}, flags},
		{"another user", []string{"HOME=/nonexistent", "USER=somebody", "PWD=/nonexistent"}, flags},
		{"go generate", []string{"GOPACKAGE=other", "GOFILE=x.go", "GOLINE=3", "GOOS=windows", "GOARCH=arm64"}, flags},
		{"flags in another order", nil,
			[]string{"generate", "--standalone=true", "-tests", "-package=hooks", "-minimal", "-reject", "status", "-framework", "echo,gin"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if code, _, stderr := runProcess(t, dir, "", test.env, test.args); code != 0 {
				t.Fatal(stderr)
			}
			if got := tree(t, dir); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("other bytes: %q", sortedKeys(got))
			}
		})
	}
}
