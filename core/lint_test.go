package core_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// What a reader of core may rely on, held by looking at its sources.

// corePackage is core's sources without tests, parsed and type-checked.
type corePackage struct {
	files []*ast.File
	info  *types.Info
}

// One importer reads each package of the standard library once.
var (
	lintFiles    = token.NewFileSet()
	lintImporter = importer.ForCompiler(lintFiles, "gc", nil)
)

var coreSources = sync.OnceValues(func() (*corePackage, error) {
	entries, err := os.ReadDir(".")
	if err != nil {
		return nil, err
	}
	sources := map[string]string{}
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			sources[name] = string(text)
		}
	}
	return checkSources(sources)
})

func checkSources(sources map[string]string) (*corePackage, error) {
	p := &corePackage{info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}}
	for _, name := range oracleSorted(sources) {
		file, err := parser.ParseFile(lintFiles, name, sources[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.files = append(p.files, file)
	}
	config := types.Config{Importer: lintImporter}
	_, err := config.Check("core", lintFiles, p.files, p.info)
	return p, err
}

func mustCoreSources(t *testing.T) *corePackage {
	t.Helper()
	p, err := coreSources()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.files) < 20 {
		t.Fatalf("only %d files were read", len(p.files))
	}
	return p
}

// importsBeyond returns the imports that are not of the standard library, whose paths have no dot in their first element, and those
// that core must not have in particular.
func (p *corePackage) importsBeyond() (bad []string) {
	for _, file := range p.files {
		for _, spec := range file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			first, _, _ := strings.Cut(path, "/")
			if strings.Contains(first, ".") || slices.Contains([]string{"unsafe", "C", "plugin", "os/exec", "math/rand", "math/rand/v2"}, path) {
				bad = append(bad, path)
			}
		}
	}
	return bad
}

func TestCoreImportsTheStandardLibraryAlone(t *testing.T) {
	if bad := mustCoreSources(t).importsBeyond(); len(bad) > 0 {
		t.Errorf("core imports %q", bad)
	}
	planted, _ := checkSources(map[string]string{"a.go": `package core; import ("unsafe"; "example.com/x"; "strings")`})
	if bad := planted.importsBeyond(); !slices.Equal(bad, []string{"unsafe", "example.com/x"}) {
		t.Errorf("of a planted file %q are found", bad)
	}
}

// requestPath are the functions and methods of core that a request, or what is made of it, reaches first.
var requestPath = []string{
	"Validate", "ValidateHTTP", "Check", "FromContext", "ParseRawHeader", "PeerOf", "AnswerTo", "EachHeader", "Write",
	"Error", "Status", "Is", "Unwrap", "String", "GoString", "Format", "LogValue", "MarshalJSON", "MarshalText", "Seen",
	"Body", "Params", "Param", "URL", "Read", "Close",
}

// reachable returns the functions whose names isRoot picks, and those that a reachable one mentions. It does not look into Explain: that
// decides nothing, is switched on for development, and recovers from whatever happens in it.
func (p *corePackage) reachable(isRoot func(name string) bool) (reached []*ast.FuncDecl) {
	bodies := map[types.Object]*ast.FuncDecl{}
	var todo []types.Object
	for _, file := range p.files {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Body != nil {
				bodies[p.info.Defs[f.Name]] = f
				if isRoot(f.Name.Name) {
					todo = append(todo, p.info.Defs[f.Name])
				}
			}
		}
	}
	seen := map[types.Object]bool{}
	for len(todo) > 0 {
		object := todo[0]
		todo = todo[1:]
		if generic, ok := object.(*types.Func); ok {
			object = generic.Origin()
		}
		f := bodies[object]
		if f == nil || seen[object] || f.Name.Name == "Explain" {
			continue
		}
		seen[object] = true
		reached = append(reached, f)
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				todo = append(todo, p.info.Uses[id])
			}
			return true
		})
	}
	return reached
}

// panics returns what in a function can end the process: calls of panic, of os.Exit, of log.Fatal and log.Panic and of functions whose
// name begins with Must, and type assertions that do not ask.
func (p *corePackage) panics(f *ast.FuncDecl) (bad []string) {
	asks := map[ast.Expr]bool{} // assertions with ok
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if len(n.Lhs) == 2 && len(n.Rhs) == 1 {
				asks[n.Rhs[0]] = true
			}
		case *ast.TypeAssertExpr:
			if !asks[n] && n.Type != nil { // it has none in a type switch
				bad = append(bad, f.Name.Name+": "+types.ExprString(n))
			}
		case *ast.Ident:
			used := p.info.Uses[n]
			if used == types.Universe.Lookup("panic") || used != nil && used.Pkg() != nil && isFatal(used.Pkg().Path(), used.Name()) {
				bad = append(bad, f.Name.Name+": "+n.Name)
			}
		}
		return true
	})
	return bad
}

func (p *corePackage) panicsOnRequests() (bad []string) {
	for _, f := range p.reachable(func(name string) bool { return slices.Contains(requestPath, name) }) {
		bad = append(bad, p.panics(f)...)
	}
	return bad
}

func isFatal(pkg, name string) bool {
	return pkg == "os" && name == "Exit" || pkg == "log" && (strings.HasPrefix(name, "Fatal") || strings.HasPrefix(name, "Panic")) ||
		strings.HasPrefix(name, "Must")
}

// poolsHoldOneType are the type assertions of the request path that do not ask: what New of the same pool makes.
var poolsHoldOneType = []string{
	"Validate: exams.Get().(*exam)", "ValidateHTTP: exams.Get().(*exam)", "Check: exams.Get().(*exam)", "appendMAC: k.states.Get().(hash.Hash)",
}

// V9: a panic in fasthttp ends the process.
func TestV9NothingOnTheRequestPathPanics(t *testing.T) {
	bad := mustCoreSources(t).panicsOnRequests()
	for _, finding := range bad {
		if !slices.Contains(poolsHoldOneType, finding) {
			t.Errorf("on the request path, %s", finding)
		}
	}
	for _, row := range poolsHoldOneType {
		if !slices.Contains(bad, row) {
			t.Errorf("%s is listed, but not there", row)
		}
	}
	planted, err := checkSources(map[string]string{"a.go": `package core
		import "os"
		type T struct{}
		func (t T) Validate(a any) { t.one(a) }
		func (t T) one(a any) { f := two; f(a) }
		func two(a any) { if a == nil { panic("x") }; _ = a.(int); if n, ok := a.(int); ok { os.Exit(n) } }
		func construct() { panic("allowed") }
	`})
	if err != nil {
		t.Fatal(err)
	}
	if bad := planted.panicsOnRequests(); !slices.Equal(bad, []string{"two: panic", "two: a.(int)", "two: Exit"}) {
		t.Errorf("of a planted file %q are found", bad)
	}
}
