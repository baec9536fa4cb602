package generator

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"sort"
	"strconv"
	"strings"
)

// groupImports returns source with its import declarations as one, the standard library first and everything else after a blank
// line, each sorted by path, as goimports does. It leaves the import of the path omit out.
func groupImports(source []byte, omit string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	if len(file.Imports) == 0 {
		return source, nil
	}
	start, end := importRange(file)
	var b bytes.Buffer
	b.Write(source[:fset.Position(start).Offset])
	b.WriteString("import (\n")
	writeImports(&b, file.Imports, omit, true)
	b.WriteString("\n")
	writeImports(&b, file.Imports, omit, false)
	b.WriteString(")")
	b.Write(source[fset.Position(end).Offset:])
	return b.Bytes(), nil
}

// importRange returns where the import declarations begin and end. Go allows none after another declaration.
func importRange(file *ast.File) (start, end token.Pos) {
	start = file.Decls[0].Pos()
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			end = g.End()
		}
	}
	return start, end
}

// writeImports writes those of imports that are of the standard library, or those that are not, without omit.
func writeImports(b *bytes.Buffer, imports []*ast.ImportSpec, omit string, standard bool) {
	byPath := map[string]string{} // path to the whole spec
	for _, spec := range imports {
		path, _ := strconv.Unquote(spec.Path.Value) // the parser took it for a string
		if path == omit || isStandard(path) != standard {
			continue
		}
		byPath[path] = spec.Path.Value
		if spec.Name != nil {
			byPath[path] = spec.Name.Name + " " + spec.Path.Value
		}
	}
	paths := make([]string, 0, len(byPath))
	for path := range byPath {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		b.WriteString(byPath[path] + "\n")
	}
}

// isStandard reports whether path is of the standard library, where no first element has a dot.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
