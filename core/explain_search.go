package core

import (
	"crypto/hmac"
)

// parameter is a decoded parameter.
type parameter struct{ name, value string }

// reading is what the sender may have taken the request for: all that the signed text is made of, and what it was signed with.
type reading struct {
	origin  origin
	target  target
	upgrade bool
	strict  bool // no further spellings of the query
	params  []parameter
	tail    string      // the signed text after the URL; usually params, one after the other
	signers []signer    // one of which signed
	marks   []signature // the signature as it was read, in one of which ways it was written
}

// part is a part of a reading. Changes of one part exclude each other.
type part uint

const (
	partScheme part = 1 << iota
	partHost
	partPort
	partPath
	partQuery
	partParams
	partSigner
	partSignature

	partsOfOrigin = partScheme | partHost | partPort | partPath
)

// change is one way in which the sender's reading may differ from the Validator's.
type change struct {
	cause Cause
	parts part
	// alone is a guess of many, which is tried only by itself.
	alone bool
	apply func(*reading)
	// why is a clause of the sentence.
	why string
	// fix is what to change; "" stands for the origin that matched.
	fix string
}

// finding is a reading that the signature matches.
type finding struct {
	base, reading reading
	candidate     Candidate
	changes       []change
}

// maxChanges is the size of the largest set of changes that is tried. Three are tried only of the origin and the path: a tunnel or a
// chain of proxies may change them all.
const maxChanges = 3

// find looks for the smallest set of changes with which the signature matches, those of the first origin first.
func (q *inquiry) find() (finding, bool) {
	for size := 0; size <= maxChanges; size++ {
		for _, base := range q.bases {
			f := finding{base: base.reading, reading: base.reading}
			if q.extend(&f, base.changes, size, 0) {
				return f, true
			}
		}
	}
	return finding{}, false
}

// extend adds left more changes to f, in every way that the parts in use allow, until the signature matches.
func (q *inquiry) extend(f *finding, changes []change, left int, used part) bool {
	if left == 0 {
		candidate, ok := q.matches(&f.reading)
		f.candidate = candidate
		return ok
	}
	size := left + len(f.changes)
	before := f.reading
	for i, c := range changes {
		switch {
		case q.work > maxExplainWork:
			return false
		case c.parts&used != 0, size > 1 && c.alone, size > 2 && c.parts&^partsOfOrigin != 0:
			continue
		}
		c.apply(&f.reading)
		f.changes = append(f.changes, c)
		if q.extend(f, changes[i+1:], left-1, used|c.parts) {
			return true
		}
		f.changes = f.changes[:len(f.changes)-1]
		f.reading = before
	}
	return false
}

// matches reports whether the signature is that of a reading, in one of the candidates that the Validator tries (U4).
func (q *inquiry) matches(r *reading) (Candidate, bool) {
	x := &q.exam
	x.target, x.upgrade = r.target, r.upgrade
	_, x.hasBodyHash, _ = findBodyHash(r.target.query)
	if r.upgrade {
		x.query.reset()
		x.wholeQuery = r.target.query != "" && x.query.parseQuery([]byte(r.target.query))
		x.query.sort()
		x.queryParams = x.query.appendSigned(x.queryParams[:0])
	}
	x.listCandidates(r.strict)
	for _, c := range x.candidates {
		if q.work > maxExplainWork {
			return 0, false
		}
		x.params = append(x.params[:0], r.tail...)
		params := x.params
		if c&QueryAsParams != 0 {
			params = x.queryParams
		}
		x.url = x.appendURL(x.url[:0], &r.origin, c)
		if q.signs(r, x.url, params) {
			return c, true
		}
	}
	return 0, false
}

// signs reports whether one of the reading's signers made one of its signatures for a text, and spends the work.
func (q *inquiry) signs(r *reading, url, params []byte) bool {
	for _, s := range r.signers {
		for _, mark := range r.marks {
			k := s.with(mark.algorithm)
			if k == nil {
				continue
			}
			q.work += len(url) + len(params) + explainOverhead
			q.mac = k.appendMAC(q.mac[:0], url, params)
			if hmac.Equal(q.mac, mark.mac) {
				return true
			}
		}
	}
	return false
}
