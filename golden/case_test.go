package golden

import (
	"strings"
	"testing"
)

func TestCaseBytes(t *testing.T) {
	tests := []struct {
		name string
		c    Case
		want string
	}{
		{
			name: "fields are written in order and nothing is added",
			c: Case{
				Method: "POST", Target: "/a?b", Version: "HTTP/1.1",
				Headers: []HeaderLine{{"host", "h"}, {"X", "1"}, {"X", ""}},
				Body:    []byte("body\x00"),
			},
			want: "POST /a?b HTTP/1.1\r\nhost: h\r\nX: 1\r\nX: \r\n\r\nbody\x00",
		},
		{
			name: "raw bytes replace the fields",
			c:    Case{Method: "POST", Raw: []byte("GET / HTTP/1.0\n\n")},
			want: "GET / HTTP/1.0\n\n",
		},
		{
			name: "raw parts are repeated and joined",
			c:    Case{Method: "POST", RawParts: []RawPart{{[]byte("a"), 1}, {[]byte("bc"), 3}, {[]byte("d"), 0}}},
			want: "abcbcbc",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(tt.c.Bytes()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestHostileRawForms(t *testing.T) {
	byID := make(map[string]Case)
	for _, c := range Hostile() {
		byID[c.ID] = c
	}
	if got := string(byID["frame-no-version"].Bytes()); got != "POST /voice\r\n\r\n" {
		t.Errorf("frame-no-version: %q", got)
	}
	if got := len(byID["frame-huge-header"].Bytes()); got < 2<<20 {
		t.Errorf("frame-huge-header has %d bytes", got)
	}
}

func TestHeaderLinesAreReplacedInPlace(t *testing.T) {
	c := Case{Headers: []HeaderLine{{"A", "1"}, {"b", "2"}, {"C", "3"}, {"B", "4"}}}
	changed := c.withHeader("B", "x")
	if got := changed.Headers; len(got) != 3 || got[1] != (HeaderLine{"b", "x"}) {
		t.Errorf("replaced: %q", got)
	}
	if got := c.withHeader("D", "x").Headers; len(got) != 5 || got[4] != (HeaderLine{"D", "x"}) {
		t.Errorf("added: %q", got)
	}
	if got := c.withoutHeader("b").Headers; len(got) != 2 {
		t.Errorf("removed: %q", got)
	}
	if len(c.Headers) != 4 || c.Headers[1][1] != "2" {
		t.Errorf("the case itself was changed: %q", c.Headers)
	}
}

func TestHostileDataAreWhatTheirAuthorsPublished(t *testing.T) {
	if got := len(Hostile()); got != 337 {
		t.Errorf("%d hostile cases, want 337", got)
	}
	if got := len(Constructions()); got != 29 {
		t.Errorf("%d construction cases, want 29", got)
	}
	if got := len(Oracle()); got != 110 {
		t.Errorf("%d oracle cases, want 110", got)
	}
	seen := make(map[string]bool)
	for _, c := range Hostile() {
		if seen[c.ID] {
			t.Errorf("%s twice", c.ID)
		}
		seen[c.ID] = true
		if c.Expect != Accept && c.Expect != Refuse || len(c.StatusAny) == 0 {
			t.Errorf("%s: expect %q %d", c.ID, c.Expect, c.StatusAny)
		}
		if c.DigestFlow != nil && c.Config.Digest == nil {
			t.Errorf("%s: a digest flow without a user", c.ID)
		}
	}
}

func TestVerdictWords(t *testing.T) {
	var v Verdict
	if err := v.UnmarshalJSON([]byte(`"reject"`)); err != nil || v != Refuse {
		t.Errorf("reject: %v %v", v, err)
	}
	if err := v.UnmarshalJSON([]byte(`"perhaps"`)); err == nil || !strings.Contains(err.Error(), "perhaps") {
		t.Errorf("perhaps: %v", err)
	}
}
