package golden

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

// TestMain lets the test binary be a playground, so that tests see its exit status.
func TestMain(m *testing.M) {
	if os.Getenv("GOLDEN_TEST_PLAYGROUND") != "" {
		Playground(reference)
		return
	}
	os.Exit(m.Run())
}

func playgroundCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), "GOLDEN_TEST_PLAYGROUND=1")
	return cmd
}

func configFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const goodConfig = `{"url_mode": "public_url", "public_url": "https://mycompany.com", "tokens": ["0123456789abcdef0123456789abcdef"]}`

func TestPlaygroundServesUntilItIsTold(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			cmd := playgroundCommand(t, "-config", configFile(t, goodConfig))
			var stderr strings.Builder
			cmd.Stderr = &stderr
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(stdout).ReadString('\n')
			addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on http://")
			if err != nil || !ok {
				t.Fatalf("first line %q, %v", line, err)
			}
			for _, result := range Replay(addr, []Case{caseByID(t, "ctl-post-sms"), caseByID(t, "sig-bitflip-last")}) {
				if result.Err != nil {
					t.Error(result)
				}
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("exit: %v", err)
			}
			if log := stderr.String(); !strings.Contains(log, core.ErrSignature.Error()) || strings.Contains(log, "0123456789abcdef") {
				t.Errorf("R2: a refusal is logged with its reason and without secrets: %s", log)
			}
		})
	}
}

func TestPlaygroundRefusesWhatItCannotUse(t *testing.T) {
	good := configFile(t, goodConfig)
	tests := []struct {
		name, reason string
		args         []string
	}{
		{"no configuration", "no configuration: give -config FILE", nil},
		{"a missing file", "no such file", []string{"-config", good + ".not"}},
		{"an unknown flag", "-verbose", []string{"-verbose", "-config", good}},
		{"an argument", `unexpected argument "x"`, []string{"-config", good, "x"}},
		{"an unknown key", `unknown field "tokns"`, []string{"-config", configFile(t, `{"tokns": []}`)}},
		{"a refused configuration", "configuration", []string{"-config", configFile(t, `{"public_url": "https://mycompany.com", "tokens": [""]}`)}},
		{"no origin", "configuration", []string{"-config", configFile(t, `{"tokens": ["12345"]}`)}},
		{"a bad address", "listen", []string{"-config", good, "-listen", "256.0.0.1:0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			cmd := playgroundCommand(t, tt.args...)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			_ = cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != 2 {
				t.Errorf("exit status %d, want 2", code)
			}
			if text := stderr.String(); !strings.Contains(text, tt.reason) || strings.Count(text, "\n") != 1 {
				t.Errorf("standard error %q, want one line with %q", text, tt.reason)
			}
			if stdout.Len() != 0 {
				t.Errorf("standard output %q", stdout.String())
			}
		})
	}
}

func TestPlaygroundHelp(t *testing.T) {
	var stderr strings.Builder
	if err := playground(context.Background(), []string{"-h"}, io.Discard, &stderr, reference); err != nil {
		t.Error(err)
	}
	if text := stderr.String(); !strings.HasPrefix(text, "usage: ") || !strings.Contains(text, "-config") {
		t.Error(text)
	}
}

func TestPlaygroundReportsAServerThatStops(t *testing.T) {
	args := []string{"-config", configFile(t, goodConfig)}
	stopped := func(net.Listener, *core.Validator, *Handler) error { return nil }
	if err := playground(context.Background(), args, io.Discard, io.Discard, stopped); err == nil {
		t.Error("no error")
	}
	failed := func(net.Listener, *core.Validator, *Handler) error { return io.ErrUnexpectedEOF }
	if err := playground(context.Background(), args, io.Discard, io.Discard, failed); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
}
