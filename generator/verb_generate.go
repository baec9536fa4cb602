package generator

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"sort"
	"strings"
)

const generateUsage = `Usage: ringfence generate -framework NAME[,NAME…] [flags]

Writes a Go file with middleware that lets only requests signed by Twilio through.
In a Go file of the package that is to hold it:

  //go:generate go tool ringfence generate -framework gin

What to write:
  -framework NAME   the web framework; ringfence frameworks lists them. Several, with commas between them,
                    share the package: every name then ends with its framework's, such as NewGin and GetGin
  -package NAME     the package of the file; default: $GOPACKAGE, which go generate sets
  -func NAME        the constructor's name; default: New
  -minimal          without the config type or the options: the constructor takes the validator alone
  -reject HOW       what a refused request is told beside its status: status (plain text) or twiml (an empty
                    TwiML document); default: status
  -tests            also a test file, FILE_test.go, that sends Twilio's documented requests through the middleware
  -standalone       also twilio_core.go, with all that decides about a request, so that the application depends on
                    its framework alone; fixes in ringfence then need generating again

Where to write:
  -output FILE      a path inside the current directory that ends in .go; default: twilio_FRAMEWORK.go
  -check            write nothing: print what would change as a unified diff, and exit with 1 if anything would.
                    RINGFENCE_CHECK=1 in the environment does the same

A file that ringfence has not written is never replaced, and a file that is up to date is not touched. If anything is
wrong, nothing is written.
`

func generateVerb(templates []Template) Verb {
	return Verb{
		Name:  "generate",
		Doc:   "write the middleware for a framework",
		Usage: generateUsage,
		Run:   func(c Call) (int, error) { return generate(c, templates) },
	}
}

var errNoPackage = errors.New("-package is missing: give it, or run from a //go:generate line, which sets GOPACKAGE")

// exitStale is the exit code of -check if a file would change.
const exitStale = 1

// generate writes the files that the arguments ask for, or compares them. Nothing is written unless everything about them is right.
func generate(c Call, templates []Template) (int, error) {
	if err := checkAll(templates); err != nil {
		return 0, err
	}
	o, err := parseGenerate(c)
	if err != nil {
		return 0, err
	}
	targets, err := o.targets(templates)
	if err != nil {
		return 0, err
	}
	if !o.check {
		return 0, write(c.Dir, targets)
	}
	stale, err := compare(c.Dir, targets, c.Stdout)
	if stale {
		return exitStale, err
	}
	return 0, err
}

// order is what the flags and the environment ask for.
type order struct {
	spec       Spec // without Framework and Together
	frameworks []string
	output     string
	check      bool
}

func parseGenerate(c Call) (order, error) {
	var o order
	var frameworks, reject string
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.StringVar(&frameworks, "framework", "", "")
	flags.StringVar(&o.spec.Package, "package", c.Getenv("GOPACKAGE"), "")
	flags.StringVar(&o.spec.Func, "func", "", "")
	flags.BoolVar(&o.spec.Minimal, "minimal", false, "")
	flags.StringVar(&reject, "reject", "status", "")
	flags.BoolVar(&o.spec.Tests, "tests", false, "")
	flags.BoolVar(&o.spec.Standalone, "standalone", false, "")
	flags.StringVar(&o.output, "output", "", "")
	flags.BoolVar(&o.check, "check", false, "")
	if err := c.ParseFlags(flags); err != nil {
		return order{}, err
	}
	var err error
	if o.spec.Reject, err = parseRejection(reject); err != nil {
		return order{}, err
	}
	if o.spec.Func == Constructor {
		o.spec.Func = ""
	}
	if frameworks != "" {
		o.frameworks = strings.Split(frameworks, ",")
	}
	switch value := c.Getenv("RINGFENCE_CHECK"); value {
	case "", "0":
	case "1":
		o.check = true
	default:
		return order{}, fmt.Errorf("RINGFENCE_CHECK is %q: set it to 1 to check, or leave it out", value)
	}
	return o, nil
}

// target is a file to be written. Its name is relative to the directory of the run.
type target struct {
	name    string
	content []byte
}

// targets returns the files that o asks for.
func (o order) targets(templates []Template) ([]target, error) {
	chosen, err := choose(templates, o.frameworks)
	if err != nil {
		return nil, err
	}
	if o.spec.Package == "" {
		return nil, errNoPackage
	}
	if len(chosen) > 1 {
		if o.output != "" {
			return nil, errors.New("-output names one file: leave it out with several frameworks")
		}
		for _, t := range chosen {
			o.spec.Together = append(o.spec.Together, t.Name)
		}
	}
	var all []target
	directory := "."
	for _, t := range chosen {
		name := o.output
		if name == "" {
			name = "twilio_" + t.Name + ".go"
		}
		if err := checkOutput(name); err != nil {
			return nil, err
		}
		directory = filepath.Dir(name)
		o.spec.Framework = t.Name
		files, err := render(t, o.spec)
		if err != nil {
			return nil, err
		}
		all = append(all, target{name, files.middleware})
		if files.test != nil {
			all = append(all, target{strings.TrimSuffix(name, ".go") + "_test.go", files.test})
		}
	}
	if o.spec.Standalone {
		name := filepath.Join(directory, standaloneFile)
		if name == all[0].name {
			return nil, fmt.Errorf("-output %q is where -standalone puts the core: choose another", name)
		}
		content, err := standaloneCore(o.spec)
		if err != nil {
			return nil, err
		}
		all = append(all, target{name, content})
	}
	return all, nil
}

// choose returns the templates of those names, ordered by name.
func choose(templates []Template, names []string) ([]Template, error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("-framework is missing: have %s", strings.Join(templateNames(templates), ", "))
	}
	names = append([]string(nil), names...)
	sort.Strings(names)
	var chosen []Template
	for i, name := range names {
		if i > 0 && names[i-1] == name {
			return nil, fmt.Errorf("-framework names %q twice", name)
		}
		t, err := findTemplate(templates, name)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, t)
	}
	return chosen, nil
}

func findTemplate(templates []Template, name string) (Template, error) {
	for _, t := range templates {
		if t.Name == name {
			return t, nil
		}
	}
	return Template{}, unknown("-framework", name, templateNames(templates))
}

func templateNames(templates []Template) []string {
	names := make([]string, 0, len(templates))
	for _, t := range templates {
		names = append(names, t.Name)
	}
	sort.Strings(names)
	return names
}
