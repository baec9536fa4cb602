// Package ringfence_test holds what must be true of the repository as a whole.
package ringfence_test

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// goMod is the part of `go mod edit -json` that the tests need.
type goMod struct {
	Require []struct {
		Path     string
		Indirect bool
	}
	Replace []struct{ Old, New struct{ Path string } }
}

func readGoMod(t *testing.T, dir string) goMod {
	t.Helper()
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = dir
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("go mod edit -json in %s: %v", dir, err)
	}
	var mod goMod
	if err := json.Unmarshal(output, &mod); err != nil {
		t.Fatal(err)
	}
	return mod
}

// Whoever generates code, or imports core alone, must not find a requirement of his moved: the root requires jennifer and nothing
// else, test dependencies included, and replaces nothing.
func TestRootModuleIsLean(t *testing.T) {
	mod := readGoMod(t, ".")
	if len(mod.Require) != 1 || mod.Require[0].Path != "github.com/dave/jennifer" {
		t.Errorf("the root go.mod must require github.com/dave/jennifer alone; it requires %v", mod.Require)
	}
	if len(mod.Replace) != 0 {
		t.Errorf("the root go.mod must replace nothing; it replaces %v", mod.Replace)
	}
}

// An adapter that requires jennifer or another framework would hand it on to whoever imports it.
func TestAdapterModulesRequireTheirFrameworkAlone(t *testing.T) {
	direct := map[string][]string{
		"twiliohttp":  {"github.com/ringfence-go/ringfence"},
		"twiliogin":   {"github.com/ringfence-go/ringfence", "github.com/gin-gonic/gin"},
		"twiliofiber": {"github.com/ringfence-go/ringfence", "github.com/gofiber/fiber/v2"},
		"twilioecho":  {"github.com/ringfence-go/ringfence", "github.com/labstack/echo/v4"},
	}
	for _, dir := range adapterDirs(t) {
		allowed := make(map[string]bool)
		for _, path := range direct[dir] {
			allowed[path] = true
		}
		if len(allowed) == 0 {
			t.Errorf("generated/%s: not in this test's list", dir)
		}
		for _, require := range readGoMod(t, "generated/"+dir).Require {
			if require.Path == "github.com/dave/jennifer" || !require.Indirect && !allowed[require.Path] {
				t.Errorf("generated/%s requires %s", dir, require.Path)
			}
		}
	}
}
