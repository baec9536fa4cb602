package templates_test

import (
	"path/filepath"
	"testing"

	"github.com/ringfence-go/ringfence/generator/templatetest"
	"github.com/ringfence-go/ringfence/templates"
)

// subject is the adapter's template, with the adapter's go.mod.
func (a adapter) subject() templatetest.Subject {
	return templatetest.Subject{Templates: templates.All(), Framework: a.framework, Module: filepath.Dir(filepath.Join("..", a.output))}
}

// Every choice, in every framework, is compiled, vetted and run before its golden file is compared, or written.
func TestVariants(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles every variant of every framework")
	}
	for _, a := range adapters(t) {
		t.Run(a.framework, func(t *testing.T) {
			t.Parallel()
			a.subject().Variants(t, filepath.Join("testdata", a.framework), *update)
		})
	}
}

// Packages of several frameworks share one standalone core.
func TestFrameworksTogetherShareAStandaloneCore(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the core")
	}
	for _, a := range adapters(t) {
		if a.framework != "gin" {
			continue
		}
		dir := t.TempDir()
		templatetest.CopyModule(t, a.subject().Module, dir)
		both := a.subject()
		both.Framework = "nethttp,gin"
		both.Generate(t, dir, "together", "-standalone")
		templatetest.Go(t, dir, "test", "-vet=all", "./...")
	}
}

// Standalone output depends on what its framework depends on, and on the standard library.
func TestStandaloneOutputDependsOnItsFrameworkAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("lists the packages of every framework")
	}
	for _, a := range adapters(t) {
		t.Run(a.framework, func(t *testing.T) { a.subject().StandaloneDependencies(t) })
	}
}

func TestEveryTemplateEmitsTests(t *testing.T) {
	for _, template := range templates.All() {
		if template.EmitTest == nil {
			t.Errorf("%s does not", template.Name)
		}
	}
}
