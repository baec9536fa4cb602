package generator

import (
	"bytes"
	"io"
)

// compare prints what write would change as a unified diff, and reports whether that is anything. It changes nothing.
func compare(dir string, targets []target, w io.Writer) (stale bool, err error) {
	var b bytes.Buffer
	for _, t := range targets {
		r, err := inspect(dir, t)
		if err != nil {
			return false, err
		}
		if r.current() {
			continue
		}
		stale = true
		b.WriteString(unifiedDiff(r.name, r.old, r.content))
	}
	_, err = b.WriteTo(w)
	return stale, err
}
