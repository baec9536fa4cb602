package core

import (
	"fmt"
	"strconv"
	"strings"
)

// maxShown bounds a piece of the request in an explanation, and maxShownLines its lines.
const (
	maxShown      = 128
	maxShownLines = 24
)

// show escapes what does not print, and cuts what is long.
func show(text string) string {
	quoted := strconv.QuoteToASCII(atMost(maxShown, text))
	quoted = strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
	if len(text) > maxShown {
		quoted += "..."
	}
	return quoted
}

// piece is a part of the signed text: what it is compared by, and how it is shown.
type piece struct{ text, shown string }

// value shows a parameter's value, masked unless values are asked for. White space around it is part of many a cause, so it stays.
func (q *inquiry) value(text string) string {
	if q.options.ShowValues {
		return show(q.redact(text))
	}
	inner := strings.TrimSpace(text)
	if inner == "" {
		return show(text)
	}
	start := strings.Index(text, inner)
	return show(text[:start]) + "***" + show(text[start+len(inner):])
}

// markSigned returns the signed text, with what differs from the checked text marked.
func (q *inquiry) markSigned(f finding) string {
	checked, signed := q.urlPieces(&f.base, f.candidate), q.urlPieces(&f.reading, f.candidate)
	text := mark(checked, signed, "")
	if f.candidate&QueryAsParams == 0 {
		if lines := mark(q.paramPieces(f.base.params), q.paramPieces(f.reading.params), "\n"); lines != "" {
			text += "\n" + lines
		}
	}
	return text
}

// urlPieces cuts the URL that a candidate stands for where people would.
func (q *inquiry) urlPieces(r *reading, c Candidate) []piece {
	x := &q.exam
	x.target, x.upgrade = r.target, r.upgrade
	x.plain, x.escaped = append(x.plain[:0], r.target.query...), append(x.escaped[:0], r.target.query...)
	x.spell(false)
	raw := string(x.appendURL(nil, &r.origin, c))
	scheme, rest, _ := strings.Cut(raw, "://")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, port := looseHost(rest[:end])
	path, query, hasQuery := strings.Cut(rest[end:], "?")
	pieces := []piece{q.plain(scheme), {"://", "://"}, q.plain(host), q.plain(port)}
	for _, segment := range strings.SplitAfter(path, "/") {
		pieces = append(pieces, q.plain(segment))
	}
	if hasQuery {
		pieces = append(pieces, piece{"?", "?"})
	}
	for i, pair := range strings.Split(query, "&") {
		if pair == "" {
			continue
		}
		if i > 0 {
			pieces = append(pieces, piece{"&", "&"})
		}
		name, value, has := strings.Cut(pair, "=")
		shown := show(q.redact(name))
		if has {
			shown += "=" + q.value(value)
		}
		pieces = append(pieces, piece{pair, shown})
	}
	return pieces
}

func (q *inquiry) plain(text string) piece { return piece{text, show(q.redact(text))} }

func (q *inquiry) paramPieces(params []parameter) []piece {
	pieces := make([]piece, 0, len(params))
	for _, p := range params {
		shown := strings.TrimSuffix(show(q.redact(p.name)), "=") + "=" + q.value(p.value)
		if p.name == "" {
			shown = fmt.Sprintf("(%d bytes)", len(p.value))
		}
		pieces = append(pieces, piece{p.name + "=" + p.value, shown})
	}
	return pieces
}

// mark joins the pieces of the signed text. Pieces of the checked text alone stand in [-…-], those of the signed text alone in {+…+}.
func mark(checked, signed []piece, separator string) string {
	var parts []string
	common := commonPieces(checked, signed)
	for len(checked)+len(signed) > 0 {
		var minus, plus []string
		for len(checked) > 0 && (len(common) == 0 || checked[0] != common[0]) {
			minus = append(minus, checked[0].shown)
			checked = checked[1:]
		}
		for len(signed) > 0 && (len(common) == 0 || signed[0] != common[0]) {
			plus = append(plus, signed[0].shown)
			signed = signed[1:]
		}
		parts = appendMarked(parts, minus, "[-", "-]", separator)
		parts = appendMarked(parts, plus, "{+", "+}", separator)
		if len(common) > 0 {
			parts = append(parts, signed[0].shown)
			checked, signed, common = checked[1:], signed[1:], common[1:]
		}
	}
	if separator == "" {
		return strings.Join(parts, "")
	}
	return strings.Join(shorten(parts), separator)
}

// appendMarked appends texts between two marks: one mark around them all, or around each where they stand in lines of their own.
func appendMarked(parts, texts []string, open, end, separator string) []string {
	if separator == "" {
		if text := strings.Join(texts, ""); text != "" {
			parts = append(parts, open+text+end)
		}
		return parts
	}
	for _, text := range texts {
		parts = append(parts, open+text+end)
	}
	return parts
}

// shorten leaves marked lines and counts the others where there are many.
func shorten(lines []string) []string {
	if len(lines) <= maxShownLines {
		return lines
	}
	var kept []string
	left := 0
	for _, line := range lines {
		if marked := strings.HasPrefix(line, "[-") || strings.HasPrefix(line, "{+"); marked && len(kept) < maxShownLines {
			kept = append(kept, line)
		} else {
			left++
		}
	}
	return append(kept, fmt.Sprintf("... and %d lines more", left))
}

// commonPieces returns the longest sequence that both lists have. Beyond maxCompared pairs only the beginning counts.
func commonPieces(a, b []piece) []piece {
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	common := append([]piece(nil), a[:start]...)
	a, b = a[start:], b[start:]
	if len(a)*len(b) > maxCompared {
		return common
	}
	longest := make([][]int, len(a)+1) // of a[i:] and b[j:]
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			common = append(common, a[i])
			i, j = i+1, j+1
		case longest[i+1][j] >= longest[i][j+1]:
			i++
		default:
			j++
		}
	}
	return common
}

const maxCompared = 1 << 16
