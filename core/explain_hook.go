package core

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// explainHook is what Config.Explain switches on.
type explainHook struct {
	now  func() time.Time
	last atomic.Int64 // when the last refusal was explained, in nanoseconds
}

// explainInterval is the least time between two explanations, so that a flood of forgeries does not buy a flood of work.
const explainInterval = time.Second

func (v *Validator) setExplain(cfg *Config) error {
	switch {
	case !cfg.Explain:
		return nil
	case cfg.Logger == nil:
		return configError("Explain without Logger: nobody would read the explanations")
	}
	v.explain = &explainHook{now: time.Now}
	return nil
}

// due reports whether a refusal may be explained now, and takes its turn.
func (h *explainHook) due() bool {
	now, last := h.now().UnixNano(), h.last.Load()
	return now-last >= int64(explainInterval) && h.last.CompareAndSwap(last, now)
}

// explainRefusal returns what the log says beside a refusal: nothing, or the explanation's sentence and fix. A body that was not read,
// because a cheaper check refused the request, stays so (V6): then there is nothing to compare a signature with.
func (v *Validator) explainRefusal(x *exam, r *Request, refusal *Error) []slog.Attr {
	if v.explain == nil || refusal == nil {
		return nil
	}
	request := *r
	request.Body = nil
	if x.body != nil {
		request.Buffered = x.body
	}
	isUnread := request.Buffered == nil && r.Body != nil && r.Body != http.NoBody
	needsBody := refusal.Reason != ErrNoSignature && !unread[refusal.Reason]
	if isUnread && needsBody || !v.explain.due() {
		return nil
	}
	e := v.Explain(&request, refusal, ExplainOptions{})
	return []slog.Attr{slog.String("cause", string(e.Cause)), slog.String("explanation", e.Sentence), slog.String("fix", e.Fix)}
}
