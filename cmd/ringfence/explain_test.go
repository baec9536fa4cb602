package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generator"
	"github.com/ringfence-go/ringfence/golden"
)

const (
	verbSecret  = "89abcdef0123456789abcdef01234567"
	otherSecret = "fedcba9876543210fedcba9876543210"
)

// verbRun is a call of one verb, and what came of it.
type verbRun struct {
	args  []string
	stdin string
	env   map[string]string // default: the token in TWILIO_AUTH_TOKEN
	dir   string

	code           int
	stdout, stderr string
}

// run runs the command, and fails the test if a secret is in its output.
func (r *verbRun) run(t *testing.T) {
	t.Helper()
	if r.env == nil {
		r.env = map[string]string{"TWILIO_AUTH_TOKEN": verbSecret}
	}
	if r.dir == "" {
		r.dir = t.TempDir()
	}
	var stdout, stderr bytes.Buffer
	r.code = generator.Run(generator.Call{
		Args: r.args, Dir: r.dir, Stdin: strings.NewReader(r.stdin), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(name string) string { return r.env[name] },
	}, verbs()...)
	r.stdout, r.stderr = stdout.String(), stderr.String()
	for _, secret := range []string{verbSecret, otherSecret} {
		if strings.Contains(r.stdout+r.stderr, secret) {
			t.Errorf("a secret is in the output:\n%s%s", r.stdout, r.stderr)
		}
	}
}

