package core

import "strings"

// Candidate says in which ways the URL that matched differs from the URL as received (U4). The zero Candidate is the URL as received.
type Candidate uint8

// The ways in which the URL that Twilio signed may differ from the one that it requests.
const (
	// PortToggled: without the port that the origin names, or with the scheme's default port where it names none.
	PortToggled Candidate = 1 << iota
	// SlashToggled: without the slash that is the whole path, or, for an upgrade, with or without a slash at the path's end.
	SlashToggled
	// QueryPlain: every ' @ : of the query plain.
	QueryPlain
	// QueryEscaped: every ' @ : of the query escaped in upper-case hex.
	QueryEscaped
	// WebSocketScheme: wss for https, ws for http.
	WebSocketScheme
	// QueryAsParams: the query signed as parameters instead of in the URL.
	QueryAsParams
)

var candidateNames = [...]string{"port toggled", "slash toggled", "query plain", "query escaped", "ws scheme", "query as parameters"}

// String names the differences, for example "port toggled, ws scheme", or "as received".
func (c Candidate) String() string {
	if c == 0 {
		return "as received"
	}
	var parts []string
	for i, name := range candidateNames {
		if c&(1<<i) != 0 {
			parts = append(parts, name)
		}
	}
	return strings.Join(parts, ", ")
}

// maxCandidates bounds the URLs that are tried for one origin (U4).
const maxCandidates = 16

// listCandidates fills x.candidates with the URLs to try for each origin, in the order of U4. For an upgrade the other spellings of
// the query go with both schemes, but not also with another port or slash, to keep within the bound.
func (x *exam) listCandidates(strict bool) {
	slash := x.target.path == "/"
	all := appendPorts(x.candidateSpace[:0], 0, slash)
	spellings := x.spell(strict)
	if !x.upgrade {
		for _, spelling := range spellings {
			all = appendPorts(all, spelling, slash)
		}
		x.candidates = all
		return
	}
	all = append(all, spellings...)
	all = appendPorts(all, WebSocketScheme, true)
	for _, spelling := range spellings {
		all = append(all, spelling|WebSocketScheme)
	}
	if x.wholeQuery && !x.hasBodyHash { // V1: a pair that has no decoded form would not be signed
		all = appendPorts(all, WebSocketScheme|QueryAsParams, true)
	}
	x.candidates = all
}

// appendPorts appends c and c with the other port, and, where slash says so, both with the other slash.
func appendPorts(all []Candidate, c Candidate, slash bool) []Candidate {
	all = append(all, c, c|PortToggled)
	if slash {
		all = append(all, c|SlashToggled, c|SlashToggled|PortToggled)
	}
	return all
}

// spell writes the query's two further spellings to x.plain and x.escaped and returns those that differ from the query (U4).
func (x *exam) spell(strict bool) []Candidate {
	query := x.target.query
	if strict || !hasAny(query, '\'', '@', ':', '%') {
		return nil
	}
	x.plain, x.escaped = x.plain[:0], x.escaped[:0]
	for i := 0; i < len(query); i++ {
		c, width := query[i], 1
		if c == '%' && isEscape(query[i:]) {
			c, width = unhex[query[i+1]]<<4|unhex[query[i+2]], 3
		}
		switch c {
		case '\'', '@', ':':
			x.plain = append(x.plain, c)
			x.escaped = append(x.escaped, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		default:
			x.plain = append(x.plain, query[i:i+width]...)
			x.escaped = append(x.escaped, query[i:i+width]...)
		}
		i += width - 1
	}
	spellings := x.spellingSpace[:0]
	if string(x.plain) != query {
		spellings = append(spellings, QueryPlain)
	}
	if string(x.escaped) != query {
		spellings = append(spellings, QueryEscaped)
	}
	return spellings
}

func hasAny(s string, chars ...byte) bool {
	for _, c := range chars {
		if strings.IndexByte(s, c) >= 0 {
			return true
		}
	}
	return false
}

// appendURL appends the URL that candidate c stands for.
func (x *exam) appendURL(dst []byte, o *origin, c Candidate) []byte {
	dst = appendOrigin(dst, o, c)
	dst = append(dst, x.target.path...)
	if c&SlashToggled != 0 {
		if dst[len(dst)-1] == '/' {
			dst = dst[:len(dst)-1]
		} else {
			dst = append(dst, '/')
		}
	}
	if !x.target.hasQuery || c&QueryAsParams != 0 {
		return dst
	}
	dst = append(dst, '?')
	switch {
	case c&QueryPlain != 0:
		return append(dst, x.plain...)
	case c&QueryEscaped != 0:
		return append(dst, x.escaped...)
	default:
		return append(dst, x.target.query...)
	}
}

// appendOrigin appends scheme, host, port and prefix of candidate c.
func appendOrigin(dst []byte, o *origin, c Candidate) []byte {
	scheme := o.scheme
	if c&WebSocketScheme != 0 {
		dst = append(dst, 'w', 's')
		scheme = scheme[len("http"):]
	}
	dst = append(dst, scheme...)
	dst = append(dst, "://"...)
	dst = append(dst, o.host...)
	switch {
	case c&PortToggled == 0:
		dst = append(dst, o.port...)
	case o.port == "":
		dst = append(dst, o.defaultPort()...)
	}
	return append(dst, o.prefix...)
}
