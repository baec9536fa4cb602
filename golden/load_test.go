package golden

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestLoadReportsFaultyServers(t *testing.T) {
	mix, err := loadMix()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		serve Serve
		want  string
	}{
		{"accepts everything", func(ln net.Listener, _ *core.Validator, h *Handler) error { return http.Serve(ln, h) },
			"status 200 for an invalid request"},
		{"refuses everything", faulty(func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder, _ *Handler) {
			core.AnswerTo(core.ErrSignature).Write(w)
		}), "status 403 for a valid request"},
		{"calls the handler twice", faulty(func(w http.ResponseWriter, _ *http.Request, right *httptest.ResponseRecorder, h *Handler) {
			h.Answer(nil, func(_, _ string) {})
			copyAnswer(w, right)
		}), "the handler was called"},
		{"alters the body", faulty(func(w http.ResponseWriter, _ *http.Request, right *httptest.ResponseRecorder, _ *Handler) {
			right.Header().Set(BodyHashHeader, hashOf([]byte("other")))
			copyAnswer(w, right)
		}), "the handler read another body"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := bombard(tt.serve, mix, captureLogs(t)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("reported %.200v, want %q", err, tt.want)
			}
		})
	}
}

func TestInventoryNoticesWhatIsLeftBehind(t *testing.T) {
	settled := inventory{goroutines: 1 << 20, heap: 1 << 40}
	if err := settled.compare(); err != nil {
		t.Error(err)
	}
	impossible := inventory{goroutines: -spareGoroutines, heap: 1 << 40}
	if err := impossible.compareWithin(0); err == nil {
		t.Error("goroutines went unnoticed")
	}
}

func TestResourcesReportsFaultyServers(t *testing.T) {
	readsAll := func(ln net.Listener, _ *core.Validator, _ *Handler) error {
		return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}))
	}
	if err := checkStream(NetHTTP, readsAll, captureLogs(t)); err == nil || !strings.Contains(err.Error(), "the server read 10") {
		t.Errorf("a stream read to its end: %v", err)
	}
	truncates := func(ln net.Listener, _ *core.Validator, h *Handler) error {
		return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = io.NopCloser(io.LimitReader(r.Body, bodyLimit))
			h.ServeHTTP(w, r)
		}))
	}
	if err := checkStream(NetHTTP, truncates, captureLogs(t)); err == nil || !strings.Contains(err.Error(), "status 200, want 413") {
		t.Errorf("a truncated stream: %v", err)
	}
	answersAnyway := func(ln net.Listener, _ *core.Validator, _ *Handler) error {
		return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	}
	if err := checkUnsigned(NetHTTP, answersAnyway, captureLogs(t)); err == nil || !strings.Contains(err.Error(), "status 200, want 403") {
		t.Errorf("an unsigned request that passes: %v", err)
	}
}
