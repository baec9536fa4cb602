package core

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// Cause names what stands between a request and its acceptance. Apart from CauseUnsigned, CauseRefused and CauseUnexplained a cause is
// never a guess: the request's signature is that of the text as the cause has it.
type Cause string

// The causes. What each means for a request is in the Explanation's Sentence, what to do in its Fix.
const (
	CauseNone        Cause = "none"        // the request is accepted as it is
	CauseUnexplained Cause = "unexplained" // no simple change explains the signature: it may well be forged
	CauseUnsigned    Cause = "unsigned"    // no signature arrived
	CauseRefused     Cause = "refused"     // the request was refused before its signature could be looked at
	CauseRule        Cause = "rule"        // the signature matches; a rule or a pin refuses the request

	CauseScheme        Cause = "scheme"
	CauseUpgrade       Cause = "upgrade" // the header lines of a WebSocket handshake were lost
	CauseHost          Cause = "host"
	CausePort          Cause = "port"
	CausePathPrefix    Cause = "path-prefix"
	CauseTrailingSlash Cause = "trailing-slash"
	CausePathRewritten Cause = "path-rewritten"
	CausePathEncoding  Cause = "path-encoding"

	CauseQueryDropped  Cause = "query-dropped"  // signed with a query that did not arrive
	CauseQueryUnsigned Cause = "query-unsigned" // signed without the query that arrived
	CauseQueryOrder    Cause = "query-order"
	CauseQueryEncoding Cause = "query-encoding"
	CauseQueryTwice    Cause = "query-twice"
	CauseQueryMoved    Cause = "query-as-parameters"

	CauseTrimmed       Cause = "parameters-trimmed"
	CauseBlanks        Cause = "blanks-dropped"
	CauseDuplicates    Cause = "duplicates"
	CauseParamOrder    Cause = "parameter-order"
	CauseParamEncoding Cause = "parameter-encoding"

	CauseBodyChanged  Cause = "body-changed"
	CauseBodyNotBound Cause = "body-not-bound"
	CauseFormAsJSON   Cause = "form-signed-as-json"
	CauseJSONAsForm   Cause = "json-signed-as-form"
	CauseContentType  Cause = "content-type"

	CauseToken         Cause = "other-token"
	CauseTokenSpace    Cause = "token-with-white-space"
	CauseTokenQuotes   Cause = "token-with-quotes"
	CauseTokenEncoding Cause = "token-encoding"
	CauseTokenMissing  Cause = "token-missing"
	CauseAPIKey        Cause = "api-key"
	CauseAccountSid    Cause = "account-sid-as-token"

	CauseAlgorithm Cause = "algorithm"
	CauseEncoding  Cause = "signature-encoding"
)

// Explanation says why a request was refused and what to change. It holds no token, no signature, and, unless ShowValues asked for
// them, no value of a parameter; of the request it holds the URL's host and path and the names of parameters, with everything that
// does not print escaped. It is for a developer's eyes, never for the client's.
type Explanation struct {
	// Cause is the one change that would have made the signature match, or the first of the smallest set of changes.
	Cause Cause
	// More are the other changes of the set.
	More []Cause
	// Sentence says it in words.
	Sentence string
	// Fix is what to change: a line of Go for Config where there is one, or an instruction. It may have several lines, and is empty
	// where nothing is to be changed.
	Fix string
	// Signed is the text that was signed, the URL and then a line for each parameter, with the difference to the text that was checked
	// marked as [-checked-]{+signed+}. It is empty where it is not known.
	Signed string
}

// ExplainOptions are what Explain may know beyond the Validator's configuration. The zero value knows nothing more.
type ExplainOptions struct {
	// URLs are full URLs that Twilio may be configured with, as its console shows them.
	URLs []string
	// OtherTokens are secrets that may have signed by mistake, such as another account's or a retired token. They are tried; nothing
	// is accepted for them.
	OtherTokens []Token
	// APIKeys are the same for the secrets of API keys, which never sign webhooks (S7).
	APIKeys []Token
	// ShowValues shows the values of parameters instead of masking them. Secrets stay hidden.
	ShowValues bool
}

// maxExplainWork bounds the work of one explanation: the bytes that are hashed, where each text that is tried counts explainOverhead
// more. It is about a tenth of a second.
const (
	maxExplainWork  = 48 << 20
	explainOverhead = 512
)

