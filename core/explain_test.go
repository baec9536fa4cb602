package core_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	mathrand "math/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// misconfigured returns the request of a misconfiguration and a validator for a configuration.
func misconfigured(t *testing.T, m golden.Misconfiguration, c golden.Config) (*core.Validator, *core.Request) {
	t.Helper()
	v, err := c.Validator(nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.Request()
	if err != nil {
		t.Fatal(err)
	}
	return v, r
}

func TestExplainNamesTheRightCauseOfEveryMisconfiguration(t *testing.T) {
	causes := make(map[core.Cause]bool)
	for _, m := range golden.Misconfigurations() {
		t.Run(m.ID, func(t *testing.T) {
			v, r := misconfigured(t, m, m.Config)
			_, refusal := v.Validate(r)
			if refusal == nil {
				t.Fatal("accepted: nothing to explain")
			}
			e := v.Explain(r, refusal, m.Options())
			if e.Cause != m.Cause || fmt.Sprint(e.More) != fmt.Sprint(m.More) || e.Sentence == "" {
				t.Errorf("want %s %s, got\n%s", m.Cause, m.More, e)
			}
			if !strings.Contains(e.Fix, m.Fix) {
				t.Errorf("want a fix with %q, got\n%s", m.Fix, e)
			}
			if again := v.Explain(r, nil, m.Options()); fmt.Sprint(again) != fmt.Sprint(e) {
				t.Errorf("without the refusal it says\n%s\nand with it\n%s", again, e)
			}
			causes[e.Cause] = true
		})
	}
	if len(causes) < 25 {
		t.Errorf("only %d causes are covered", len(causes))
	}
}

// isConfiguration reports whether every line of a fix names a field of Config: then the file holds the configuration that it makes, as
// "fixed". Any other fix is for somebody else to make, a sender or a proxy.
func isConfiguration(fix string) bool {
	config := reflect.TypeOf(core.Config{})
	for _, line := range strings.Split(fix, "\n") {
		named := false
		for _, word := range regexp.MustCompile(`\w+`).FindAllString(line, -1) {
			_, isField := config.FieldByName(word)
			named = named || isField
		}
		if !named {
			return false
		}
	}
	return true
}

func TestExplainsFixIsAccepted(t *testing.T) {
	for _, m := range golden.Misconfigurations() {
		t.Run(m.ID, func(t *testing.T) {
			v, r := misconfigured(t, m, m.Config)
			e := v.Explain(r, nil, m.Options())
			if ours := isConfiguration(e.Fix); ours != (m.Fixed != nil) {
				t.Errorf("the fix is configuration: %t, the file has it fixed: %t: %s", ours, m.Fixed != nil, e.Fix)
			}
			if m.Fixed == nil {
				return
			}
			v, r = misconfigured(t, m, *m.Fixed)
			accepted(t, v, r)
			if e := v.Explain(r, nil, m.Options()); e.Cause != core.CauseNone {
				t.Errorf("fixed, but explained as\n%s", e)
			}
		})
	}
}

func TestR2ExplainShowsNeitherSecretsNorSignatures(t *testing.T) {
	for _, m := range golden.Misconfigurations() {
		v, r := misconfigured(t, m, m.Config)
		for _, show := range []bool{false, true} {
			o := m.Options()
			o.ShowValues = show
			e := v.Explain(r, nil, o)
			everything := fmt.Sprintf("%s %+v %#v %q", e, e, e, e)
			for i, secret := range m.Secrets() {
				if strings.Contains(everything, secret) {
					t.Errorf("%s: secret %d is in the explanation", m.ID, i)
				}
			}
		}
	}
}

func TestR2ExplainHidesASecretThatTheRequestCarries(t *testing.T) {
	form := "Body=" + authToken + "&Note=" + authToken[:16]
	text := "http://example.com/" + authToken + "/x?t=" + authToken + "Body" + authToken + "Note" + authToken[:16]
	r := signedForm("/"+authToken+"/x?t="+authToken, form, text)
	e := validatorFor(t, core.Config{}).Explain(r, nil, core.ExplainOptions{ShowValues: true})
	if e.Cause != core.CauseScheme || strings.Contains(e.String(), authToken) || !strings.Contains(e.Signed, "[redacted]") {
		t.Errorf("cause %s, and the token is shown: %t", e.Cause, strings.Contains(e.String(), authToken))
	}
}

func TestR2ExplainMasksValuesUnlessAsked(t *testing.T) {
	r := signedForm("/sms?code=911", "Body=Meet+me+at+nine&Blank=&Space=+a%0A", "http://example.com/sms?code=911BlankBodyMeet me at nineSpace a\n")
	v := validatorFor(t, core.Config{})
	masked := v.Explain(r, nil, core.ExplainOptions{})
	if want := "[-https-]{+http+}://example.com/sms?code=***\nBlank=\nBody=***\nSpace= ***\\n"; masked.Signed != want {
		t.Errorf("got\n%s\nwant\n%s", masked.Signed, want)
	}
	if strings.Contains(masked.String(), "Meet") || strings.Contains(masked.String(), "911") {
		t.Errorf("a value is shown:\n%s", masked)
	}
	shown := v.Explain(r, nil, core.ExplainOptions{ShowValues: true})
	if !strings.Contains(shown.Signed, "Body=Meet me at nine") || !strings.Contains(shown.Signed, "code=911") {
		t.Errorf("values are not shown:\n%s", shown)
	}
}

func TestExplainEscapesWhatTheRequestHolds(t *testing.T) {
	r := signedForm("/sms", "%1B%5B31m%0A=1", "http://example.com/sms\x1b[31m\n1")
	e := validatorFor(t, core.Config{}).Explain(r, nil, core.ExplainOptions{ShowValues: true})
	if want := "[-https-]{+http+}://example.com/sms\n" + `\x1b[31m\n=1`; e.Signed != want {
		t.Errorf("got %q, want %q", e.Signed, want)
	}
}

func TestExplainElidesAlikeParametersOfALargeForm(t *testing.T) {
	var form, signed strings.Builder
	for i := 100; i < 400; i++ {
		fmt.Fprintf(&form, "p%d=+v&", i)
		fmt.Fprintf(&signed, "p%dv", i)
	}
	r := signedForm("/sms", form.String(), "https://example.com/sms"+signed.String())
	e := validatorFor(t, core.Config{}).Explain(r, nil, core.ExplainOptions{})
	if lines := strings.Count(e.Signed, "\n"); e.Cause != core.CauseTrimmed || lines > 30 || !strings.HasSuffix(e.Signed, "lines more") {
		t.Errorf("%s with %d lines", e.Cause, lines)
	}
}

// A cause is proven by a MAC, so that a forgery never has one.
func TestExplainNamesNoCauseForAThousandForgeries(t *testing.T) {
	random := mathrand.New(mathrand.NewSource(20261122))
	v := validatorFor(t, core.Config{})
	derived := validatorFor(t, core.Config{AllowedHosts: []string{"example.com"}, TrustedProxies: []string{"10.0.0.0/8"}})
	for i := 0; i < 1000; i++ {
		r := forgery(random)
		validator := v
		if random.Intn(4) == 0 {
			validator = derived
		}
		e := validator.Explain(r, nil, core.ExplainOptions{URLs: []string{"https://hooks.example.org/sms?a=1"}})
		if e.Cause != core.CauseUnexplained || e.Signed != "" || len(e.More) > 0 {
			t.Fatalf("forgery %d, %s %s: %s", i, r.Method, r.Target, e)
		}
	}
}

// forgery returns a well-formed request of any kind, with the right signature of another text or none of any: what somebody without the
// token can send.
func forgery(random *mathrand.Rand) *core.Request {
	texts := []string{"a", "Body", "AccountSid", accountA, "1", "x y", "+14155550100", "", "hello", "Ünï"}
	pick := func() string { return texts[random.Intn(len(texts))] }
	params := url.Values{}
	for i := random.Intn(5); i >= 0; i-- {
		params.Add(pick()+"n", pick())
	}
	paths := []string{"/", "/sms", "/sms/", "/api/sms", "/caf%C3%A9"}
	target := paths[random.Intn(len(paths))]
	if random.Intn(2) == 0 {
		target += "?" + params.Encode()
	}
	body, contentType := "", ""
	method := []string{"GET", "POST"}[random.Intn(2)]
	if method == "POST" {
		body, contentType = params.Encode(), formType
		if random.Intn(3) == 0 {
			body, contentType = `{"a":"`+pick()+`"}`, "application/json"
		}
	}
	mac := make([]byte, []int{20, 20, 20, 32}[random.Intn(4)])
	random.Read(mac)
	signature := base64.StdEncoding.EncodeToString(mac)
	switch random.Intn(6) {
	case 0:
		signature = fmt.Sprintf("%x", mac)
	case 1:
		signature = base64.URLEncoding.EncodeToString(mac)
	case 2: // the signature of another request to the same server
		signature = macOf(authToken, publicURL+"/other"+pick())
	case 3: // a stranger's
		signature = macOf("ffffffffffffffffffffffffffffffff", publicURL+target)
	}
	r := &core.Request{Method: method, Target: target, Host: "example.com", Buffered: []byte(body), Header: http.Header{
		"X-Twilio-Signature": {signature}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"example.com"}, "X-Original-Uri": {"/x?b=1"},
	}}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

func TestExplainAcceptsNothingAndRecordsNothing(t *testing.T) {
	store := core.NewMemoryReplayStore(10)
	v := validatorFor(t, core.Config{Replay: &core.ReplayGuard{Refuse: true, Store: store}, Basic: &core.BasicAuth{Realm: "r", Username: "u", Password: core.NewSecret("password")}})
	r := signedGet("/x", publicURL+"/x", "Authorization: Basic dTpwYXNzd29yZA==")
	for i := 0; i < 2; i++ {
		if e := v.Explain(r, nil, core.ExplainOptions{}); e.Cause != core.CauseNone || e.Fix != "" {
			t.Fatalf("explanation %d: %s", i, e)
		}
	}
	accepted(t, v, r)
	again := refused(t, v, r, core.ErrReplay)
	if e := v.Explain(r, again, core.ExplainOptions{}); e.Cause != core.CauseRule || !strings.Contains(e.Fix, "Replay") {
		t.Errorf("a repetition: %s", e)
	}
}

func TestExplainOfMistakesThatAreNotTheSignatures(t *testing.T) {
	good := func(lines ...string) *core.Request {
		return signedForm("/sms", "Body=a", publicURL+"/smsBodya", lines...)
	}
	source := func(context.Context, string) ([]core.Token, error) { return nil, fmt.Errorf("down") }
	tests := []struct {
		name  string
		cfg   core.Config
		r     *core.Request
		cause core.Cause
		word  string
	}{
		{"compressed", core.Config{}, good("Content-Encoding: gzip"), core.CauseRule, "compress"},
		{"a body over the limit", core.Config{MaxBodyBytes: 3}, good(), core.CauseRefused, "MaxBodyBytes"},
		{"too many parameters", core.Config{MaxParams: 1}, signedForm("/sms", "a=1&b=2", publicURL+"/smsa1b2"), core.CauseRule, "MaxParams"},
		{"a form with a semicolon", core.Config{}, signedForm("/sms", "a=1;2", publicURL+"/smsa1;2"), core.CauseRule, "%3B"},
		{"plain HTTP", core.Config{AllowedHosts: []string{"example.com"}, RequireHTTPS: true}, signedGet("/x", "http://example.com/x"), core.CauseRule, "https://"},
		{"a token source that fails", core.Config{TokenSource: source}, signedForm("/sms", "AccountSid="+accountA, ""), core.CauseRefused, "token source"},
		{"a target in absolute form", core.Config{}, signedGet("http://example.com/x", publicURL+"/x"), core.CauseRule, "as it came"},
		{"a target with a space", core.Config{}, signedGet("/x y", publicURL+"/x y"), core.CauseRefused, "as it came"},
		{"bodySHA256 twice", core.Config{}, signedGet("/x?bodySHA256=0&bodySHA256=0", publicURL+"/x?bodySHA256=0&bodySHA256=0"), core.CauseRule, "core.SignBody"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := validatorFor(t, test.cfg)
			e := v.Explain(test.r, v.Check(test.r), core.ExplainOptions{})
			if e.Cause != test.cause || !strings.Contains(e.Fix, test.word) {
				t.Errorf("want %s and a fix with %q, got %s", test.cause, test.word, e)
			}
		})
	}
}

