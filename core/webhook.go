package core

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
)

// Webhook is a request that was verified. It is an owned copy: it may be kept after the request, and nothing that it returns
// changes it. Printed or logged it shows the account, the token's label and the candidate, never the parameters.
type Webhook struct {
	// AccountSid is the signed AccountSid, or, where the signed text has none (JSON, WebSocket), the account that Config.AccountSid
	// pins. It is "" where neither is, or where several are signed.
	AccountSid string
	// TokenLabel is the label of the token, or the SID of the signing key, that verified (T1, T3).
	TokenLabel string
	// Candidate says how the URL that matched differs from the URL as received (U4).
	Candidate Candidate
	// Repeated says that the replay guard saw the webhook before (P).
	Repeated bool

	wire **wire // package fmt follows one pointer of a value that it may not ask, but not two
}

// wire is what was verified.
type wire struct {
	origin origin
	target target
	body   string
	mac    string // the decoded signature
	form   bool   // the body is a form
	get    bool   // the method is GET

	recordedIn []any  // the identities of the replay guards that know the request
	digestUse  string // the nonce and count of the request's Digest response
}

// ownedWebhook is the memory of a Webhook, in one piece.
type ownedWebhook struct {
	Webhook
	facts   wire
	toFacts *wire
}

// facts returns what was verified: nothing, for a Webhook that no Validator made.
func (w *Webhook) facts() *wire {
	if w.wire == nil {
		return new(wire)
	}
	return *w.wire
}

// Body returns a copy of the raw body, byte for byte as it was received.
func (w *Webhook) Body() []byte { return []byte(w.facts().body) }

// Params returns the decoded parameters: those of a POST's form, or of a GET's query. The map is the caller's.
func (w *Webhook) Params() url.Values {
	f := w.parse()
	f.sort()
	return f.values(string(f.text))
}

// Param returns the first value of a parameter, or "" where there is none. It decodes anew on each call; to read many, take Params.
func (w *Webhook) Param(name string) string {
	f := w.parse()
	for _, p := range f.pairs {
		if string(f.bytes(p.name)) == name {
			return string(f.bytes(p.value))
		}
	}
	return ""
}

func (w *Webhook) parse() form {
	facts, f := w.facts(), form{}
	switch {
	case facts.form:
		f.parse([]byte(facts.body), len(facts.body)+1) // it was parsed before, so it is well-formed and within the limit
	case facts.get:
		f.parseQuery([]byte(facts.target.query))
	}
	return f
}

// URL returns the URL that was signed: the origin and the target as received, in the form that Candidate names.
func (w *Webhook) URL() string {
	facts := w.facts()
	x := exam{target: facts.target}
	x.spell(false)
	return string(x.appendURL(nil, &facts.origin, w.Candidate))
}

// String shows the account, the token's label and the candidate.
func (w Webhook) String() string {
	return fmt.Sprintf("Webhook(account %q, token %q, URL %s)", w.AccountSid, w.TokenLabel, w.Candidate)
}

// GoString shows what String shows.
func (w Webhook) GoString() string { return w.String() }

// Format shows what String shows, whatever the verb.
func (w Webhook) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, w.String()) }

// LogValue shows what String shows.
func (w Webhook) LogValue() slog.Value {
	return slog.GroupValue(slog.String("account", w.AccountSid), slog.String("token", w.TokenLabel),
		slog.String("url", w.Candidate.String()), slog.Bool("repeated", w.Repeated))
}

// MarshalJSON shows what String shows.
func (w Webhook) MarshalJSON() ([]byte, error) { return json.Marshal(w.String()) }

// webhook copies what an accepted exam points into to memory of its own: one block of text and the Webhook. Where withForm says so,
// the text of the parsed form is in the block as well and comes back beside the Webhook.
func (x *exam) webhook(r *Request, withForm bool) (w *Webhook, formText string) {
	x.arena = append(x.arena[:0], x.target.path...)
	x.arena = append(x.arena, x.target.query...)
	x.arena = append(x.arena, x.origin.host...)
	x.arena = append(x.arena, x.origin.port...)
	x.arena = append(x.arena, x.accountSid...)
	x.arena = append(x.arena, x.mac...)
	x.arena = append(x.arena, x.body...)
	if withForm {
		x.arena = append(x.arena, x.form.text...)
	}
	text := string(x.arena)
	cut := func(length int) string {
		piece := text[:length]
		text = text[length:]
		return piece
	}
	o := &ownedWebhook{facts: wire{
		origin: *x.origin, form: x.isForm, get: r.Method == http.MethodGet, recordedIn: x.recordedIn, digestUse: x.digestUse,
	}}
	o.facts.target = target{path: cut(len(x.target.path)), query: cut(len(x.target.query)), hasQuery: x.target.hasQuery}
	o.facts.origin.host, o.facts.origin.port = cut(len(x.origin.host)), cut(len(x.origin.port))
	o.toFacts = &o.facts
	o.Webhook = Webhook{TokenLabel: x.label, Candidate: x.matched, Repeated: x.repeated, wire: &o.toFacts}
	o.AccountSid = cut(len(x.accountSid))
	o.facts.mac = cut(len(x.mac))
	o.facts.body = cut(len(x.body))
	return &o.Webhook, text
}

// reader returns a reader of the body that starts at its beginning.
func (w *Webhook) reader() *strings.Reader { return strings.NewReader(w.facts().body) }
