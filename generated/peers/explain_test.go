package peers_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
)

// explaining is a server that validates, and explains what it refuses.
type explaining struct {
	validator   *core.Validator
	explanation core.Explanation
}

func (e *explaining) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if _, _, refusal := e.validator.ValidateHTTP(r); refusal != nil {
		e.explanation = e.validator.ExplainHTTP(r, body, refusal, core.ExplainOptions{})
		core.AnswerTo(refusal).Write(w)
	}
}

func newExplaining(t *testing.T, publicURL string) *explaining {
	t.Helper()
	v, err := core.NewValidator(core.Config{PublicURL: publicURL, Tokens: []core.Token{core.AuthToken("primary", secret)}})
	if err != nil {
		t.Fatal(err)
	}
	return &explaining{validator: v}
}

var publicURLLine = regexp.MustCompile(`PublicURL: "([^"]+)"`)

// Behind a proxy a wrong origin is refused, explain names it, and with the line that it suggests the same request is accepted.
func TestExplainBehindAProxy(t *testing.T) {
	c := newCertificate(t)
	for _, p := range proxies {
		t.Run(p.program, func(t *testing.T) {
			for _, test := range []struct {
				name, publicURL string
				cause           core.Cause
			}{
				{"the scheme that the server sees", "http://example.com", core.CauseScheme},
				{"another port", origin + ":8443", core.CauseNone},
				{"another host", "https://example.org", core.CauseHost},
				{"with a prefix that nobody strips", origin + "/twilio", core.CausePathPrefix},
			} {
				t.Run(test.name, func(t *testing.T) {
					wrong := newExplaining(t, test.publicURL)
					status := postThrough(t, c, p.start(t, c, listen(t, wrong)))
					if test.cause == core.CauseNone { // U4: the port may be left out
						if status != http.StatusOK {
							t.Errorf("answered with %d", status)
						}
						return
					}
					if status != http.StatusForbidden || wrong.explanation.Cause != test.cause {
						t.Fatalf("answered with %d, explained by %q, want %q\n%s", status, wrong.explanation.Cause, test.cause, wrong.explanation.Sentence)
					}
					line := publicURLLine.FindStringSubmatch(wrong.explanation.Fix)
					if line == nil {
						t.Fatalf("no PublicURL in the fix:\n%s", wrong.explanation.Fix)
					}
					if status := postThrough(t, c, p.start(t, c, listen(t, newExplaining(t, line[1])))); status != http.StatusOK {
						t.Errorf("with %s answered with %d", line[0], status)
					}
				})
			}
		})
	}
}

// listen serves handler and returns its address.
func listen(t *testing.T, handler http.Handler) (addr string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// The request that a playground has logged is what its server received, whatever the framework: explain finds the cause in it.
func TestExplainReadsWhatEveryPlaygroundLogs(t *testing.T) {
	command := build(t, "../..", "./cmd/ringfence")
	for _, dir := range adapters(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "log")
			log, err := os.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			addr := startPlaygroundLogging(t, dir, config(), log)
			r := sigtest.NewFormRequest(token(), "http://example.com/sms?x=1", sigtest.SMS())
			r.URL.Scheme, r.URL.Host, r.RequestURI = "http", addr, ""
			response, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, capture, _ := strings.Cut("\n"+string(text), "\n{")
			capture, _, _ = strings.Cut(capture, "\n")
			explain := exec.Command(command, "explain", "-public-url", origin, "-")
			explain.Env = append(os.Environ(), "TWILIO_AUTH_TOKEN="+secret)
			explain.Stdin = strings.NewReader("{" + capture)
			output, err := explain.CombinedOutput()
			if explain.ProcessState.ExitCode() != 1 || !strings.Contains(string(output), "\ncause: scheme\n") {
				t.Errorf("%v\n%s\nlog:\n%s", err, output, text)
			}
			if strings.Contains(string(text), secret) {
				t.Error("R2: the token is in the log")
			}
		})
	}
}