func TestExplainTakesABareReason(t *testing.T) {
	r := signedGet("/x", "http://example.com/x")
	if e := validatorFor(t, core.Config{}).Explain(r, core.ErrSignature, core.ExplainOptions{}); e.Cause != core.CauseScheme {
		t.Error(e)
	}
}

func TestExplainReadsABodyThatIsLeft(t *testing.T) {
	r := signedForm("/sms", "Body=a", "http://example.com/smsBodya")
	r.Body, r.Buffered = strings.NewReader("Body=a"), nil
	if e := validatorFor(t, core.Config{}).Explain(r, nil, core.ExplainOptions{}); e.Cause != core.CauseScheme {
		t.Error(e)
	}
}

func TestExplainTriesTheTokensOfATokenSourceAndOfSigningKeys(t *testing.T) {
	other := strings.Repeat("7", 32)
	source := func(_ context.Context, sid string) ([]core.Token, error) { return []core.Token{primaryToken()}, nil }
	key := core.SigningKey{Sid: "KE1", Algorithm: core.HMACSHA1, Secret: core.NewSecret(other), AccountSid: accountA}
	v := validatorFor(t, core.Config{TokenSource: source, SigningKeys: []core.SigningKey{key}})
	form := "AccountSid=" + accountA
	r := signedForm("/sms", form, "http://example.com/smsAccountSid"+accountA)
	if e := v.Explain(r, nil, core.ExplainOptions{}); e.Cause != core.CauseScheme {
		t.Error(e)
	}
	r = signedForm("/sms", form, "")
	r.Header.Set("X-Twilio-Signature", macOf(other, publicURL+"/smsAccountSid"+accountA))
	if e := v.Explain(r, nil, core.ExplainOptions{}); e.Cause != core.CauseToken || !strings.Contains(e.Sentence, "KE1") {
		t.Error(e)
	}
	r.Header.Set("X-Twilio-Signature-Key-Sid", "KE1")
	if e := v.Explain(r, nil, core.ExplainOptions{}); e.Cause != core.CauseNone {
		t.Error(e)
	}
}

