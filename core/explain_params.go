package core

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// looseParams parses a form or a query, and takes what is malformed as it is written. The order is that of the wire.
func looseParams(raw string) []parameter {
	var params []parameter
	for _, segment := range strings.Split(raw, "&") {
		if segment == "" {
			continue
		}
		name, value, _ := strings.Cut(segment, "=")
		params = append(params, parameter{looseDecode(name), looseDecode(value)})
	}
	return params
}

// looseDecode decodes '+' and escapes. A malformed escape stands for itself.
func looseDecode(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && isEscape(s[i:]):
			b = append(b, unhex[s[i+1]]<<4|unhex[s[i+2]])
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

func compareParameters(a, b parameter) int {
	if c := strings.Compare(a.name, b.name); c != 0 {
		return c
	}
	return strings.Compare(a.value, b.value)
}

// setParams makes params the signed ones, in the order and without the repetitions that S2 says.
func (r *reading) setParams(params []parameter) {
	sorted := slices.Clone(params)
	slices.SortFunc(sorted, compareParameters)
	r.setText(slices.Compact(sorted))
}

// setText makes params the signed ones as they stand.
func (r *reading) setText(params []parameter) {
	r.params, r.tail = params, ""
	var b strings.Builder
	for _, p := range params {
		b.WriteString(p.name)
		b.WriteString(p.value)
	}
	r.tail = b.String()
}

// The bounds for guesses that are made for one parameter after the other.
const (
	maxGuessedParams = 40
	maxGuessedBody   = 16 << 10
)

const (
	fixMiddleware = "validate before anything that changes the form: mount ringfence first"
	fixDecoding   = "sign the decoded parameters: core.Sign does"
)

// paramChanges are the other parameters that the sender may have signed (S2).
func (q *inquiry) paramChanges() []change {
	if !q.isForm || q.hashed {
		return nil
	}
	var changes []change
	add := func(cause Cause, params []parameter, why, fix string) {
		var fixed reading
		fixed.setParams(params)
		changes = append(changes, paramChange(cause, fixed, why, fix))
	}
	addText := func(cause Cause, params []parameter, why, fix string) {
		var fixed reading
		fixed.setText(params)
		changes = append(changes, paramChange(cause, fixed, why, fix))
	}
	add(CauseFormAsJSON, nil, "the URL was signed alone, as for JSON, without the form's parameters",
		"sign the form's parameters: core.Sign(token, url, form)")
	add(CauseTrimmed, mapValues(q.params, strings.TrimSpace), "the values were signed trimmed", "sign the values as they are sent, white space included")
	add(CauseBlanks, slices.DeleteFunc(slices.Clone(q.params), func(p parameter) bool { return p.value == "" }),
		"the parameters without a value were not signed", "sign every parameter: one without a value counts with its name")

	sorted := slices.Clone(q.params)
	slices.SortFunc(sorted, compareParameters)
	byName := slices.Clone(q.params)
	slices.SortStableFunc(byName, func(a, b parameter) int { return strings.Compare(a.name, b.name) })
	const everyValue = "sign each distinct value of a repeated parameter once, in order (S2): core.Sign does"
	addText(CauseDuplicates, oneEach(byName, first), "only the first value of a repeated parameter was signed", everyValue)
	addText(CauseDuplicates, oneEach(byName, last), "only the last value of a repeated parameter was signed", everyValue)
	addText(CauseDuplicates, oneEach(byName, joined), "the values of a repeated parameter were signed joined by commas", everyValue)
	addText(CauseDuplicates, sorted, "equal values of a repeated parameter were each signed", everyValue)
	addText(CauseDuplicates, byName, "the values of a repeated parameter were signed in the order in which they were sent", everyValue)

	const order = "sort the parameters by name, bytewise and case-sensitive: core.Sign does"
	addText(CauseParamOrder, q.params, "the parameters were signed in the order in which they were sent", order)
	folded := slices.Clone(q.params)
	slices.SortStableFunc(folded, func(a, b parameter) int { return strings.Compare(lower(a.name), lower(b.name)) })
	addText(CauseParamOrder, folded, "the parameters were signed in an order that ignores case", order)

	changes = append(changes, q.encodedParams(sorted)...)
	return append(changes, q.guessedParams()...)
}

func paramChange(cause Cause, signed reading, why, fix string) change {
	return change{cause: cause, parts: partParams, why: why, fix: fix, apply: func(r *reading) { r.params, r.tail = signed.params, signed.tail }}
}

func mapValues(params []parameter, change func(string) string) []parameter {
	changed := slices.Clone(params)
	for i := range changed {
		changed[i].value = change(changed[i].value)
	}
	return changed
}

// oneEach puts one parameter in the place of those of one name, which stand together.
func oneEach(params []parameter, pick func(values []parameter) string) []parameter {
	var picked []parameter
	for len(params) > 0 {
		same := 1
		for same < len(params) && params[same].name == params[0].name {
			same++
		}
		picked = append(picked, parameter{params[0].name, pick(params[:same])})
		params = params[same:]
	}
	return picked
}

func first(values []parameter) string { return values[0].value }
func last(values []parameter) string  { return values[len(values)-1].value }

func joined(values []parameter) string {
	var texts []string
	for _, p := range values {
		texts = append(texts, p.value)
	}
	return strings.Join(texts, ",")
}

// encodedParams are the form's parameters in other codings than their decoded text.
func (q *inquiry) encodedParams(sorted []parameter) []change {
	raw := string(q.body)
	var encoded, delimited []parameter
	for _, segment := range strings.Split(raw, "&") {
		if name, value, _ := strings.Cut(segment, "="); segment != "" {
			encoded = append(encoded, parameter{name, value})
		}
	}
	slices.SortFunc(encoded, compareParameters)
	for i, p := range sorted {
		name := p.name + "="
		if i > 0 {
			name = "&" + name
		}
		delimited = append(delimited, parameter{name, p.value})
	}
	texts := []struct {
		params []parameter
		why    string
	}{
		{encoded, "the parameters were signed with their escapes"},
		{mapValues(encoded, func(s string) string { return looseDecode(strings.ReplaceAll(s, "+", "%2B")) }), "a + was signed as itself instead of as the space that it stands for"},
		{delimited, "the parameters were signed with = and & between them"},
		{[]parameter{{"", raw}}, "the raw body was signed after the URL"},
		{mapValues(sorted, latin1), "the values were signed in Latin-1 instead of UTF-8"},
		{mapValues(sorted, doubleUTF8), "the values were signed as UTF-8 that was encoded twice"},
		{mapValues(sorted, func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }), "the values were signed with LF line ends, sent with CRLF"},
		{mapValues(sorted, func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }), "the values were signed with CRLF line ends, sent with LF"},
		{mapValues(sorted, looseDecode), "the values were signed decoded twice"},
		{mapValues(sorted, url.QueryEscape), "the values were signed escaped once more"},
	}
	var changes []change
	for _, text := range texts {
		var signed reading
		signed.setText(text.params)
		changes = append(changes, paramChange(CauseParamEncoding, signed, text.why, fixDecoding))
	}
	return changes
}

