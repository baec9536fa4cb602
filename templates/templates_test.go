package templates_test

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/generator"
	"github.com/ringfence-go/ringfence/generator/templatetest"
	"github.com/ringfence-go/ringfence/templates"
)

func emit(t *testing.T, template generator.Template, pkg string) string {
	t.Helper()
	content, err := generator.Generate(template, generator.Spec{Framework: template.Name, Package: pkg})
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestTemplatesAreOrderedAndDescribed(t *testing.T) {
	all := templates.All()
	if !sort.SliceIsSorted(all, func(i, j int) bool { return all[i].Name < all[j].Name }) {
		t.Error("All is not ordered by name")
	}
	for _, template := range all {
		if template.Doc == "" || template.Module == "" || template.Status == "" {
			t.Errorf("%s lacks Doc, Module or Status", template.Name)
		}
	}
}

// The package name is all that a user can put into a file, and only the header and the package clause hold it.
func TestUserTextStaysInHeaderAndPackageClause(t *testing.T) {
	for _, template := range templates.All() {
		const pkg = "somebodysPackage"
		source := emit(t, template, pkg)
		_, rest, _ := strings.Cut(source, "\npackage "+pkg+"\n")
		if rest == "" || strings.Contains(rest, pkg) {
			t.Errorf("%s:\n%s", template.Name, source)
		}
		if other := emit(t, template, "other"); strings.ReplaceAll(source, pkg, "other") != other {
			t.Errorf("%s emits something else for another package", template.Name)
		}
	}
}

// An application reads what it depends on in the imports: the core, the framework, the standard library.
func TestEmittedFilesImportTheCoreAndTheFrameworkAlone(t *testing.T) {
	for _, template := range templates.All() {
		file, err := parser.ParseFile(token.NewFileSet(), "", emit(t, template, "hooks"), parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			first, _, _ := strings.Cut(path, "/")
			standard := !strings.Contains(first, ".")
			if !standard && path != generator.CorePath && path != template.Module && !strings.HasPrefix(path, template.Module+"/") {
				t.Errorf("%s imports %s", template.Name, path)
			}
			if spec.Name != nil {
				t.Errorf("%s imports %s under the name %s: add it to Imports", template.Name, path, spec.Name)
			}
		}
	}
}

func TestEmittedFilesShakeHandsWithTheCore(t *testing.T) {
	for _, template := range templates.All() {
		if !strings.Contains(emit(t, template, "hooks"), "\nconst _ = core.GeneratedV1\n") {
			t.Errorf("%s does not", template.Name)
		}
	}
}

// The doc comments of the templates show the Go that they emit; this holds them to it.
func TestDocCommentsShowWhatIsEmitted(t *testing.T) {
	for _, template := range templates.All() {
		emitted := tokens(everything(t, template))
		paths, err := filepath.Glob(template.Name + "_*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range append(paths, template.Name+".go") {
			samples := samples(t, path)
			if len(samples) == 0 {
				t.Errorf("%s shows nothing", path)
			}
			for name, sample := range samples {
				if !strings.Contains(emitted, tokens(sample)) {
					t.Errorf("%s: the doc comment of %s shows what is not emitted:\n%s", path, name, sample)
				}
			}
		}
	}
}

// everything returns what a template emits with and without -minimal, tests included.
func everything(t *testing.T, template generator.Template) string {
	t.Helper()
	var all strings.Builder
	subject := templatetest.Subject{Templates: templates.All(), Framework: template.Name}
	for _, flag := range []string{"", "-minimal"} {
		files := subject.Generate(t, t.TempDir(), "hooks", flag)
		for _, name := range []string{"twilio_" + template.Name + ".go", "twilio_" + template.Name + "_test.go"} {
			all.WriteString(files[name])
		}
	}
	return all.String()
}

// samples returns the code blocks in the doc comments of the functions of a file.
func samples(t *testing.T, path string) map[string]string {
	t.Helper()
	source, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Doc == nil {
			continue
		}
		var code strings.Builder
		for _, line := range f.Doc.List {
			if sample, ok := strings.CutPrefix(line.Text, "//\t"); ok {
				code.WriteString(sample + "\n")
			}
		}
		if code.Len() > 0 {
			found[f.Name.Name] = code.String()
		}
	}
	return found
}

// tokens returns the source as its tokens, without comments and line breaks.
func tokens(source string) string {
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", fset.Base(), len(source)), []byte(source), nil, 0)
	var b strings.Builder
	for {
		_, tok, literal := s.Scan()
		switch {
		case tok == token.EOF:
			return b.String()
		case tok == token.SEMICOLON || tok == token.COMMENT:
			continue
		case literal != "":
			b.WriteString(literal + " ")
		default:
			b.WriteString(tok.String() + " ")
		}
	}
}
