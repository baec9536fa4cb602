package generator

import (
	"fmt"
	"go/token"
	"regexp"
)

// Constructor is the name that every template gives its constructor. -func replaces it in the emitted files.
const Constructor = "New"

// Template describes how to emit middleware for one framework.
type Template struct {
	// Name is the value of -framework and part of the default file name, for example "gin": lower-case letters and digits.
	Name string
	// Doc is one line for the table of frameworks.
	Doc string
	// Module is the framework's module path, for the table of frameworks. "std" is the standard library.
	Module string
	// Status is how the output was proven, for the table of frameworks: "tested v1.2.3" if a server of this version passes
	// golden.Conformance over real sockets, "bridged v1.2.3" if one does whose requests had to be translated. "" is "unproven".
	Status string
	// Imports maps every import path that Emit and EmitTest use, except the core's, to its package name. Output that imports
	// anything else is an error.
	Imports map[string]string
	// Names are the package-level names that Emit declares beside the Constructor, for whichever Spec. Output that declares
	// anything else is an error.
	Names []string
	// Emit adds the declarations to f. It owns the framework's control flow and obeys s.Minimal and s.Reject; every other choice
	// of the Spec's is made for it. It puts no text of s anywhere.
	Emit func(f *File, s Spec)
	// EmitTest adds the function [ServeTest], by which the tests of -tests send a request through the middleware.
	EmitTest func(f *File, s Spec)
}

var templateName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

func (t Template) check() error {
	if !templateName.MatchString(t.Name) {
		return fmt.Errorf("template name %q: use lower-case letters and digits, a letter first", t.Name)
	}
	if t.Emit == nil {
		return fmt.Errorf("template %q has no Emit function", t.Name)
	}
	for _, name := range t.Names {
		if !token.IsIdentifier(name) {
			return fmt.Errorf("template %q declares %q, which is no Go identifier", t.Name, name)
		}
	}
	return nil
}

// checkAll reports the first template that cannot be used, two of one name included.
func checkAll(templates []Template) error {
	seen := map[string]bool{}
	for _, t := range templates {
		if err := t.check(); err != nil {
			return err
		}
		if seen[t.Name] {
			return fmt.Errorf("two templates are named %q: rename one", t.Name)
		}
		seen[t.Name] = true
	}
	return nil
}
