package generator

import (
	"bytes"
	"errors"
	"fmt"
	"go/scanner"
	"strings"
)

// RenderError is the error of a template whose output is no Go. The command prints its Listing after the one line of the error.
type RenderError struct {
	// Cause says where and why, in one line.
	Cause error
	// Listing is the output around that place, a numbered line each, the bad one marked.
	Listing string
}

// Error returns the cause in one line.
func (e *RenderError) Error() string { return "emits source that does not parse: " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *RenderError) Unwrap() error { return e.Cause }

// notGo returns the RenderError of source, which go/parser refused with err.
func notGo(source []byte, err error) error {
	line := 0
	var list scanner.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		line, err = list[0].Pos.Line, errors.New(list[0].Error())
	}
	return &RenderError{Cause: err, Listing: listing(source, line)}
}

// listingContext is how many lines are shown before and after the bad one.
const listingContext = 8

func listing(source []byte, bad int) string {
	lines := bytes.Split(bytes.TrimSuffix(source, []byte("\n")), []byte("\n"))
	bad = min(bad, len(lines)) // an unexpected end is after the last line
	var b strings.Builder
	for i := max(1, bad-listingContext); i <= min(len(lines), bad+listingContext); i++ {
		mark := ' '
		if i == bad {
			mark = '>'
		}
		text := strings.ReplaceAll(string(lines[i-1]), "\t", "    ")
		fmt.Fprintf(&b, "%c %4d  %s\n", mark, i, oneLine(text))
	}
	return b.String()
}
