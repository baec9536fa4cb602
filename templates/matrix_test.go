package templates_test

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/generator"
	"github.com/ringfence-go/ringfence/templates"
)

// variants are the choices that change what is emitted, each with its tests, so that every one of them also runs.
var variants = []struct{ name, flags string }{
	{"asis", ""},
	{"renamed", "-func VerifyTwilio"},
	{"minimal", "-minimal"},
	{"twiml", "-reject twiml"},
	{"standalone", "-standalone"},
	{"all", "-func VerifyTwilio -minimal -reject twiml -standalone"},
}

// coreFile is the file of standalone output that is the same for all frameworks.
const coreFile = "twilio_core.go"

// variantModule is a copy of an adapter's go.mod in a new directory, with every variant of its framework in a package of its own.
// Packages of several frameworks are in the last ones, together; that they share one standalone core, one framework shows for all.
func variantModule(t *testing.T, a adapter) string {
	t.Helper()
	dir := t.TempDir()
	copyModule(t, filepath.Dir(filepath.Join("..", a.output)), dir)
	for _, v := range variants {
		generateVariant(t, dir, v.name, "-framework "+a.framework+" "+v.flags)
	}
	if a.framework != "nethttp" {
		generateVariant(t, dir, "together", "-framework nethttp,"+a.framework)
	}
	if a.framework == "gin" {
		generateVariant(t, dir, "togetherstandalone", "-framework nethttp,gin -standalone")
	}
	return dir
}

func generateVariant(t *testing.T, dir, name, flags string) map[string]string {
	t.Helper()
	pkg := filepath.Join(dir, name)
	if err := os.Mkdir(pkg, 0o755); err != nil {
		t.Fatal(err)
	}
	return generateIn(t, pkg, "generate -tests -package "+name+" "+flags)
}

// copyModule copies go.mod and go.sum, in which the replace directive is made absolute.
func copyModule(t *testing.T, from, to string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(from, name))
		if os.IsNotExist(err) && name == "go.sum" {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.ReplaceAll(content, []byte("=> ../.."), []byte("=> "+root))
		if err := os.WriteFile(filepath.Join(to, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// goRun runs the go command in dir, without a network, and returns what it printed.
func goRun(t *testing.T, dir string, args ...string) string {
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

// Every choice, in every framework, is compiled, vetted and run before its golden file is compared, or written.
func TestVariants(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles every variant of every framework")
	}
	for _, a := range adapters(t) {
		t.Run(a.framework, func(t *testing.T) {
			t.Parallel()
			dir := variantModule(t, a)
			goRun(t, dir, "test", "-vet=all", "./...")
			for _, v := range variants {
				compareGolden(t, filepath.Join("testdata", a.framework, v.name+".golden"), variantText(t, filepath.Join(dir, v.name)))
			}
		})
	}
}

// variantText is what a variant's directory holds, without the core: it has a conformance suite of its own.
func variantText(t *testing.T, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, path := range paths {
		if filepath.Base(path) == coreFile {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "-- %s --\n%s", filepath.Base(path), content)
	}
	return b.String()
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what the template emits: go test ./templates -update writes it anew. The template emits:\n%s", path, got)
	}
}

// Standalone output depends on what its framework depends on, and on the standard library.
func TestStandaloneOutputDependsOnItsFrameworkAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("lists the packages of every framework")
	}
	for _, a := range adapters(t) {
		t.Run(a.framework, func(t *testing.T) {
			dir := t.TempDir()
			copyModule(t, filepath.Dir(filepath.Join("..", a.output)), dir)
			files := generateVariant(t, dir, "standalone", "-framework "+a.framework+" -standalone")
			allowed := map[string]bool{strings.TrimSpace(goRun(t, dir, "list", "./standalone")): true}
			roots := append(foreignImports(t, files["twilio_"+a.framework+".go"]), "std")
			for _, pkg := range strings.Fields(goRun(t, dir, append([]string{"list", "-deps"}, roots...)...)) {
				allowed[pkg] = true
			}
			for _, pkg := range strings.Fields(goRun(t, dir, "list", "-deps", "./standalone")) {
				if !allowed[pkg] || pkg == generator.CorePath {
					t.Errorf("depends on %s", pkg)
				}
			}
		})
	}
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

func TestEveryTemplateEmitsTests(t *testing.T) {
	for _, template := range templates.All() {
		if template.EmitTest == nil {
			t.Errorf("%s does not", template.Name)
		}
	}
}
