package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// generation measures `ringfence generate` for every framework as one process, and by a warm `go tool` in a fresh module.
func generation(t *table, root string) {
	root, err := filepath.Abs(root)
	must(err)
	scratch, err := os.MkdirTemp("", "ringfence-bench-")
	must(err)
	defer os.RemoveAll(scratch)
	command := filepath.Join(scratch, "ringfence")
	run(root, "go", "build", "-o", command, "./cmd/ringfence")
	run(scratch, "go", "mod", "init", "example.com/hooks")
	run(scratch, "go", "mod", "edit", "-tool", "github.com/ringfence-go/ringfence/cmd/ringfence",
		"-replace", "github.com/ringfence-go/ringfence="+root)
	run(scratch, "go", "mod", "tidy")

	names := frameworkNames(command)
	generate := []string{"generate", "-framework", strings.Join(names, ","), "-package", "hooks"}
	commands := [][]string{append([]string{command}, generate...), append([]string{"go", "tool", "ringfence"}, generate...)}
	times := make([][]time.Duration, len(commands))
	for range processRounds + 1 { // the first makes it warm
		for i, c := range commands {
			times[i] = append(times[i], timeOf(func() { run(scratch, c...) }, 1))
		}
	}
	section := t.section(fmt.Sprintf("Generating for all %d frameworks, medians of %d interleaved rounds", len(names), processRounds), "command", "time")
	section.row("`ringfence generate`, one process", median(times[0][1:]))
	section.row("`go tool ringfence generate`, warm", median(times[1][1:]))
}

// processRounds is rounds for processes.
const processRounds = 9

// frameworkNames reads the first column of `ringfence frameworks`.
func frameworkNames(command string) []string {
	output, err := exec.Command(command, "frameworks").Output()
	must(err)
	var names []string
	for _, line := range strings.Split(strings.TrimSpace(string(output)), "\n")[1:] {
		names = append(names, strings.Fields(line)[0])
	}
	return names
}

func run(dir string, command ...string) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	if err != nil {
		panic(fmt.Sprintf("%v: %v\n%s", command, err, output))
	}
}
