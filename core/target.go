package core

import (
	"strings"
)

// target is a raw request target in origin-form, in its two parts (U2).
type target struct {
	path     string
	query    string // without the '?'
	hasQuery bool   // "/?" has an empty one
}

// parseTarget splits a raw request target. It returns what is wrong with one that is not origin-form, or whose path has a malformed
// escape; a malformed escape in the query is signed as sent (U2).
func parseTarget(raw string) (target, string) {
	if raw == "" || raw[0] != '/' {
		return target{}, "the request target is not origin-form"
	}
	for i := 0; i < len(raw); i++ {
		if c := raw[i]; c <= ' ' || c == 0x7f || c == '#' {
			return target{}, "the request target has a character that must be escaped"
		}
	}
	var t target
	t.path, t.query, t.hasQuery = strings.Cut(raw, "?")
	for i := strings.IndexByte(t.path, '%'); i >= 0 && i < len(t.path); i++ {
		if t.path[i] == '%' && !isEscape(t.path[i:]) {
			return target{}, "the path has a malformed escape"
		}
	}
	return t, ""
}

// isEscape reports whether s begins with '%' and two hex digits; s must begin with '%'.
func isEscape(s string) bool {
	return len(s) >= 3 && unhex[s[1]]|unhex[s[2]] != 0xff
}

// findBodyHash returns the value of the query's bodySHA256, or "" where there is none (V2). Where any decoded name is bodySHA256, it
// must occur exactly once, be written plainly, and have 64 lower-case hex digits as its value; anything else is ErrBodyHash.
func findBodyHash(query string) (string, error) {
	hash := ""
	for query != "" {
		var segment string
		segment, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(segment, "=")
		if !decodesTo(name, bodyHashParam) {
			continue
		}
		if hash != "" || name != bodyHashParam || !isHexSHA256(value) {
			return "", ErrBodyHash
		}
		hash = value
	}
	return hash, nil
}

// decodesTo reports whether the query-escaped name means want. A malformed escape means itself.
func decodesTo(name, want string) bool {
	for i := 0; i < len(want); i++ {
		if name == "" {
			return false
		}
		c := name[0]
		if c == '%' && isEscape(name) {
			c = unhex[name[1]]<<4 | unhex[name[2]]
			name = name[2:]
		} else if c == '+' {
			c = ' '
		}
		if c != want[i] {
			return false
		}
		name = name[1:]
	}
	return name == ""
}

func isHexSHA256(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// withoutBodyHash returns raw without its bodySHA256 parameter, and without the '?' where nothing else is left of the query (U5).
func withoutBodyHash(raw string) string {
	path, query, hasQuery := strings.Cut(raw, "?")
	if !hasQuery || query == "" {
		return raw
	}
	segments := strings.Split(query, "&")
	kept := segments[:0]
	for _, segment := range segments {
		if name, _, _ := strings.Cut(segment, "="); !decodesTo(name, bodyHashParam) {
			kept = append(kept, segment)
		}
	}
	if len(kept) == 0 {
		return path
	}
	return path + "?" + strings.Join(kept, "&")
}
