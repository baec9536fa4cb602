package templates_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence"
	"github.com/ringfence-go/ringfence/generator"
	"github.com/ringfence-go/ringfence/generator/templatetest"
)

const (
	goldenPath    = "github.com/ringfence-go/ringfence/golden"
	generatedPath = "github.com/ringfence-go/ringfence/generated/"
	// standaloneModule is the module that the test below makes: nothing in it comes from ringfence's.
	standaloneModule = "example.com/standalone"
)

// The conformance suite judges adapters by core.Validator. To judge standalone output by the same suite, a module is made of the
// output, of a package core that says what the output's names are, and of copies of golden and of the adapter's playground that
// import this core: the suite runs unchanged, and there is no other core in the module.
func TestStandaloneOutputPassesTheConformanceSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the conformance suite for every framework")
	}
	for _, a := range adapters(t) {
		t.Run(a.framework, func(t *testing.T) {
			t.Parallel() // it waits for malformed requests most of the time
			dir := t.TempDir()
			adapterDir := filepath.Dir(filepath.Join("..", a.output))
			templatetest.CopyModule(t, adapterDir, dir)
			templatetest.Go(t, dir, "mod", "edit", "-module", standaloneModule, "-droprequire", "github.com/ringfence-go/ringfence",
				"-dropreplace", "github.com/ringfence-go/ringfence")
			a.subject().Generate(t, dir, "standalone", "-standalone")
			writeFile(t, filepath.Join(dir, "core", "core.go"), standaloneAliases(t))
			copySources(t, "../golden", filepath.Join(dir, "golden"), a.pkg)
			copyData(t, "../golden/data", filepath.Join(dir, "golden", "data"))
			copySources(t, filepath.Join(adapterDir, "playground"), filepath.Join(dir, "playground"), a.pkg)
			for _, pkg := range strings.Fields(templatetest.Go(t, dir, "list", "-deps", "-test", "./playground")) {
				if strings.HasPrefix(pkg, "github.com/ringfence-go/") {
					t.Fatalf("depends on %s", pkg)
				}
			}
			output := templatetest.Go(t, dir, "test", "-count=1", "-v", "-run", "^TestConformance", "./playground")
			if passed := strings.Count(output, "--- PASS"); passed < 500 {
				t.Errorf("only %d tests ran and passed", passed)
			}
		})
	}
}

// standaloneAliases returns a package core whose every exported name is standalone's.
func standaloneAliases(t *testing.T) string {
	t.Helper()
	files, err := ringfence.CoreSources()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for name, source := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			lines = append(lines, aliases(d)...)
		}
	}
	sort.Strings(lines)
	return "package core\n\nimport \"" + standaloneModule + "/standalone\"\n\n" + strings.Join(lines, "\n") + "\n"
}

func aliases(d ast.Decl) []string {
	var lines []string
	add := func(format string, name *ast.Ident) {
		if name.IsExported() {
			lines = append(lines, strings.ReplaceAll(format, "X", name.Name))
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			add("var X = standalone.RingfenceX", d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				add("type X = standalone.RingfenceX", spec.Name)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					add(d.Tok.String()+" X = standalone.RingfenceX", name)
				}
			}
		}
	}
	return lines
}

// copySources copies Go files, with imports of ringfence's packages made those of standaloneModule.
func copySources(t *testing.T, from, to, adapterPackage string) {
	t.Helper()
	imports := strings.NewReplacer(
		`"`+generator.CorePath+`"`, `"`+standaloneModule+`/core"`,
		`"`+goldenPath+`"`, `"`+standaloneModule+`/golden"`,
		`"`+generatedPath+adapterPackage+`"`, adapterPackage+` "`+standaloneModule+`/standalone"`,
	)
	isGolden := filepath.Base(from) == "golden" // whose own tests need not run here
	paths, err := filepath.Glob(filepath.Join(from, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no sources in %s: %v", from, err)
	}
	for _, path := range paths {
		if isGolden && strings.HasSuffix(path, "_test.go") {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(to, filepath.Base(path)), imports.Replace(string(content)))
	}
}

func copyData(t *testing.T, from, to string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(from, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(to, filepath.Base(path)), string(content))
	}
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
