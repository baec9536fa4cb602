package generator

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"echo", "fiber", "gin", "nethttp"}
	for _, test := range []struct{ typed, want string }{
		{"gim", "gin"},
		{"Gin", "gin"},
		{"ginn", "gin"},
		{"gi", "gin"},
		{"eco", "echo"},
		{"fibre", "fiber"},
		{"fiberv3", "fiber"},
		{"net/http", "nethttp"},
		{"", ""},
		{"x", ""},
		{"gorilla", ""},
		{"go", ""},
		{"chi", ""},
	} {
		if got := nearest(test.typed, names); got != test.want {
			t.Errorf("nearest(%q) = %q, want %q", test.typed, got, test.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0},
		{"abc", "abd", 1}, {"abc", "ab", 1}, {"ab", "abc", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2},
	} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
