package generator

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"text/tabwriter"
	"unicode"
)

// exitFailure is the exit code of wrong usage and of failure. A verb returns 0 for fine, 1 for an answer that is no, and 3 for an
// inconclusive one.
const exitFailure = 2

// Verb is one word of the command line: ringfence NAME flags.
type Verb struct {
	// Name is the word.
	Name string
	// Doc is one line for the list of verbs.
	Doc string
	// Usage is the text that -h prints.
	Usage string
	// Run returns the exit code. An error is reported in one line, and the exit code is then 2. The error flag.ErrHelp prints
	// Usage instead, with exit code 0.
	Run func(c Call) (int, error)
}

// Call is what a verb may use of the process that runs it.
type Call struct {
	// Args are the arguments: Run's begin with the verb's name, a verb's own come after it.
	Args []string
	// Dir is the current directory.
	Dir string
	// Getenv returns an environment variable's value, or "".
	Getenv func(name string) string
	// Stdin is standard input.
	Stdin io.Reader
	// Stdout and Stderr are the standard streams for output.
	Stdout, Stderr io.Writer
}

// ThisProcess returns the Call of the running process.
func ThisProcess() Call {
	return Call{Args: os.Args[1:], Dir: ".", Getenv: os.Getenv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
}

// Main runs the verbs generate and frameworks over templates as a command of its own, and exits.
func Main(templates ...Template) {
	os.Exit(Run(ThisProcess(), Verbs(templates...)...))
}

// Verbs returns the verbs generate and frameworks over templates, for a command that has further ones.
func Verbs(templates ...Template) []Verb {
	return []Verb{generateVerb(templates), frameworksVerb(templates)}
}

// Run runs the one of verbs that c names, and returns the exit code.
func Run(c Call, verbs ...Verb) int {
	code, err := dispatch(c, verbs)
	if err != nil {
		fmt.Fprintln(c.Stderr, c.place()+"ringfence: "+oneLine(err.Error()))
		var render *RenderError
		if errors.As(err, &render) {
			fmt.Fprint(c.Stderr, render.Listing)
		}
		return exitFailure
	}
	return code
}

func dispatch(c Call, verbs []Verb) (int, error) {
	if len(c.Args) == 0 {
		return 0, fmt.Errorf("no verb given: have %s; ringfence help explains them", strings.Join(verbNames(verbs), ", "))
	}
	name := c.Args[0]
	c.Args = c.Args[1:]
	if isHelp(name) {
		return 0, help(c, verbs)
	}
	verb, err := findVerb(verbs, name)
	if err != nil {
		return 0, err
	}
	code, err := verb.Run(c)
	if errors.Is(err, flag.ErrHelp) {
		_, err = io.WriteString(c.Stdout, verb.Usage)
	}
	return code, err
}

func isHelp(name string) bool {
	return name == "help" || name == "-h" || name == "-help" || name == "--help"
}

// help prints the usage of the verb that the arguments name, or the list of verbs.
func help(c Call, verbs []Verb) error {
	if len(c.Args) > 0 {
		verb, err := findVerb(verbs, c.Args[0])
		if err != nil {
			return err
		}
		_, err = io.WriteString(c.Stdout, verb.Usage)
		return err
	}
	w := tabwriter.NewWriter(c.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintf(w, "Ringfence emits middleware that lets only requests signed by Twilio through.\n\nUsage: ringfence VERB [flags]\n\n")
	for _, v := range verbs {
		fmt.Fprintf(w, "  %s\t%s\n", v.Name, v.Doc)
	}
	fmt.Fprintf(w, "\nringfence VERB -h explains a verb.\n")
	return w.Flush()
}

func findVerb(verbs []Verb, name string) (Verb, error) {
	for _, v := range verbs {
		if v.Name == name {
			return v, nil
		}
	}
	return Verb{}, unknown("verb", name, verbNames(verbs))
}

func verbNames(verbs []Verb) []string {
	names := make([]string, 0, len(verbs))
	for _, v := range verbs {
		names = append(names, v.Name)
	}
	sort.Strings(names)
	return names
}

// ParseFlags parses the arguments of the verb that flags is named after. It fails if any are left over.
func (c Call) ParseFlags(flags *flag.FlagSet) error {
	flags.SetOutput(io.Discard)
	if err := flags.Parse(c.Args); err != nil {
		return fmt.Errorf("%w: ringfence %s -h lists the flags", err, flags.Name())
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: %s takes flags only, and ringfence %[2]s -h lists them", flags.Arg(0), flags.Name())
	}
	return nil
}

// place returns where the go:generate line is that runs the command, or "" outside go generate.
func (c Call) place() string {
	file, line := c.Getenv("GOFILE"), c.Getenv("GOLINE")
	if file == "" || line == "" {
		return ""
	}
	return oneLine(file+":"+line) + ": "
}

// oneLine keeps arguments and file names in an error from starting a line, or driving a terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
