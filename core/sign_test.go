package core_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// The two examples that Twilio's documents work out, checked against literals, so that no helper of these tests can be wrong with
// the code.
func TestS1WorkedExamplesOfTheDocuments(t *testing.T) {
	for number, want := range map[string]string{
		"+14158675309": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
		"+14158675310": "GvWf1cFY/Q7PnoempGyD5oXAezc=",
	} {
		got, err := core.Sign(core.AuthToken("docs", "12345"), "https://mycompany.com/myapp.php?foo=1&bar=2", url.Values{
			"CallSid": {"CA1234567890ABCDE"}, "Caller": {number}, "Digits": {"1234"}, "From": {number}, "To": {"+18005551212"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("caller %s: got %q, want %q", number, got, want)
		}
	}
}

// Every published vector gets its verdict from Validate. Sign makes the signature of those that match as received, and of no other.
func TestS1PublishedVectors(t *testing.T) {
	verdicts := map[golden.Verdict]int{}
	for _, vector := range golden.Vectors() {
		c, err := vector.Case()
		if err != nil {
			continue // no token was published, or no request line can carry the URL
		}
		verdicts[c.Expect]++
		t.Run(vector.ID, func(t *testing.T) {
			token := core.AuthToken("published", *vector.AuthToken)
			v := validatorFor(t, core.Config{PublicURL: c.Config.PublicURL, Tokens: []core.Token{token}})
			r := &core.Request{Method: c.Method, Target: c.Target, RawHeader: rawHeader(c.Headers), Buffered: c.Body}
			if c.Expect == golden.Refuse {
				if webhook, err := v.Validate(r); err == nil {
					t.Fatalf("accepted: %v", webhook)
				}
				return
			}
			webhook := accepted(t, v, r)
			params := url.Values{}
			for _, p := range vector.Params {
				params.Add(p[0], p[1])
			}
			made, err := core.Sign(token, vector.URL, params)
			if err != nil {
				t.Fatal(err)
			}
			if asReceived := webhook.Candidate == 0; asReceived != (made == vector.Signature) {
				t.Errorf("matched %s, but Sign makes %q and %q was published", webhook.Candidate, made, vector.Signature)
			}
		})
	}
	if verdicts[golden.Accept] < 20 || verdicts[golden.Refuse] < 10 {
		t.Errorf("only %v vectors were judged", verdicts)
	}
}

func rawHeader(lines []golden.HeaderLine) []byte {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line[0] + ": " + line[1] + "\r\n")
	}
	return []byte(b.String() + "\r\n")
}

func TestS2SignedText(t *testing.T) {
	const base = "https://example.com/x"
	tests := []struct {
		name   string
		params url.Values
		text   string // after the URL
	}{
		{"no parameters add nothing", nil, ""},
		{"names and values have no delimiter", url.Values{"a": {"b"}, "c": {"d"}}, "abcd"},
		{"names are ordered bytewise, capitals first", url.Values{"b": {"1"}, "B": {"2"}, "a": {"3"}}, "B2a3b1"},
		{"the order is that of the names, not of name and value", url.Values{"Reason": {"Z"}, "ReasonConferenceEnded": {"A"}}, "ReasonZReasonConferenceEndedA"},
		{"long names that differ late are ordered, too", url.Values{"ParameterB": {"1"}, "ParameterA": {"2"}}, "ParameterA2ParameterB1"},
		{"a short name comes before one that it begins, NUL included", url.Values{"a\x00": {"2"}, "a": {"1"}}, "a1a\x002"},
		{"names beyond ASCII are ordered as UTF-8, not as UTF-16", url.Values{"\U00010000": {"2"}, "\uFFFD": {"1"}}, "\uFFFD1\U000100002"},
		{"the values of a repeated name are ordered bytewise", url.Values{"a": {"c", "B", "b"}}, "aBabac"},
		{"an equal pair contributes once", url.Values{"a": {"1", "2", "1"}}, "a1a2"},
		{"pairs of equal text and unequal names both contribute", url.Values{"a": {"bc"}, "ab": {"c"}}, "abcabc"},
		{"an empty value contributes the name alone", url.Values{"FromCity": {""}}, "FromCity"},
		{"nothing is trimmed", url.Values{" a ": {" \tb\n"}}, " a  \tb\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := core.Sign(primaryToken(), base, test.params)
			if err != nil {
				t.Fatal(err)
			}
			if want := macOf(authToken, base+test.text); got != want {
				t.Errorf("the signature is not over %q", base+test.text)
			}
		})
	}
}

