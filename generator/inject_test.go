package generator

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"
)

// tricks are texts that would change the output's meaning, or its place, if they got into it.
var tricks = []string{
	"x\nimport \"os/exec\"", "x; func init() {}", "x\n//go:build ignore", "x\n//go:embed *", "x\r//go:linkname a b", "x*/func init(){}/*", "x//",
	"x\u2028func", "x\x00", "`", "\"", "'", "\\", "x\\n", "../x", "/etc/x", "a/b", "a b", "a\tb", "x.y", "x-y", "1x", "-", "--", "-x", "", " ", "_", "func", "type",
	"import", "package", "init", "main", "nil", "string", "error", "panic", "core", "http", "New(", "New()", "New)", "New{", "${HOME}", "$(id)", "%s", "%!d",
	"x;DO NOT EDIT.", "\ufeffx", "х", "ﬁ", "x\u200b", "C", "unsafe", "p", strings.Repeat("x", 1<<16), "DO NOT EDIT", "; DO NOT EDIT.\npackage x",
	"gin,gin", ",", "gin,", ",gin", "gin;echo", "Gin", "gin\n", "twiml\n", "status\nx", "x_test.go", "x.go\x00", "x.go\n", "..", ".", "~/x.go", "con.go",
}

// sinks are the flags and variables whose value a user chooses.
var sinks = map[string]func(text string) (args []string, env map[string]string){
	"-framework": func(text string) ([]string, map[string]string) {
		return []string{"-framework", text, "-package", "hooks"}, nil
	},
	"-package": func(text string) ([]string, map[string]string) {
		return []string{"-framework", "gin", "-package", text}, nil
	},
	"-func": func(text string) ([]string, map[string]string) {
		return []string{"-framework", "gin", "-package", "hooks", "-func", text}, nil
	},
	"-reject": func(text string) ([]string, map[string]string) {
		return []string{"-framework", "gin", "-package", "hooks", "-reject", text}, nil
	},
	"-output": func(text string) ([]string, map[string]string) {
		return []string{"-framework", "gin", "-package", "hooks", "-output", text}, nil
	},
	"GOPACKAGE": func(text string) ([]string, map[string]string) {
		return []string{"-framework", "gin"}, map[string]string{"GOPACKAGE": text}
	},
	"GOFILE": func(text string) ([]string, map[string]string) {
		return []string{"-framework", "gin", "-package", "hooks"}, map[string]string{"GOFILE": text, "GOLINE": text}
	},
	"RINGFENCE_CHECK": func(text string) ([]string, map[string]string) {
		return []string{"-framework", "gin", "-package", "hooks"}, map[string]string{"RINGFENCE_CHECK": text}
	},
}

// Without -fuzz it tries every trick at every sink.
func FuzzNothingIsInjected(f *testing.F) {
	for sink := range sinks {
		for _, trick := range tricks {
			f.Add(sink, trick)
		}
	}
	f.Fuzz(func(t *testing.T, sink, trick string) {
		if call, ok := sinks[sink]; ok {
			tryToInject(t, call, trick)
		}
	})
}

// tryToInject runs the tool in a directory of its own. It must fail and write nothing, or write files in that directory that are the same
// as without the trick but for names. Either way an error is one line.
func tryToInject(t *testing.T, call func(string) ([]string, map[string]string), trick string) {
	t.Helper()
	parent := t.TempDir()
	dir := filepath.Join(parent, "dir")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	flags, env := call(trick)
	got := runIn(dir, env, append([]string{"generate", "-tests"}, flags...)...)
	if files := list(parent); files != "dir" {
		t.Errorf("%.40q: wrote %s outside the directory", trick, files)
	}
	if got.code != 0 {
		if got.files != "" || strings.Count(got.stderr, "\n") != 1 || !strings.HasSuffix(got.stderr, "\n") {
			t.Errorf("%.40q: exit %d, files %q, %q", trick, got.code, got.files, got.stderr)
		}
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || filepath.Ext(e.Name()) != ".go" {
			t.Errorf("%.40q: wrote %q", trick, e.Name())
			continue
		}
		expectHarmless(t, trick, content(filepath.Join(dir, e.Name())))
	}
}

// expectHarmless compares the shape of a file, which is all but names and the header, with what a harmless call emits.
func expectHarmless(t *testing.T, trick, got string) {
	t.Helper()
	constructor := Constructor
	if strings.HasPrefix(got, headerStart+"-framework gin -package hooks -func "+trick+" ") {
		constructor = trick
	}
	for _, want := range harmless(t) {
		if shape(t, got, constructor) == want {
			return
		}
	}
	t.Errorf("%.40q changes what is emitted:\n%s", trick, got)
}

