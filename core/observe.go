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
func (v *Validator) observe(r *Request, webhook *Webhook, refusal *Error) {
	if !v.observing() {
		return
	}
	path, _, _ := strings.Cut(r.Target, "?")
	o := Observation{Webhook: webhook, Err: refusal, Method: strings.Clone(r.Method), Path: strings.Clone(path), Peer: r.Peer.String()}
	if v.logger != nil {
		o.log(r.context(), v.logger)
	}
	if v.observer != nil {
		v.callObserver(r.context(), o)
	}
}

// callObserver calls the user's observer; a panic in it must not end the process (V9).
func (v *Validator) callObserver(ctx context.Context, o Observation) {
	defer func() {
		if recover() != nil && v.logger != nil {
			v.logger.LogAttrs(ctx, slog.LevelError, "the observer of twilio webhooks panicked")
		}
	}()
	v.observer(ctx, o)
}

func (o *Observation) log(ctx context.Context, logger *slog.Logger) {
	request := []slog.Attr{
		slog.String("method", strconv.Quote(o.Method)), slog.String("path", strconv.Quote(o.Path)), slog.String("peer", o.Peer),
	}
	if o.Err == nil {
		logger.LogAttrs(ctx, slog.LevelDebug, "twilio webhook accepted", append(request, slog.Any("webhook", o.Webhook))...)
		return
	}
	logger.LogAttrs(ctx, slog.LevelWarn, "twilio webhook refused",
		append(request, slog.Int("status", o.Err.Status), slog.String("reason", o.Err.Error()))...)
}
