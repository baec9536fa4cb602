package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/golden"
)

var update = flag.Bool("update", false, "record the scenarios anew, after everything that they emit compiled")

// TestMain is the command itself, or a playground, where a test has started this binary.
func TestMain(m *testing.M) {
	if os.Getenv("RINGFENCE_TEST_COMMAND") != "" {
		main()
	}
	if os.Getenv("RINGFENCE_TEST_PLAYGROUND") != "" {
		golden.Playground(serveGuarded)
		return
	}
	os.Exit(m.Run())
}

// A scenario is a file of testdata/scenarios. It begins with a line each of
//
//	# what it shows
//	env NAME=VALUE
//	args WORD WORD …
//	arg "GO STRING"
//	serve SERVER
//
// in which the arguments add up and ADDR in them is the address of the server, one of scenarioServers. It goes on with sections, each begun by a line "-- KIND NAME --":
//
//	in NAME     a file that is there before the run; a name that ends in "/" is a directory
//	link NAME   a symbolic link that is there before, whose target is the section's line
//	stdin       what the run reads from standard input
//	stdout      what the run prints
//	stderr      what it prints as errors
//	exit        its exit code
//	out NAME    a file that is there after the run and was not before, or has changed
//	gone NAME   a file that was there before and is not after
//
// -update records the sections from stdout on. Of a core that -standalone emits the first line is recorded alone. Nothing is recorded
// that holds a secret of the scenario: a token, a password, or the signature of a captured request.
type scenario struct {
	name     string
	head     []string // the lines before the first section
	env      []string
	args     []string
	serve    string
	given    []section
	recorded []section
}

type section struct{ kind, name, text string }

func (s section) String() string {
	title := strings.TrimSpace(s.kind + " " + s.name)
	return "-- " + title + " --\n" + s.text
}

// isGiven reports whether the section is there before the run.
func (s section) isGiven() bool { return s.kind == "in" || s.kind == "link" || s.kind == "stdin" }

