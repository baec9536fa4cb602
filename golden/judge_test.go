package golden

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringfence-go/ringfence/core"
)

// faulty is a reference server with a fault: wrap sees the answer that the reference server would give.
func faulty(fault func(w http.ResponseWriter, r *http.Request, right *httptest.ResponseRecorder, h *Handler)) Serve {
	return func(ln net.Listener, v *core.Validator, h *Handler) error {
		return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			right := httptest.NewRecorder()
			verified, _, err := v.ValidateHTTP(r)
			if err != nil {
				core.AnswerTo(err).Write(right)
			} else {
				h.ServeHTTP(right, verified)
			}
			fault(w, r, right, h)
		}))
	}
}

func copyAnswer(w http.ResponseWriter, right *httptest.ResponseRecorder) {
	for name, values := range right.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(right.Code)
	_, _ = w.Write(right.Body.Bytes())
}

// A judge that cannot fail is a defect: each fault must be reported, and named.
func TestJudgeReportsFaultyServers(t *testing.T) {
	accepted, refused := caseByID(t, "ctl-post-sms"), caseByID(t, "sig-bitflip-last")
	challenged, flow := caseByID(t, "basic-missing"), caseByID(t, "digest-flow-valid")
	repeated := caseByID(t, "ctl-repeat")
	type answer = httptest.ResponseRecorder
	tests := []struct {
		name  string
		c     Case
		serve Serve
		want  string
	}{
		{"accepts everything", refused, func(ln net.Listener, _ *core.Validator, h *Handler) error { return http.Serve(ln, h) },
			"must not reach the handler: it was called 1 times"},
		{"refuses everything", accepted, faulty(func(w http.ResponseWriter, _ *http.Request, _ *answer, _ *Handler) {
			core.AnswerTo(core.ErrSignature).Write(w)
		}), "status 403, want one of [200]"},
		{"answers without the handler", accepted, func(ln net.Listener, _ *core.Validator, _ *Handler) error {
			return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
		}, "must reach the handler exactly once: it was called 0 times"},
		{"calls the handler twice", accepted, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, h *Handler) {
			h.Answer(nil, func(_, _ string) {})
			copyAnswer(w, right)
		}), "exactly once: it was called 2 times"},
		{"calls the handler behind a refusal", refused, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, h *Handler) {
			h.Answer(nil, func(_, _ string) {})
			copyAnswer(w, right)
		}), "must not reach the handler"},
		{"calls the handler after the response", refused, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, h *Handler) {
			copyAnswer(w, right)
			w.(http.Flusher).Flush()
			h.Answer(nil, func(_, _ string) {})
		}), "must not reach the handler"},
		{"alters the body", accepted, func(ln net.Listener, _ *core.Validator, h *Handler) error {
			return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Body = io.NopCloser(io.MultiReader(r.Body, strings.NewReader("&Admin=1")))
				h.ServeHTTP(w, r)
			}))
		}, "the handler read another body"},
		{"refuses with another status", refused, faulty(func(w http.ResponseWriter, _ *http.Request, _ *answer, _ *Handler) {
			http.Error(w, "Unprocessable", http.StatusUnprocessableEntity)
		}), "status 422, want one of [403]"},
		{"leaks a secret in a body", refused, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, _ *Handler) {
			right.Body.WriteString(refused.Secrets[0])
			copyAnswer(w, right)
		}), "R2: secret 0 is in the response"},
		{"leaks a secret in a header", refused, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, _ *Handler) {
			w.Header().Set("X-Debug", "expected "+refused.Secrets[1])
			copyAnswer(w, right)
		}), "R2: secret 1 is in the response"},
		{"logs a secret", refused, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, _ *Handler) {
			log.Printf("expected %s", refused.Secrets[1])
			copyAnswer(w, right)
		}), "R2: secret 1 is in the logs"},
		{"logs a secret through slog", refused, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, _ *Handler) {
			slog.Warn("refused", "token", refused.Secrets[0])
			copyAnswer(w, right)
		}), "R2: secret 0 is in the logs"},
		{"panics", refused, faulty(func(http.ResponseWriter, *http.Request, *answer, *Handler) {
			panic("on purpose")
		}), `V9: "panic" in the logs`},
		{"shows a stack", refused, faulty(func(w http.ResponseWriter, _ *http.Request, _ *answer, _ *Handler) {
			http.Error(w, "main.serve\n\t/src/main.go:12", http.StatusForbidden)
		}), "V9: a stack trace in the response"},
		{"reflects the request", refused, faulty(func(w http.ResponseWriter, r *http.Request, right *answer, _ *Handler) {
			right.Body = bytes.NewBufferString("Forbidden: " + r.URL.Path)
			copyAnswer(w, right)
		}), "R1: body"},
		{"answers in another type", refused, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, _ *Handler) {
			right.Header().Set("Content-Type", "application/json")
			copyAnswer(w, right)
		}), "R1: Content-Type"},
		{"leaves the type to be guessed", refused, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, _ *Handler) {
			right.Header().Del("X-Content-Type-Options")
			copyAnswer(w, right)
		}), "R1: X-Content-Type-Options"},
		{"does not challenge", challenged, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, _ *Handler) {
			right.Header().Del("WWW-Authenticate")
			copyAnswer(w, right)
		}), "no header line WWW-Authenticate: Basic realm="},
		{"challenges with another realm", challenged, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, _ *Handler) {
			right.Header().Set("WWW-Authenticate", `Basic realm="Other"`)
			copyAnswer(w, right)
		}), "no header line WWW-Authenticate: Basic realm="},
		{"offers no MD5", flow, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, _ *Handler) {
			lines := right.Header().Values("WWW-Authenticate")
			for i, line := range lines {
				lines[i] = strings.Replace(line, "MD5", "SHA-512", 1)
			}
			copyAnswer(w, right)
		}), "digest flow with MD5: no Digest challenge"},
		{"never accepts a digest", flow, faulty(func(w http.ResponseWriter, _ *http.Request, right *answer, _ *Handler) {
			if right.Code == http.StatusOK {
				w.Header().Set("WWW-Authenticate", `Digest nonce="n"`)
				http.Error(w, "no", http.StatusUnauthorized)
				return
			}
			copyAnswer(w, right)
		}), "status 401, want one of [200]"},
		{"answers the first of two alone", repeated, secondRefused(), "send 2 of 2: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := replayOne(t, tt.c, tt.serve)
			if got.Err == nil || !strings.Contains(got.Err.Error(), tt.want) {
				t.Errorf("reported %v, want %q", got.Err, tt.want)
			}
			if text := fmt.Sprint(got); !strings.Contains(text, tt.c.ID) || !strings.Contains(text, "POST /voice") {
				t.Errorf("a report without the case and its request: %s", text)
			}
		})
	}
}

