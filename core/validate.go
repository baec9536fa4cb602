package core

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// exam is the working memory of one validation. It is pooled, so that an accepted request costs no allocation; nothing that leaves
// the package may point into it.
type exam struct {
	headers  headers
	target   target
	upgrade  bool
	bodyHash string // the query's bodySHA256

	hasBodyHash bool

	origins       []origin
	derivedOrigin [1]origin

	body       []byte
	readBuffer []byte
	isForm     bool
	form       form
	query      form
	wholeQuery bool // query has all of the query's pairs

	signature [sha256.Size]byte
	key       *SigningKey // that the request names, or nil
	keyToken  [1]Token

	candidates     []Candidate
	candidateSpace [maxCandidates]Candidate
	spellingSpace  [2]Candidate
	plain, escaped []byte
	url, mac       []byte
	params         []byte // the signed text after the URL
	queryParams    []byte // the same for QueryAsParams

	origin     *origin // that matched
	matched    Candidate
	label      string
	accountSid []byte
	repeated   bool
	recordedIn []any  // the identities of the replay guards that know the request
	digestUse  string // the nonce and count of a Digest response

	arena []byte
}

var exams = sync.Pool{New: func() any { return new(exam) }}

// maxKept bounds the working memory that the pool keeps.
const maxKept = 1 << 20

func (x *exam) release() {
	const pairBytes = 28 // and its place in the order
	kept := cap(x.readBuffer) + cap(x.form.text) + cap(x.form.pairs)*pairBytes + cap(x.query.text) + cap(x.query.pairs)*pairBytes +
		cap(x.plain) + cap(x.escaped) + cap(x.url) + cap(x.params) + cap(x.queryParams) + cap(x.arena)
	if kept > maxKept {
		return
	}
	// What stays must not keep the request's memory alive, nor find its way into the next request.
	x.headers = headers{}
	x.target = target{}
	x.upgrade, x.hasBodyHash, x.isForm, x.wholeQuery, x.repeated = false, false, false, false, false
	x.bodyHash, x.label, x.digestUse = "", "", ""
	x.origins, x.derivedOrigin, x.origin = nil, [1]origin{}, nil
	x.body, x.accountSid = nil, nil
	x.key, x.keyToken, x.recordedIn = nil, [1]Token{}, nil
	x.candidates, x.matched = nil, 0
	x.form.reset()
	x.query.reset()
	x.params, x.queryParams = x.params[:0], x.queryParams[:0]
	exams.Put(x)
}

// Validate decides whether a request carries a signature of Twilio's, and hands over the verified webhook. Otherwise the error is
// an [*Error], whose Reason errors.Is compares, and the request must not reach the handler. It never panics on a request, whatever
// the request, and is safe for concurrent use.
//
// The checks run from cheap to dear (V6): method, credentials, presence and shape of the signature, target, origin, content encoding,
// then the body, which is read up to the limit, its strict parse, and at last the MACs.
func (v *Validator) Validate(r *Request) (*Webhook, error) {
	x := exams.Get().(*exam)
	defer x.release()
	refusal := v.examine(x, r)
	if refusal != nil {
		v.observe(x, r, nil, refusal)
		return nil, refusal
	}
	webhook, _ := x.webhook(r, false)
	v.observe(x, r, webhook, nil)
	return webhook, nil
}

// Check is Validate for callers that need the verdict alone. It does not allocate for an accepted request.
func (v *Validator) Check(r *Request) error {
	x := exams.Get().(*exam)
	defer x.release()
	refusal := v.examine(x, r)
	if v.observing() {
		var webhook *Webhook
		if refusal == nil {
			webhook, _ = x.webhook(r, false)
		}
		v.observe(x, r, webhook, refusal)
	}
	if refusal != nil {
		return refusal
	}
	return nil
}

func (r *Request) context() context.Context {
	if r.Context == nil {
		return context.Background()
	}
	return r.Context
}

// refuse makes an Error.
func (v *Validator) refuse(reason Reason, detail string) *Error {
	return &Error{Reason: reason, Detail: detail, twiml: v.twiml}
}