var harmlessShapes []string

func harmless(t *testing.T) []string {
	t.Helper()
	if harmlessShapes != nil {
		return harmlessShapes
	}
	for _, flags := range []string{"gin", "echo", "fiber", "nethttp", "gin -reject twiml"} {
		dir := t.TempDir()
		got := runIn(dir, nil, strings.Fields("generate -tests -package hooks -framework "+flags)...)
		if got.code != 0 {
			t.Fatalf("%+v", got)
		}
		for _, name := range strings.Fields(got.files) {
			harmlessShapes = append(harmlessShapes, shape(t, content(filepath.Join(dir, name)), "New"))
		}
	}
	return harmlessShapes
}

// shape returns the file without comments, its package called p and the constructor New.
func shape(t *testing.T, source, constructor string) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, 0)
	if err != nil {
		t.Fatalf("%v in:\n%s", err, source)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && (id.Name == constructor) {
			id.Name = "New"
		}
		return true
	})
	file.Name.Name = "p" // after the constructor, which may have that name
	var b strings.Builder
	if err := format.Node(&b, fset, file); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), "") // a long name moves lines
}

// What a template says that it emits is all that it may emit, whatever its author, or a name that found its way in, made of it.
func TestOutputIsHeldToWhatTheTemplateDeclares(t *testing.T) {
	for _, test := range []struct {
		name string
		emit func(f *File)
		want string
	}{
		{"an import", func(f *File) { f.Var().Id("_").Op("=").Qual("os/exec", "Command") },
			`template "gin" imports "os/exec", which its Imports do not name`},
		{"an import for its effects", func(f *File) { f.Anon("net/http/pprof") },
			`template "gin" imports "net/http/pprof", which its Imports do not name`},
		{"an import without its name", func(f *File) { f.ImportAlias("net/http", "."); f.Var().Id("_").Op("=").Qual("net/http", "Get") },
			`template "gin" imports "net/http" as .: use its name`},
		{"cgo", func(f *File) { f.Var().Id("_").Op("=").Qual("C", "int") },
			`template "gin" imports "C", which its Imports do not name`},
		{"a function", func(f *File) { f.Func().Id("init").Params().Block() },
			"template \"gin\" declares init, which its Names do not name"},
		{"a method of another type", func(f *File) { f.Func().Params(jen.Id("t").Op("*").Id("T")).Id("New").Params().Block() },
			"template \"gin\" declares T, which its Names do not name"},
		{"a type", func(f *File) { f.Type().Id("T").Int() },
			"template \"gin\" declares T, which its Names do not name"},
		{"one variable of several", func(f *File) { f.Var().List(jen.Id("_"), jen.Id("x")).Int() },
			"template \"gin\" declares x, which its Names do not name"},
		{"a function elsewhere", func(f *File) { f.Func().Id("Allowed").Params() },
			"template \"gin\" declares Allowed without a body"},
		{"a directive", func(f *File) { f.Comment("//go:noinline") },
			`template "gin" emits "//go:noinline", which may be a directive: begin comments with a space`},
		{"a block comment", func(f *File) { f.Comment("/*line x.go:1*/") },
			`template "gin" emits "/*line x.go:1*/", which may be a directive: begin comments with a space`},
		{"a second header", func(f *File) { f.HeaderComment("//go:build ignore") },
			`template "gin" emits the comment "// Code generated by ringfence generate -framework gin -package hooks; DO NOT EDIT." in place of its header`},
		{"a comment on the package", func(f *File) { f.PackageComment("Package hooks is fun.") },
			`template "gin" emits the comment "// Package hooks is fun." before the package clause`},
	} {
		t.Run(test.name, func(t *testing.T) {
			template := fake("gin")
			emit := template.Emit
			template.Names = []string{"Allowed"}
			template.Emit = func(f *File, s Spec) { emit(f, s); f.Line(); test.emit(f) }
			content, err := Generate(template, Spec{Framework: "gin", Package: "hooks"})
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s\n%s", err, test.want, content)
			}
		})
	}
	t.Run("no constructor", func(t *testing.T) {
		template := fake("gin")
		template.Emit = func(f *File, _ Spec) { f.Handshake() }
		want := `template "gin" does not declare the function New`
		if _, err := Generate(template, Spec{Framework: "gin", Package: "hooks"}); err == nil || err.Error() != want {
			t.Errorf("got %v", err)
		}
	})
}