func TestConformanceReportsASwallowedPanic(t *testing.T) {
	swallows := func(status int) Serve {
		return func(ln net.Listener, v *core.Validator, h *Handler) error {
			return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() {
					if recover() != nil {
						w.WriteHeader(status)
					}
				}()
				h.ServeHTTP(w, r)
			}))
		}
	}
	for name, serve := range map[string]Serve{"with an answer": swallows(500), "silently": swallows(200)} {
		if err := checkPanic(serve, captureLogs(t)); err == nil || !strings.Contains(err.Error(), "V9: the handler's panic does not reach the server") {
			t.Errorf("%s: reported %v", name, err)
		}
	}
	never := func(ln net.Listener, _ *core.Validator, _ *Handler) error {
		return http.Serve(ln, http.NotFoundHandler())
	}
	if err := checkPanic(never, captureLogs(t)); err == nil || !strings.Contains(err.Error(), "was called 0 times") {
		t.Errorf("a handler that is not called: %v", err)
	}
}

// A status that parsers answer with, too, is no excuse: only what data/verdicts.json names may be refused in another form than R1's.
func TestJudgeReportsRefusalsInAParsersForm(t *testing.T) {
	bare := faulty(func(w http.ResponseWriter, _ *http.Request, right *httptest.ResponseRecorder, _ *Handler) {
		switch right.Code {
		case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge:
			w.WriteHeader(right.Code)
		default:
			copyAnswer(w, right)
		}
	})
	for _, id := range []string{"param-badpct-dropped", "meth-put-unsigned-body", "param-one-over"} {
		c := caseByID(t, id)
		if got := replayOne(t, c, bare); got.Err == nil || !strings.Contains(got.Err.Error(), "R1: ") {
			t.Errorf("%s: reported %v", id, got.Err)
		}
		for _, family := range families {
			if isListed(verdicts().ByParser, id, family) {
				t.Errorf("%s is left to the parser of %s", id, family)
			}
		}
	}
	if got := replayOne(t, verdicts().mark(caseByID(t, "frame-two-cl"), NetHTTP), bare); got.Err != nil {
		t.Errorf("what net/http refuses by itself: %v", got.Err)
	}
}

// secondRefused refuses the second request, whatever it is.
func secondRefused() Serve {
	var n int
	return faulty(func(w http.ResponseWriter, _ *http.Request, right *httptest.ResponseRecorder, _ *Handler) {
		if n++; n == 2 {
			core.AnswerTo(core.ErrSignature).Write(w)
			return
		}
		copyAnswer(w, right)
	})
}