// examine runs the checks in the order of V6. nil means accepted.
func (v *Validator) examine(x *exam, r *Request) *Error {
	if r.Malformed != "" {
		return v.refuse(ErrMalformedRequest, r.Malformed)
	}
	if r.RawHeader != nil || r.Header == nil { // a raw block without a line may be nil
		if err := x.headers.fromRaw(string(r.RawHeader), r.Proto); err != nil {
			return v.refuse(ErrMalformedRequest, err.Error())
		}
	} else {
		x.headers.fromHeader(r, v.looksAt)
	}
	if e := v.checkMethod(r.Method); e != nil {
		return e
	}
	if e := v.checkCredentials(x, r); e != nil {
		return e
	}
	if e := v.readSignature(x); e != nil {
		return e
	}
	if e := v.readTarget(x, r); e != nil {
		return e
	}
	if e := v.findOrigins(x, r); e != nil {
		return e
	}
	if !isIdentity(x.headers.contentEncoding) {
		return v.refuse(ErrContentEncoding, "the body must be sent as it is")
	}
	if x.headers.contentType.lines > 1 {
		return v.refuse(ErrMalformedRequest, "two Content-Type lines")
	}
	if e := v.readBody(x, r); e != nil {
		return e
	}
	if e := v.bindBody(x, r); e != nil {
		return e
	}
	if e := v.verify(x, r); e != nil {
		return e
	}
	if e := v.checkPins(x, r); e != nil {
		return e
	}
	return v.checkReplay(x, r)
}

func (v *Validator) checkMethod(method string) *Error {
	if method == http.MethodGet && v.get || method == http.MethodPost && v.post {
		return nil
	}
	e := v.refuse(ErrMethod, "")
	e.allow = v.allow
	return e
}

// readSignature decodes the header (V4): exactly one line of strict base64 that stands for exactly one MAC. It also picks the signing
// key that the request names (T3).
func (v *Validator) readSignature(x *exam) *Error {
	signature := x.headers.signature
	switch {
	case signature.lines == 0:
		return v.refuse(ErrNoSignature, "")
	case signature.lines > 1:
		return v.refuse(ErrSignatureFormat, "more than one line")
	}
	if e := v.readKeySid(x); e != nil {
		return e
	}
	size := sha1.Size
	if x.key != nil {
		size = x.keyToken[0].key.size()
	}
	if len(signature.value) != base64.StdEncoding.EncodedLen(size) {
		return v.refuse(ErrSignatureFormat, "wrong length")
	}
	var text [44]byte
	copy(text[:], signature.value)
	var decoded [33]byte // DecodedLen counts the padding, too
	n, err := base64.StdEncoding.Strict().Decode(decoded[:], text[:len(signature.value)])
	if err != nil || n != size {
		return v.refuse(ErrSignatureFormat, "not base64")
	}
	copy(x.signature[:], decoded[:size])
	return nil
}

// readKeySid picks the configured key that X-Twilio-Signature-Key-Sid names. With none configured the header means nothing.
func (v *Validator) readKeySid(x *exam) *Error {
	sid := x.headers.keySid
	if len(v.keys) == 0 || sid.lines == 0 {
		return nil
	}
	k, known := v.keys[sid.value]
	if sid.lines > 1 || !known {
		return v.refuse(ErrSigningKey, "")
	}
	x.key = &k.SigningKey
	x.keyToken[0] = k.token
	return nil
}

func (v *Validator) readTarget(x *exam, r *Request) *Error {
	t, problem := parseTarget(r.Target)
	if problem != "" {
		return v.refuse(ErrMalformedRequest, problem)
	}
	x.target = t
	x.upgrade = r.Method == http.MethodGet && x.headers.upgrade && x.headers.connection // V5, S6
	if t.query == "" {
		return nil
	}
	if strings.Count(t.query, "&") >= v.maxParams {
		return v.refuse(ErrTooManyParams, "in the query")
	}
	var err error
	if x.bodyHash, x.hasBodyHash, err = findBodyHash(t.query); err != nil {
		return v.refuse(ErrBodyHash, "the query's bodySHA256 is not exactly one, plainly written")
	}
	// A POST's query matters only where it may name the account.
	if r.Method == http.MethodGet || strings.Contains(t.query, accountSidParam) || strings.IndexByte(t.query, '%') >= 0 {
		x.params = append(x.params[:0], t.query...)
		x.wholeQuery = x.query.parseQuery(x.params)
	}
	return nil
}

// findOrigins puts the origins to try into x.origins (U1) and applies RequireHTTPS (H4).
func (v *Validator) findOrigins(x *exam, r *Request) *Error {
	if v.origins != nil {
		x.origins = v.origins
		if v.requireHTTPS && (!anyHTTPS(v.origins) || v.insecure(r, &x.headers)) {
			return v.refuse(ErrNotHTTPS, "")
		}
		return nil
	}
	o, e := v.derive(r, &x.headers)
	if e != nil {
		return e
	}
	if v.requireHTTPS && o.scheme != "https" {
		return v.refuse(ErrNotHTTPS, "")
	}
	x.derivedOrigin[0] = o
	x.origins = x.derivedOrigin[:]
	return nil
}

func anyHTTPS(origins []origin) bool {
	for i := range origins {
		if origins[i].scheme == "https" {
			return true
		}
	}
	return false
}

