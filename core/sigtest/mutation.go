package sigtest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ringfence-go/ringfence/core"
)

// Mutation is one way of making a request of this package invalid. Its text names the request that comes out, for t.Run.
type Mutation string

// The mutations of any request.
const (
	NoSignature        Mutation = "without signature"
	EmptySignature     Mutation = "with an empty signature"
	ShortSignature     Mutation = "with a signature cut short"
	RepeatedSignature  Mutation = "with two signatures, the right one first"
	OtherToken         Mutation = "signed with another token"
	OtherURL           Mutation = "signed for another path"
	QueryAdded         Mutation = "with a query that was not signed"
	QueryNotSigned     Mutation = "with a query that was left out of the signature" // where there is a query
	ParameterChanged   Mutation = "with another value of a parameter"               // of a form
	ParameterAdded     Mutation = "with one parameter more"                         // of a form
	ParameterRemoved   Mutation = "with one parameter less"                         // of a form
	ParameterRepeated  Mutation = "with a second value of a parameter"              // of a form
	ParameterMoved     Mutation = "with a parameter moved to the query"             // of a form
	ParametersUnsigned Mutation = "with parameters that were not signed"            // of a form
	BodyChanged        Mutation = "with another body than bodySHA256 says"          // of a JSON body
	BodyUnbound        Mutation = "without bodySHA256, signed over the URL alone"   // of a JSON body
)

// mutations lists every Mutation in the order above.
var mutations = []struct {
	name    Mutation
	reason  core.Reason
	applies func(webhook) bool
	apply   func(webhook) *http.Request
}{
	{NoSignature, core.ErrNoSignature, always, func(w webhook) *http.Request { return w.requestWith() }},
	{EmptySignature, core.ErrSignatureFormat, always, func(w webhook) *http.Request { return w.requestWith("") }},
	{ShortSignature, core.ErrSignatureFormat, always, func(w webhook) *http.Request { return w.requestWith(w.sign()[:27]) }},
	{RepeatedSignature, core.ErrSignatureFormat, always, func(w webhook) *http.Request { return w.requestWith(w.sign(), w.other().sign()) }},
	{OtherToken, core.ErrSignature, always, func(w webhook) *http.Request { return w.requestWith(w.other().sign()) }},
	{OtherURL, core.ErrSignature, always, otherURL},
	{QueryAdded, core.ErrSignature, always, queryAdded},
	{QueryNotSigned, core.ErrSignature, hasQuery, queryNotSigned},
	{ParameterChanged, core.ErrSignature, hasParams, withParams(changeParam)},
	{ParameterAdded, core.ErrSignature, isForm, withParams(addParam)},
	{ParameterRemoved, core.ErrSignature, hasParams, withParams(removeParam)},
	{ParameterRepeated, core.ErrSignature, hasParams, withParams(repeatParam)},
	{ParameterMoved, core.ErrSignature, hasParams, moveParam},
	{ParametersUnsigned, core.ErrSignature, hasParams, paramsUnsigned},
	{BodyChanged, core.ErrBodyHash, isJSON, bodyChanged},
	{BodyUnbound, core.ErrBodyNotBound, hasJSON, bodyUnbound},
}

// Mutations returns the mutations that apply to r, a request of this package.
func Mutations(r *http.Request) []Mutation {
	w := webhookOf(r)
	var names []Mutation
	for _, m := range mutations {
		if m.applies(w) {
			names = append(names, m.name)
		}
	}
	return names
}

// Apply returns an invalid copy of r, a request of this package; r stays as it is. It panics if the mutation does not apply to r, see
// [Mutations].
func (m Mutation) Apply(r *http.Request) *http.Request {
	w := webhookOf(r)
	for _, known := range mutations {
		if known.name == m && known.applies(w) {
			return known.apply(w.clone())
		}
	}
	panic(fmt.Sprintf("sigtest: no request %q can be made of this one", string(m)))
}

// Reason returns the reason of the refusal, for errors.Is; core.AnswerTo has the status for it. It is that of a validator without
// further demands, such as HTTP credentials.
func (m Mutation) Reason() core.Reason {
	for _, known := range mutations {
		if known.name == m {
			return known.reason
		}
	}
	panic(fmt.Sprintf("sigtest: no mutation %q", string(m)))
}

func webhookOf(r *http.Request) webhook {
	w, ok := r.Context().Value(webhookKey{}).(webhook)
	if !ok {
		panic("sigtest: not a request of this package, or one whose context was replaced")
	}
	return w
}

func always(webhook) bool      { return true }
func hasQuery(w webhook) bool  { return strings.Contains(w.url, "?") }
func isForm(w webhook) bool    { return w.contentType == formType }
func hasParams(w webhook) bool { return isForm(w) && len(w.params) > 0 }
func isJSON(w webhook) bool    { return w.contentType == jsonType }
func hasJSON(w webhook) bool   { return isJSON(w) && len(w.body) > 0 }

// other returns the webhook with a token that is nobody's.
func (w webhook) other() webhook {
	w.token = core.AuthToken("another", "ffffffffffffffffffffffffffffffff")
	return w
}

func otherURL(w webhook) *http.Request {
	other := w
	path, query, hasQuery := strings.Cut(w.url, "?")
	other.url = strings.TrimSuffix(path, "/") + "/another"
	if hasQuery {
		other.url += "?" + query
	}
	return w.requestWith(other.sign())
}

func queryAdded(w webhook) *http.Request {
	signature := w.sign()
	w.url = withQuery(w.url, "added=1")
	return w.requestWith(signature)
}

func queryNotSigned(w webhook) *http.Request {
	signed := w
	signed.url, _, _ = strings.Cut(w.url, "?")
	return w.requestWith(signed.sign())
}

// withParams changes the parameters of the body, and signs those before the change.
func withParams(change func(params url.Values, name string)) func(webhook) *http.Request {
	return func(w webhook) *http.Request {
		signature := w.sign()
		change(w.params, lastName(w.params))
		w.body = []byte(w.params.Encode())
		return w.requestWith(signature)
	}
}

func changeParam(params url.Values, name string) { params.Set(name, params.Get(name)+"0") }
func addParam(params url.Values, _ string)       { params.Set("Added", "1") }
func removeParam(params url.Values, name string) { params.Del(name) }
func repeatParam(params url.Values, name string) {
	params[name] = append(slices.Clone(params[name]), params.Get(name)+"0")
}

func moveParam(w webhook) *http.Request {
	signature, name := w.sign(), lastName(w.params)
	w.url = withQuery(w.url, url.Values{name: w.params[name]}.Encode())
	w.params.Del(name)
	w.body = []byte(w.params.Encode())
	return w.requestWith(signature)
}

func paramsUnsigned(w webhook) *http.Request {
	signed := w
	signed.params = nil
	return w.requestWith(signed.sign())
}

func bodyChanged(w webhook) *http.Request {
	signature := w.sign()
	w.body = append(bytes.TrimRight(w.body, "\n"), ' ')
	return w.requestWith(signature)
}

func bodyUnbound(w webhook) *http.Request {
	at := strings.LastIndex(w.url, "bodySHA256=")
	w.url = strings.TrimRight(w.url[:at], "?&")
	return w.requestWith(w.sign())
}

// lastName returns the last parameter's name in signing order, or "" where there is none.
func lastName(params url.Values) string {
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Max(names)
}
