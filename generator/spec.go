package generator

import (
	"fmt"
	"go/token"
)

// Spec is what the user chose about the output. It holds nothing of any framework's, and nothing that does not change the output.
type Spec struct {
	// Framework is the name of the template.
	Framework string
	// Package is the name in the package clause. "main" is fine: a small program keeps its webhooks there.
	Package string
}

// Flags returns the flags that give this Spec, in canonical order. They are safe in a comment, as check leaves nothing else.
func (s Spec) Flags() string {
	return "-framework " + s.Framework + " -package " + s.Package
}

func (s Spec) check() error {
	if !templateName.MatchString(s.Framework) {
		return fmt.Errorf("framework name %q: use lower-case letters and digits, a letter first", s.Framework)
	}
	if !token.IsIdentifier(s.Package) || s.Package == "_" {
		return fmt.Errorf("-package %q is not a Go package name: use an identifier, not a keyword or _", s.Package)
	}
	return nil
}
