package core

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
)

func (v *Validator) observing() bool { return v.logger != nil || v.observer != nil }

// observe tells the observer and the logger the outcome (R2): no token, no signature, no value of a parameter, and text of the
// request only in quotes.
func (v *Validator) observe(x *exam, r *Request, webhook *Webhook, refusal *Error) {
	if !v.observing() {
		return
	}
	path, _, _ := strings.Cut(r.Target, "?")
	o := Observation{
		Webhook: webhook,
		Err:     refusal,
		Method:  strings.Clone(atMost(maxLogged, r.Method)),
		Path:    strings.Clone(atMost(maxLogged, path)),
		Peer:    r.Peer.String(),
	}
	if v.logger != nil {
		contain(func() { o.log(r.context(), v.logger, v.explainRefusal(x, r, refusal)...) })
	}
	if v.observer != nil {
		contain(func() { v.observer(r.context(), o) })
	}
}

// maxLogged bounds what a client can make a log line long with.
const maxLogged = 256

func atMost(n int, s string) string { return s[:min(n, len(s))] }

// contain calls code of the user's whose panic must not end the process (V9).
func contain(call func()) {
	defer func() { _ = recover() }()
	call()
}

func (o *Observation) log(ctx context.Context, logger *slog.Logger, explanation ...slog.Attr) {
	request := []slog.Attr{
		slog.String("method", strconv.Quote(o.Method)), slog.String("path", strconv.Quote(o.Path)), slog.String("peer", o.Peer),
	}
	if o.Err == nil {
		logger.LogAttrs(ctx, slog.LevelDebug, "twilio webhook accepted", append(request, slog.Any("webhook", o.Webhook))...)
		return
	}
	request = append(request, slog.Int("status", o.Err.Status()), slog.String("reason", o.Err.Error()))
	logger.LogAttrs(ctx, slog.LevelWarn, "twilio webhook refused", append(request, explanation...)...)
}
