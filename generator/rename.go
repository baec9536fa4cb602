package generator

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"sort"
	"strconv"
)

// renaming says what the package-level names of emitted sources become.
type renaming struct {
	// name returns what a name that the package declares becomes.
	name func(string) string
	// core returns what a name of the core becomes where the core is part of the package. Otherwise it is nil.
	core func(string) string
}

func (s Spec) renaming() renaming {
	r := renaming{name: s.rename}
	if s.Standalone {
		r.core = standaloneName
	}
	return r
}

// rename returns the sources of one package with its names replaced wherever they mean what the package declares: a parameter or a
// field of the same name stays. Comments follow where they name an exported declaration.
func rename(sources [][]byte, r renaming) ([][]byte, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, source := range sources {
		file, err := parser.ParseFile(fset, "", source, parser.ParseComments)
		if err != nil {
			return nil, notGo(source, err)
		}
		files = append(files, file)
	}
	scope, info := resolve(fset, files)
	renamed := make([][]byte, len(sources))
	for i, file := range files {
		e := editor{fset: fset, source: sources[i]}
		r.editCode(&e, file, scope, info)
		r.editComments(&e, file, scope)
		renamed[i] = e.result()
	}
	return renamed, nil
}

// resolve says what the names in files mean. It sees these files alone: what they import is unknown, which go/types takes as errors
// that do not matter here.
func resolve(fset *token.FileSet, files []*ast.File) (*types.Scope, *types.Info) {
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: unknownPackages{}, Error: func(error) {}}
	pkg, _ := config.Check("emitted", fset, files, info) // never nil
	return pkg.Scope(), info
}

type unknownPackages struct{}

func (unknownPackages) Import(importPath string) (*types.Package, error) {
	pkg := types.NewPackage(importPath, path.Base(importPath))
	pkg.MarkComplete() // or go/types would forget the import
	return pkg, nil
}

func (r renaming) editCode(e *editor, file *ast.File, scope *types.Scope, info *types.Info) {
	coreName := localName(file, CorePath)
	foreign := map[*ast.Ident]bool{} // names of another type's or package's
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if r.core != nil && isCore(info, n.X, coreName) {
				e.replace(n.Pos(), n.End(), r.core(n.Sel.Name))
				return false
			}
			foreign[n.Sel] = true
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				foreign[key] = true
			}
		case *ast.Ident:
			if declaredIn(scope, info, n, foreign[n]) {
				e.replace(n.Pos(), n.End(), r.name(n.Name))
			}
		}
		return true
	})
}

// isCore reports whether x is the name of the imported core, local in its file.
func isCore(info *types.Info, x ast.Expr, local string) bool {
	ident, ok := x.(*ast.Ident)
	if !ok || ident.Name != local {
		return false
	}
	_, isPackage := info.Uses[ident].(*types.PkgName)
	return isPackage || info.Uses[ident] == nil // as in declaredIn
}

// localName returns the name under which file imports importPath, or "" if it does not.
func localName(file *ast.File, importPath string) string {
	for _, spec := range file.Imports {
		if spec.Path.Value != strconv.Quote(importPath) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}

// declaredIn reports whether ident is a name of the package scope, or that of a field that is embedded by such a name. go/types does
// not look into function literals within literals of unknown types: there, what is not foreign is taken for what it seems.
func declaredIn(scope *types.Scope, info *types.Info, ident *ast.Ident, foreign bool) bool {
	object := info.Uses[ident]
	if object == nil {
		object = info.Defs[ident]
	}
	if object == nil {
		_, known := info.Defs[ident] // the package clause and the like
		return !foreign && !known && scope.Lookup(ident.Name) != nil
	}
	if field, ok := object.(*types.Var); ok && field.IsField() {
		return field.Embedded() && scope.Lookup(field.Name()) != nil
	}
	return object.Parent() == scope
}

var (
	word     = regexp.MustCompile(`[\pL_][\pL\p{Nd}_]*`)
	coreWord = regexp.MustCompile(`\bcore\.([A-Z]\w*)`)
)

// editComments renames what a comment says: exported names anywhere, and any name where the comment of its declaration begins. The
// comment of a method begins with the method's name, which stays.
func (r renaming) editComments(e *editor, file *ast.File, scope *types.Scope) {
	subjects := map[*ast.CommentGroup]string{}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			subjects[d.Doc] = d.Name.Name
		case *ast.GenDecl:
			if name, ok := soleName(d); ok {
				subjects[d.Doc] = name
			}
		}
	}
	methods := map[*ast.CommentGroup]bool{}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
			methods[f.Doc] = true
		}
	}
	for _, group := range file.Comments {
		for i, comment := range group.List {
			first := i == 0
			text := r.comment(comment.Text, func(name string, start int) bool {
				isSubject := first && start == len("// ") && name == subjects[group]
				if isSubject && methods[group] {
					return false
				}
				return scope.Lookup(name) != nil && (isSubject || ast.IsExported(name))
			})
			e.replace(comment.Pos(), comment.End(), text)
		}
	}
}

// soleName returns the name of a declaration of one type, variable or constant.
func soleName(d *ast.GenDecl) (string, bool) {
	if len(d.Specs) != 1 {
		return "", false
	}
	switch spec := d.Specs[0].(type) {
	case *ast.TypeSpec:
		return spec.Name.Name, true
	case *ast.ValueSpec:
		return spec.Names[0].Name, true
	}
	return "", false
}

// comment returns text with the names of the core, and with those words that rename reports true for, renamed.
func (r renaming) comment(text string, isName func(name string, start int) bool) string {
	var b bytes.Buffer
	rest := 0
	for _, at := range word.FindAllStringIndex(text, -1) {
		name := text[at[0]:at[1]]
		// A word after a dot is a method, a field or another package's.
		if at[0] > 0 && text[at[0]-1] == '.' || !isName(name, at[0]) {
			continue
		}
		b.WriteString(text[rest:at[0]])
		b.WriteString(r.name(name))
		rest = at[1]
	}
	b.WriteString(text[rest:])
	if r.core == nil {
		return b.String()
	}
	return coreWord.ReplaceAllStringFunc(b.String(), func(qualified string) string {
		return r.core(qualified[len("core."):])
	})
}

// editor collects replacements in one source.
type editor struct {
	fset   *token.FileSet
	source []byte
	edits  []edit
}

type edit struct {
	start, end int
	text       string
}

func (e *editor) replace(start, end token.Pos, text string) {
	e.edits = append(e.edits, edit{e.fset.Position(start).Offset, e.fset.Position(end).Offset, text})
}

func (e *editor) result() []byte {
	sort.Slice(e.edits, func(i, j int) bool { return e.edits[i].start < e.edits[j].start })
	var b bytes.Buffer
	rest := 0
	for _, edit := range e.edits {
		b.Write(e.source[rest:edit.start])
		b.WriteString(edit.text)
		rest = edit.end
	}
	b.Write(e.source[rest:])
	return b.Bytes()
}