// latin1 returns s in ISO 8859-1, or s where it cannot be.
func latin1(s string) string {
	var b []byte
	for _, r := range s {
		if r > 0xff {
			return s
		}
		b = append(b, byte(r))
	}
	return string(b)
}

// doubleUTF8 takes the bytes of s for ISO 8859-1 and encodes them as UTF-8.
func doubleUTF8(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		b = utf8.AppendRune(b, rune(s[i]))
	}
	return string(b)
}

// blankParams are parameters that Twilio often sends without a value, in the groups in which they are blank together.
var blankParams = [][]string{
	{"FromCity"}, {"FromState"}, {"FromZip"}, {"FromCountry"}, {"ToCity"}, {"ToState"}, {"ToZip"}, {"ToCountry"},
	{"CallerCity"}, {"CallerState"}, {"CallerZip"}, {"CallerCountry"}, {"CalledCity"}, {"CalledState"}, {"CalledZip"}, {"CalledCountry"},
	{"Body"}, {"ForwardedFrom"}, {"CallerName"}, {"CallToken"}, {"Digits"}, {"FinishedOnKey"}, {"SpeechResult"}, {"ErrorMessage"}, {"ErrorCode"},
	{"ToCity", "ToZip"}, {"CalledCity", "CalledZip"}, {"FromCity", "FromZip"}, {"CallerCity", "CallerZip"},
	{"ToCity", "ToZip", "ToState"}, {"CalledCity", "CalledZip", "CalledState"},
	{"FromCity", "FromZip", "FromState"}, {"CallerCity", "CallerZip", "CallerState"},
	{"ToCity", "ToZip", "CalledCity", "CalledZip"},
	{"ToCity", "ToZip", "ToState", "CalledCity", "CalledZip", "CalledState"},
	{"FromCity", "FromZip", "CallerCity", "CallerZip"},
	{"FromCity", "FromZip", "FromState", "CallerCity", "CallerZip", "CallerState"},
	{"FromCity", "FromState", "FromZip", "ToCity", "ToState", "ToZip"},
	{"FromCity", "FromZip", "ToCity", "ToZip"},
}

// guessedParams undoes what cannot be seen: white space that was trimmed off one value, and blank parameters that were dropped.
func (q *inquiry) guessedParams() []change {
	if len(q.params) > maxGuessedParams || len(q.body) > maxGuessedBody {
		return nil
	}
	var changes []change
	add := func(cause Cause, params []parameter, why string) {
		var signed reading
		signed.setParams(params)
		c := paramChange(cause, signed, why, fixMiddleware)
		c.alone = true
		changes = append(changes, c)
	}
	for i, p := range q.params {
		for _, value := range []string{p.value + " ", " " + p.value, p.value + "\n", p.value + "\r\n", p.value + "  "} {
			params := slices.Clone(q.params)
			params[i].value = value
			add(CauseTrimmed, params, "the value of "+show(p.name)+" was signed with white space that something trimmed off")
		}
	}
	for _, names := range blankParams {
		params := slices.Clone(q.params)
		for _, name := range names {
			if !slices.ContainsFunc(q.params, func(p parameter) bool { return p.name == name }) {
				params = append(params, parameter{name, ""})
			}
		}
		if len(params) == len(q.params)+len(names) {
			add(CauseBlanks, params, "the parameters were signed with a blank "+strings.Join(names, ", ")+", which something dropped")
		}
	}
	return changes
}
