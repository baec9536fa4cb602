package core

import (
	"net/http"
	"strings"
)

// inquiry is the working state of one explanation.
type inquiry struct {
	v       *Validator
	options ExplainOptions
	reason  Reason
	detail  string // of the refusal

	method     string
	peer       Peer
	tls        bool
	lines      http.Header // every header line
	headers    headers
	target     target
	body       []byte
	bodyHash   string // the query's bodySHA256, if hashed says that there is one
	hashed     bool
	isForm     bool
	params     []parameter // of a form, in the order of the wire
	signatures []string    // the lines of X-Twilio-Signature

	bases   []base
	secrets []string // to be redacted, whatever shows them

	exam exam
	mac  []byte
	work int // see maxExplainWork
}

// base is the Validator's reading of the request for one origin, and the changes of it.
type base struct {
	reading reading
	changes []change
}

// inquire reads the request as Validate does, but forgives what Validate refuses. It returns what it cannot forgive.
func (v *Validator) inquire(r *Request, reason Reason, o ExplainOptions) (q *inquiry, problem string) {
	q = &inquiry{v: v, options: o, reason: reason, method: r.Method, peer: r.Peer, tls: r.TLS}
	if problem := q.readHeader(r); problem != "" {
		return nil, problem
	}
	raw := r.Target
	if scheme, rest, absolute := strings.Cut(raw, "://"); absolute && !strings.Contains(scheme, "/") { // as proxies are asked
		_, path, _ := strings.Cut(rest, "/")
		raw = "/" + path
	}
	if q.target, problem = parseTarget(raw); problem != "" {
		return nil, problem
	}
	if len(q.signatures) == 0 {
		return q, ""
	}
	buffer(r, v.maxBody)
	q.body = r.Buffered
	q.readBody()
	q.build(r)
	return q, ""
}

func (q *inquiry) readHeader(r *Request) (problem string) {
	host, lines := r.Host, r.Header
	if r.RawHeader != nil || r.Header == nil {
		var err error
		if lines, err = ParseRawHeader(r.RawHeader); err != nil {
			return err.Error()
		}
		host = lines.Get("Host")
	}
	q.lines = lines
	q.signatures = lines["X-Twilio-Signature"]
	plain := Request{Method: r.Method, Host: host, Header: lines, length: r.length}
	q.headers.fromHeader(&plain, optionalHeaders{keySid: true, authorization: true, forwarded: true})
	return ""
}

// readBody finds out how the body is signed: by its hash, as a form, or not at all.
func (q *inquiry) readBody() {
	q.bodyHash, q.hashed, _ = findBodyHash(q.target.query)
	q.isForm = q.method != http.MethodGet && isForm(q.headers.contentType.value)
	if q.isForm {
		q.params = looseParams(string(q.body))
	}
}

// build lists the origins to begin with and the changes to try.
func (q *inquiry) build(r *Request) {
	first := reading{
		target:  q.target,
		upgrade: q.method == http.MethodGet && q.headers.upgrade && q.headers.connection,
		strict:  q.v.strictURL,
		signers: q.ownSigners(r),
		marks:   q.plainSignature(),
	}
	if q.isForm && !q.hashed {
		first.setParams(q.params)
	}
	var shared []change
	shared = append(shared, q.targetChanges()...)
	shared = append(shared, q.queryChanges()...)
	shared = append(shared, q.paramChanges()...)
	shared = append(shared, q.bodyChanges()...)
	shared = append(shared, q.signerChanges(first.signers)...)
	shared = append(shared, q.signatureChanges()...)
	for _, o := range q.origins(r) {
		first.origin = o
		q.bases = append(q.bases, base{first, append(q.originChanges(o), shared...)})
	}
	q.secrets = append(q.secrets, q.signatures...)
}

// origins are the configured ones, or the one that the request is derived to have, allowed or not.
func (q *inquiry) origins(r *Request) []origin {
	if q.v.origins != nil {
		return q.v.origins
	}
	o, _ := q.v.derive(r, &q.headers)
	if o.host == "" {
		o.host, o.port = looseHost(q.headers.host.value)
	}
	return []origin{o}
}

// looseHost splits host[:port] without a look at either.
func looseHost(hostport string) (host, port string) {
	if colon := strings.LastIndexByte(hostport, ':'); colon > strings.LastIndexByte(hostport, ']') {
		return hostport[:colon], hostport[colon:]
	}
	return hostport, ""
}
