package peers_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// secret is the auth token of these tests, and origin the public URL.
const (
	secret = "0123456789abcdef0123456789abcdef"
	origin = "https://example.com"
)

func token() core.Token { return core.AuthToken("test", secret) }

// config is a playground's configuration with the token and the public URL.
func config() golden.Config { return golden.Config{PublicURL: origin, Tokens: []string{secret}} }

// binaries holds what tests have built, each once.
var binaries struct {
	sync.Mutex
	dir   string
	built map[string]string
}

func TestMain(m *testing.M) {
	code := m.Run()
	if binaries.dir != "" {
		_ = os.RemoveAll(binaries.dir)
	}
	os.Exit(code)
}

// build builds a package of the module in dir, which is relative to this one, and returns the binary.
func build(t *testing.T, dir, pkg string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds commands")
	}
	binaries.Lock()
	defer binaries.Unlock()
	if binary, ok := binaries.built[dir+pkg]; ok {
		return binary
	}
	if binaries.dir == "" {
		var err error
		if binaries.dir, err = os.MkdirTemp("", "ringfence-peers-"); err != nil {
			t.Fatal(err)
		}
		binaries.built = make(map[string]string)
	}
	binary := filepath.Join(binaries.dir, filepath.Base(dir)+"-"+filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-o", binary, pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %s in %s: %v\n%s", pkg, dir, err, output)
	}
	binaries.built[dir+pkg] = binary
	return binary
}

// adapters lists the folders of all adapters.
func adapters(t *testing.T) []string {
	t.Helper()
	mains, err := filepath.Glob("../twilio*/playground/main.go")
	if err != nil || len(mains) < 4 {
		t.Fatalf("playgrounds %q, %v", mains, err)
	}
	var dirs []string
	for _, main := range mains {
		dirs = append(dirs, filepath.Dir(filepath.Dir(main)))
	}
	return dirs
}

// eachPlayground runs a test against the built playground of every adapter.
func eachPlayground(t *testing.T, c golden.Config, test func(t *testing.T, addr string)) {
	for _, dir := range adapters(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) { test(t, startPlayground(t, dir, c)) })
	}
}

// startPlayground starts the playground of the adapter in dir and returns host:port. It is stopped at the end of the test.
func startPlayground(t *testing.T, dir string, c golden.Config) (addr string) {
	t.Helper()
	return startPlaygroundLogging(t, dir, c, nil)
}

// startPlaygroundLogging is startPlayground with a file for its log.
func startPlaygroundLogging(t *testing.T, dir string, c golden.Config, log *os.File) (addr string) {
	t.Helper()
	binary := build(t, dir, "./playground")
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-config", file)
	if log != nil {
		cmd.Stderr = log
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	addr, found := strings.CutPrefix(strings.TrimSpace(line), "listening on http://")
	if err != nil || !found {
		t.Fatalf("the playground printed %q, %v", line, err)
	}
	return addr
}
