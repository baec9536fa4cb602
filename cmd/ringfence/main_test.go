package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generator"
	"github.com/ringfence-go/ringfence/templates"
)

func TestCommand(t *testing.T) {
	for _, test := range []struct {
		name, args     string
		code           int
		stdout, stderr string
	}{
		{"version", "version", 0, core.Version + "\n", ""},
		{"version with an argument", "version 1", 2, "",
			"ringfence: unexpected argument \"1\": version takes flags only, and ringfence version -h lists them\n"},
		{"usage of version", "version -h", 0, versionVerb.Usage, ""},
		{"an unknown verb", "versions", 2, "",
			"ringfence: unknown verb \"versions\"; did you mean \"version\"? have explain, frameworks, generate, probe, sign, version\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := run(t, test.args)
			if code != test.code || stdout != test.stdout || stderr != test.stderr {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}

func run(t *testing.T, args string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = generator.Run(generator.Call{
		Args:   strings.Fields(args),
		Dir:    t.TempDir(),
		Getenv: func(string) string { return "" },
		Stdout: &out,
		Stderr: &errs,
	}, verbs()...)
	return code, out.String(), errs.String()
}

func TestCommandKnowsEveryTemplate(t *testing.T) {
	_, table, _ := run(t, "frameworks")
	for _, template := range templates.All() {
		if !strings.Contains(table, "\n"+template.Name+" ") {
			t.Errorf("%s is not in the table:\n%s", template.Name, table)
		}
	}
}
