package core

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

// inquiryInto returns an inquiry about a GET whose signature nothing explains.
func inquiryInto(t *testing.T, target string, origins ...string) *inquiry {
	t.Helper()
	cfg := Config{PublicURL: origins[0], MorePublicURLs: origins[1:], Tokens: []Token{AuthToken("primary", strings.Repeat("1", 32))}}
	v, err := NewValidator(cfg)
	if err != nil {
		t.Fatal(err)
	}
	header := map[string][]string{"X-Twilio-Signature": {strings.Repeat("A", 27) + "="}}
	for _, name := range []string{"X-Forwarded-Host", "X-Original-Uri", "X-Forwarded-Prefix"} {
		for i := 0; i < 200; i++ {
			header[name] = append(header[name], "/p"+strings.Repeat("x", i))
		}
	}
	q, problem := v.inquire(&Request{Method: "GET", Target: target, Host: "h", Header: header}, ErrSignature, ExplainOptions{})
	if problem != "" {
		t.Fatal(problem)
	}
	return q
}

func TestExplainStopsAtItsBoundOfWork(t *testing.T) {
	q := inquiryInto(t, "/"+strings.Repeat("a/", 20_000)+"?a=1&b='&c=%40&d=4&e=5", "https://a", "https://b", "https://c", "https://d")
	if _, ok := q.find(); ok {
		t.Fatal("found a cause for a forgery")
	}
	if largest := len(q.exam.url) + explainOverhead; q.work <= maxExplainWork || q.work > maxExplainWork+2*largest {
		t.Errorf("work %d, want just over %d", q.work, maxExplainWork)
	}
}

func TestExplainTriesAllOfAnOrdinaryRequestWithinTheBound(t *testing.T) {
	q := inquiryInto(t, "/sms?AccountSid=AC1&From=1", "https://a")
	if q.find(); q.work > maxExplainWork || q.work < 1000*explainOverhead {
		t.Errorf("work %d of %d", q.work, maxExplainWork)
	}
}

func TestARequestCannotAddChangesWithoutEnd(t *testing.T) {
	q := inquiryInto(t, "/sms", "https://a")
	if n := len(q.bases[0].changes); n > 300 {
		t.Errorf("%d changes", n)
	}
}

func TestExplainHookTakesTurnsOfASecond(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	h := &explainHook{now: func() time.Time { return now }}
	for _, step := range []struct {
		after time.Duration
		due   bool
	}{{0, true}, {0, false}, {999 * time.Millisecond, false}, {time.Millisecond, true}, {time.Millisecond, false}, {time.Hour, true}} {
		now = now.Add(step.after)
		if got := h.due(); got != step.due {
			t.Errorf("after %s: due is %t", step.after, got)
		}
	}
}