func readScenario(path string) (scenario, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return scenario{}, err
	}
	s := scenario{name: strings.TrimSuffix(filepath.Base(path), ".txt")}
	var current *section
	var sections []*section
	for _, line := range strings.SplitAfter(string(content), "\n") {
		title, isTitle := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		title, ends := strings.CutSuffix(title, " --")
		switch {
		case isTitle && ends:
			kind, name, _ := strings.Cut(title, " ")
			current = &section{kind: kind, name: name}
			sections = append(sections, current)
		case current != nil:
			current.text += line
		case strings.TrimSpace(line) != "":
			if err := s.parseHead(strings.TrimSpace(line)); err != nil {
				return scenario{}, fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	for _, section := range sections {
		if section.isGiven() {
			s.given = append(s.given, *section)
		} else {
			s.recorded = append(s.recorded, *section)
		}
	}
	return s, nil
}

func (s *scenario) parseHead(line string) error {
	s.head = append(s.head, line)
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "#":
	case "env":
		s.env = append(s.env, rest)
	case "args":
		s.args = append(s.args, strings.Fields(rest)...)
	case "arg":
		arg, err := strconv.Unquote(rest)
		if err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		s.args = append(s.args, arg)
	case "serve":
		s.serve = rest
	default:
		return fmt.Errorf("unknown line %q", line)
	}
	return nil
}

// run returns what the sections from stdout on are to hold, and the Go files that the run has written.
func (s scenario) run(t *testing.T) (recorded []section, written map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for _, given := range s.given {
		if err := given.place(dir); err != nil {
			t.Fatal(err)
		}
	}
	stdin := ""
	for _, given := range s.given {
		if given.kind == "stdin" {
			stdin = given.text
		}
	}
	addr, args := "ADDR", s.args
	if s.serve != "" {
		addr = startScenarioServer(t, s.serve)
		args = strings.Split(strings.ReplaceAll(strings.Join(args, "\x00"), "ADDR", addr), "\x00")
	}
	before := tree(t, dir)
	code, stdout, stderr := runProcess(t, dir, stdin, s.env, args)
	after := tree(t, dir)
	stdout, stderr = strings.ReplaceAll(stdout, addr, "ADDR"), strings.ReplaceAll(stderr, addr, "ADDR")

	recorded = []section{{"stdout", "", stdout}, {"stderr", "", stderr}, {"exit", "", fmt.Sprintln(code)}}
	written = map[string]string{}
	for _, name := range sortedKeys(after) {
		text := after[name]
		if old, was := before[name]; was && old == text {
			continue
		}
		written[name] = text
		if filepath.Base(name) == "twilio_core.go" {
			text = text[:strings.Index(text, "\n")+1]
		}
		recorded = append(recorded, section{"out", name, text})
	}
	for _, name := range sortedKeys(before) {
		if _, is := after[name]; !is {
			recorded = append(recorded, section{"gone", name, ""})
		}
	}
	return recorded, written
}

func (s section) place(dir string) error {
	path := filepath.Join(dir, s.name)
	switch {
	case s.kind == "stdin":
		return nil
	case s.kind == "link":
		return os.Symlink(strings.TrimSpace(s.text), path)
	case strings.HasSuffix(s.name, "/"):
		return os.MkdirAll(path, 0o755)
	default:
		return os.WriteFile(path, []byte(s.text), 0o644)
	}
}

// scenarioSecret finds what must not be recorded: the values of variables and the files that hold tokens or passwords, and the
// signatures of captured requests. The documented token 12345 is part of too many other texts.
var scenarioSecret = regexp.MustCompile(`(?:(?:^|\n)(?:env \w*(?:TOKEN|PASSWORD|KEY)\w*=|-- in token\w* --\n)|X-Twilio-Signature\W+)(\S{7,}[^\s"'\]])`)

func (s scenario) secrets() []string {
	secrets := []string{verbSecret, otherSecret}
	for _, match := range scenarioSecret.FindAllStringSubmatch(strings.Join(s.head, "\n")+"\n"+text(s.given), -1) {
		secrets = append(secrets, match[1])
	}
	return secrets
}

// runProcess runs the command in dir, with nothing of this environment that it might listen to.
func runProcess(t *testing.T, dir, stdin string, env, args []string) (code int, stdout, stderr string) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd := exec.Command(executable, args...)
	cmd.Dir = dir
	cmd.Env = append([]string{"RINGFENCE_TEST_COMMAND=1"}, env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// tree returns what every file of dir holds, by name. A link holds its target.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if d.Type() == fs.ModeSymlink {
			files[name], err = os.Readlink(path)
			return err
		}
		content, err := os.ReadFile(path)
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func text(sections []section) string {
	var b strings.Builder
	for _, s := range sections {
		b.WriteString(s.String())
	}
	return b.String()
}

func TestScenarios(t *testing.T) {
	paths, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	emitted := map[string]map[string]string{} // scenario to files
	changed := map[string]string{}
	for _, path := range paths {
		s, err := readScenario(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(s.name, func(t *testing.T) {
			recorded, written := s.run(t)
			emitted[s.name] = written
			for i, secret := range s.secrets() {
				if strings.Contains(text(recorded), secret) {
					t.Fatalf("secret %d of the scenario is in what the run gives", i)
				}
			}
			switch got := text(recorded); {
			case got == text(s.recorded):
			case *update:
				changed[path] = strings.Join(s.head, "\n") + "\n" + text(s.given) + got
			default:
				t.Errorf("the run gives:\n%s\nrecorded are:\n%s", got, text(s.recorded))
			}
		})
	}
	t.Run("compile", func(t *testing.T) { compileAll(t, emitted) })
	if t.Failed() {
		return // nothing is recorded that does not compile
	}
	for path, content := range changed {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Error(err)
		}
	}
}

var usageFlag = regexp.MustCompile(`(?m)^  (-[a-z-]+)(?:[^,\n]*, (-[a-z-]+))?`)

// Every verb has a scenario of its usage, one that succeeds and one that fails, and every flag is in one.
func TestScenariosCoverEveryVerbAndFlag(t *testing.T) {
	paths, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, path := range paths {
		s, err := readScenario(path)
		if err != nil || len(s.args) == 0 {
			t.Fatalf("%s has no arguments: %v", path, err)
		}
		verb := s.args[0]
		for _, section := range s.recorded {
			if section.kind == "exit" {
				seen[verb+" exits with "+strings.TrimSpace(section.text)] = true
			}
		}
		for _, arg := range s.args[1:] {
			name, _, _ := strings.Cut(arg, "=")
			seen[verb+" "+name] = true
		}
	}
	for _, verb := range verbs() {
		want := []string{"-h", "exits with 0", "exits with 2"}
		for _, match := range usageFlag.FindAllStringSubmatch(verb.Usage, -1) {
			want = append(want, match[1:]...)
		}
		for _, what := range want {
			if what != "" && !seen[verb.Name+" "+what] {
				t.Errorf("no scenario: %s %s", verb.Name, what)
			}
		}
	}
}