func TestJudgeReportsAcceptedReplays(t *testing.T) {
	flow := caseByID(t, "digest-flow-valid")
	flow.DigestFlow = &DigestFlow{Replay: true}
	if got := replayOne(t, flow, reference); got.Err != nil {
		t.Errorf("H3: %v", got.Err)
	}
	remembered := caseByID(t, "replay-first")
	remembered.Repeat, remembered.RepeatExpect = 2, []Verdict{Accept, Refuse}
	if got := replayOne(t, remembered, reference); got.Err != nil || got.Response.Status != 200 {
		t.Errorf("P: %v", got.Err)
	}
	forgotten := caseByID(t, "ctl-repeat")
	forgotten.RepeatExpect = []Verdict{Accept, Refuse}
	forgotten.RepeatHeaderChange = &HeaderLine{"I-Twilio-Idempotency-Token", "2"}
	if got := replayOne(t, forgotten, reference); got.Err == nil || !strings.Contains(got.Err.Error(), "send 2 of 2") {
		t.Errorf("an accepted repeat: %v", got.Err)
	}
	if got := replayOne(t, forgotten, reference); !strings.Contains(string(got.Request), "I-Twilio-Idempotency-Token: 2") {
		t.Errorf("the header was not changed: %s", got.Request)
	}
}

func TestJudgeReportsStatusesWithoutAList(t *testing.T) {
	request := []byte(bareGet)
	refusal := Outcome{Response: Response{Status: 404}}
	if err := Judge(request, Expectation{Verdict: Refuse}, refusal); err != nil {
		t.Error(err)
	}
	refusal.Response.Status = 400
	if err := Judge(request, Expectation{Verdict: Refuse, ByParser: true}, refusal); err != nil {
		t.Error(err)
	}
	if err := Judge(request, Expectation{Verdict: Refuse}, refusal); err == nil || !strings.Contains(err.Error(), "R1: Content-Type") {
		t.Errorf("a refusal that is not in the form of R1: %v", err)
	}
	success := Outcome{Response: Response{Status: 204}}
	if err := Judge(request, Expectation{Verdict: Refuse}, success); err == nil {
		t.Error("204 passes for a refusal")
	}
	accepted := Outcome{Response: Response{Status: 201, Header: http.Header{BodyHashHeader: {hashOf(nil)}}}, Calls: 1}
	if err := Judge(request, Expectation{Verdict: Accept}, accepted); err == nil {
		t.Error("201 passes for the handler's answer")
	}
}

func TestServerThatGivesUpIsReported(t *testing.T) {
	gone := func(ln net.Listener, _ *core.Validator, _ *Handler) error { return ln.Close() }
	s, err := start(caseByID(t, "ctl-post-sms").Config, gone, new(logBuffer))
	if err != nil {
		t.Fatal(err)
	}
	if result := s.replay(caseByID(t, "ctl-post-sms")); result.Err == nil {
		t.Error("a case passed without a server")
	}
	if err := s.close(); err == nil || !strings.Contains(err.Error(), "serve returned before") {
		t.Error(err)
	}
}

// A request that never ends is answered at the server's read timeout. What data/verdicts.json says that a parser waits for does not
// take as long.
func TestAServerWaitsLessBehindAHurriedListener(t *testing.T) {
	s, err := startBehind(hurried, caseByID(t, "ctl-post-sms").Config, reference, new(logBuffer))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	begin := time.Now()
	if response, err := Send(s.addr, []byte("GET / HTTP/1.1\r\nHost")); err != nil || response.Status/100 == 2 {
		t.Errorf("status %d, %v", response.Status, err)
	}
	if took := time.Since(begin); took < hurriedTimeout || took >= ReadTimeout {
		t.Errorf("answered after %s", took)
	}
	if result := s.replay(caseByID(t, "ctl-post-sms")); result.Err != nil {
		t.Error(result)
	}
}

// Replay sees the handler's answers alone: a call behind a refusal shows with the next case that is accepted.
func TestReplayCountsCallsByTheAnswers(t *testing.T) {
	accepted, refused := caseByID(t, "ctl-post-sms"), caseByID(t, "sig-bitflip-last")
	cases := []Case{accepted, refused, accepted}
	for _, tt := range []struct {
		name  string
		serve Serve
		wrong []bool
	}{
		{"a right server", reference, []bool{false, false, false}},
		{"a call behind the refusal", faulty(func(w http.ResponseWriter, _ *http.Request, right *httptest.ResponseRecorder, h *Handler) {
			if right.Code == http.StatusForbidden {
				h.Answer(nil, func(_, _ string) {})
			}
			copyAnswer(w, right)
		}), []bool{false, false, true}},
	} {
		s, err := start(accepted.Config, tt.serve, new(logBuffer))
		if err != nil {
			t.Fatal(err)
		}
		for i, result := range Replay(s.addr, cases) {
			if (result.Err != nil) != tt.wrong[i] {
				t.Errorf("%s: case %d: %v", tt.name, i, result.Err)
			}
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}

func replayOne(t *testing.T, c Case, serve Serve) Result {
	t.Helper()
	s, err := start(c.Config, serve, captureLogs(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	return s.replay(c)
}

func caseByID(t *testing.T, id string) Case {
	t.Helper()
	for _, c := range Hostile() {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no case %s", id)
	return Case{}
}
