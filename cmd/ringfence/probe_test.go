package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generator"
)

const probeSecret = "0123456789abcdef0123456789abcdef"

// probeRun is what a run of the command did.
type probeRun struct {
	code           int
	stdout, stderr string
}

// runProbeWith runs ringfence probe with an environment.
func runProbeWith(t *testing.T, env map[string]string, args ...string) probeRun {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := generator.Run(generator.Call{
		Args:   append([]string{"probe"}, args...),
		Dir:    t.TempDir(),
		Getenv: func(name string) string { return env[name] },
		Stdout: &stdout,
		Stderr: &stderr,
	}, verbs()...)
	run := probeRun{code, stdout.String(), stderr.String()}
	for _, secret := range []string{probeSecret, env[probePasswordEnv]} {
		if secret != "" && strings.Contains(run.stdout+run.stderr, secret) {
			t.Errorf("a secret is in the output:\n%s%s", run.stdout, run.stderr)
		}
	}
	return run
}

func withToken() map[string]string { return map[string]string{probeTokenEnv: probeSecret} }

func withCredentials() map[string]string {
	return map[string]string{probeTokenEnv: probeSecret, probeUserEnv: "twilio", probePasswordEnv: `p4ss"wörd\`}
}

// guarded is a handler behind core. It counts its calls and keeps the signatures that it is shown.
type guarded struct {
	validator  *core.Validator
	calls      atomic.Int64
	signatures sync.Map
}

func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.signatures.Store(r.Header.Get("X-Twilio-Signature"), true)
	if _, _, err := g.validator.ValidateHTTP(r); err != nil {
		core.AnswerTo(err).Write(w)
		return
	}
	g.calls.Add(1)
}

// newGuarded serves a guarded handler. Without an origin in cfg, it is the server's.
func newGuarded(t *testing.T, cfg core.Config) (*guarded, *httptest.Server) {
	t.Helper()
	g := new(guarded)
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	if cfg.PublicURL == "" && cfg.AllowedHosts == nil {
		cfg.PublicURL = server.URL
	}
	cfg.Tokens = []core.Token{core.AuthToken("primary", probeSecret)}
	var err error
	if g.validator, err = core.NewValidator(cfg); err != nil {
		t.Fatal(err)
	}
	return g, server
}

func TestProbeFindsCoreProtected(t *testing.T) {
	basic := &core.BasicAuth{Realm: `a "realm"`, Username: "twilio", Password: core.NewSecret(`p4ss"wörd\`)}
	digest := &core.DigestAuth{Realm: `a "realm"`, Username: "twilio", Password: core.NewSecret(`p4ss"wörd\`)}
	tests := []struct {
		name string
		cfg  core.Config
		env  map[string]string
		args []string
	}{
		{"by public URL", core.Config{}, withToken(), nil},
		{"at another address than the signed one", core.Config{PublicURL: "https://example.com/prefix"}, withToken(),
			[]string{"-public-url", "https://example.com/prefix/"}},
		{"by allowed host, even from a proxy that it trusts",
			core.Config{AllowedHosts: []string{"example.com"}, TrustedProxies: []string{"127.0.0.1"}}, withToken(),
			[]string{"-public-url", "http://example.com"}},
		{"refusing repetitions", core.Config{Replay: &core.ReplayGuard{Refuse: true}}, withToken(), nil},
		{"with Basic", core.Config{Basic: basic}, withCredentials(), nil},
		{"with Digest", core.Config{Digest: digest}, withCredentials(), nil},
		{"with Basic and Digest", core.Config{Basic: basic, Digest: digest}, withCredentials(), nil},
		{"with pinned parameters", core.Config{AccountSid: "AC99112233445566778899aabbccddeeff", RequiredParams: []string{"Digits"}}, withToken(),
			[]string{"-send", "get,form", "-param", "AccountSid=AC99112233445566778899aabbccddeeff", "-param", "Digits=1"}},
		{"serving forms alone", core.Config{Methods: []string{"POST"}}, withToken(), []string{"-send", "form"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g, server := newGuarded(t, test.cfg)
			for _, target := range []string{"/sms", "/", "/a%2Fb?x=%27&y"} {
				before := g.calls.Load()
				run := runProbeWith(t, test.env, append(test.args, server.URL+target)...)
				if run.code != 0 || !strings.Contains(run.stdout, "\nprotected: ") {
					t.Errorf("%s: exit %d\n%s", target, run.code, run.stdout)
				}
				g.signatures.Range(func(signature, _ any) bool {
					if signature != "" && strings.Contains(run.stdout+run.stderr, signature.(string)) {
						t.Errorf("%s: a signature is in the output:\n%s%s", target, run.stdout, run.stderr)
					}
					return true
				})
				if calls, signed := int(g.calls.Load()-before), strings.Count(run.stdout, "accepted\n"); calls != signed {
					t.Errorf("%s: the handler ran %d times for %d signed requests", target, calls, signed)
				}
			}
		})
	}
}

func TestProbeOverTLS(t *testing.T) {
	g := new(guarded)
	server := httptest.NewTLSServer(g)
	defer server.Close()
	var err error
	if g.validator, err = core.NewValidator(core.Config{
		AllowedHosts: []string{server.Listener.Addr().String()}, Tokens: []core.Token{core.AuthToken("primary", probeSecret)},
	}); err != nil {
		t.Fatal(err)
	}
	run := runProbeWith(t, withToken(), server.URL+"/sms")
	if run.code != exitInconclusive || !strings.Contains(run.stdout, "certificate") {
		t.Errorf("an unknown certificate: exit %d\n%s", run.code, run.stdout)
	}
	o := probeOptions{kinds: []kind{kindGet, kindForm, kindJSON}, token: core.AuthToken("t", probeSecret), timeout: maxProbeTimeout}
	if o.endpoint, err = newEndpoint(server.URL+"/sms", ""); err != nil {
		t.Fatal(err)
	}
	probes, err := o.probes()
	if err != nil {
		t.Fatal(err)
	}
	s := newSender(o)
	s.client.Transport = server.Client().Transport
	if r := judge(s.sendAll(context.Background(), probes, &progress{silent: true}), o); r.verdict != verdictProtected {
		t.Errorf("verdict %q", r.sentence())
	}
}

func TestProbeSendsNothingSignedWhenAskedNotTo(t *testing.T) {
	g, server := newGuarded(t, core.Config{})
	run := runProbeWith(t, withToken(), "-invalid-only", server.URL)
	if run.code != exitInconclusive || !strings.Contains(run.stdout, "no forged request passed") || g.calls.Load() != 0 {
		t.Errorf("exit %d, %d calls\n%s", run.code, g.calls.Load(), run.stdout)
	}
	if !strings.Contains(run.stderr, "Its handler runs only if there is a hole.") {
		t.Errorf("it announced %q", run.stderr)
	}
	open := httptest.NewServer(mistakes{failsOpen: true, token: probeSecret})
	defer open.Close()
	if run := runProbeWith(t, withToken(), "-invalid-only", open.URL); run.code != exitNo {
		t.Errorf("an open endpoint: exit %d\n%s", run.code, run.stdout)
	}
}

func TestProbeSaysFirstThatSignedRequestsRunTheHandler(t *testing.T) {
	_, server := newGuarded(t, core.Config{})
	run := runProbeWith(t, withToken(), server.URL+"/sms?secret=1")
	first, rest, _ := strings.Cut(run.stderr, "\n")
	if want := "Sending 42 requests to " + server.URL + "/sms. The 3 signed ones run its handler (-invalid-only leaves them out)."; first != want {
		t.Errorf("got %q\nwant %q", first, want)
	}
	if !strings.HasPrefix(rest, "1/42 get signed: 200\n") || strings.Contains(run.stderr, "\r") || strings.Contains(run.stderr, "secret") {
		t.Errorf("off a terminal: %q", rest)
	}
}

func TestProgressOnATerminalIsOneLine(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out, terminal: true, total: 2}
	probes := []probe{{kind: kindGet, name: "signed"}, {kind: kindGet, name: "without signature", hole: "a hole"}}
	for i := range probes {
		p.sending(i, &probes[i])
		p.answered(i, &result{probe: probes[i], status: 200})
	}
	p.done()
	if want := clearLine + "1/2 get signed" + clearLine + "2/2 get without signature" + clearLine; out.String() != want {
		t.Errorf("got %q", out.String())
	}
}

func TestProbeInconclusive(t *testing.T) {
	answer := func(status int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(status)
		})
	}
	slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client has gone
		<-r.Context().Done()
	})
	onlyForms := http.NewServeMux()
	g, _ := newGuarded(t, core.Config{PublicURL: "https://example.com"})
	onlyForms.Handle("POST /", g)
	tests := []struct {
		name    string
		handler http.Handler
		args    []string
		word    string
	}{
		{"everything refused", answer(403), nil, "-public-url"},
		{"credentials asked for", answer(401), nil, probeUserEnv},
		{"nothing there", answer(404), nil, "leave get out of -send"},
		{"a redirect", answer(307), nil, "redirects are not followed"},
		{"an error", answer(500), nil, "not 2xx"},
		{"forged requests answered with an error", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, _, err := g.validator.ValidateHTTP(r); err != nil {
				w.WriteHeader(http.StatusBadGateway)
			}
		}), []string{"-public-url", "https://example.com"}, "neither 401 nor 403"},
		{"no GET", onlyForms, []string{"-public-url", "https://example.com"}, "leave get out of -send"},
		{"no answer", slow, []string{"-timeout", "20ms"}, "no answer in time"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.handler)
			defer server.Close()
			run := runProbeWith(t, withToken(), append(test.args, server.URL)...)
			if run.code != exitInconclusive || !strings.Contains(run.stdout, "\ninconclusive: ") || !strings.Contains(run.stdout, test.word) {
				t.Errorf("exit %d, want %q\n%s", run.code, test.word, run.stdout)
			}
		})
	}

	t.Run("nobody listens", func(t *testing.T) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ln.Close()
		run := runProbeWith(t, withToken(), "http://"+ln.Addr().String())
		if run.code != exitInconclusive || strings.Count(run.stderr, "\n") != 2 || !strings.Contains(run.stdout, "got no answer") {
			t.Errorf("exit %d\n%s%s", run.code, run.stdout, run.stderr)
		}
	})
}

func TestProbeFollowsNoRedirect(t *testing.T) {
	var followed atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	if run := runProbeWith(t, withToken(), server.URL); run.code != exitInconclusive || followed.Load() != 0 {
		t.Errorf("exit %d, %d requests went elsewhere", run.code, followed.Load())
	}
}

func TestProbeJSON(t *testing.T) {
	server := httptest.NewServer(mistakes{jsonUnsigned: true, token: probeSecret})
	defer server.Close()
	run := runProbeWith(t, withToken(), "-json", "-send", "json", server.URL+"/sms?secret=1")
	var report struct {
		URL, Verdict string
		Holes        []string
		Probes       []struct {
			Kind, Name, Result string
			Valid              bool
			Status             int
		}
	}
	if err := json.Unmarshal([]byte(run.stdout), &report); err != nil {
		t.Fatal(err)
	}
	if run.code != exitNo || report.URL != server.URL+"/sms" || report.Verdict != "not protected" || len(report.Holes) != 1 || len(report.Probes) != 13 {
		t.Errorf("exit %d, %+v", run.code, report)
	}
	if first := report.Probes[0]; first.Kind != "json" || first.Name != "signed" || !first.Valid || first.Status != 200 || first.Result != "accepted" {
		t.Errorf("the first is %+v", first)
	}
	if strings.Count(run.stderr, "\n") != 1 {
		t.Errorf("progress beside JSON: %q", run.stderr)
	}
}

func TestProbeUsage(t *testing.T) {
	const url = "https://example.com"
	tests := []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"no URL", withToken(), nil, "no URL given: ringfence probe URL, and ringfence probe -h explains it"},
		{"two URLs", withToken(), []string{url, url}, `unexpected argument "https://example.com": probe takes one URL`},
		{"an unknown flag", withToken(), []string{"-x", url}, "flag provided but not defined: -x: ringfence probe -h lists the flags"},
		{"an unknown flag after the URL", withToken(), []string{url, "-x"}, "flag provided but not defined: -x: ringfence probe -h lists the flags"},
		{"a relative URL", withToken(), []string{"/sms"}, "URL: want an absolute https or http URL"},
		{"a wss URL", withToken(), []string{"wss://example.com"}, "URL: want an absolute https or http URL"},
		{"a malformed URL", withToken(), []string{"https://example.com/%zz"}, "URL: malformed: want an absolute https or http URL, escaped"},
		{"a password in the URL", withToken(), []string{"https://u:" + probeSecret + "@example.com"},
			"URL: user name and password do not belong there: set RINGFENCE_PROBE_USER and RINGFENCE_PROBE_PASSWORD"},
		{"a public URL with a query", withToken(), []string{"-public-url", url + "?a=1", url}, "-public-url: an origin has no query and no fragment"},
		{"a relative public URL", withToken(), []string{"-public-url", "example.com", url}, "-public-url: want an absolute https or http URL"},
		{"an unknown kind", withToken(), []string{"-send", "get,xml", url}, `-send: unknown kind "xml"; have get, form, json`},
		{"a kind twice", withToken(), []string{"-send", "get,get", url}, "-send names get twice"},
		{"a parameter without value", withToken(), []string{"-param", "a", url},
			`invalid value "a" for flag -param: want NAME=VALUE: ringfence probe -h lists the flags`},
		{"no time", withToken(), []string{"-timeout", "0s", url}, "-timeout 0s: want more than 0 and at most 1m0s"},
		{"too much time", withToken(), []string{"-timeout", "61s", url}, "-timeout 1m1s: want more than 0 and at most 1m0s"},
		{"no token", nil, []string{url}, "TWILIO_AUTH_TOKEN is not set: set it to the account's auth token, or name a file with -token-file"},
		{"a token that cannot be one", map[string]string{probeTokenEnv: "a b"}, []string{url},
			`ringfence: token "TWILIO_AUTH_TOKEN": the secret has white space in it`},
		{"a token file that is missing", nil, []string{"-token-file", "missing", url}, "no such file or directory"},
		{"a user without password", map[string]string{probeTokenEnv: probeSecret, probeUserEnv: "u"}, []string{url},
			"RINGFENCE_PROBE_USER and RINGFENCE_PROBE_PASSWORD must be set both, or neither"},
		{"a user with a colon", map[string]string{probeTokenEnv: probeSecret, probeUserEnv: "u:v", probePasswordEnv: probeSecret}, []string{url},
			"RINGFENCE_PROBE_USER: a user name with a colon cannot be told from user name and password"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			run := runProbeWith(t, test.env, test.args...)
			if run.code != 2 || run.stdout != "" || !strings.HasPrefix(run.stderr, "ringfence: ") || !strings.HasSuffix(run.stderr, test.want+"\n") {
				t.Errorf("exit %d\n%s%s", run.code, run.stdout, run.stderr)
			}
			if strings.Count(run.stderr, "\n") != 1 {
				t.Errorf("more than one line: %q", run.stderr)
			}
		})
	}
	if run := runProbeWith(t, nil, "-h"); run.code != 0 || run.stdout != probeVerb.Usage {
		t.Errorf("-h: exit %d\n%s", run.code, run.stdout)
	}
}

// The newline that an editor puts at a file's end is not part of the token.
func TestProbeReadsTheTokenFromAFile(t *testing.T) {
	_, server := newGuarded(t, core.Config{})
	file := filepath.Join(t.TempDir(), "token")
	for name, text := range map[string]string{"bare": probeSecret, "with a newline": probeSecret + "\n", "with CRLF": probeSecret + "\r\n"} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if run := runProbeWith(t, nil, "-send", "get", server.URL, "-token-file", file); run.code != 0 {
				t.Errorf("exit %d\n%s%s", run.code, run.stdout, run.stderr)
			}
		})
	}
	if err := os.WriteFile(file, bytes.Repeat([]byte("a"), 4097), 0o600); err != nil {
		t.Fatal(err)
	}
	if run := runProbeWith(t, nil, "-token-file", file, server.URL); run.code != 2 || !strings.Contains(run.stderr, "too long") {
		t.Errorf("a long file: exit %d %s", run.code, run.stderr)
	}
}
