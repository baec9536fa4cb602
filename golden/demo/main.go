// Command demo shows ringfence's main job on real input. From the root of the repository (make demo) it
//
//   - generates the middleware of every adapter into a temporary folder and compares it with what is checked in,
//   - starts every adapter's playground and replays Twilio's published signature vectors over TCP,
//   - prints one table: frameworks across, vectors down, a verdict in each cell.
//
// It exits with status 1 if a generated file differs or a verdict is wrong, and 2 if something cannot be run.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

var errWrong = errors.New("something is not as it should be: see above")

func main() {
	err := run(os.Stdout)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "demo:", err)
	if errors.Is(err, errWrong) {
		os.Exit(1)
	}
	os.Exit(2)
}

func run(w io.Writer) error {
	scratch, err := os.MkdirTemp("", "ringfence-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	adapters, err := findAdapters("generated")
	if err != nil {
		return err
	}
	same, err := regenerate(w, adapters, scratch)
	if err != nil {
		return err
	}
	if err := buildPlaygrounds(adapters, scratch); err != nil {
		return err
	}
	t, err := replay(adapters, scratch)
	if err != nil {
		return err
	}
	t.print(w)
	if err := printInstructions(w, adapters[0]); err != nil {
		return err
	}
	if !same || t.wrong > 0 {
		return errWrong
	}
	return nil
}

// adapter is one folder of generated/ that was generated for a framework.
type adapter struct {
	dir       string   // generated/twiliogin
	file      string   // twilio_gin.go
	framework string   // gin
	arguments []string // of the ringfence command, from the file's first line
	binary    string   // the built playground
}

// findAdapters finds the adapters by the header of their generated file, which holds the command that makes it.
func findAdapters(root string) ([]*adapter, error) {
	files, err := filepath.Glob(filepath.Join(root, "*", "*.go"))
	if err != nil {
		return nil, err
	}
	var adapters []*adapter
	for _, file := range files {
		arguments, framework, err := generateCommand(file)
		if err != nil {
			return nil, err
		}
		if framework != "" {
			adapters = append(adapters, &adapter{
				dir: filepath.Dir(file), file: filepath.Base(file), framework: framework, arguments: arguments,
			})
		}
	}
	if len(adapters) == 0 {
		return nil, fmt.Errorf("no generated file below %s: run this in the root of the repository, as make demo does", root)
	}
	return adapters, nil
}
