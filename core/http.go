package core

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ValidateHTTP is Validate for an [http.Request], with all that an adapter of the net/http family needs. verified is a shallow copy
// of r for the next handler: its body reads as if nothing had happened, its PostForm is preset with the parameters of a form, so that
// ParseForm need not parse them again, and its context carries the webhook for [FromContext] (V7). r is not changed, but its body is
// read.
//
// A body that something read before, or a form that something parsed before, is refused with ErrBodyConsumed. A request that carries
// a verified webhook already, because a group and a route both validate, is validated again from that webhook's raw body (V8).
func (v *Validator) ValidateHTTP(r *http.Request) (verified *http.Request, webhook *Webhook, err error) {
	x := exams.Get().(*exam)
	defer x.release()
	var request Request
	refusal := v.readHTTP(&request, r)
	if refusal == nil {
		refusal = v.examine(x, &request)
	}
	if refusal != nil {
		v.observe(x, &request, nil, refusal)
		return nil, nil, refusal
	}
	webhook, formText := x.webhook(&request, x.isForm)
	v.observe(x, &request, webhook, nil)

	verified = r.WithContext(context.WithValue(r.Context(), webhookKey{}, webhook))
	verified.Form, verified.PostForm, verified.MultipartForm = nil, nil, nil
	if x.isForm {
		verified.PostForm = x.form.values(formText)
	}
	verified.Body = http.NoBody
	if len(x.body) > 0 {
		verified.Body = replayedBody{webhook.reader()}
	}
	return verified, webhook, nil
}

type webhookKey struct{}

// FromContext returns the verified webhook that ValidateHTTP put into a request's context.
func FromContext(ctx context.Context) (*Webhook, bool) {
	webhook, ok := ctx.Value(webhookKey{}).(*Webhook)
	return webhook, ok
}

// replayedBody gives the verified body back.
type replayedBody struct{ *strings.Reader }

func (replayedBody) Close() error { return nil }

// readHTTP reads the facts off an http.Request.
func (v *Validator) readHTTP(request *Request, r *http.Request) *Error {
	*request = Request{
		Context: r.Context(),
		Method:  r.Method,
		Target:  r.RequestURI,
		Host:    r.Host,
		Header:  r.Header,
		Peer:    peerOf(r),
		TLS:     r.TLS != nil,
		Body:    r.Body,
		length:  r.ContentLength,
	}
	if r.Context().Value(http.ServerContextKey) == nil {
		request.Target = v.targetOfHandmade(r)
	}
	if earlier, ok := FromContext(r.Context()); ok {
		request.Verified, request.Body = earlier, earlier.reader()
		return nil
	}
	if len(r.PostForm) > 0 || r.MultipartForm != nil && len(r.MultipartForm.Value)+len(r.MultipartForm.File) > 0 {
		return v.refuse(ErrBodyConsumed, "the form was parsed before: validate before anything that reads the body")
	}
	return nil
}

// peerOf returns the socket's other end. A careless middleware before us may have written RemoteAddr out of a header: so a Unix socket
// is known by the listener's address, and an address without a port, which no socket has, is nobody's.
func peerOf(r *http.Request) Peer {
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && local.Network() == "unix" {
		return Peer{unix: true}
	}
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return Peer{}
	}
	return Peer{addr: addr.Addr().Unmap()}
}

// targetOfHandmade returns the target of a request that no server received, but a test helper or an event bridge built: RequestURI
// may be empty, or absolute with the configured authority (U2).
func (v *Validator) targetOfHandmade(r *http.Request) string {
	target := r.RequestURI
	if target == "" && r.URL != nil {
		return r.URL.RequestURI()
	}
	_, rest, absolute := strings.Cut(target, "://")
	if !absolute || target[0] == '/' {
		return target
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		rest, end = rest+"/", len(rest)
	}
	if !v.isConfigured(rest[:end]) {
		return target
	}
	if rest[end] == '?' {
		return "/" + rest[end:]
	}
	return rest[end:]
}

// isConfigured reports whether host[:port] is that of an origin, as typed.
func (v *Validator) isConfigured(authority string) bool {
	for _, list := range [][]origin{v.origins, v.allowed} {
		for i := range list {
			if list[i].host+list[i].port == authority {
				return true
			}
		}
	}
	return false
}
