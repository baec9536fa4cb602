package core_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestU2TheRawTargetIsSigned(t *testing.T) {
	v := validatorFor(t, core.Config{})
	for name, target := range map[string]string{
		"an escaped slash":                      "/a%2Fb",
		"a lower-case escape":                   "/a%2fb",
		"an escape that is not needed":          "/%61",
		"dot segments":                          "/a/../b/./c",
		"escaped dot segments":                  "/a/%2e%2e/b",
		"double slashes":                        "//a//b",
		"a character that net/url would escape": "/a|b",
		"bytes beyond ASCII":                    "/caf\xc3\xa9?\xff",
		"an escaped NUL":                        "/a%00b",
		"an escape at the end of the path":      "/a%20?b",
		"an empty query":                        "/x?",
		"a plus and a space in the query":       "/x?a=b+c%20d",
		"separators without pairs in the query": "/x?&&a=1&",
		"a semicolon in the query":              "/x?a=1;b=2",
		"a malformed escape in the query":       "/x?a=%zz&b=%",
		"a question mark in the query":          "/x?a=?b",
	} {
		t.Run(name, func(t *testing.T) {
			webhook := accepted(t, v, signedGet(target, publicURL+target))
			if webhook.Candidate != 0 {
				t.Errorf("matched %s", webhook.Candidate)
			}
			if got := webhook.URL(); got != publicURL+target {
				t.Errorf("URL %q, want %q", got, publicURL+target)
			}
		})
	}
}

func TestU2NoOtherFormOfTheTargetIsSigned(t *testing.T) {
	v := validatorFor(t, core.Config{})
	tests := []struct{ name, target, signed string }{
		{"decoded path", "/a%2Fb", "/a/b"},
		{"cleaned path", "/a/../b", "/b"},
		{"case of an escape", "/x?a=%2f", "/x?a=%2F"},
		{"plus for an escaped space", "/x?a=%20", "/x?a=+"},
		{"an escaped plus for a space", "/x?a=+", "/x?a=%20"},
		{"no query", "/x?a=1", "/x"},
		{"no question mark", "/x?", "/x"},
		{"a question mark", "/x", "/x?"},
		{"query in another order", "/x?b=1&a=2", "/x?a=2&b=1"},
		{"a slash at the end of the path (U4)", "/x", "/x/"},
		{"no slash at the end of the path (U4)", "/x/", "/x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			refused(t, v, signedGet(test.target, publicURL+test.signed), core.ErrSignature)
		})
	}
}

func TestU2MalformedTargets(t *testing.T) {
	v := validatorFor(t, core.Config{})
	for name, target := range map[string]string{
		"empty":                                  "",
		"asterisk-form":                          "*",
		"authority-form":                         "example.com:443",
		"absolute-form with the own authority":   "https://example.com/x",
		"absolute-form with another authority":   "https://evil.example/x",
		"a query without path":                   "?a=1",
		"a malformed escape in the path":         "/a%zz",
		"an escape with one digit that is one":   "/a%4g",
		"an escape with the other one":           "/a%g4",
		"an escape cut short by the query":       "/a%4?1",
		"a malformed escape after a good one":    "/%41%4",
		"a space":                                "/a b",
		"a tab":                                  "/a\tb",
		"a line feed":                            "/a\nb",
		"NUL":                                    "/a\x00",
		"DEL in the query":                       "/a?\x7f",
		"a fragment":                             "/a#b",
		"a fragment in the query":                "/a?b#c",
		"a backslash where a slash should stand": `\a`,
	} {
		t.Run(name, func(t *testing.T) {
			e := refused(t, v, signedGet(target, publicURL+target), core.ErrMalformedRequest)
			if e.Status() != http.StatusBadRequest {
				t.Errorf("status %d", e.Status())
			}
		})
	}
}

