package generator

import (
	"fmt"
	"regexp"
)

// Template describes how to emit middleware for one framework.
type Template struct {
	// Name is the value of -framework and part of the default file name, for example "gin": lower-case letters and digits.
	Name string
	// Doc is one line for the table of frameworks.
	Doc string
	// Module is the framework's module path, for the table of frameworks. "std" is the standard library.
	Module string
	// Imports maps the import paths that Emit uses to their package names, so that the output has no redundant aliases. The
	// core and the standard library need no entry.
	Imports map[string]string
	// Emit adds the declarations to f. It owns the framework's control flow and never puts text of s into a comment.
	Emit func(f *File, s Spec)
}

var templateName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

func (t Template) check() error {
	if !templateName.MatchString(t.Name) {
		return fmt.Errorf("template name %q: use lower-case letters and digits, a letter first", t.Name)
	}
	if t.Emit == nil {
		return fmt.Errorf("template %q has no Emit function", t.Name)
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
