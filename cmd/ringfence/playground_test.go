package main

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

func serveGuarded(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return golden.ServeHTTP(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verified, _, err := v.ValidateHTTP(r)
		if err != nil {
			core.AnswerTo(err).Write(w)
			return
		}
		h.ServeHTTP(w, verified)
	}))
}

// playgroundLog starts a playground, sends it the request, and returns what it has logged when it has ended.
func playgroundLog(t *testing.T, c golden.Config, request string) string {
	t.Helper()
	config, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(executable, "-config", writeFile(t, t.TempDir(), "config.json", string(config)))
	cmd.Env = append(os.Environ(), "RINGFENCE_TEST_PLAYGROUND=1")
	var log strings.Builder
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		_, err = golden.Send(strings.TrimPrefix(strings.TrimSpace(line), "listening on http://"), []byte(request))
	}
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	return log.String()
}

// notLogged names the misconfigurations whose requests a playground cannot log, and why.
var notLogged = map[string]string{
	"signature-twice":            "one of the signatures is right",
	"body-read-before":           "the server waits for the rest of the body",
	"scheme-proxy-not-trusted":   "its peer is no address of this machine",
	"host-forwarded-not-trusted": "its peer is no address of this machine",
	"host-not-allowed":           "its socket is TLS",
}

// What a playground logs of a refused request is a capture: explain names the same cause as of the request itself.
func TestExplainReadsWhatThePlaygroundLogs(t *testing.T) {
	skipped := 0
	for _, m := range golden.Misconfigurations() {
		if notLogged[m.ID] != "" {
			skipped++
			continue
		}
		if notOnCommandLine[m.ID] != "" {
			continue
		}
		log := playgroundLog(t, m.Config, m.Raw)
		_, capture, found := strings.Cut(log, "\n{")
		if !found {
			t.Errorf("%s: no JSON in the log:\n%s", m.ID, log)
			continue
		}
		r := explainRun(m, "{"+capture)
		if r.run(t); r.code != 1 || !strings.Contains(r.stdout, causeLine(m)) {
			t.Errorf("%s: exit %d\n%s%s\nof %s", m.ID, r.code, r.stdout, r.stderr, capture)
		}
		for i, secret := range m.Config.Tokens {
			if strings.Contains(log, secret) {
				t.Errorf("%s: token %d is in the log", m.ID, i)
			}
		}
	}
	if skipped != len(notLogged) {
		t.Errorf("%d of the %d misconfigurations that are not logged are there", skipped, len(notLogged))
	}
}
