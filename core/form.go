package core

import (
	"bytes"
	"encoding/binary"
	"net/url"
	"slices"
)

// form is a parsed application/x-www-form-urlencoded text (V3): its pairs, in the order of the wire, and the decoded bytes that they
// point into. Its memory is reused from request to request.
type form struct {
	text  []byte
	pairs []pair
	order []uint32 // indices of pairs, sorted by sort
}

// pair is one parameter: a name and a value, each a part of form.text.
type pair struct {
	prefix      uint64 // the first eight bytes of the name, which decide most comparisons
	name, value span
}

// span is text[start:end].
type span struct{ start, end uint32 }

// maxFormBytes is what a span can point into.
const maxFormBytes = 1<<31 - 1

func (f *form) bytes(s span) []byte { return f.text[s.start:s.end] }

func (f *form) reset() {
	f.text = f.text[:0]
	f.pairs = f.pairs[:0]
}

func (f *form) add(name, value span) {
	f.pairs = append(f.pairs, pair{prefixOf(f.bytes(name)), name, value})
}

// prefixOf returns the first eight bytes of name as a number with the same order. Shorter names are filled up with zeros, so equal
// prefixes do not mean equal names.
func prefixOf(name []byte) uint64 {
	if cap(name) >= 8 { // what follows the name is shifted out again
		missing := 8 * (8 - min(len(name), 8))
		return binary.BigEndian.Uint64(name[:8]) >> missing << missing
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
// values, invalid UTF-8 and NUL are kept. The empty Reason means that all went well; otherwise some of the pairs may be there.
//
// The text is copied as a whole and decoded in place, where there is something to decode: most names and values have nothing.
func (f *form) parse(raw []byte, limit int) Reason {
	if bytes.IndexByte(raw, ';') >= 0 {
		return ErrMalformedForm
	}
	start := len(f.text)
	f.text = append(f.text, raw...)
	text := f.text
	percent, plus := start-1, start-1 // where the next ones are
	for start < len(text) {
		end := start + indexOr(text[start:], '&')
		if start == end {
			start++
			continue
		}
		if len(f.pairs) == limit {
			return ErrTooManyParams
		}
		equals := start + indexOr(text[start:end], '=')
		name, value := span{uint32(start), uint32(equals)}, span{uint32(min(equals+1, end)), uint32(end)}
		if percent < start {
			percent = start + indexOr(text[start:], '%')
		}
		if plus < start {
			plus = start + indexOr(text[start:], '+')
		}
		if (percent < end || plus < end) && !(f.decode(&name) && f.decode(&value)) {
			return ErrMalformedForm
		}
		f.add(name, value)
		start = end + 1
	}
	return ""
}

// indexOr returns the index of the first c, or len(s).
func indexOr(s []byte, c byte) int {
	if i := bytes.IndexByte(s, c); i >= 0 {
		return i
	}
	return len(s)
}

// decode decodes a part of the text in place, which makes it no longer, and reports whether its escapes were well-formed.
func (f *form) decode(s *span) bool {
	part := f.bytes(*s)
	n := 0
	for i := 0; i < len(part); n++ {
		c := part[i]
		if c > '+' { // most are
			part[n] = c
			i++
			continue
		}
		if c == '%' {
			if len(part)-i < 3 {
				return false
			}
			high, low := unhex[part[i+1]], unhex[part[i+2]]
			if high|low == 0xff {
				return false
			}
			part[n] = high<<4 | low
			i += 3
			continue
		}
		if c == '+' {
			c = ' '
		}
		part[n] = c
		i++
	}
	s.end = s.start + uint32(n)
	return true
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

// fill replaces the form by the parameters of values.
func (f *form) fill(values url.Values) {
	f.reset()
	for name, list := range values {
		for _, value := range list {
			start := len(f.text)
			f.text = append(f.text, name...)
			middle := len(f.text)
			f.text = append(f.text, value...)
			f.add(span{uint32(start), uint32(middle)}, span{uint32(middle), uint32(len(f.text))})
		}
	}
}

// compare orders pairs by name and then by value, bytewise (S2).
func (f *form) compare(a, b *pair) int {
	if a.prefix != b.prefix {
		if a.prefix < b.prefix {
			return -1
		}
		return 1
	}
	if c := bytes.Compare(f.bytes(a.name), f.bytes(b.name)); c != 0 {
		return c
	}
	return bytes.Compare(f.bytes(a.value), f.bytes(b.value))
}

// fewPairs is up to how many pairs an insertion sort is faster than a sort that calls a function to compare.
const fewPairs = 32

// sort makes order that of compare. It begins with the order of the form before: Twilio sends the parameters of a kind of webhook in
// one order, so what sorted the last form mostly sorts this one, and then a comparison per pair is all.
func (f *form) sort() {
	if len(f.order) != len(f.pairs) {
		f.order = f.order[:0]
		for i := range f.pairs {
			f.order = append(f.order, uint32(i))
		}
	}
	if len(f.pairs) > fewPairs {
		slices.SortFunc(f.order, func(a, b uint32) int { return f.compare(&f.pairs[a], &f.pairs[b]) })
		return
	}
	for i := 1; i < len(f.order); i++ {
		at, j := f.order[i], i
		p := &f.pairs[at]
		for ; j > 0; j-- {
			if q := &f.pairs[f.order[j-1]]; q.prefix < p.prefix || q.prefix == p.prefix && f.compare(q, p) <= 0 {
				break
			}
			f.order[j] = f.order[j-1]
		}
		f.order[j] = at
	}
}

// appendSigned appends what the pairs contribute to the signed text: name and value of each distinct pair (S2). The form must be
// sorted.
func (f *form) appendSigned(dst []byte) []byte {
	var last *pair
	for _, i := range f.order {
		p := &f.pairs[i]
		if last != nil && p.prefix == last.prefix && f.compare(last, p) == 0 {
			continue
		}
		dst = append(dst, f.bytes(p.name)...)
		dst = append(dst, f.bytes(p.value)...)
		last = p
	}
	return dst
}

// only returns the value of the one parameter called name, and how many there are of that name.
func (f *form) only(name string) (value []byte, count int) {
	prefix := prefixOf([]byte(name))
	for _, p := range f.pairs {
		if p.prefix == prefix && string(f.bytes(p.name)) == name {
			value = f.bytes(p.value)
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
	for order := f.order; len(order) > 0; {
		name := f.pairs[order[0]].name
		same := 1
		for same < len(order) && bytes.Equal(f.bytes(f.pairs[order[same]].name), f.bytes(name)) {
			same++
		}
		if same > 1 {
			slices.Sort(order[:same])
		}
		from := len(backing)
		for _, i := range order[:same] {
			value := f.pairs[i].value
			backing = append(backing, text[value.start:value.end])
		}
		values[text[name.start:name.end]] = backing[from:len(backing):len(backing)]
		order = order[same:]
	}
	return values
}
