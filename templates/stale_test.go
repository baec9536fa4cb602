package templates_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// When a core no longer understands emitted code, its handshake goes, and the file fails to compile at the line whose comment says
// what to do.
func TestStaleOutputFailsToCompileWhereTheCommentSaysWhatToDo(t *testing.T) {
	for _, flag := range []string{"", "-standalone"} {
		dir := t.TempDir()
		copyModule(t, "../generated/twiliohttp", dir)
		files := generateVariant(t, dir, "hooks", "-framework nethttp "+flag)
		const name = "twilio_nethttp.go"
		stale := strings.Replace(files[name], "GeneratedV1", "GeneratedV0", 1)
		if err := os.WriteFile(filepath.Join(dir, "hooks", name), []byte(stale), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("go", "build", "./hooks")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod -buildvcs=false", "GOPROXY=off")
		output, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatalf("%s: stale output compiles", flag)
		}
		_, place, _ := strings.Cut(string(output), name+":")
		number, _, _ := strings.Cut(place, ":")
		lines := strings.Split(stale, "\n")
		for i, line := range lines {
			if strings.HasPrefix(line, "const _ = ") {
				if want := i + 1; number != strconv.Itoa(want) || !strings.Contains(lines[i-1], "run go generate again") {
					t.Errorf("%s: the compiler names line %s, not %d, after %q:\n%s", flag, number, want, lines[i-1], output)
				}
			}
		}
	}
}
