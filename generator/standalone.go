package generator

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"sort"
	"strings"
	"sync"

	"github.com/ringfence-go/ringfence"
)

// standaloneFile is the file beside the middleware that holds the core.
const standaloneFile = "twilio_core.go"

// What the core calls X is RingfenceX in standalone output, and x is ringfenceX. One rule for all of them: whoever knows ringfence's
// documentation knows the names, no template needs to, and a package that already has a Config or a Token keeps it.
const (
	exportedPrefix   = "Ringfence"
	unexportedPrefix = "ringfence"
)

func standaloneName(name string) string {
	if ast.IsExported(name) {
		return exportedPrefix + name
	}
	return unexportedPrefix + title(name)
}

func isStandaloneName(name string) bool {
	return strings.HasPrefix(name, exportedPrefix) || strings.HasPrefix(name, unexportedPrefix)
}

// standaloneCore returns the core as one file of the package that s names. It is the same for every framework.
func standaloneCore(s Spec) ([]byte, error) {
	core, err := coreInOneFile()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(headerStart + "-package " + s.Package + " -standalone" + headerEnd + "\n\n")
	b.WriteString("package " + s.Package + "\n")
	b.Write(core)
	return b.Bytes(), nil
}

// coreInOneFile returns the core's sources as one file with the names of standalone output, from its imports on.
var coreInOneFile = sync.OnceValues(func() ([]byte, error) {
	files, err := ringfence.CoreSources()
	if err != nil {
		return nil, err
	}
	joined, version, err := join(files)
	if err != nil {
		return nil, err
	}
	renamed, err := rename([][]byte{joined}, renaming{name: standaloneName})
	if err != nil {
		return nil, err
	}
	grouped, err := groupImports(renamed[0], "")
	if err != nil {
		return nil, err
	}
	formatted, err := format.Source(grouped)
	if err != nil {
		return nil, err
	}
	_, body, _ := bytes.Cut(formatted, []byte("\n")) // the package clause
	end := bytes.Index(body, []byte("\n)")) + len("\n)")
	return bytes.Join([][]byte{body[:end], body[end:]}, []byte("\n\n"+
		"// What follows is the package core of ringfence "+version+", in which X is called RingfenceX here and x ringfenceX.\n"+
		"// It does not change by itself: a fix in ringfence reaches this package when it is generated again.\n")), nil
})

// join returns the declarations of all files, in the order of their names, as one file, and the value of the constant Version.
func join(files map[string][]byte) (joined []byte, version string, err error) {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	var imports, declarations bytes.Buffer
	for _, name := range names {
		fset := token.NewFileSet()
		source := files[name]
		file, err := parser.ParseFile(fset, name, source, parser.ParseComments)
		if err != nil {
			return nil, "", err
		}
		offset := func(pos token.Pos) int { return fset.Position(pos).Offset }
		rest := offset(file.Name.End())
		if len(file.Imports) > 0 {
			start, end := importRange(file)
			imports.Write(source[offset(start):offset(end)])
			imports.WriteString("\n")
			rest = offset(end)
		}
		declarations.WriteString("\n")
		declarations.Write(source[rest:])
		if v, ok := constant(file, "Version"); ok {
			version = strings.Trim(v, `"`)
		}
	}
	joined = append([]byte("package core\n"), imports.Bytes()...)
	return append(joined, declarations.Bytes()...), version, nil
}

// constant returns the literal of a constant.
func constant(file *ast.File, name string) (literal string, ok bool) {
	for _, d := range file.Decls {
		g, isGen := d.(*ast.GenDecl)
		if !isGen || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			if len(v.Values) != 1 || v.Names[0].Name != name {
				continue
			}
			if l, isLit := v.Values[0].(*ast.BasicLit); isLit {
				return l.Value, true
			}
		}
	}
	return "", false
}
