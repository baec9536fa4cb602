package core

import (
	"bytes"
	"encoding/binary"
	"net/url"
	"slices"
)

// form is a parsed application/x-www-form-urlencoded text (V3): its pairs and the decoded bytes that they point into. Its memory
// is reused from request to request.
type form struct {
	text  []byte // decoded names and values, in the order of the wire
	pairs []pair
}

// pair is one parameter: form.text[start:middle] is the name, form.text[middle:end] the value.
type pair struct {
	prefix             uint64 // the first eight bytes of the name, which decide most comparisons
	start, middle, end int
}

func (f *form) name(p pair) []byte  { return f.text[p.start:p.middle] }
func (f *form) value(p pair) []byte { return f.text[p.middle:p.end] }

func (f *form) reset() {
	f.text = f.text[:0]
	f.pairs = f.pairs[:0]
}

// add appends a pair whose name is text[start:middle] and whose value is the rest of text.
func (f *form) add(start, middle int) {
	f.pairs = append(f.pairs, pair{prefixOf(f.text[start:middle]), start, middle, len(f.text)})
}

// prefixOf returns the first eight bytes of name as a number with the same order. Shorter names are filled up with zeros, so equal
// prefixes do not mean equal names.
func prefixOf(name []byte) uint64 {
	if len(name) >= 8 {
		return binary.BigEndian.Uint64(name)
	}
	var first [8]byte
	copy(first[:], name)
	return binary.BigEndian.Uint64(first[:])
}

// unhex maps a hex digit to its value and everything else to 0xff.
var unhex = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	for i, c := range "0123456789abcdef" {
		table[c] = byte(i)
	}
	for i, c := range "ABCDEF" {
		table[c] = byte(10 + i)
	}
	return table
}()

// parse appends the pairs of raw. It is strict (V3): separators are '&' alone, '+' is a space, a malformed escape or a ';' that is
// not escaped is ErrMalformedForm, empty segments are ignored, more than limit pairs are ErrTooManyParams. Order, duplicates, empty
// values, invalid UTF-8 and NUL are kept. The empty Reason means that all went well; otherwise the pairs before the culprit stay.
func (f *form) parse(raw []byte, limit int) Reason {
	n := len(f.text)                       // bytes of text in use
	f.text = slices.Grow(f.text, len(raw)) // decoding never makes a text longer
	text := f.text[:n+len(raw)]
	for i := 0; i < len(raw); i++ {
		if raw[i] == '&' {
			continue
		}
		if len(f.pairs) == limit {
			return ErrTooManyParams
		}
		start, middle := n, -1
	segment:
		for ; i < len(raw); i++ {
			switch c := raw[i]; c {
			case '&':
				break segment
			case '=':
				if middle >= 0 {
					text[n] = c
					n++
					continue
				}
				middle = n
			case '+':
				text[n] = ' '
				n++
			case '%':
				if len(raw)-i < 3 || unhex[raw[i+1]]|unhex[raw[i+2]] == 0xff {
					return ErrMalformedForm
				}
				text[n] = unhex[raw[i+1]]<<4 | unhex[raw[i+2]]
				n++
				i += 2
			case ';':
				return ErrMalformedForm
			default:
				text[n] = c
				n++
			}
		}
		if middle < 0 {
			middle = n
		}
		f.text = text[:n]
		f.add(start, middle)
	}
	return ""
}

// fill replaces the form by the parameters of values.
func (f *form) fill(values url.Values) {
	f.reset()
	for name, list := range values {
		for _, value := range list {
			start := len(f.text)
			f.text = append(f.text, name...)
			middle := len(f.text)
			f.text = append(f.text, value...)
			f.add(start, middle)
		}
	}
}

// sort orders the pairs by name and then by value, bytewise (S2).
func (f *form) sort() {
	slices.SortFunc(f.pairs, func(a, b pair) int {
		if a.prefix != b.prefix {
			if a.prefix < b.prefix {
				return -1
			}
			return 1
		}
		if c := bytes.Compare(f.name(a), f.name(b)); c != 0 {
			return c
		}
		return bytes.Compare(f.value(a), f.value(b))
	})
}

// appendSigned appends what the pairs contribute to the signed text: name and value of each distinct pair (S2). The form must be
// sorted.
func (f *form) appendSigned(dst []byte) []byte {
	for i, p := range f.pairs {
		nameAndValue := f.text[p.start:p.end]
		if i > 0 {
			q := f.pairs[i-1]
			if p.middle-p.start == q.middle-q.start && bytes.Equal(nameAndValue, f.text[q.start:q.end]) {
				continue
			}
		}
		dst = append(dst, nameAndValue...)
	}
	return dst
}

// only returns the value of the one parameter called name, and how many there are of that name.
func (f *form) only(name string) (value []byte, count int) {
	for _, p := range f.pairs {
		if string(f.name(p)) == name {
			value = f.value(p)
			count++
		}
	}
	return value, count
}

// values returns the pairs as a map with the values of a name in the order of the wire. text is f.text as a string, which the
// result shares. The form must be sorted, so that pairs of one name stand together.
func (f *form) values(text string) url.Values {
	values := make(url.Values, len(f.pairs))
	backing := make([]string, 0, len(f.pairs))
	for i := 0; i < len(f.pairs); {
		name := text[f.pairs[i].start:f.pairs[i].middle]
		j := i + 1
		for j < len(f.pairs) && string(f.name(f.pairs[j])) == name {
			j++
		}
		group := f.pairs[i:j]
		if len(group) > 1 {
			slices.SortFunc(group, func(a, b pair) int { return a.start - b.start })
		}
		from := len(backing)
		for _, p := range group {
			backing = append(backing, text[p.middle:p.end])
		}
		values[name] = backing[from:len(backing):len(backing)]
		i = j
	}
	return values
}

// parseQuery appends the well-formed pairs of a query and reports whether there are no others. U2 signs a malformed escape in the
// query as it was sent, but it has no decoded form.
func (f *form) parseQuery(query []byte) (whole bool) {
	whole = true
	for len(query) > 0 {
		segment, rest, _ := bytes.Cut(query, []byte("&"))
		if f.parse(segment, len(f.pairs)+1) != "" {
			whole = false
		}
		query = rest
	}
	return whole
}
