package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// generation measures `ringfence generate` for every framework as one process, and one framework with a warm `go tool` or `go run`.
func generation(t *table, root string) {
	scratch, err := os.MkdirTemp("", "ringfence-bench-")
	must(err)
	defer os.RemoveAll(scratch)
	command := filepath.Join(scratch, "ringfence")
	build := exec.Command("go", "build", "-o", command, "./cmd/ringfence")
	build.Dir = root
	must(build.Run())
	names := frameworkNames(command)
	all := subject{"all", func() { run(scratch, command, "generate", "-framework", strings.Join(names, ","), "-package", "hooks") }}
	warm := subject{"go run", func() { run(root, "go", "run", "./cmd/ringfence", "version") }}
	section := t.section("Generating", "command", "time")
	section.row("`ringfence generate`, all "+cellText(len(names))+" frameworks, one process", processTime(all))
	section.row("`go run ./cmd/ringfence version`, warm", processTime(warm))
}

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

func run(dir, command string, args ...string) {
	cmd := exec.Command(command, args...)
	cmd.Dir = dir
	must(cmd.Run())
}

// processTime is the median time of a process.
func processTime(s subject) time.Duration {
	return medianOf(9, func() time.Duration { return timeOf(s.run, 1) })
}
