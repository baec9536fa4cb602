package generator

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Spec is what the user chose about the output. It holds nothing of any framework's, and nothing that does not change the output.
type Spec struct {
	// Framework is the name of the template.
	Framework string
	// Package is the name in the package clause. "main" is fine: a small program keeps its webhooks there.
	Package string
	// Func is the constructor's name; "" is [Constructor].
	Func string
	// Minimal leaves out the framework's config type or options, so that the constructor takes the validator alone.
	Minimal bool
	// Reject says how a refused request is answered.
	Reject Rejection
	// Tests asks for a test file beside the middleware.
	Tests bool
	// Standalone emits the core into the package as well, so that the output needs no module but the framework's.
	Standalone bool
	// Together are the names of all templates of the run, if there are several, in order. Their files are of one package, so
	// every name that they declare ends with the framework's.
	Together []string
}

// Rejection is how a refused request is answered. Its zero value is [RejectStatus].
type Rejection string

// The status is the same for both.
const (
	RejectStatus Rejection = ""      // plain text
	RejectTwiML  Rejection = "twiml" // an empty TwiML document
)

// parseRejection returns the Rejection of a -reject flag: status or twiml.
func parseRejection(text string) (Rejection, error) {
	switch text {
	case "status":
		return RejectStatus, nil
	case string(RejectTwiML):
		return RejectTwiML, nil
	}
	return "", fmt.Errorf("unknown -reject %q; have status, twiml", text)
}

// Flags returns the flags that give this Spec, in canonical order. They are safe in a comment, as check leaves nothing else.
func (s Spec) Flags() string {
	frameworks := s.Framework
	if len(s.Together) > 0 {
		frameworks = strings.Join(s.Together, ",")
	}
	flags := "-framework " + frameworks + " -package " + s.Package
	if s.Func != "" {
		flags += " -func " + s.Func
	}
	if s.Minimal {
		flags += " -minimal"
	}
	if s.Reject != RejectStatus {
		flags += " -reject " + string(s.Reject)
	}
	if s.Tests {
		flags += " -tests"
	}
	if s.Standalone {
		flags += " -standalone"
	}
	return flags
}

func (s Spec) check() error {
	if !templateName.MatchString(s.Framework) {
		return fmt.Errorf("framework name %q: use lower-case letters and digits, a letter first", s.Framework)
	}
	if !token.IsIdentifier(s.Package) || s.Package == "_" {
		return fmt.Errorf("-package %q is not a Go package name: use an identifier, not a keyword or _", s.Package)
	}
	if s.Reject != RejectStatus && s.Reject != RejectTwiML {
		return fmt.Errorf("unknown rejection %q", s.Reject)
	}
	if err := s.checkTogether(); err != nil {
		return err
	}
	return s.checkFunc()
}

func (s Spec) checkFunc() error {
	switch {
	case s.Func == "":
		return nil
	case len(s.Together) > 0:
		return errors.New("-func names one constructor: leave it out with several frameworks")
	case !token.IsIdentifier(s.Func) || s.Func == "_":
		return fmt.Errorf("-func %q is not a Go function name: use an identifier, not a keyword or _", s.Func)
	case s.Func == "init", s.Func == "main", types.Universe.Lookup(s.Func) != nil:
		return fmt.Errorf("-func %q means something else in Go: choose another name", s.Func)
	}
	return nil
}

func (s Spec) checkTogether() error {
	if len(s.Together) == 0 {
		return nil
	}
	found := false
	for i, name := range s.Together {
		if !templateName.MatchString(name) || i > 0 && s.Together[i-1] >= name {
			return fmt.Errorf("frameworks %q are not the ordered names of templates", s.Together)
		}
		found = found || name == s.Framework
	}
	if !found {
		return fmt.Errorf("framework %q is none of %q", s.Framework, s.Together)
	}
	return nil
}

// rename returns the name in the output of what a template calls name.
func (s Spec) rename(name string) string {
	switch {
	case len(s.Together) > 0:
		return name + title(s.Framework)
	case name == Constructor && s.Func != "":
		return s.Func
	}
	return name
}

func title(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}
