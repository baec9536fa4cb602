package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// compileAll builds what scenarios have emitted, each scenario as packages of its own in the module of its framework's adapter: an
// overlay shows them to the go command there, and one command serves for a framework.
func compileAll(t *testing.T, emitted map[string]map[string]string) {
	if testing.Short() {
		t.Skip("compiles with every framework")
	}
	dir := t.TempDir()
	overlays := map[string]map[string]string{} // module to virtual file to real file
	for scenario, files := range emitted {
		for name, content := range files {
			module := adapterModule(t, framework(files))
			if module == "" || filepath.Ext(name) != ".go" {
				continue
			}
			real := filepath.Join(dir, scenario, name)
			if err := os.MkdirAll(filepath.Dir(real), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(real, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			if overlays[module] == nil {
				overlays[module] = map[string]string{}
			}
			overlays[module][filepath.Join(module, "scenarios", scenario, name)] = real
		}
	}
	if len(overlays) == 0 {
		t.Error("no scenario emits anything")
	}
	for module, replace := range overlays {
		buildOverlay(t, module, filepath.Join(dir, filepath.Base(module)+".json"), replace)
	}
}

func buildOverlay(t *testing.T, module, file string, replace map[string]string) {
	t.Helper()
	content, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-overlay", file, "./scenarios/...")
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go build in %s: %v\n%s", filepath.Base(module), err, output)
	}
}

// framework returns what -framework names in the headers of the files, the last one of several, or "".
func framework(files map[string]string) string {
	for _, name := range sortedKeys(files) {
		header, _, _ := strings.Cut(files[name], "\n")
		_, flags, ok := strings.Cut(header, " -framework ")
		if !ok {
			continue
		}
		names := strings.Split(strings.Fields(flags)[0], ",")
		for _, n := range names {
			if n != "nethttp" {
				return n
			}
		}
		return names[0]
	}
	return ""
}

// adapterModule returns the module that checks in what -framework name emits, or "".
func adapterModule(t *testing.T, name string) string {
	t.Helper()
	docs, err := filepath.Glob("../../generated/twilio*/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range docs {
		content, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), " generate -framework "+name+" ") {
			module, err := filepath.Abs(filepath.Dir(doc))
			if err != nil {
				t.Fatal(err)
			}
			return module
		}
	}
	return ""
}
