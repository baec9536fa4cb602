package generator

import (
	"errors"
	"flag"
	"fmt"
	"sort"
	"strings"
)

const generateUsage = `Usage: ringfence generate -framework NAME [-package NAME] [-output FILE]

Writes a Go file with middleware that lets only requests signed by Twilio through.
In a Go file of the package that is to hold it:

  //go:generate go tool ringfence generate -framework gin

Flags:
  -framework NAME   the web framework; ringfence frameworks lists them
  -package NAME     the package of the file; default: $GOPACKAGE, which go generate sets
  -output FILE      where to write, a path inside the current directory that ends in .go;
                    default: twilio_FRAMEWORK.go

A file that ringfence has not written is never replaced, and a file that is up to date is not touched.
`

func generateVerb(templates []Template) Verb {
	return Verb{
		Name:  "generate",
		Doc:   "write the middleware for a framework",
		Usage: generateUsage,
		Run:   func(c Call) (int, error) { return 0, generate(c, templates) },
	}
}

var errNoPackage = errors.New("-package is missing: give it, or run from a //go:generate line, which sets GOPACKAGE")

// generate writes the file that the arguments ask for. Nothing is written unless everything about it is right.
func generate(c Call, templates []Template) error {
	if err := checkAll(templates); err != nil {
		return err
	}
	spec, output, err := parseGenerate(c)
	if err != nil {
		return err
	}
	t, err := findTemplate(templates, spec.Framework)
	if err != nil {
		return err
	}
	if spec.Package == "" {
		return errNoPackage
	}
	if output == "" {
		output = "twilio_" + t.Name + ".go"
	}
	if err := checkOutput(output); err != nil {
		return err
	}
	content, err := Generate(t, spec)
	if err != nil {
		return err
	}
	return write(c.Dir, output, content)
}

// parseGenerate returns what the flags and the environment ask for.
func parseGenerate(c Call) (spec Spec, output string, err error) {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.StringVar(&spec.Framework, "framework", "", "")
	flags.StringVar(&spec.Package, "package", c.Getenv("GOPACKAGE"), "")
	flags.StringVar(&output, "output", "", "")
	if err := c.ParseFlags(flags); err != nil {
		return Spec{}, "", err
	}
	return spec, output, nil
}

func findTemplate(templates []Template, name string) (Template, error) {
	names := make([]string, 0, len(templates))
	for _, t := range templates {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	sort.Strings(names)
	if name == "" {
		return Template{}, fmt.Errorf("-framework is missing: have %s", strings.Join(names, ", "))
	}
	return Template{}, unknown("-framework", name, names)
}