func TestExplainHookOfAFloodLogsEveryRefusalAndExplainsOne(t *testing.T) {
	var log bytes.Buffer
	v, err := NewValidator(Config{
		PublicURL: "https://example.com", Tokens: []Token{AuthToken("primary", strings.Repeat("1", 32))},
		Logger: slog.New(slog.NewTextHandler(&log, nil)), Explain: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_700_000_000, 0)
	v.explain.now = func() time.Time { return now }
	for i := 0; i < 20; i++ {
		_ = v.Check(&Request{Method: "GET", Target: "/", Host: "example.com", Header: http.Header{}})
	}
	if refusals, explained := strings.Count(log.String(), "refused"), strings.Count(log.String(), "cause="); refusals != 20 || explained != 1 {
		t.Errorf("%d refusals logged, %d explained", refusals, explained)
	}
}

// The loose reading must take a well-formed form for what the strict one does, or nothing could be proven.
func TestLooseParamsAgreeWithTheStrictParser(t *testing.T) {
	for _, raw := range []string{"", "a=1", "a=1&b=2&a=1", "b&&=x&a=%41+%2b", "c=%C3%A9&B=2&a==", "a=2&a=1&a=2"} {
		var strict form
		if reason := strict.parse([]byte(raw), 100); reason != "" {
			t.Fatal(reason)
		}
		strict.sort()
		var loose reading
		loose.setParams(looseParams(raw))
		if want := string(strict.appendSigned(nil)); loose.tail != want {
			t.Errorf("%q: got %q, want %q", raw, loose.tail, want)
		}
	}
	if got := looseDecode("100%+%zz%4"); got != "100% %zz%4" {
		t.Errorf("malformed escapes: %q", got)
	}
}

func TestBodyForms(t *testing.T) {
	const compact = `{"b":[1,2],"a":"<x, y: \"z\">"}`
	for _, test := range []struct{ name, body, want string }{
		{"as compact JSON", "{ \"b\" : [1, 2],\n\"a\":\"<x, y: \\\"z\\\">\"}", compact},
		{"as JSON indented by two spaces", `{"a":1}`, "{\n  \"a\": 1\n}"},
		{"as JSON indented by four spaces", `{"a":1}`, "{\n    \"a\": 1\n}"},
		{"as JSON indented by tabs", `{"a":1}`, "{\n\t\"a\": 1\n}"},
		{"as JSON with spaces after colons and commas", compact, `{"b": [1, 2], "a": "<x, y: \"z\">"}`},
		{"as JSON with sorted keys", compact, `{"a":"\u003cx, y: \"z\"\u003e","b":[1,2]}`},
		{"as JSON with sorted keys and < > & unescaped", compact, `{"a":"<x, y: \"z\">","b":[1,2]}`},
		{"with a newline at its end", "x", "x\n"},
		{"without the white space around it", " x\n", "x"},
		{"with LF line ends", "a\r\nb", "a\nb"},
		{"with CRLF line ends", "a\nb", "a\r\nb"},
		{"without its byte order mark", "\uFEFFx", "x"},
		{"empty", "x", ""},
		{"as a form with sorted parameters", "b=1&a=2", "a=2&b=1"},
		{"as a form with %20 for spaces", "a=x+y", "a=x%20y"},
		{"as a form with + for spaces", "a=x%20y", "a=x+y"},
	} {
		found := false
		for _, form := range bodyForms {
			if form.name != test.name {
				continue
			}
			found = true
			if got, ok := form.write([]byte(test.body)); !ok || string(got) != test.want {
				t.Errorf("%s: got %q, %t, want %q", test.name, got, ok, test.want)
			}
		}
		if !found {
			t.Errorf("no form %q", test.name)
		}
	}
	for _, form := range bodyForms[:7] {
		if _, ok := form.write([]byte("{")); ok {
			t.Errorf("%s of what is no JSON", form.name)
		}
	}
}

func TestQuerySpellings(t *testing.T) {
	want := map[string]string{
		"spaces as %20 instead of +": "a=%20x%20%c3%A9'%2f&b", "spaces as + instead of %20": "a=+x+%c3%A9'%2f&b",
		"escapes in upper case": "a=+x%20%C3%A9'%2F&b", "escapes in lower case": "a=+x%20%c3%a9'%2f&b",
		"decoded": "a= x é'/&b", "decoded but for spaces": "a=%20x%20é'/&b",
		"encoded anew as Go and browsers' forms do":            "a=+x+%C3%A9%27%2F&b",
		"encoded anew with %20 for spaces":                     "a=%20x%20%C3%A9%27%2F&b",
		"encoded anew as JavaScript's encodeURIComponent does": "a=%20x%20%C3%A9'%2F&b",
		"escaped once more":                                    "a=+x%2520%25c3%25A9'%252f&b",
		"escaped once less":                                    "a=+x%20%c3%A9'%2f&b",
		"with = after a name without value":                    "a=+x%20%c3%A9'%2f&b=",
		"without = after a name without value":                 "a=+x%20%c3%A9'%2f&b",
		"with & escaped as in HTML":                            "a=+x%20%c3%A9'%2f&amp;b",
		"with &amp; as &":                                      "a=+x%20%c3%A9'%2f&b",
	}
	for _, s := range querySpellings {
		if got := s.respell("a=+x%20%c3%A9'%2f&b"); got != want[s.name] {
			t.Errorf("%s: got %q, want %q", s.name, got, want[s.name])
		}
	}
}

func TestMark(t *testing.T) {
	pieces := func(words string) (list []piece) {
		for _, word := range strings.Fields(words) {
			list = append(list, piece{word, word})
		}
		return list
	}
	for _, test := range []struct{ checked, signed, separator, want string }{
		{"a b c", "a b c", "", "abc"},
		{"a b c", "a x c", "", "a[-b-]{+x+}c"},
		{"a b c", "c", "", "[-ab-]c"},
		{"", "a b", "", "{+ab+}"},
		{"a b", "b a", "", "[-a-]b{+a+}"},
		{"a b", "a c d", "\n", "a\n[-b-]\n{+c+}\n{+d+}"},
		{"", "", "\n", ""},
	} {
		if got := mark(pieces(test.checked), pieces(test.signed), test.separator); got != test.want {
			t.Errorf("%q, %q: got %q, want %q", test.checked, test.signed, got, test.want)
		}
	}
}

// Whatever change the sender made, and nothing else, is found as one change.
func TestExplainFindsEachChangeThatItTries(t *testing.T) {
	token := AuthToken("primary", "0123456789abcdef0123456789abcdef")
	v, err := NewValidator(Config{PublicURL: "https://Example.com:8080/pre", MorePublicURLs: []string{"https://other.example"}, Tokens: []Token{token}, StrictURL: true})
	if err != nil {
		t.Fatal(err)
	}
	const form = "application/x-www-form-urlencoded"
	requests := []*Request{
		{Method: "GET", Target: "/a//b/c%2fd/?x=%c3%a9+%7E&b&c=1'2&amp;"},
		{Method: "POST", Target: "/sms?z=1&a=", Header: http.Header{"Content-Type": {form}},
			Buffered: []byte("b=+x+&B=2&a=%C3%A9%0A&e=&m=2&m=1&m=2&p=%252B&AccountSid=AC" + strings.Repeat("1", 32))},
		{Method: "POST", Target: "/sms", Header: http.Header{"Content-Type": {form}}, Buffered: []byte("Body=a%0D%0Ab")},
		{Method: "POST", Target: "/events", Header: http.Header{"Content-Type": {"application/json"}}, Buffered: []byte(`{"a":"b","n":1,"o":null}`)},
	}
	tried := 0
	for _, r := range requests {
		r.Host = "backend:9000"
		if r.Header == nil {
			r.Header = http.Header{}
		}
		r.Header["X-Forwarded-Host"] = []string{"shop.example, inner.example"}
		r.Header["Forwarded"] = []string{`for=10.0.0.1;host="fwd.example:444"`}
		r.Header["X-Forwarded-Port"] = []string{"4443"}
		r.Header["X-Original-Uri"] = []string{"https://shop.example/orig?q=1"}
		r.Header["X-Twilio-Signature"] = []string{strings.Repeat("A", 27) + "="}
		options := ExplainOptions{
			URLs: []string{"https://console.example:444/hook"}, OtherTokens: []Token{AuthToken("other", strings.Repeat("2", 32))},
			APIKeys: []Token{AuthToken("SK1", strings.Repeat("3", 32))},
		}
		q, problem := v.inquire(r, ErrSignature, options)
		if problem != "" {
			t.Fatal(problem)
		}
		for _, c := range q.bases[0].changes {
			signed := q.bases[0].reading
			c.apply(&signed)
			x := exam{target: signed.target, upgrade: signed.upgrade}
			var candidate Candidate
			if signed.upgrade {
				candidate = WebSocketScheme
			}
			text := string(x.appendURL(nil, &signed.origin, candidate)) + signed.tail
			mac := signed.signers[0].with(HMACSHA1).appendMAC(nil, []byte(text), nil)
			r.Header["X-Twilio-Signature"] = []string{base64.StdEncoding.EncodeToString(mac)}
			e := v.Explain(r, ErrSignature, options)
			tried++
			if e.Cause == CauseUnexplained || len(e.More) > 0 && e.Cause != CauseRule {
				t.Errorf("%s %s: a change of the kind %s (%s) is explained as\n%s", r.Method, r.Target, c.cause, c.why, e)
			}
		}
	}
	if tried < 300 {
		t.Errorf("only %d changes", tried)
	}
}

func FuzzExplain(f *testing.F) {
	const secret = "0123456789abcdef0123456789abcdef"
	v, err := NewValidator(Config{PublicURL: "https://example.com", Tokens: []Token{AuthToken("primary", secret)}})
	if err != nil {
		f.Fatal(err)
	}
	derive, err := NewValidator(Config{AllowedHosts: []string{"example.com"}, TrustedProxies: []string{"unix"}, Tokens: []Token{AuthToken("primary", secret)}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("POST /a?b=%zz HTTP/1.1\r\nHost: example.com\r\nX-Twilio-Signature: 0000000000000000000000000000\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na=1&a=%"))
	f.Add([]byte("GET http://h HTTP/1.1\nHost: [\nX-Twilio-Signature: a, %\nX-Original-URL: https://:1?\nForwarded: host=\nConnection: upgrade\nUpgrade: websocket\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, v := range []*Validator{v, derive} {
			r, err := ParseCapture(raw)
			if err != nil || len(raw) > 4096 {
				return
			}
			r.Peer = Peer{unix: true}
			e := v.Explain(r, nil, ExplainOptions{ShowValues: true})
			if e.Cause == "" || strings.Contains(e.Sentence, "could not be explained") || strings.Contains(e.String(), secret) {
				t.Errorf("%q: %s", raw, e)
			}
		}
	})
}
