package main

import (
	"fmt"
	"io"
	"os"
)

// progress tells what is being sent: on a terminal one line that is written over, elsewhere a line for each answer, and with -json
// nothing. The announcement is always made.
type progress struct {
	out      io.Writer
	terminal bool
	silent   bool
	total    int
}

func newProgress(out io.Writer, silent bool, total int) *progress {
	return &progress{out: out, terminal: isTerminal(out), silent: silent, total: total}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// announce says before anything is sent what it does.
func (p *progress) announce(probes []probe, e endpoint) {
	signed := 0
	for i := range probes {
		if probes[i].valid() {
			signed++
		}
	}
	if signed == 0 {
		fmt.Fprintf(p.out, "Sending %d forged requests to %s. Its handler runs only if there is a hole.\n", len(probes), e)
		return
	}
	who, them := fmt.Sprintf("The %d signed ones run", signed), "them"
	if signed == 1 {
		who, them = "The signed one runs", "it"
	}
	fmt.Fprintf(p.out, "Sending %d requests to %s. %s its handler (-invalid-only leaves %s out).\n", len(probes), e, who, them)
}

const clearLine = "\r\x1b[K"

func (p *progress) sending(i int, x *probe) {
	if p.terminal && !p.silent {
		fmt.Fprintf(p.out, "%s%d/%d %s %s", clearLine, i+1, p.total, x.kind, x.name)
	}
}

func (p *progress) answered(i int, r *result) {
	if !p.terminal && !p.silent {
		fmt.Fprintf(p.out, "%d/%d %s %s: %s\n", i+1, p.total, r.kind, r.name, r.answer())
	}
}

func (p *progress) done() {
	if p.terminal && !p.silent {
		fmt.Fprint(p.out, clearLine)
	}
}
