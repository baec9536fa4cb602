package generator

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// A temporary file is tempStart, the target's name, a dot, digits and tempEnd: no Go file, ignored by the go tool, and known to
// be ours.
const (
	tempStart = ".ringfence-"
	tempEnd   = ".tmp"
)

// replacement puts a target in the place of what is there.
type replacement struct {
	target
	path string
	old  []byte // nil if there is no file yet
	perm os.FileMode
	temp string // the temporary file, as long as there is one
}

// current reports whether the target holds its content already. A checkout may have converted the line ends, which Go ignores.
func (r *replacement) current() bool {
	return r.old != nil && bytes.Equal(bytes.ReplaceAll(r.old, []byte("\r\n"), []byte("\n")), r.content)
}

// step is called before every change to the disk, with its name. Tests stop the process there.
var step = func(string) {}

// prepare writes the content to a temporary file beside the target, and to the disk.
func (r *replacement) prepare() error {
	step("create")
	temp, err := os.CreateTemp(filepath.Dir(r.path), tempStart+filepath.Base(r.path)+".*"+tempEnd)
	if err != nil {
		return err
	}
	r.temp = temp.Name()
	step("write")
	_, err = temp.Write(r.content)
	step("sync")
	return errors.Join(err, temp.Chmod(r.perm), temp.Sync(), temp.Close())
}

// commit makes the temporary file the target, in one step.
func (r *replacement) commit() error {
	step("rename")
	if err := os.Rename(r.temp, r.path); err != nil {
		return err
	}
	r.temp = ""
	return nil
}

// discard removes the temporary file, if there still is one.
func (r *replacement) discard() error {
	if r.temp == "" {
		return nil
	}
	return os.Remove(r.temp)
}

// undo puts the old files back into their places.
func undo(committed []*replacement) error {
	var errs []error
	for _, r := range committed {
		if r.old == nil {
			errs = append(errs, os.Remove(r.path))
			continue
		}
		back := &replacement{target: target{r.name, r.old}, path: r.path, perm: r.perm}
		err := back.prepare()
		if err == nil {
			err = back.commit()
		}
		errs = append(errs, err, back.discard())
	}
	return errors.Join(errs...)
}

// removeLeftovers removes the temporary files of runs that were killed before they could rename theirs to target. Should such a
// run be alive after all, its rename fails and the target stays whole.
func removeLeftovers(target string) error {
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !isLeftover(e.Name(), filepath.Base(target)) {
			continue
		}
		if err := os.Remove(filepath.Join(filepath.Dir(target), e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func isLeftover(name, base string) bool {
	rest, ok := strings.CutPrefix(name, tempStart+base+".")
	if !ok {
		return false
	}
	digits, ok := strings.CutSuffix(rest, tempEnd)
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}