func TestV2BodySHA256BindsTheBody(t *testing.T) {
	const body = `{"a": 1}`
	hash := bodyHash(body)
	tests := []struct{ name, method, query, contentType, body string }{
		{"JSON", "POST", hash, "application/json", body},
		{"among other parameters", "POST", "a=1&" + hash + "&b=%zz", "application/json", body},
		{"beside names that only resemble it", "POST", hash + "&bodysha256=1&xbodySHA256=2&bodySHA256x=3&bodySHA25=4&body+SHA256=5&bodySHA25%3=6", "application/json", body},
		{"as a value", "POST", hash + "&a=bodySHA256", "application/json", body},
		{"multipart", "POST", hash, "multipart/form-data; boundary=x", body},
		{"a body without a type", "POST", hash, "", body},
		{"a GET with a body", "GET", hash, "application/json", body},
		{"an empty body", "POST", bodyHash(""), "application/json", ""},
		{"an empty body of a GET", "GET", bodyHash(""), "", ""},
	}
	v := validatorFor(t, core.Config{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			target := "/x?" + test.query
			r := signedRequest(test.method, target, test.body, publicURL+target)
			if test.contentType != "" {
				r.Header.Set("Content-Type", test.contentType)
			}
			if got := accepted(t, v, r).Body(); string(got) != test.body {
				t.Errorf("body %q, want %q", got, test.body)
			}
		})
	}
}

func TestV2AFormBoundByItsHashIsParsedForTheHandler(t *testing.T) {
	const body = "From=%2B1&a=1"
	target := "/x?" + bodyHash(body)
	v := validatorFor(t, core.Config{})
	webhook := accepted(t, v, signedForm(target, body, publicURL+target))
	if got := webhook.Param("From"); got != "+1" {
		t.Errorf("From is %q", got)
	}
	refused(t, v, signedForm(target, body, publicURL+target+"From+1a1"), core.ErrSignature)

	malformed := "/x?" + bodyHash("a=%zz")
	refused(t, v, signedForm(malformed, "a=%zz", publicURL+malformed), core.ErrMalformedForm)
}

func TestV2BodySHA256MustStandOnceAndPlainly(t *testing.T) {
	const body = `{"a": 1}`
	hash := bodyHash(body)
	digits := strings.TrimPrefix(hash, "bodySHA256=")
	v := validatorFor(t, core.Config{})
	for name, query := range map[string]string{
		"twice with one value":               hash + "&" + hash,
		"twice, the wrong one first":         bodyHash("x") + "&" + hash,
		"twice, the right one first":         hash + "&" + bodyHash("x"),
		"a second one under an escaped name": hash + "&%62odySHA256=" + digits,
		"under an escaped name alone":        "bodySHA25%36=" + digits,
		"without a value":                    "bodySHA256=",
		"without an equals sign":             "bodySHA256",
		"in upper-case hex":                  "bodySHA256=" + strings.ToUpper(digits),
		"a digit short":                      "bodySHA256=" + digits[1:],
		"a digit long":                       hash + "0",
		"with text behind":                   hash + "x",
		"with an escaped digit":              "bodySHA256=%" + "30" + digits[1:],
		"with a character that is no digit":  "bodySHA256=g" + digits[1:],
		"with one before the digits":         "bodySHA256=/" + digits[1:],
		"with one behind the digits":         "bodySHA256=:" + digits[1:],
		"with one before the letters":        "bodySHA256=`" + digits[1:],
		"the hash of another body":           bodyHash("x"),
	} {
		for _, contentType := range []string{"application/json", formType} {
			t.Run(name+", "+contentType, func(t *testing.T) {
				target := "/x?" + query
				refused(t, v, signedRequest("POST", target, body, publicURL+target, "Content-Type: "+contentType), core.ErrBodyHash)
			})
		}
	}
}

func TestV2ABodyHashOutsideTheQueryIsNone(t *testing.T) {
	const body = `{"a": 1}`
	v := validatorFor(t, core.Config{})

	path := "/" + bodyHash(body)
	refused(t, v, signedRequest("POST", path, body, publicURL+path, "Content-Type: application/json"), core.ErrBodyNotBound)

	form := bodyHash(body)
	signed := publicURL + "/x" + strings.Replace(form, "=", "", 1)
	if got := accepted(t, v, signedForm("/x", form, signed)).Param("bodySHA256"); "bodySHA256="+got != form {
		t.Errorf("the form's parameter of that name is %q", got)
	}
}
