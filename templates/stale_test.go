package templates_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/generator/templatetest"
	"github.com/ringfence-go/ringfence/templates"
)

// When a core no longer understands emitted code, its handshake goes, and the file fails to compile at the line whose comment says
// what to do.
func TestStaleOutputFailsToCompileWhereTheCommentSaysWhatToDo(t *testing.T) {
	for _, flag := range []string{"", "-standalone"} {
		dir := t.TempDir()
		netHTTP := templatetest.Subject{Templates: templates.All(), Framework: "nethttp", Module: "../generated/twiliohttp"}
		templatetest.CopyModule(t, netHTTP.Module, dir)
		files := netHTTP.Generate(t, dir, "hooks", flag)
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
