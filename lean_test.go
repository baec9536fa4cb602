// Package ringfence_test holds what must be true of the repository as a whole.
package ringfence_test

import (
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/ringfence-go/ringfence/templates"
)

// goMod is the part of `go mod edit -json` that the tests need.
type goMod struct {
	Require []struct {
		Path     string
		Version  string
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

// An adapter that requires more than ringfence and its framework would hand that on to whoever imports it.
func TestAdapterModulesRequireTheirFrameworkAlone(t *testing.T) {
	frameworks := make(map[string]string)
	for _, template := range templates.All() {
		frameworks["twilio"+template.Name] = template.Module
	}
	frameworks["twiliohttp"] = frameworks["twilionethttp"]
	for _, dir := range adapterDirs(t) {
		framework, known := frameworks[dir]
		if !known {
			t.Errorf("generated/%s: no template has this name", dir)
		}
		for _, require := range readGoMod(t, "generated/"+dir).Require {
			own := require.Path == "github.com/ringfence-go/ringfence" || require.Path == framework
			if require.Path == "github.com/dave/jennifer" || !require.Indirect && !own {
				t.Errorf("generated/%s requires %s", dir, require.Path)
			}
		}
	}
}
