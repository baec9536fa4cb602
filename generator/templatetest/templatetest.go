// Package templatetest holds a template to the tests that ringfence's own pass: every choice compiles, is vetted and runs its tests,
// its output is that of golden files, and standalone output depends on nothing but its framework.
package templatetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/generator"
)

// Subject is a template under test.
type Subject struct {
	// Templates are those that `ringfence generate` knows, the one under test among them.
	Templates []generator.Template
	// Framework is its name.
	Framework string
	// Module is a directory with a go.mod that requires what the output imports. It is copied, not changed.
	Module string
}

// variants are the choices that change what is emitted.
var variants = []struct{ name, flags string }{
	{"asis", ""},
	{"renamed", "-func VerifyTwilio"},
	{"minimal", "-minimal"},
	{"twiml", "-reject twiml"},
	{"standalone", "-standalone"},
	{"all", "-func VerifyTwilio -minimal -reject twiml -standalone"},
}

// CoreFile is the file of standalone output that is the same for all frameworks.
const CoreFile = "twilio_core.go"

// Variants generates every choice, with its tests, and both together with net/http's middleware, each into a package of its own in a
// copy of the module; compiles, vets and runs them; and compares each output, without CoreFile, with the file VARIANT.golden in the
// directory golden. Where update is true it writes these files instead.
func (s Subject) Variants(t *testing.T, golden string, update bool) {
	t.Helper()
	dir := t.TempDir()
	CopyModule(t, s.Module, dir)
	for _, v := range variants {
		s.Generate(t, dir, v.name, v.flags)
	}
	if s.Framework != "nethttp" {
		together := s
		together.Framework = "nethttp," + s.Framework
		together.Generate(t, dir, "together", "")
	}
	Go(t, dir, "test", "-vet=all", "./...")
	for _, v := range variants {
		compare(t, filepath.Join(golden, v.name+".golden"), textOf(t, filepath.Join(dir, v.name)), update)
	}
}

// StandaloneDependencies fails where standalone output depends on more than the packages that its imports of the framework depend on,
// and the standard library.
func (s Subject) StandaloneDependencies(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	CopyModule(t, s.Module, dir)
	files := s.Generate(t, dir, "standalone", "-standalone")
	allowed := map[string]bool{strings.TrimSpace(Go(t, dir, "list", "./standalone")): true}
	roots := append(foreignImports(t, files["twilio_"+s.Framework+".go"]), "std")
	for _, pkg := range strings.Fields(Go(t, dir, append([]string{"list", "-deps"}, roots...)...)) {
		allowed[pkg] = true
	}
	for _, pkg := range strings.Fields(Go(t, dir, "list", "-deps", "./standalone")) {
		if !allowed[pkg] || pkg == generator.CorePath {
			t.Errorf("depends on %s", pkg)
		}
	}
}

// Generate runs `ringfence generate -tests` with more flags, separated by spaces, in the new package name of the module in dir, and
// returns the files there by name.
func (s Subject) Generate(t *testing.T, dir, name, flags string) map[string]string {
	t.Helper()
	pkg := filepath.Join(dir, name)
	if err := os.Mkdir(pkg, 0o755); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	args := append([]string{"generate", "-tests", "-package", name, "-framework", s.Framework}, strings.Fields(flags)...)
	code := generator.Run(generator.Call{
		Args: args, Dir: pkg, Getenv: func(string) string { return "" }, Stdout: &stdout, Stderr: &stderr,
	}, generator.Verbs(s.Templates...)...)
	if code != 0 || stdout.Len()+stderr.Len() > 0 {
		t.Fatalf("%s: exit %d, %s%s", strings.Join(args, " "), code, stdout.String(), stderr.String())
	}
	files := map[string]string{}
	for _, path := range goFiles(t, pkg) {
		files[filepath.Base(path)] = read(t, path)
	}
	return files
}

// CopyModule copies go.mod and go.sum from one directory to another and makes the paths of replace directives absolute.
func CopyModule(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, fs.ErrNotExist) && name == "go.sum" {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), content, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var mod struct {
		Replace []struct {
			Old, New struct{ Path, Version string }
		}
	}
	if err := json.Unmarshal([]byte(Go(t, to, "mod", "edit", "-json")), &mod); err != nil {
		t.Fatal(err)
	}
	for _, r := range mod.Replace {
		if r.New.Version != "" || filepath.IsAbs(r.New.Path) {
			continue
		}
		target, err := filepath.Abs(filepath.Join(from, r.New.Path))
		if err != nil {
			t.Fatal(err)
		}
		Go(t, to, "mod", "edit", "-replace", r.Old.Path+"="+target)
	}
}

// Go runs the go command in dir, without a network, and returns what it printed.
func Go(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod -buildvcs=false", "GOPROXY=off")
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return string(output)
}

// textOf is what a variant's directory holds, without the core: it has a conformance suite of its own.
func textOf(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	for _, path := range goFiles(t, dir) {
		if filepath.Base(path) != CoreFile {
			fmt.Fprintf(&b, "-- %s --\n%s", filepath.Base(path), read(t, path))
		}
	}
	return b.String()
}

func compare(t *testing.T, path, got string, update bool) {
	t.Helper()
	if update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got != read(t, path) {
		t.Errorf("%s is not what the template emits: run the test with -update, and read the difference. The template emits:\n%s", path, got)
	}
}

func goFiles(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// foreignImports returns the imports of source that are not of the standard library.
func foreignImports(t *testing.T, source string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			paths = append(paths, path)
		}
	}
	return paths
}
