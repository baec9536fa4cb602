package core

// What the tests in package core_test need of the inside: the strict parser and the list of candidates by themselves.

// ParseFormForTest returns the pairs of a form in the order of the wire, and what they contribute to the signed text.
func ParseFormForTest(raw []byte, limit int) (pairs [][2]string, signed string, reason Reason) {
	var f form
	if reason = f.parse(raw, limit); reason != "" {
		return nil, "", reason
	}
	for _, p := range f.pairs {
		pairs = append(pairs, [2]string{string(f.bytes(p.name)), string(f.bytes(p.value))})
	}
	f.sort()
	return pairs, string(f.appendSigned(nil)), ""
}

// CandidateForTest is a candidate with the two parts of its signed text, for a request without a form.
type CandidateForTest struct {
	Candidate
	URL, Params string
}

// CandidatesForTest returns the candidates of a target below one public URL. ok says that the URL and the target are well-formed.
func CandidatesForTest(publicURL, rawTarget string, upgrade, strict bool) (list []CandidateForTest, ok bool) {
	o, err := parseOrigin(publicURL)
	t, problem := parseTarget(rawTarget)
	_, hasHash, hashErr := findBodyHash(t.query)
	if err != nil || problem != "" || hashErr != nil {
		return nil, false
	}
	x := exam{target: t, upgrade: upgrade, hasBodyHash: hasHash}
	x.wholeQuery = x.query.parseQuery([]byte(t.query))
	x.query.sort()
	x.listCandidates(strict)
	for _, c := range x.candidates {
		made := CandidateForTest{Candidate: c, URL: string(x.appendURL(nil, &o, c))}
		if c&QueryAsParams != 0 {
			made.Params = string(x.query.appendSigned(nil))
		}
		list = append(list, made)
	}
	return list, true
}
