package templates_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/generator"
	"github.com/ringfence-go/ringfence/templates"
)

var update = flag.Bool("update", false, "write the checked-in adapters anew")

// An adapter is a checked-in module under generated: the golden output of its template.
type adapter struct {
	framework string
	pkg       string
	args      []string // of its go:generate line, from the verb on
	output    string   // relative to the repository
}

var directive = regexp.MustCompile(`(?m)^//go:generate go -C \.\./\.\. run \./cmd/ringfence (generate -framework (\w+) -output (\S+))$`)

// adapters returns the modules under generated whose doc.go has a go:generate line of ringfence's.
func adapters(t *testing.T) []adapter {
	t.Helper()
	files, err := filepath.Glob("../generated/twilio*/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []adapter
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := directive.FindStringSubmatch(string(source))
		if m == nil {
			t.Fatalf("%s has no go:generate line that this test understands", file)
		}
		all = append(all, adapter{
			framework: m[2],
			pkg:       filepath.Base(filepath.Dir(file)),
			args:      strings.Fields(m[1]),
			output:    m[3],
		})
	}
	return all
}

// generate runs the go:generate line of a in dir.
func (a adapter) generate(t *testing.T, dir string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := generator.Run(generator.Call{
		Args: a.args,
		Dir:  dir,
		Getenv: func(name string) string {
			return map[string]string{"GOPACKAGE": a.pkg, "GOFILE": "doc.go", "GOLINE": "1"}[name]
		},
		Stdout: &stdout,
		Stderr: &stderr,
	}, generator.Verbs(templates.All()...)...)
	if code != 0 || stdout.Len()+stderr.Len() > 0 {
		t.Fatalf("exit %d, %s%s", code, stdout.String(), stderr.String())
	}
}

func TestCheckedInAdaptersAreUpToDate(t *testing.T) {
	for _, a := range adapters(t) {
		t.Run(a.pkg, func(t *testing.T) {
			if *update {
				a.generate(t, "..")
			}
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(a.output)), 0o755); err != nil {
				t.Fatal(err)
			}
			a.generate(t, dir)
			want, err := os.ReadFile(filepath.Join(dir, a.output))
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join("..", a.output))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is not what its template emits: go test ./templates -update writes it anew. The template emits:\n%s", a.output, want)
			}
		})
	}
}

func TestEveryTemplateHasOneAdapter(t *testing.T) {
	count := map[string]int{}
	for _, a := range adapters(t) {
		count[a.framework]++
	}
	for _, template := range templates.All() {
		if count[template.Name] != 1 {
			t.Errorf("%d modules under generated are made with -framework %s, want 1", count[template.Name], template.Name)
		}
		delete(count, template.Name)
	}
	for name := range count {
		t.Errorf("a module under generated is made with -framework %s, which is no template", name)
	}
}