func TestExplainHTTP(t *testing.T) {
	v := validatorFor(t, core.Config{})
	r := httptest.NewRequest("POST", "/sms", strings.NewReader("Body=a"))
	r.Header.Set("Content-Type", formType)
	r.Header.Set("X-Twilio-Signature", macOf(authToken, "http://example.com/smsBodya"))
	_, _, refusal := v.ValidateHTTP(r)
	if e := v.ExplainHTTP(r, []byte("Body=a"), refusal, core.ExplainOptions{}); e.Cause != core.CauseScheme {
		t.Error(e)
	}
	r = httptest.NewRequest("GET", "/sms", nil)
	r.Header.Set("X-Twilio-Signature", macOf(authToken, "http://example.com/sms"))
	if e := v.ExplainHTTP(r, nil, nil, core.ExplainOptions{}); e.Cause != core.CauseScheme {
		t.Error(e)
	}
}

func TestExplainSurvivesHostileRequests(t *testing.T) {
	for _, c := range golden.Hostile() {
		v, err := c.Config.Validator(nil)
		if err != nil {
			continue
		}
		r, err := core.ParseCapture(c.Bytes())
		if err != nil || len(r.Buffered) > 1<<16 {
			continue
		}
		_, refusal := v.Validate(r)
		e := v.Explain(r, refusal, core.ExplainOptions{ShowValues: true})
		if e.Cause == "" || e.Sentence == "" || strings.Contains(e.Sentence, "could not be explained") {
			t.Errorf("%s: %s", c.ID, e)
		}
		for i, secret := range c.Secrets {
			if len(secret) > 6 && strings.Contains(e.String(), secret) {
				t.Errorf("%s: secret %d is in the explanation", c.ID, i)
			}
		}
	}
}

