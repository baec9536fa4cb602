package core

import (
	"net/url"
	"strings"
)

// targetClues are the request targets that headers of proxies and the given URLs name.
func (q *inquiry) targetClues() []clue {
	var clues []clue
	for _, name := range []string{"X-Original-Uri", "X-Original-Url", "X-Rewrite-Url", "X-Forwarded-Uri", "X-Envoy-Original-Path", "X-Forwarded-Path"} {
		for _, line := range q.lines[name] {
			text := trimOWS(line)
			if _, target, ok := splitURL(text); ok {
				text = target
			}
			clues = append(clues, clue{text, name})
		}
	}
	for _, raw := range q.options.URLs {
		if _, target, ok := splitURL(raw); ok {
			clues = append(clues, clue{target, "a URL that you gave"})
		}
	}
	if len(clues) > maxClues {
		clues = clues[:maxClues]
	}
	return clues
}

const (
	passTarget = "validate before anything that rewrites the path or the query, and let every proxy pass the request target on unchanged"
	fixSender  = "correct the sender's signing code: sign with ringfence sign or core.Sign"
)

// targetChanges are the other paths that the sender may have used: those before a rewrite, and other spellings (U2).
func (q *inquiry) targetChanges() []change {
	path := q.target.path
	known := map[string]bool{path: true}
	var changes []change
	add := func(cause Cause, signed, why, fix string) {
		if known[signed] || signed == "" {
			return
		}
		known[signed] = true
		changes = append(changes, change{cause: cause, parts: partPath, why: why, fix: fix, apply: func(r *reading) { r.target.path = signed }})
	}
	if trimmed := strings.TrimSuffix(path, "/"); trimmed != path {
		add(CauseTrailingSlash, trimmed, "the path was signed without the trailing slash that it arrived with",
			"leave the path as Twilio requests it: switch off what appends slashes, or give Twilio the URL with the slash")
	} else {
		add(CauseTrailingSlash, path+"/", "the path was signed with a trailing slash that did not arrive",
			"leave the path as Twilio requests it: mount ringfence before what removes slashes, or give Twilio the URL without the slash")
	}
	rest := path
	for i := 0; i < 3; i++ {
		slash := strings.IndexByte(rest[1:], '/')
		if slash < 0 {
			break
		}
		rest = rest[1+slash:]
		add(CausePathPrefix, rest, "the path was signed without "+show(strings.TrimSuffix(path, rest))+", which a proxy or router put in front", passTarget)
	}
	q.addSpellings(add)
	for _, clue := range q.targetClues() {
		t, problem := parseTarget(clue.text)
		if problem == "" && t.query == q.target.query {
			add(CausePathRewritten, t.path, "another path was signed, as "+clue.source+" has it: the path was rewritten on the way", passTarget)
		}
		if problem == "" && t.query != q.target.query {
			changes = append(changes, q.wholeTarget(t, clue.source))
		}
	}
	return changes
}

// addSpellings adds the path decoded, encoded anew, and without doubled slashes.
func (q *inquiry) addSpellings(add func(cause Cause, signed, why, fix string)) {
	path := q.target.path
	const why = "the path was signed in another spelling: "
	if decoded, err := url.PathUnescape(path); err == nil {
		add(CausePathEncoding, decoded, why+"decoded", passTarget)
		add(CausePathEncoding, (&url.URL{Path: decoded}).EscapedPath(), why+"encoded anew", passTarget)
	}
	add(CausePathEncoding, recaseEscapes(path, strings.ToUpper), why+"its escapes in upper case", passTarget)
	add(CausePathEncoding, recaseEscapes(path, strings.ToLower), why+"its escapes in lower case", passTarget)
	add(CausePathEncoding, strings.ToLower(path), why+"in lower case", passTarget)
	merged := path
	for strings.Contains(merged, "//") {
		merged = strings.ReplaceAll(merged, "//", "/")
	}
	add(CausePathEncoding, merged, why+"without doubled slashes", passTarget)
}

// wholeTarget is a target that differs in its query, and perhaps in its path, too.
func (q *inquiry) wholeTarget(t target, source string) change {
	c := change{cause: CauseQueryEncoding, parts: partPath | partQuery, fix: passTarget, apply: func(r *reading) { r.target = t }}
	switch {
	case q.target.query == "":
		c.cause = CauseQueryDropped
		c.why = "a query was signed that did not arrive, as " + source + " has it"
	case t.query == "":
		c.cause = CauseQueryUnsigned
		c.why = "the URL was signed without the query, as " + source + " has it"
	default:
		c.why = "another query was signed, as " + source + " has it"
	}
	if t.path != q.target.path {
		c.cause = CausePathRewritten
		c.why += ", with another path"
	}
	return c
}

// recaseEscapes returns s with the hex digits of its escapes in another case.
func recaseEscapes(s string, recase func(string) string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && isEscape(s[i:]) {
			b.WriteString(recase(s[i : i+3]))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
