package core

import (
	"net/url"
	"slices"
	"strings"
)

// maxPermuted is how many pairs of a query are tried in every order.
const maxPermuted = 5

// queryChanges are the other queries that the sender may have used (U2), and other places for it.
func (q *inquiry) queryChanges() []change {
	if q.target.query == "" {
		return q.lostQuery()
	}
	changes := []change{{
		cause: CauseQueryUnsigned, parts: partQuery, why: "the URL was signed without its query",
		fix:   "let nothing on the way append a query; if the sender is yours, sign the whole URL",
		apply: func(r *reading) { r.target.query, r.target.hasQuery = "", false },
	}}
	known := map[string]bool{q.target.query: true}
	add := func(cause Cause, query, why string) {
		if known[query] {
			return
		}
		known[query] = true
		changes = append(changes, change{cause: cause, parts: partQuery, why: why, fix: passTarget,
			apply: func(r *reading) { r.target.query, r.target.hasQuery = query, query != "" }})
	}
	if q.v.strictURL {
		changes = append(changes, change{cause: CauseQueryEncoding, parts: partQuery, fix: "StrictURL: false,",
			why: "the query was signed with ' @ : in another spelling, which StrictURL switches off", apply: func(r *reading) { r.strict = false }})
	}
	pairs := strings.Split(q.target.query, "&")
	sorted := slices.Clone(pairs)
	slices.Sort(sorted)
	add(CauseQueryOrder, strings.Join(sorted, "&"), "the query was signed with its parameters sorted")
	for _, s := range querySpellings {
		add(CauseQueryEncoding, s.respell(q.target.query), "the query was signed in another spelling: "+s.name)
	}
	changes = append(changes, q.queryAsParams()...)
	if len(pairs) <= maxPermuted {
		first := len(changes)
		permute(pairs, func(order []string) {
			add(CauseQueryOrder, strings.Join(order, "&"), "the query was signed with its parameters in another order")
		})
		for i := range changes[first:] {
			changes[first+i].alone = true
		}
	}
	return changes
}

// lostQuery is the one query that can be known without having arrived: the hash of the body.
func (q *inquiry) lostQuery() []change {
	if q.method == "GET" {
		return nil
	}
	query := bodyHashParam + "=" + hashOfBody(q.body)
	c := change{cause: CauseQueryDropped, parts: partQuery | partParams,
		why: "the URL was signed with " + bodyHashParam + " in its query, but arrived without",
		fix: passTarget,
		apply: func(r *reading) {
			r.target.query, r.target.hasQuery = query, true
			r.setParams(nil)
		},
	}
	if q.isForm {
		c.cause, c.why, c.fix = CauseFormAsJSON, "the form was signed as JSON is, by its hash, and the URL does not say so", fixSender
	}
	return []change{c}
}

// spelling is a way to write a query.
type spelling struct {
	name    string
	respell func(query string) string
}

var querySpellings = []spelling{
	{"spaces as %20 instead of +", func(s string) string { return strings.ReplaceAll(s, "+", "%20") }},
	{"spaces as + instead of %20", func(s string) string { return strings.ReplaceAll(s, "%20", "+") }},
	{"escapes in upper case", func(s string) string { return recaseEscapes(s, strings.ToUpper) }},
	{"escapes in lower case", func(s string) string { return recaseEscapes(s, strings.ToLower) }},
	{"decoded", func(s string) string { return eachPart(s, func(part string) string { return part }) }},
	{"encoded anew as Go and browsers' forms do", func(s string) string { return eachPart(s, url.QueryEscape) }},
	{"encoded anew with %20 for spaces", func(s string) string { return eachPart(s, escapeStrictly) }},
	{"encoded anew as JavaScript's encodeURIComponent does", func(s string) string { return eachPart(s, escapeComponent) }},
	{"decoded but for spaces", func(s string) string {
		return eachPart(s, func(part string) string { return strings.ReplaceAll(part, " ", "%20") })
	}},
	{"escaped once more", func(s string) string { return strings.ReplaceAll(s, "%", "%25") }},
	{"escaped once less", func(s string) string { return strings.ReplaceAll(s, "%25", "%") }},
	{"with = after a name without value", func(s string) string {
		return eachPair(s, func(pair string) string {
			if !strings.Contains(pair, "=") {
				return pair + "="
			}
			return pair
		})
	}},
	{"without = after a name without value", func(s string) string {
		return eachPair(s, func(pair string) string { return strings.TrimSuffix(pair, "=") })
	}},
	{"with & escaped as in HTML", func(s string) string { return strings.ReplaceAll(s, "&", "&amp;") }},
	{"with &amp; as &", func(s string) string { return strings.ReplaceAll(s, "&amp;", "&") }},
}

func eachPair(query string, respell func(string) string) string {
	pairs := strings.Split(query, "&")
	for i := range pairs {
		pairs[i] = respell(pairs[i])
	}
	return strings.Join(pairs, "&")
}

// eachPart decodes every name and value of a query and writes it anew.
func eachPart(query string, write func(string) string) string {
	return eachPair(query, func(pair string) string {
		name, value, has := strings.Cut(pair, "=")
		if !has {
			return write(looseDecode(name))
		}
		return write(looseDecode(name)) + "=" + write(looseDecode(value))
	})
}

// escapeStrictly escapes all but the unreserved characters of RFC 3986 section 2.3.
func escapeStrictly(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

var componentCharacters = strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")

func escapeComponent(s string) string { return componentCharacters.Replace(escapeStrictly(s)) }

// permute calls visit with every order of list but its own. The list is small.
func permute(list []string, visit func([]string)) {
	order := slices.Clone(list)
	var from func(int)
	from = func(i int) {
		if i == len(order) {
			visit(order)
			return
		}
		for j := i; j < len(order); j++ {
			order[i], order[j] = order[j], order[i]
			from(i + 1)
			order[i], order[j] = order[j], order[i]
		}
	}
	from(0)
}

// queryAsParams are the ways to sign the query as parameters: beside the URL, or instead of in it.
func (q *inquiry) queryAsParams() []change {
	merged := append(looseParams(q.target.query), q.params...)
	twice, fix := "the query was signed twice: in the URL, and again as parameters", "sign a GET with core.Sign(token, url, nil): its parameters are in the URL already"
	if q.method != "GET" {
		twice = "the query was signed in the URL, and again among the form's parameters"
		fix = "sign the form's parameters alone, not those of the query: in Go r.PostForm, not r.Form"
	}
	return []change{
		{cause: CauseQueryTwice, parts: partQuery | partParams, why: twice, fix: fix,
			apply: func(r *reading) { r.setParams(merged) }},
		{cause: CauseQueryMoved, parts: partQuery | partParams, why: "the query was signed as parameters instead of in the URL", fix: fixSender,
			apply: func(r *reading) {
				r.target.query, r.target.hasQuery = "", false
				r.setParams(merged)
			}},
	}
}
