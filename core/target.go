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

// unescapable marks the bytes that a request target cannot hold as they are.
var unescapable = func() (set [256]bool) {
	for c := 0; c <= ' '; c++ {
		set[c] = true
	}
	set[0x7f], set['#'] = true, true
	return set
}()

// parseTarget splits a raw request target. It returns what is wrong with one that is not origin-form, or whose path has a malformed
// escape; a malformed escape in the query is signed as sent (U2).
func parseTarget(raw string) (target, string) {
	if raw == "" || raw[0] != '/' {
		return target{}, "the request target is not origin-form"
	}
	for i := 0; i < len(raw); i++ {
		if unescapable[raw[i]] {
			return target{}, "the request target has a character that must be escaped"
		}
	}
	var t target
	t.path, t.query, t.hasQuery = strings.Cut(raw, "?")
	for rest := t.path; ; rest = rest[1:] {
		i := strings.IndexByte(rest, '%')
		if i < 0 {
			return t, ""
		}
		if rest = rest[i:]; !isEscape(rest) {
			return target{}, "the path has a malformed escape"
		}
	}
}

// isEscape reports whether s begins with '%' and two hex digits; s must begin with '%'.
func isEscape(s string) bool {
	return len(s) >= 3 && unhex[s[1]]|unhex[s[2]] != 0xff
}

// findBodyHash returns the value of the query's bodySHA256, and whether there is one (V2). Where any decoded name is bodySHA256, it
// must occur exactly once and be written plainly; anything else is ErrBodyHash. The value is for whoever compares it with a hash.
func findBodyHash(query string) (hash string, found bool, err error) {
	for query != "" {
		var segment string
		segment, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(segment, "=")
		if !decodesTo(name, bodyHashParam) {
			continue
		}
		if found || name != bodyHashParam {
			return "", true, ErrBodyHash
		}
		hash, found = value, true
	}
	return hash, found, nil
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
