// Package ringfence holds the sources of the package core, which standalone output carries.
package ringfence

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed core/*.go
var sources embed.FS

// CoreSources returns the sources of the package core without its tests, by file name.
func CoreSources() (map[string][]byte, error) {
	files := map[string][]byte{}
	entries, err := fs.ReadDir(sources, "core")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if files[e.Name()], err = sources.ReadFile("core/" + e.Name()); err != nil {
			return nil, err
		}
	}
	return files, nil
}
