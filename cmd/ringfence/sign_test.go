package main

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generator"
	"github.com/ringfence-go/ringfence/golden"
)

func TestParseSign(t *testing.T) {
	text := `{"a": 1}`
	for _, test := range []struct {
		name string
		args []string
		want signOptions
		err  string
	}{
		{name: "a GET", args: []string{"-url", "https://h/x?a=1"}, want: signOptions{url: "https://h/x?a=1"}},
		{name: "a form", args: []string{"-url", "https://h/x", "-data", "Body=a=b c", "-data", "Empty=", "-curl"},
			want: signOptions{url: "https://h/x", data: [][2]string{{"Body", "a=b c"}, {"Empty", ""}}, curl: true}},
		{name: "JSON", args: []string{"-url", "https://h/x", "-json", text}, want: signOptions{url: "https://h/x", json: &text}},
		{name: "a file", args: []string{"-url", "https://h/x", "-body", "f", "-content-type", "text/xml", "-token-file", "t"},
			want: signOptions{url: "https://h/x", body: "f", contentType: "text/xml", tokenFile: "t"}},
		{name: "no URL", args: nil, err: "-url is missing"},
		{name: "data without a value", args: []string{"-url", "https://h/", "-data", "a"}, err: "want NAME=VALUE"},
		{name: "two bodies", args: []string{"-url", "https://h/", "-data", "a=1", "-json", "{}"}, err: "a request has one body"},
		{name: "a content type alone", args: []string{"-url", "https://h/", "-json", "{}", "-content-type", "text/xml"}, err: "goes with -body alone"},
		{name: "a content type with a line end", args: []string{"-url", "https://h/", "-body", "f", "-content-type", "a\r\nb"}, err: "line end"},
		{name: "standard input twice", args: []string{"-url", "https://h/", "-body", "-", "-token-file", "-"}, err: "standard input"},
		{name: "a token as a flag", args: []string{"-url", "https://h/", "-token", "abc"}, err: "not defined: -token"},
		{name: "an argument", args: []string{"https://h/"}, err: "unexpected argument"},
		{name: "curl and a WebSocket URL", args: []string{"-url", "wss://h/", "-curl"}, err: "needs an http or https URL"},
		{name: "curl and a URL with a space", args: []string{"-url", "https://h/a b", "-curl"}, err: "must be escaped"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseSign(generator.Call{Args: test.args})
			switch {
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("error %v, want one with %q", err, test.err)
			case test.err == "" && (err != nil || !reflect.DeepEqual(got, test.want)):
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

// Twilio's worked example, with the token of its documents.
func TestSignPrintsTheSignatureOfTwiliosExample(t *testing.T) {
	r := verbRun{
		args: []string{"sign", "-url", "https://example.com/myapp.php?foo=1&bar=2", "-data", "Digits=1234", "-data", "To=+18005551212", "-data", "From=+14158675310",
			"-data", "Caller=+14158675310", "-data", "CallSid=CA1234567890ABCDE"},
		env: map[string]string{"TWILIO_AUTH_TOKEN": "12345"},
	}
	if r.run(t); r.code != 0 || r.stdout != "L/OH5YylLD5NRKLltdqwSvS0BnU=\n" {
		t.Errorf("exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
}

func TestSignPrintsTheURLOfABody(t *testing.T) {
	const hash = "bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862" // sha256 of {"a":1}
	dir := t.TempDir()
	writeFile(t, dir, "body.json", `{"a":1}`)
	want := signatureOf(t, "https://h/x?b=1&"+hash, nil) + "\nhttps://h/x?b=1&" + hash + "\n"
	for _, r := range []verbRun{
		{args: []string{"sign", "-url", "https://h/x?b=1", "-json", `{"a":1}`}},
		{args: []string{"sign", "-url", "https://u:p@h/x?b=1#rc=2", "-body", "body.json"}},
		{args: []string{"sign", "-url", "https://h/x?b=1", "-body", "-"}, stdin: `{"a":1}`},
	} {
		r.dir = dir
		if r.run(t); r.code != 0 || r.stdout != want {
			t.Errorf("%v: exit %d\n%s%swant\n%s", r.args, r.code, r.stdout, r.stderr, want)
		}
	}
}

func TestSignSignsAGetByItsURLAlone(t *testing.T) {
	r := verbRun{args: []string{"sign", "-url", "https://h/x?b=1"}}
	if r.run(t); r.code != 0 || r.stdout != signatureOf(t, "https://h/x?b=1", nil)+"\n" {
		t.Errorf("exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
}

func TestSignFails(t *testing.T) {
	for _, test := range []struct {
		name string
		run  verbRun
		want string
	}{
		{"without a token", verbRun{args: []string{"sign", "-url", "https://h/"}, env: map[string]string{}}, "TWILIO_AUTH_TOKEN is not set"},
		{"with a token that has a newline", verbRun{args: []string{"sign", "-url", "https://h/"}, env: map[string]string{"TWILIO_AUTH_TOKEN": verbSecret + "\n"}}, "ends with a newline"},
		{"without a scheme", verbRun{args: []string{"sign", "-url", "h/x"}}, "-url: want the full URL"},
		{"with a scheme that there is not", verbRun{args: []string{"sign", "-url", "ftp://h/x"}}, "-url: want the full URL"},
		{"with a body that is bound already", verbRun{args: []string{"sign", "-url", "https://h/?bodySHA256=1", "-json", "{}"}}, "has a bodySHA256 already"},
		{"without the body's file", verbRun{args: []string{"sign", "-url", "https://h/", "-body", "none"}}, "-body: open"},
		{"with a NUL in a command", verbRun{args: []string{"sign", "-curl", "-url", "https://h/", "-body", "-"}, stdin: "a\x00"}, "a NUL cannot stand in a command"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.run.run(t); test.run.code != 2 || !strings.Contains(test.run.stderr, test.want) || strings.Count(test.run.stderr, "\n") != 1 || test.run.stdout != "" {
				t.Errorf("exit %d\n%s%s", test.run.code, test.run.stdout, test.run.stderr)
			}
		})
	}
}

// awkward are requests that a shell, curl or a URL library would like to change.
func awkward(origin string) map[string]verbRun {
	return map[string]verbRun{
		"a GET":                        {args: []string{"-url", origin + "/x?a=1&b=%20c&d='$HOME'&e=[1-3]&f={a,b}&g=`id`"}},
		"a GET with dot segments":      {args: []string{"-url", origin + "/a/../b/./c//d?"}},
		"the origin alone":             {args: []string{"-url", origin}},
		"a URL with user and fragment": {args: []string{"-url", strings.Replace(origin, "://", "://user:pass@", 1) + "/x#rc=2"}},
		"a form": {args: []string{"-url", origin + "/sms?x=1", "-data", "Body=it's \"10%\" off & more; $HOME `id` \\ \n😀+", "-data", "Empty=",
			"-data", "M=2", "-data", "M=1", "-data", "M=2", "-data", "@file=@/etc/passwd"}},
		"a form that begins with @": {args: []string{"-url", origin + "/sms", "-data", "@=x"}},
		"JSON":                      {args: []string{"-url", origin + "/events?x=1", "-json", "{\"a\": \"it's $HOME\n\\\"b\\\"\"}"}},
		"JSON that begins with @":   {args: []string{"-url", origin + "/events", "-json", "@body.bin"}},
		"an empty JSON text":        {args: []string{"-url", origin + "/events", "-json", ""}},
		"a file":                    {args: []string{"-url", origin + "/events", "-body", "it's a body.bin", "-content-type", "text/xml; charset=utf-8"}},
		"standard input":            {args: []string{"-url", origin + "/events", "-body", "-"}, stdin: "line 1\r\nline 2\n"},
	}
}

func TestSignCurlIsAcceptedWhenPasted(t *testing.T) {
	for _, program := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("needs " + program)
		}
	}
	handler := new(golden.Handler)
	server := httptest.NewUnstartedServer(nil)
	server.Start()
	defer server.Close()
	v, err := golden.Config{PublicURL: server.URL, Tokens: []string{verbSecret}}.Validator(nil)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verified, _, err := v.ValidateHTTP(r)
		if err != nil {
			core.AnswerTo(err).Write(w)
			return
		}
		handler.ServeHTTP(w, verified)
	})
	for name, r := range awkward(server.URL) {
		t.Run(name, func(t *testing.T) {
			r.args = append([]string{"sign", "-curl"}, r.args...)
			r.dir = t.TempDir()
			writeFile(t, r.dir, "it's a body.bin", "\x00\x01\r\n\xff")
			if r.run(t); r.code != 0 {
				t.Fatalf("exit %d\n%s", r.code, r.stderr)
			}
			paste := exec.Command("sh", "-c", r.stdout)
			paste.Dir = r.dir
			paste.Env = append(paste.Environ(), "no_proxy=*", "CURL_HOME="+r.dir, "HOME="+r.dir)
			output, err := paste.Output()
			if err != nil || !strings.HasPrefix(string(output), "HTTP/1.1 200 ") || !strings.HasSuffix(string(output), "ok") {
				t.Errorf("%v: %s\ncommand: %s", err, output, r.stdout)
			}
		})
	}
}

func TestExplainReadsWhatSignPrints(t *testing.T) {
	for name, r := range awkward("https://example.com") {
		t.Run(name, func(t *testing.T) {
			r.args = append([]string{"sign", "-curl"}, r.args...)
			r.dir = t.TempDir()
			writeFile(t, r.dir, "it's a body.bin", "\x00\x01\r\n\xff")
			if r.run(t); r.code != 0 {
				t.Fatalf("exit %d\n%s", r.code, r.stderr)
			}
			again := verbRun{args: []string{"explain", "-"}, stdin: r.stdout, dir: r.dir}
			if strings.Contains(r.stdout, "--data-binary") {
				again.args = append(again.args, "-body", "it's a body.bin")
			}
			if again.run(t); again.code != 0 {
				t.Errorf("exit %d\n%s%s\ncommand: %s", again.code, again.stdout, again.stderr, r.stdout)
			}
		})
	}
}

func TestQuoteShell(t *testing.T) {
	for word, want := range map[string]string{
		"": "''", "plain-1.2_/:@%+,=": "plain-1.2_/:@%+,=", "a b": "'a b'", "it's": `'it'\''s'`, "$x": "'$x'", "~": "'~'", "a\nb": "'a\nb'", "é": "'é'",
		"a&b": "'a&b'", "'": `''\'''`,
	} {
		if got := quoteShell(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}