func TestConfigExplainLogsTheSentenceBesideTheRefusal(t *testing.T) {
	var log bytes.Buffer
	v := validatorFor(t, core.Config{Logger: loggerInto(&log), Explain: true})
	r := signedForm("/sms", "Body=secret+words", "http://example.com/smsBodysecret words")
	r.Body, r.Buffered = bytes.NewReader(r.Buffered), nil
	refused(t, v, r, core.ErrSignature)
	line := log.String()
	for _, want := range []string{
		"twilio webhook refused", "cause=scheme", `fix="PublicURL: \"http://example.com\","`,
		`explanation="http:// was signed, https:// checked: Twilio is configured with an http:// URL"`,
	} {
		if !strings.Contains(line, want) {
			t.Errorf("no %q in %s", want, line)
		}
	}
	for _, secret := range []string{authToken, r.Header.Get("X-Twilio-Signature"), "secret words"} {
		if strings.Contains(line, secret) {
			t.Error("a secret or a value is in the log")
		}
	}
}

func TestConfigExplainWithoutALoggerIsRefused(t *testing.T) {
	configRefused(t, core.Config{PublicURL: publicURL, Tokens: []core.Token{primaryToken()}, Explain: true}, "Logger")
}

func TestConfigExplainLeavesAnUnreadBodyUnread(t *testing.T) {
	var log bytes.Buffer
	v := validatorFor(t, core.Config{Logger: loggerInto(&log), Explain: true})
	body := strings.NewReader("Body=a")
	r := signedForm("/sms", "", "")
	r.Body, r.Buffered = body, nil
	r.Header.Set("X-Twilio-Signature", "abc")
	refused(t, v, r, core.ErrSignatureFormat)
	if body.Len() != 6 || strings.Contains(log.String(), "cause=") {
		t.Errorf("%d bytes left; log: %s", body.Len(), &log)
	}
	r.Header.Del("X-Twilio-Signature")
	refused(t, v, r, core.ErrNoSignature)
	if body.Len() != 6 || !strings.Contains(log.String(), "cause=unsigned") {
		t.Errorf("%d bytes left; log: %s", body.Len(), &log)
	}
}

func TestExplainSaysThatALargeRequestWasNotTriedToTheEnd(t *testing.T) {
	r := signedForm("/?a=1&b=2&c=3&d='&e=4", "Body="+strings.Repeat("%41", 330_000)+"&x=1&x=2", "")
	e := validatorFor(t, core.Config{}).Explain(r, core.ErrSignature, core.ExplainOptions{})
	if e.Cause != core.CauseUnexplained || !strings.Contains(e.Sentence, "too large") {
		t.Error(e)
	}
}
