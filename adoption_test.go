package ringfence_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// oldApplication is an application with the frameworks of its time.
const oldApplication = `package main

import "github.com/gin-gonic/gin"

func main() { _ = gin.New().Run() }
`

func newOldApplication(t *testing.T) application {
	t.Helper()
	app := newApplication(t, oldApplication)
	app.run("go mod edit -go 1.23.0 -require github.com/gin-gonic/gin@v1.10.0 && go mod tidy")
	return app
}

// requirements is what a go.mod asks for.
type requirements struct {
	goLine   string
	versions map[string]string // module to version
}

func (a application) requirements() requirements {
	a.t.Helper()
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = a.dir
	output, err := cmd.Output()
	if err != nil {
		a.t.Fatal(err)
	}
	var mod struct {
		Go      string
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(output, &mod); err != nil {
		a.t.Fatal(err)
	}
	r := requirements{mod.Go, map[string]string{}}
	for _, require := range mod.Require {
		r.versions[require.Path] = require.Version
	}
	return r
}

// compare returns the modules that were required before and are required in another version, and those that are new.
func (before requirements) compare(after requirements) (moved, added []string) {
	for path, version := range after.versions {
		switch old, had := before.versions[path]; {
		case !had:
			added = append(added, path)
		case old != version:
			moved = append(moved, path+" "+old+" => "+version)
		}
	}
	return moved, added
}

// The README promises that generating moves nothing: neither a requirement that the application had, nor its go line.
func TestGeneratingMovesNoRequirement(t *testing.T) {
	app := newOldApplication(t)
	before := app.requirements()
	app.run(readmeBlock(t, "generate"))
	app.run("go build ./... && go vet ./...")
	after := app.requirements()
	moved, added := before.compare(after)
	t.Logf("go %s => %s, moved %q, added %q", before.goLine, after.goLine, moved, added)
	if before.goLine != after.goLine || len(moved) > 0 || len(added) != 2 {
		t.Errorf("go %s => %s, moved %q, added %q: want ringfence and jennifer added, and nothing moved", before.goLine, after.goLine, moved, added)
	}
}

// Standalone output leaves go.mod and go.sum as they are.
func TestStandaloneChangesNoRequirement(t *testing.T) {
	app := newOldApplication(t)
	tool := filepath.Join(filepath.Dir(app.dir), "ringfence-tool")
	clone := application{t, filepath.Join(filepath.Dir(app.dir), "ringfence")}
	clone.run("go build -o " + tool + " ./cmd/ringfence")
	app.run("cksum go.mod go.sum > ../before")
	app.run("mkdir twilio && cd twilio && " + tool + " generate -framework gin -package twilio -standalone -tests")
	app.run("go vet ./... && go test ./twilio && go mod tidy && cksum go.mod go.sum | cmp - ../before")
}

// An adapter's module brings the framework's version that it is tested with, as the README says.
func TestImportingAnAdapterMovesTheFramework(t *testing.T) {
	app := newOldApplication(t)
	before := app.requirements()
	app.run("printf '%s\\n' 'package main' '' 'import _ \"github.com/ringfence-go/ringfence/generated/twiliogin\"' > adapter.go")
	app.run(readmeBlock(t, "import"))
	after := app.requirements()
	moved, added := before.compare(after)
	t.Logf("go %s => %s, %d moved %q, %d added %q", before.goLine, after.goLine, len(moved), moved, len(added), added)
	if !strings.Contains(strings.Join(moved, "\n"), "github.com/gin-gonic/gin v1.10.0 =>") {
		t.Errorf("gin did not move: say so in the README")
	}
}
