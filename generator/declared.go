package generator

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// limits are what a file may hold. No choice of a user's, and no slip of a template's, puts anything else into it.
type limits struct {
	spec    Spec
	imports map[string]string // paths
	names   []string          // of package level, as the template calls them
	must    string            // the one of names that must be a function
}

func middlewareLimits(t Template, s Spec) limits {
	return limits{
		spec:    s,
		imports: t.Imports,
		names:   append([]string{Constructor}, t.Names...),
		must:    Constructor,
	}
}

// checkDeclared compares content, a formatted file, with its limits.
func checkDeclared(content []byte, l limits) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", content, parser.ParseComments)
	if err != nil {
		return notGo(content, err)
	}
	if file.Name.Name != l.spec.Package {
		return fmt.Errorf("emits package %s instead of %s", file.Name.Name, l.spec.Package)
	}
	if err := l.checkComments(file); err != nil {
		return err
	}
	if err := l.checkImports(file); err != nil {
		return err
	}
	return l.checkNames(file)
}

// checkComments allows the header, and after the package clause comments that no tool obeys.
func (l limits) checkComments(file *ast.File) error {
	for i, group := range file.Comments {
		for _, comment := range group.List {
			if i == 0 {
				if len(group.List) != 1 || comment.Text != header(l.spec) {
					return fmt.Errorf("emits the comment %q in place of its header", comment.Text)
				}
				continue
			}
			if comment.Pos() < file.Package {
				return fmt.Errorf("emits the comment %q before the package clause", comment.Text)
			}
			if comment.Text != "//" && !strings.HasPrefix(comment.Text, "// ") && !strings.HasPrefix(comment.Text, "//\t") {
				return fmt.Errorf("emits %q, which may be a directive: begin comments with a space", comment.Text)
			}
		}
	}
	return nil
}

func (l limits) checkImports(file *ast.File) error {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		_, declared := l.imports[path]
		if path == CorePath {
			declared = !l.spec.Standalone
		}
		if !declared {
			return fmt.Errorf("imports %q, which its Imports do not name", path)
		}
		if spec.Name != nil && (spec.Name.Name == "." || spec.Name.Name == "_") {
			return fmt.Errorf("imports %q as %s: use its name", path, spec.Name.Name)
		}
	}
	return nil
}

func (l limits) checkNames(file *ast.File) error {
	allowed := map[string]bool{"_": true}
	for _, name := range l.names {
		allowed[l.spec.rename(name)] = true
	}
	functions := map[string]bool{}
	for _, d := range file.Decls {
		for _, name := range declaredNames(d) {
			if !allowed[name] {
				return fmt.Errorf("declares %s, which its Names do not name", name)
			}
		}
		if f, ok := d.(*ast.FuncDecl); ok {
			if f.Body == nil {
				return fmt.Errorf("declares %s without a body", f.Name.Name)
			}
			if f.Recv == nil {
				functions[f.Name.Name] = true
			}
		}
	}
	if must := l.spec.rename(l.must); !functions[must] {
		return fmt.Errorf("does not declare the function %s", must)
	}
	return nil
}

// declaredNames returns the names that d puts into the package. A method counts as its type.
func declaredNames(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			return []string{receiver(d.Recv.List[0].Type)}
		}
		return []string{d.Name.Name}
	case *ast.GenDecl:
		var names []string
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			}
		}
		return names
	}
	return nil
}

func receiver(x ast.Expr) string {
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	if ident, ok := x.(*ast.Ident); ok {
		return ident.Name
	}
	return ""
}

// checkFunc refuses a -func that the sources, in which the constructor is still called New, use for something else: it would hide
// that, or be hidden by it.
func checkFunc(s Spec, sources [][]byte) error {
	if s.Func == "" || s.Func == Constructor {
		return nil
	}
	taken := s.Standalone && isStandaloneName(s.Func)
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), "", source, 0)
		if err != nil {
			return notGo(source, err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			ident, ok := n.(*ast.Ident)
			taken = taken || ok && ident != file.Name && ident.Name == s.Func
			return true
		})
	}
	if taken {
		return fmt.Errorf("uses the name %s already: choose another -func", s.Func)
	}
	return nil
}
