package ringfence_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
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

// adoption returns the README's row for one way of using ringfence: the go line, the requirements that move, those that are new.
func adoption(t *testing.T, way string) (goLine, moved, added string) {
	t.Helper()
	for _, row := range readmeTable(t, "you …") {
		if row[0] == way {
			return row[1], row[2], row[3]
		}
	}
	t.Fatalf("README.md does not say what moves when you %s", way)
	return "", "", ""
}

// The README promises that generating moves nothing: neither a requirement that the application had, nor its go line.
func TestGeneratingMovesNoRequirement(t *testing.T) {
	app := newOldApplication(t)
	before := app.requirements()
	app.run(readmeBlock(t, "generate"))
	app.run("go build ./... && go vet ./...")
	after := app.requirements()
	moved, added := before.compare(after)
	if before.goLine != after.goLine || len(moved) > 0 || len(added) != 2 {
		t.Errorf("go %s => %s, moved %q, added %q: want ringfence and jennifer added, and nothing moved", before.goLine, after.goLine, moved, added)
	}
	goLine, sayMoved, sayAdded := adoption(t, "generate the middleware")
	if goLine != "stays "+after.goLine || sayMoved != "none" || !strings.HasPrefix(sayAdded, "2: ringfence, jennifer ") {
		t.Errorf("README.md says %q, %q, %q", goLine, sayMoved, sayAdded)
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
	goLine, moved, added := adoption(t, "generate with `-standalone`")
	if goLine != "stays "+app.requirements().goLine || moved != "none" || added != "none; `go.sum` stays too" {
		t.Errorf("README.md says %q, %q, %q", goLine, moved, added)
	}
}

// An adapter's module brings the framework's version that it is tested with, as the README says.
func TestImportingAnAdapterMovesTheFramework(t *testing.T) {
	app := newOldApplication(t)
	before := app.requirements()
	app.run("printf '%s\\n' 'package main' '' 'import _ \"github.com/ringfence-go/ringfence/generated/twiliogin\"' > adapter.go")
	app.run(readmeBlock(t, "import"))
	after := app.requirements()
	moved, added := before.compare(after)
	gin := "no gin"
	for _, module := range moved {
		if version, found := strings.CutPrefix(module, "github.com/gin-gonic/gin v1.10.0 => v"); found {
			gin = version
		}
	}
	goLine, sayMoved, sayAdded := adoption(t, "import the checked-in `generated/twiliogin`")
	wantMoved := fmt.Sprintf("%d, gin to %s among them: ", len(moved), gin)
	if goLine != after.goLine || !strings.HasPrefix(sayMoved, wantMoved) || sayAdded != strconv.Itoa(len(added)) {
		t.Errorf("go %s => %s, %d moved %q, %d added %q: README.md says %q, %q, %q", before.goLine, after.goLine, len(moved), moved,
			len(added), added, goLine, sayMoved, sayAdded)
	}
}