// readBody reads the body up to the limit and one byte more (V6), and notices one that somebody read before (V8).
func (v *Validator) readBody(x *exam, r *Request) *Error {
	x.body = r.Buffered
	if r.Buffered == nil && r.Body != nil {
		var err error
		x.readBuffer, err = readAll(r.Body, x.readBuffer[:0], v.maxBody+1, x.headers.contentLength)
		if err != nil {
			var tooLarge *http.MaxBytesError
			switch {
			case errors.As(err, &tooLarge):
				return v.refuse(ErrBodyTooLarge, "an outer limit cut it off")
			case errors.Is(err, http.ErrBodyReadAfterClose):
				return v.refuse(ErrBodyConsumed, "the body is closed: validate before anything that reads it")
			}
			return v.refuse(ErrBodyRead, "")
		}
		x.body = x.readBuffer
	}
	switch {
	case int64(len(x.body)) > v.maxBody:
		return v.refuse(ErrBodyTooLarge, "")
	case int64(len(x.body)) < x.headers.contentLength:
		return v.refuse(ErrBodyConsumed, "fewer bytes than Content-Length says: validate before anything that reads the body")
	}
	return nil
}

// readAll appends at most limit bytes of r to buffer. hint is how many to expect, or negative.
func readAll(r io.Reader, buffer []byte, limit, hint int64) ([]byte, error) {
	const first = 512
	want := min(max(hint, first), limit) + 1 // a byte more, so that the last Read finds io.EOF
	if int64(cap(buffer)) < want && want <= maxKept/2 {
		buffer = make([]byte, 0, want)
	}
	for idle := 0; int64(len(buffer)) < limit; {
		if len(buffer) == cap(buffer) {
			buffer = append(buffer, 0)[:len(buffer)]
		}
		space := buffer[len(buffer):cap(buffer)]
		if rest := limit - int64(len(buffer)); int64(len(space)) > rest {
			space = space[:rest]
		}
		n, err := r.Read(space)
		if n < 0 || n > len(space) {
			return buffer, errors.New("a reader that lies about its length") // V9: it must not make us panic
		}
		buffer = buffer[:len(buffer)+n]
		switch {
		case err == io.EOF:
			return buffer, nil
		case err != nil:
			return buffer, err
		case n > 0:
			idle = 0
		default:
			if idle++; idle == 100 {
				return buffer, io.ErrNoProgress
			}
		}
	}
	return buffer, nil
}

// bindBody makes sure that the signature covers every byte of the body (V1): by bodySHA256, as the parameters of a form, or because
// there is none. It writes the signed parameters.
func (v *Validator) bindBody(x *exam, r *Request) *Error {
	x.params = x.params[:0]
	x.isForm = r.Method == http.MethodPost && isForm(x.headers.contentType.value)
	if x.isForm {
		if reason := x.form.parse(x.body, v.maxParams); reason != "" {
			return v.refuse(reason, "")
		}
		x.form.sort()
	}
	switch {
	case x.hasBodyHash:
		sum := sha256.Sum256(x.body)
		var text [2 * sha256.Size]byte
		hex.Encode(text[:], sum[:])
		if string(text[:]) != x.bodyHash { // neither is secret
			return v.refuse(ErrBodyHash, "want 64 lower-case hex digits, the SHA-256 of the raw body")
		}
	case x.isForm:
		x.params = x.form.appendSigned(x.params)
	}
	if len(x.body) > 0 && len(x.params) == 0 && !x.hasBodyHash {
		return v.refuse(ErrBodyNotBound, "neither the form of a POST nor bound by bodySHA256")
	}
	return nil
}

// verify finds the token and the candidate that the signature was made with.
func (v *Validator) verify(x *exam, r *Request) *Error {
	tokens, failure := v.selectTokens(x, r)
	if failure != nil && failure.Reason != ErrAccount {
		return failure
	}
	x.listCandidates(v.strictURL)
	if x.upgrade {
		x.query.sort()
		x.queryParams = x.query.appendSigned(x.queryParams[:0])
	}
	for i := range x.origins {
		if v.requireHTTPS && x.origins[i].scheme != "https" {
			continue
		}
		for _, c := range x.candidates {
			if label, ok := x.try(&x.origins[i], c, tokens); ok && failure == nil {
				x.origin, x.matched, x.label = &x.origins[i], c, label
				return nil
			}
		}
	}
	if failure != nil {
		return failure
	}
	return v.refuse(ErrSignature, r.Hint)
}

// try reports whether one of the tokens signed candidate c, and its label.
func (x *exam) try(o *origin, c Candidate, tokens []Token) (label string, ok bool) {
	params := x.params
	if c&QueryAsParams != 0 {
		params = x.queryParams
	}
	x.url = x.appendURL(x.url[:0], o, c)
	for i := range tokens {
		x.mac = tokens[i].key.appendMAC(x.mac[:0], x.url, params)
		if hmac.Equal(x.mac, x.signature[:len(x.mac)]) {
			return tokens[i].Label, true
		}
	}
	return "", false
}