func writeFile(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// signatureOf signs with the token of the tests.
func signatureOf(t *testing.T, url string, params map[string][]string) string {
	t.Helper()
	signature, err := core.Sign(core.AuthToken("test", verbSecret), url, params)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func TestParseExplain(t *testing.T) {
	for _, test := range []struct {
		name, args string
		want       explainOptions
		err        string
	}{
		{name: "a file", args: "request.txt", want: explainOptions{file: "request.txt"}},
		{name: "standard input", args: "-", want: explainOptions{file: "-"}},
		{name: "every flag", args: "-public-url https://a -public-url https://b -url https://c/x -trusted-proxy 10.0.0.1 -peer 10.0.0.1 -tls " +
			"-token-env A -token-env B -other-token-env C -api-key-env D -body b.json -show-values r.txt",
			want: explainOptions{file: "r.txt", body: "b.json", publicURLs: []string{"https://a", "https://b"}, urls: []string{"https://c/x"},
				trusted: []string{"10.0.0.1"}, peer: "10.0.0.1", tls: true, tokens: []string{"A", "B"}, otherTokens: []string{"C"},
				apiKeys: []string{"D"}, showValues: true}},
		{name: "flags after the file", args: "r.txt -allowed-host h -token-file t", want: explainOptions{file: "r.txt", hosts: []string{"h"}, tokenFile: "t"}},
		{name: "nothing", args: "", err: "no capture given"},
		{name: "two files", args: "a b", err: `unexpected argument "b"`},
		{name: "an unknown flag", args: "-token abc r.txt", err: "flag provided but not defined: -token"},
		{name: "standard input twice", args: "-token-file - -", err: "standard input can be one of"},
		{name: "tokens from two places", args: "-token-env A -token-file t r.txt", err: "keep one of them"},
		{name: "both modes", args: "-public-url https://a -allowed-host a r.txt", err: "what your validator is configured with"},
		{name: "a peer that is no address", args: "-peer proxy r.txt", err: "want an IP address"},
		{name: "a URL without a scheme", args: "-url example.com/sms r.txt", err: "want the full URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseExplain(strings.Fields(test.args))
			switch {
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("error %v, want one with %q", err, test.err)
			case test.err == "" && (err != nil || !reflect.DeepEqual(got, test.want)):
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

// captures writes one signed form POST in every form that explain reads.
func captures(t *testing.T, signedURL string) map[string]string {
	signature := signatureOf(t, signedURL, map[string][]string{"Body": {"it's 10%"}, "From": {"+1"}})
	const body = "Body=it%27s+10%25&From=%2B1"
	head := "POST /sms?x=1 HTTP/1.1\r\nHost: example.com\r\nX-Twilio-Signature: " + signature + "\r\nContent-Type: " + formType + "\r\nContent-Length: 27\r\n"
	quote := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	lines := [][2]string{{"Host", "example.com"}, {"X-Twilio-Signature", signature}, {"Content-Type", formType}}
	var harLines []map[string]string
	for _, line := range append([][2]string{{":authority", "example.com"}}, lines...) {
		harLines = append(harLines, map[string]string{"name": line[0], "value": line[1]})
	}
	har := func(postData map[string]any) string {
		unsigned := map[string]any{"request": map[string]any{"method": "GET", "url": "https://example.com/"}}
		signed := map[string]any{"request": map[string]any{"method": "POST", "url": "https://example.com/sms?x=1", "headers": harLines, "postData": postData}}
		return quote(map[string]any{"log": map[string]any{"version": "1.2", "entries": []any{unsigned, signed}}})
	}
	curlLines := " -H 'X-Twilio-Signature: " + signature + "' -H 'Content-Type: " + formType + "'"
	return map[string]string{
		"raw HTTP":                   head + "\r\n" + body,
		"raw HTTP with LF line ends": strings.ReplaceAll(head, "\r\n", "\n") + "\n" + body + "\n",
		"JSON with a target":         quote(map[string]any{"method": "POST", "target": "/sms?x=1", "headers": lines, "body": body}),
		"JSON with a URL and an object of headers": quote(map[string]any{"method": "POST", "url": "https://example.com/sms?x=1", "headers": map[string]any{
			"X-Twilio-Signature": []string{signature}, "Content-Type": formType}, "body_base64": []byte(body)}),
		"a HAR file":                           har(map[string]any{"mimeType": formType, "text": body}),
		"a HAR file with base64":               har(map[string]any{"text": quote([]byte(body))[1:][:len(quote([]byte(body)))-2], "encoding": "base64"}),
		"a HAR file with params":               har(map[string]any{"params": []any{map[string]string{"name": "Body", "value": "it's 10%"}, map[string]string{"name": "From", "value": "+1"}}}),
		"a curl command":                       "curl -sSi 'https://example.com/sms?x=1'" + curlLines + " --data-raw '" + body + "'",
		"a curl command as browsers copy it":   "curl 'https://example.com/sms?x=1' \\\n  -X 'POST' \\\n -H 'accept: */*'" + curlLines + " \\\n  --data-raw $'Body=it\\u002527s+10%25&From=%2B1' \\\n  --compressed",
		"a curl command with --data-urlencode": "$ curl --url https://example.com/sms?x=1" + curlLines + ` --data-urlencode "Body=it's 10%" --data-urlencode From=+1 -v`,
	}
}

func TestExplainReadsEveryFormOfCapture(t *testing.T) {
	for name, text := range captures(t, "https://example.com/sms?x=1") {
		t.Run("accepted: "+name, func(t *testing.T) {
			r := verbRun{args: []string{"explain", "-"}, stdin: text}
			if r.run(t); r.code != 0 || r.stdout != "the signature matches: token TWILIO_AUTH_TOKEN, URL as received\n" || r.stderr != "" {
				t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
			}
		})
	}
	for name, text := range captures(t, "http://example.com/sms?x=1") {
		t.Run("refused: "+name, func(t *testing.T) {
			r := verbRun{args: []string{"explain", "capture", "-public-url", "https://example.com"}, dir: t.TempDir()}
			writeFile(t, r.dir, "capture", text)
			const want = `refused: signature does not match
cause: scheme
http:// was signed, https:// checked: Twilio is configured with an http:// URL

signed text, [-as checked-]{+as signed+}:
    [-https-]{+http+}://example.com/sms?x=***
    Body=***
    From=***

fix:
    PublicURL: "http://example.com",

values are masked: -show-values shows them
`
			if r.run(t); r.code != 1 || r.stdout != want || r.stderr != "" {
				t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
			}
		})
	}
}

func TestExplainReadsTheOutputOfCurl(t *testing.T) {
	signature := signatureOf(t, "https://example.com/sms", map[string][]string{"a": {"1"}})
	output := "* Connected to example.com (203.0.113.9) port 443\n* SSL connection using TLSv1.3\n> POST /sms HTTP/2\n> Host: example.com\n> X-Twilio-Signature: " +
		signature + "\n> Content-Type: " + formType + "\n> Content-Length: 3\n>\n* upload completely sent off\n< HTTP/2 403\n<\nForbidden\n"
	r := verbRun{args: []string{"explain", "-", "-body", "body"}, stdin: output, dir: t.TempDir()}
	writeFile(t, r.dir, "body", "a=1")
	if r.run(t); r.code != 0 {
		t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	r = verbRun{args: []string{"explain", "-"}, stdin: output}
	if r.run(t); r.code != 2 || !strings.Contains(r.stderr, "curl -v prints no body: give it with -body FILE") {
		t.Errorf("without the body: exit %d\n%s", r.code, r.stderr)
	}
	r = verbRun{args: []string{"explain", "-"}, stdin: "> GET /x HTTP/1.1\n> Host: example.com\n> X-Twilio-Signature: " + signatureOf(t, "http://example.com/x", nil) + "\n>\n"}
	if r.run(t); r.code != 0 {
		t.Errorf("plain HTTP: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

func TestExplainShowsValuesWhenAsked(t *testing.T) {
	r := verbRun{args: []string{"explain", "-show-values", "-public-url", "https://example.com", "-"}, stdin: captures(t, "http://example.com/sms?x=1")["raw HTTP"]}
	if r.run(t); r.code != 1 || !strings.Contains(r.stdout, "Body=it's 10%\n") || strings.Contains(r.stdout, "masked") {
		t.Errorf("exit %d\n%s", r.code, r.stdout)
	}
}

func TestExplainTriesOtherSecrets(t *testing.T) {
	raw := func(key string) string {
		signature, err := core.Sign(core.AuthToken("", key), "https://example.com/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		return "GET /x HTTP/1.1\nHost: example.com\nX-Twilio-Signature: " + signature + "\n\n"
	}
	env := map[string]string{"TWILIO_AUTH_TOKEN": verbSecret, "OTHER": otherSecret}
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"-other-token-env OTHER", 1, "cause: other-token\nanother token signed: OTHER"},
		{"-api-key-env OTHER", 1, "cause: api-key\n"},
		{"-token-env TWILIO_AUTH_TOKEN -token-env OTHER", 0, "token OTHER"},
		{"", 1, "cause: unexplained"},
	} {
		r := verbRun{args: append(strings.Fields("explain "+test.args), "-"), stdin: raw(otherSecret), env: env}
		if r.run(t); r.code != test.code || !strings.Contains(r.stdout, test.want) {
			t.Errorf("%q: exit %d\n%s%s", test.args, r.code, r.stdout, r.stderr)
		}
	}
}

func TestExplainDerivesTheOriginAsTheValidatorDoes(t *testing.T) {
	stdin := fmt.Sprintf(`{"method": "GET", "target": "/x", "peer": "10.0.0.9", "headers": [["Host", "example.com"], ["X-Forwarded-Proto", "https"], ["X-Twilio-Signature", %q]]}`,
		signatureOf(t, "https://example.com/x", nil))
	r := verbRun{args: strings.Fields("explain - -allowed-host example.com"), stdin: stdin}
	if r.run(t); r.code != 1 || !strings.Contains(r.stdout, `TrustedProxies: []string{"10.0.0.9"},`) {
		t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	for _, more := range []string{"-trusted-proxy 10.0.0.0/8", "-tls", "-trusted-proxy 192.0.2.1 -peer 192.0.2.1"} {
		r = verbRun{args: strings.Fields("explain - -allowed-host example.com " + more), stdin: stdin}
		if r.run(t); r.code != 0 {
			t.Errorf("%s: exit %d\n%s%s", more, r.code, r.stdout, r.stderr)
		}
	}
}

// notOnCommandLine names the misconfigurations that the command line cannot describe, and why.
var notOnCommandLine = map[string]string{
	"query-strict":             "there is no flag for StrictURL",
	"token-of-sub-account":     "there is no flag for Accounts",
	"method-not-allowed":       "there is no flag for Methods",
	"pinned-parameter-missing": "there is no flag for RequiredParams",
}

// explainRun is a run of explain on a capture of m's request, with what its configuration says.
func explainRun(m golden.Misconfiguration, capture string) verbRun {
	r := verbRun{args: []string{"explain", "-"}, stdin: capture, env: map[string]string{}}
	add := func(flag string, values ...string) {
		for _, value := range values {
			r.args = append(r.args, flag, value)
		}
	}
	addSecret := func(flag, secret string) {
		name := fmt.Sprintf("SECRET_%d", len(r.env))
		r.env[name] = secret
		add(flag, name)
	}
	add("-allowed-host", m.Config.AllowedHosts...)
	add("-trusted-proxy", m.Config.TrustedProxies...)
	add("-url", m.URLs...)
	if m.Config.PublicURL != "" {
		add("-public-url", m.Config.PublicURL)
	}
	if m.Peer != "" {
		add("-peer", m.Peer)
	}
	if m.TLS {
		r.args = append(r.args, "-tls")
	}
	for _, secret := range m.Config.Tokens {
		addSecret("-token-env", secret)
	}
	for _, secret := range m.OtherTokens {
		addSecret("-other-token-env", secret)
	}
	for _, secret := range m.APIKeys {
		addSecret("-api-key-env", secret)
	}
	return r
}

// causeLine is the line in which explain names m's causes.
func causeLine(m golden.Misconfiguration) string {
	text := "\ncause: " + string(m.Cause)
	for _, cause := range m.More {
		text += ", " + string(cause)
	}
	return text + "\n"
}

func TestExplainOfEveryMisconfiguration(t *testing.T) {
	skipped := 0
	for _, m := range golden.Misconfigurations() {
		if notOnCommandLine[m.ID] != "" {
			skipped++
			continue
		}
		r := explainRun(m, m.Raw)
		if r.run(t); r.code != 1 || !strings.Contains(r.stdout, causeLine(m)) {
			t.Errorf("%s: exit %d\n%s%s", m.ID, r.code, r.stdout, r.stderr)
		}
		for i, secret := range m.Secrets() {
			if strings.Contains(r.stdout+r.stderr, secret) {
				t.Errorf("%s: secret %d is in the output", m.ID, i)
			}
		}
	}
	if skipped != len(notOnCommandLine) {
		t.Errorf("%d of the %d misconfigurations that are not on the command line are there", skipped, len(notOnCommandLine))
	}
}

func TestExplainReadsTheTokenFromAFileOrStandardInput(t *testing.T) {
	raw := captures(t, "https://example.com/sms?x=1")["raw HTTP"]
	dir := t.TempDir()
	writeFile(t, dir, "request", raw)
	writeFile(t, dir, "token", verbSecret+"\n")
	for _, r := range []verbRun{
		{args: strings.Fields("explain -token-file token request")},
		{args: strings.Fields("explain -token-file - request"), stdin: verbSecret + "\r\n"},
	} {
		r.dir, r.env = dir, map[string]string{}
		if r.run(t); r.code != 0 {
			t.Errorf("%v: exit %d\n%s%s", r.args, r.code, r.stdout, r.stderr)
		}
	}
}

func TestExplainRefusesWhatItCannotRead(t *testing.T) {
	for _, test := range []struct {
		name, stdin string
		env         map[string]string
		args        string
		want        string
	}{
		{name: "an empty capture", want: "the capture is empty"},
		{name: "a text that is no request", stdin: "hello\nworld\n", want: "the first line is not a request line"},
		{name: "a malformed header", stdin: "GET / HTTP/1.1\nHost: h\nX\n\n", want: "the captured request: a header line without a colon"},
		{name: "malformed JSON", stdin: `{"method": secret}`, want: "malformed at byte"},
		{name: "an unknown key", stdin: `{"methods": "GET"}`, want: `unknown field "methods"`},
		{name: "JSON without a method", stdin: `{"target": "/"}`, want: `no "method"`},
		{name: "JSON without a target", stdin: `{"method": "GET"}`, want: `one of "target" and "url"`},
		{name: "JSON with two bodies", stdin: `{"method":"GET","target":"/","body":"","body_base64":"YQ=="}`, want: `both "body" and "body_base64"`},
		{name: "JSON with a peer that is none", stdin: `{"method":"GET","target":"/","peer":"x"}`, want: `"peer" is not an IP address`},
		{name: "JSON with a line end in a header", stdin: `{"method":"GET","target":"/","headers":[["a","b\r\nc: d"]]}`, want: `a line end in the header "a"`},
		{name: "JSON with a header that is a number", stdin: `{"method":"GET","target":"/","headers":{"a":1}}`, want: `the header "a" must be`},
		{name: "JSON with a URL that is none", stdin: `{"method":"GET","url":"/x"}`, want: "not an absolute http or https URL"},
		{name: "a HAR file without a signature", stdin: `{"log":{"entries":[{"request":{"method":"GET","url":"https://h/"}},{"request":{}}]}}`, want: "no entry with an X-Twilio-Signature"},
		{name: "a HAR file that is malformed", stdin: `{"log":1}`, want: "the HAR file is malformed"},
		{name: "a curl command with a file", stdin: "curl https://h/ -d @secret", want: "reads its body from a file (-d @…): give it with -body FILE"},
		{name: "a curl command with a form", stdin: "curl https://h/ -F a=b", want: `"-F" is not understood`},
		{name: "a curl command without an end", stdin: "curl 'https://h/", want: "without its end"},
		{name: "a curl command with a flag without value", stdin: "curl https://h/ -H", want: "-H has no value"},
		{name: "a curl command with two URLs", stdin: "curl https://h/ https://i/", want: "two URLs"},
		{name: "curl output without a request", stdin: "* nothing\n", want: "has no request in it"},
		{name: "no host", stdin: "GET / HTTP/1.1\n\n", want: "not exactly one Host line"},
		{name: "no token", stdin: "GET / HTTP/1.1\nHost: h\n\n", env: map[string]string{}, want: "TWILIO_AUTH_TOKEN is not set"},
		{name: "a token with a newline", stdin: "GET / HTTP/1.1\nHost: h\n\n", env: map[string]string{"TWILIO_AUTH_TOKEN": verbSecret + "\n"}, want: "ends with a newline"},
		{name: "a variable that is not set", stdin: "GET / HTTP/1.1\nHost: h\n\n", args: "-api-key-env NONE", want: `-api-key-env: the environment variable "NONE" is not set`},
		{name: "an origin that cannot be one", stdin: "GET / HTTP/1.1\nHost: h\n\n", args: "-public-url example.com", want: "want https://HOST"},
		{name: "a file that is not there", stdin: "GET / HTTP/1.1\nHost: h\n\n", args: "-body none", want: "-body: open"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := verbRun{args: append(strings.Fields("explain "+test.args), "-"), stdin: test.stdin, env: test.env}
			if r.run(t); r.code != 2 || !strings.Contains(r.stderr, test.want) || strings.Count(r.stderr, "\n") != 1 || r.stdout != "" ||
				strings.Contains(r.stderr, "ringfence: ringfence") || strings.Contains(r.stderr, "secret}") {
				t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
			}
		})
	}
}

func TestSplitShell(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"words", " a  b\tc\nd ", []string{"a", "b", "c", "d"}},
		{"single quotes", `'a b' 'c\d' ''`, []string{"a b", `c\d`, ""}},
		{"a single quote as sign writes it", `'it'\''s'`, []string{"it's"}},
		{"double quotes", `"a b" "c\"d\\e\$f\g"`, []string{"a b", `c"d\e$f\g`}},
		{"a line that goes on", "a \\\n b\\\nc \\\r\n d", []string{"a", "bc", "d"}},
		{"ANSI quotes", `$'a\n\t\'\\\u0021\x41\U0001F600'`, []string{"a\n\t'\\!A😀"}},
		{"a dollar sign that quotes nothing", `a$b $`, []string{"a$b", "$"}},
		{"quotes within a word", `-H'a b'c`, []string{"-Ha bc"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := splitShell(test.text)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
	for _, text := range []string{`'a`, `"a`, `$'a`, `a\`, `$'\q'`, `$'\u00'`, `$'\uzzzz'`, `"a\`} {
		if got, err := splitShell(text); err == nil {
			t.Errorf("%q: got %q", text, got)
		}
	}
}
