//go:build unix

package generator

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestMain is the tool itself where a test has started this binary with misfortune in the environment.
func TestMain(m *testing.M) {
	if misfortune := os.Getenv("RINGFENCE_TEST_MISFORTUNE"); misfortune != "" {
		suffer(misfortune)
		os.Exit(Run(ThisProcess(), Verbs(fakes("nethttp", "gin", "fiber", "echo")...)...))
	}
	os.Exit(m.Run())
}

// suffer arranges what is to happen to this process: "kill N" before its Nth change to the disk, "limit N" the size of any file in
// bytes, "user N" makes it that user's.
func suffer(misfortune string) {
	kind, number, _ := strings.Cut(misfortune, " ")
	n, err := strconv.Atoi(number)
	switch kind {
	case "kill":
		steps := 0
		step = func(string) {
			if steps++; steps == n {
				err := syscall.Kill(os.Getpid(), syscall.SIGKILL)
				panic(err) // the signal is on its way
			}
		}
	case "limit":
		signal.Ignore(syscall.SIGXFSZ)
		err = errors.Join(err, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(n), Max: uint64(n)}))
	case "user":
		err = errors.Join(err, syscall.Setuid(n))
	}
	if err != nil {
		panic(err)
	}
}

// runUnlucky runs the tool as a process of its own in dir.
func runUnlucky(t *testing.T, dir, misfortune, args string) (code int, stderr string) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(executable, strings.Fields(args)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RINGFENCE_TEST_MISFORTUNE="+misfortune, "GOPACKAGE=", "GOFILE=", "RINGFENCE_CHECK=")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), errs.String()
}

const (
	twoFrameworks = "generate -framework gin,echo -package hooks -tests"
	oldFlags      = "generate -framework gin,echo -package old -tests"
)

var fourTargets = []string{"twilio_echo.go", "twilio_echo_test.go", "twilio_gin.go", "twilio_gin_test.go"}

func TestKillingAnywhereLeavesWholeFilesAndTheNextRunFinishes(t *testing.T) {
	fresh, updated := t.TempDir(), t.TempDir()
	for dir, args := range map[string]string{fresh: oldFlags, updated: twoFrameworks} {
		if got := runIn(dir, nil, strings.Fields(args)...); got.code != 0 {
			t.Fatalf("%+v", got)
		}
	}
	for _, before := range []string{"files of an older run", "nothing"} {
		n, killed := 1, true
		for ; killed; n++ {
			dir := t.TempDir()
			if before != "nothing" {
				runIn(dir, nil, strings.Fields(oldFlags)...)
			}
			code, _ := runUnlucky(t, dir, fmt.Sprint("kill ", n), twoFrameworks)
			killed = code == -1
			for _, name := range fourTargets {
				got := content(filepath.Join(dir, name))
				isOld := got == "" && before == "nothing" || got == content(filepath.Join(fresh, name))
				if !isOld && got != content(filepath.Join(updated, name)) {
					t.Errorf("%s, killed before step %d: %s is neither the old nor the new file:\n%s", before, n, name, got)
				}
			}
			if got := runIn(dir, nil, strings.Fields(twoFrameworks)...); got != (result{files: strings.Join(fourTargets, " ")}) {
				t.Errorf("%s, killed before step %d: the next run: %+v", before, n, got)
			}
			for _, name := range fourTargets {
				if content(filepath.Join(dir, name)) != content(filepath.Join(updated, name)) {
					t.Errorf("%s, killed before step %d: the next run did not finish %s", before, n, name)
				}
			}
		}
		if n < 4*len(fourTargets) {
			t.Errorf("%s: only %d steps to be killed at", before, n)
		}
	}
}

func TestAFullDiskLeavesEverythingAsItWas(t *testing.T) {
	dir := t.TempDir()
	if got := runIn(dir, nil, strings.Fields(oldFlags)...); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	before := snapshot(t, dir)
	// The middleware fits, the tests do not.
	code, stderr := runUnlucky(t, dir, "limit 1500", twoFrameworks)
	want := "ringfence: cannot write \"twilio_echo_test.go\": file too large: make room or choose another -output\n"
	if code != 2 || stderr != want {
		t.Errorf("exit %d, %q, want %q", code, stderr, want)
	}
	if after := snapshot(t, dir); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func TestAReadOnlyDirectoryStaysAsItWas(t *testing.T) {
	const nobody = 65534
	dir := t.TempDir()
	if got := runIn(dir, nil, strings.Fields(oldFlags)...); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	misfortune := "none 0"
	if os.Getuid() == 0 {
		misfortune = fmt.Sprint("user ", nobody)
		for parent := dir; parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
			if err := os.Chmod(parent, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o755)
	before := snapshot(t, dir)
	code, stderr := runUnlucky(t, dir, misfortune, twoFrameworks)
	want := "ringfence: cannot write \"twilio_echo.go\": permission denied: make its directory writable or choose another -output\n"
	if code != 2 || stderr != want {
		t.Errorf("exit %d, %q, want %q", code, stderr, want)
	}
	if after := snapshot(t, dir); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}