func TestS3AGetSignsItsURLAlone(t *testing.T) {
	const get = "https://example.com/x?b=2&a=1"
	got, err := core.Sign(primaryToken(), get, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got != macOf(authToken, get) {
		t.Error("the signature is not over the URL as it is")
	}
}

func TestS4SignBodyAppendsTheHash(t *testing.T) {
	const body = `{"a": 1}`
	tests := []struct{ name, url, signed string }{
		{"a URL without query gets one", "https://example.com/x", "https://example.com/x?" + bodyHash(body)},
		{"an empty query is filled", "https://example.com/x?", "https://example.com/x?" + bodyHash(body)},
		{"a query gets one more parameter", "https://example.com/x?a=1", "https://example.com/x?a=1&" + bodyHash(body)},
		{"the name in the path is no parameter", "https://example.com/bodySHA256=1", "https://example.com/bodySHA256=1?" + bodyHash(body)},
		{"userinfo and fragment are dropped first (S5)", "https://u:p@example.com/x#rc=2", "https://example.com/x?" + bodyHash(body)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			signed, signature, err := core.SignBody(primaryToken(), test.url, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			if signed != test.signed {
				t.Errorf("URL %q, want %q", signed, test.signed)
			}
			if signature != macOf(authToken, test.signed) {
				t.Error("the signature is not over the URL alone")
			}
		})
	}
}

func TestS5UserinfoAndFragmentAreNotSigned(t *testing.T) {
	tests := []struct{ name, url, signed string }{
		{"userinfo", "https://user:pass@example.com/x", "https://example.com/x"},
		{"userinfo with an @ in it", "https://user@corp:pass@example.com/x", "https://example.com/x"},
		{"an @ in the path stays", "https://example.com/@x", "https://example.com/@x"},
		{"an @ in the query of a URL without path stays", "https://example.com?a=b@c", "https://example.com?a=b@c"},
		{"a fragment with webhook options", "https://example.com/x?a=1#rc=2&rp=all", "https://example.com/x?a=1"},
		{"a slash in the fragment of a URL without path", "https://example.com#a/@b", "https://example.com"},
		{"the port stays", "https://example.com:8443/x", "https://example.com:8443/x"},
		{"http, too", "http://u@example.com/", "http://example.com/"},
		{"ws, too", "ws://u@example.com/", "ws://example.com/"},
		{"wss, too", "wss://u@example.com/", "wss://example.com/"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := core.Sign(primaryToken(), test.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got != macOf(authToken, test.signed) {
				t.Errorf("the signature is not over %q", test.signed)
			}
		})
	}
}

func TestSignRefusesWhatCannotBeSigned(t *testing.T) {
	tests := []struct {
		name  string
		token core.Token
		url   string
		word  string
	}{
		{"a relative URL", primaryToken(), "/x", "absolute"},
		{"another scheme", primaryToken(), "ftp://example.com/x", "scheme"},
		{"an upper-case scheme", primaryToken(), "HTTPS://example.com/x", "lower case"},
		{"a URL without host", primaryToken(), "https:///x", "host"},
		{"a URL with nothing but userinfo", primaryToken(), "https://user@/x", "host"},
		{"a token that AuthToken did not make", core.Token{Label: "zero"}, publicURL, "AuthToken"},
		{"a token that cannot be one", core.AuthToken("file", "abc\n"), publicURL, "newline"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, ofForm := core.Sign(test.token, test.url, nil)
			_, _, ofBody := core.SignBody(test.token, test.url, nil)
			for _, err := range []error{ofForm, ofBody} {
				if !errors.Is(err, core.ErrConfig) || !strings.Contains(err.Error(), test.word) {
					t.Errorf("error %v, want ErrConfig with %q", err, test.word)
				}
			}
		})
	}
}

func TestS4SignBodyRefusesASecondHash(t *testing.T) {
	for _, query := range []string{bodyHash("x"), "a=1&bodySHA256=", "body%53HA256=1"} {
		if signed, _, err := core.SignBody(primaryToken(), publicURL+"/x?"+query, nil); !errors.Is(err, core.ErrConfig) {
			t.Errorf("query %q: got %q, %v", query, signed, err)
		}
	}
}
