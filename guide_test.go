package ringfence_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A step of docs/ADD-A-FRAMEWORK.md is a code block that follows <!-- guide: run --> or <!-- guide: file NAME -->.
var guideStep = regexp.MustCompile("(?s)<!-- guide: (run|file (\\S+)) -->\n```[a-z]*\n(.*?)```\n")

// The guide is followed word for word in a folder that holds a clone of ringfence and nothing else: files are written as they are
// printed, commands run as they are printed.
func TestGuideAddsAFramework(t *testing.T) {
	guide, err := os.ReadFile("docs/ADD-A-FRAMEWORK.md")
	if err != nil {
		t.Fatal(err)
	}
	app := newApplication(t, "package main\n\nfunc main() {}\n") // its clone of ringfence is what the guide needs
	parent := application{t, filepath.Dir(app.dir)}
	outside := application{t, filepath.Join(parent.dir, "outside")}

	steps := guideStep.FindAllStringSubmatch(string(guide), -1)
	if len(steps) != 7 {
		t.Fatalf("%d steps, want 7: does each comment stand right before its block?", len(steps))
	}
	for i, step := range steps {
		name, text := step[2], step[3]
		switch {
		case name != "":
			if err := os.WriteFile(filepath.Join(outside.dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		case i == 0: // it begins in the folder that holds the clone, and enters the new one
			parent.run(text)
		default:
			outside.run(text)
		}
	}

	outside.run("RINGFENCE_CHECK=1 go generate ./...")
	emitted, err := os.ReadFile(filepath.Join(outside.dir, "twilio", "twilio_httprouter.go"))
	if err != nil {
		t.Fatal(err)
	}
	byHand := regexp.MustCompile("(?s)it is this:\n\n```go\n(.*?)```").FindSubmatch(guide)
	if byHand == nil || !strings.Contains(squeeze(string(emitted)), squeeze(string(byHand[1]))) {
		t.Errorf("the template does not emit what the guide wants by hand:\n%s", emitted)
	}
}

// squeeze removes what gofmt may move.
func squeeze(source string) string { return strings.Join(strings.Fields(source), " ") }