// Explain says why a request was refused: it looks for the smallest set of changes, at most three, with which the signature would
// match. refusal is the error that Validate returned; nil finds it out.
//
// It decides nothing: it returns no Webhook, records nothing, and asks neither for HTTP credentials nor the replay store. A token
// source is asked as in Validate. The body is r.Buffered, or what r.Body still has. Explain tries thousands of texts within a fixed
// bound of work, so it belongs in development and in tools, not in front of a service.
func (v *Validator) Explain(r *Request, refusal error, o ExplainOptions) (e Explanation) {
	defer func() {
		if recover() != nil { // V9
			e = Explanation{Cause: CauseUnexplained, Sentence: "the request could not be explained"}
		}
	}()
	reason, detail := v.reasonOf(r, refusal)
	if reason == "" {
		return Explanation{Cause: CauseNone, Sentence: "the signature matches"}
	}
	if unread[reason] {
		return refusedUnread(reason, detail)
	}
	q, problem := v.inquire(r, reason, o)
	switch {
	case problem != "":
		return refusedUnread(reason, problem)
	case len(q.signatures) == 0:
		return Explanation{Cause: CauseUnsigned,
			Sentence: "no X-Twilio-Signature header arrived: the request is not Twilio's, or a proxy removed the header",
			Fix:      "let every proxy pass X-Twilio-Signature on unchanged"}
	}
	q.detail = detail
	return q.answer()
}

// ExplainHTTP is Explain for an [http.Request] whose body was body.
func (v *Validator) ExplainHTTP(r *http.Request, body []byte, refusal error, o ExplainOptions) Explanation {
	var request Request
	_ = v.readHTTP(&request, r) // that something read the body before is in refusal; here it is given
	request.Buffered, request.Body = body, nil
	if body == nil {
		request.Buffered = []byte{}
	}
	return v.Explain(&request, refusal, o)
}

// reasonOf returns the reason and the detail of a refusal, "" where the request is accepted. Without a refusal the request is examined,
// but neither for HTTP credentials nor for a repetition, both of which have state.
func (v *Validator) reasonOf(r *Request, refusal error) (Reason, string) {
	var e *Error
	if errors.As(refusal, &e) {
		return e.Reason, e.Detail
	}
	var reason Reason
	if errors.As(refusal, &reason) {
		return reason, ""
	}
	buffer(r, v.maxBody)
	stateless := *v
	stateless.basic, stateless.digest, stateless.replay = nil, nil, nil
	x := exams.Get().(*exam)
	defer x.release()
	if e := stateless.examine(x, r); e != nil {
		return e.Reason, e.Detail
	}
	return "", ""
}

// buffer reads what is left of a body, up to the limit and one byte more.
func buffer(r *Request, limit int64) {
	if r.Buffered != nil || r.Body == nil {
		return
	}
	body, _ := readAll(r.Body, make([]byte, 0, 512), limit+1, -1)
	r.Buffered, r.Body = body, nil
}

// unread are the reasons for which there is no text whose signature could be compared.
var unread = map[Reason]bool{
	ErrBodyConsumed: true, ErrBodyTooLarge: true, ErrBodyRead: true, ErrTokenSource: true,
}

func refusedUnread(reason Reason, detail string) Explanation {
	sentence := "the request was refused before its signature was compared: " + string(reason)
	if detail != "" {
		sentence += ": " + detail
	}
	return Explanation{Cause: CauseRefused, Sentence: sentence, Fix: remedies[reason]}
}

// answer searches and puts the result into words.
func (q *inquiry) answer() Explanation {
	found, ok := q.find()
	if !ok {
		return q.unexplained()
	}
	e := Explanation{Signed: q.markSigned(found)}
	var clauses, fixes []string
	for _, c := range found.changes {
		e.add(c.cause)
		clauses = append(clauses, c.why)
		if c.fix == "" { // an origin
			c.fix = q.originFix(found.reading.origin)
		}
		if !slices.Contains(fixes, c.fix) {
			fixes = append(fixes, c.fix)
		}
	}
	if rule, ok := q.brokenRule(found); ok {
		e.add(rule.cause)
		clauses = append(clauses, rule.why)
		if rule.fix != "" {
			fixes = append(fixes, rule.fix)
		}
	}
	e.Sentence = q.redact(strings.Join(clauses, "; and "))
	e.Fix = q.redact(strings.Join(fixes, "\n"))
	return e
}

func (e *Explanation) add(cause Cause) {
	switch {
	case e.Cause == "":
		e.Cause = cause
	case e.Cause != cause && !slices.Contains(e.More, cause):
		e.More = append(e.More, cause)
	}
}

func (q *inquiry) unexplained() Explanation {
	sentence := "no simple change explains the signature: it was made with another token or for another request, or it is forged"
	if q.work > maxExplainWork {
		sentence = "no change that was tried explains the signature, and the request is too large to try them all"
	}
	if q.reason != ErrSignature {
		sentence += "; the refusal is: " + string(q.reason)
		if q.detail != "" {
			sentence += ": " + q.detail
		}
	}
	return Explanation{Cause: CauseUnexplained, Sentence: sentence}
}

// String shows the explanation in a few lines.
func (e Explanation) String() string {
	var b strings.Builder
	b.WriteString("cause: " + string(e.Cause))
	for _, more := range e.More {
		b.WriteString(", " + string(more))
	}
	b.WriteString("\n" + e.Sentence + "\n")
	if e.Signed != "" {
		b.WriteString("\nsigned text, [-as checked-]{+as signed+}:\n" + indent(e.Signed))
	}
	if e.Fix != "" {
		b.WriteString("\nfix:\n" + indent(e.Fix))
	}
	return b.String()
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}
