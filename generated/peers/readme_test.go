package peers_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// The README shows how each router on net/http takes the middleware; what it shows compiles.
func TestREADMERoutersCompile(t *testing.T) {
	if testing.Short() {
		t.Skip("builds with every router")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)<!-- test: routers -->\n```go\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("README.md has no block of routers")
	}
	source := filepath.Join(t.TempDir(), "routers.go")
	if err := os.WriteFile(source, block[1], 0o644); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, "readme", "routers.go"): source}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(file, overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command("go", "build", "-overlay", file, "./readme").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
