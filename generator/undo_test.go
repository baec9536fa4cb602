package generator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A rename fails where a directory has taken the target's place since it was looked at.
func TestAFailedRenamePutsTheFilesBeforeItBack(t *testing.T) {
	for _, test := range []struct{ name, before, after string }{
		{"an old file comes back", "old", "old"},
		{"a new file goes", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if test.before != "" {
				runIn(dir, nil, strings.Fields("generate -framework echo -package old -output twilio_echo.go")...)
			}
			before := snapshotContents(t, dir)
			renames := 0
			step = func(name string) {
				if name != "rename" {
					return
				}
				if renames++; renames == 2 {
					if err := os.Mkdir(filepath.Join(dir, "twilio_gin.go"), 0o755); err != nil {
						t.Error(err)
					}
				}
			}
			defer func() { step = func(string) {} }()
			got := runIn(dir, nil, strings.Fields("generate -framework gin,echo -package hooks")...)
			want := "ringfence: cannot write \"twilio_gin.go\": file exists: make room or choose another -output\n"
			if got.code != 2 || got.stderr != want {
				t.Errorf("got %+v", got)
			}
			if err := os.Remove(filepath.Join(dir, "twilio_gin.go")); err != nil {
				t.Fatal(err)
			}
			if after := snapshotContents(t, dir); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
		})
	}
}

// snapshotContents describes the files of dir by name and content.
func snapshotContents(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		text, _ := os.ReadFile(filepath.Join(dir, e.Name()))
		b.WriteString(e.Name() + "\n" + string(text))
	}
	return b.String()
}
