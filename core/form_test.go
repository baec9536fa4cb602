package core_test

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestV3StrictFormIsDecodedAsSigned(t *testing.T) {
	tests := []struct {
		name, body, text string // text is what is signed after the URL
		params           url.Values
	}{
		{"pairs", "a=1&b=2", "a1b2", url.Values{"a": {"1"}, "b": {"2"}}},
		{"plus is a space, in names and values", "a+b=c+d", "a bc d", url.Values{"a b": {"c d"}}},
		{"plus alone", "+&++=+", "    ", url.Values{" ": {""}, "  ": {" "}}},
		{"escapes in either case", "%61%2f=%C3%a9%2B%26%3D%3B", "a/\u00e9+&=;", url.Values{"a/": {"\u00e9+&=;"}}},
		{"only the first equals sign separates", "a=b=c==", "ab=c==", url.Values{"a": {"b=c=="}}},
		{"an escaped equals sign does not separate", "a%3Db=c", "a=bc", url.Values{"a=b": {"c"}}},
		{"a name without equals sign has an empty value", "a&b=1", "ab1", url.Values{"a": {""}, "b": {"1"}}},
		{"an empty name is a name", "=v&a=1", "va1", url.Values{"": {"v"}, "a": {"1"}}},
		{"empty segments are ignored", "&&a=1&&b=2&", "a1b2", url.Values{"a": {"1"}, "b": {"2"}}},
		{"empty values are kept", "FromCity=&a=1", "FromCitya1", url.Values{"FromCity": {""}, "a": {"1"}}},
		{"nothing is trimmed", "a=+1%0A", "a 1\n", url.Values{"a": {" 1\n"}}},
		{"the values of a name stay in the order of the wire", "a=2&b=x&a=1&a=2", "a1a2bx", url.Values{"a": {"2", "1", "2"}, "b": {"x"}}},
		{"invalid UTF-8 and NUL are kept", "a=%FF%00%C0%AF&b\xff=\x00", "a\xff\x00\xc0\xafb\xff\x00", url.Values{"a": {"\xff\x00\xc0\xaf"}, "b\xff": {"\x00"}}},
		{"an escaped percent sign is not decoded twice", "a=%2541", "a%41", url.Values{"a": {"%41"}}},
		{"a byte order mark is part of the name", "%EF%BB%BFa=1", "\ufeffa1", url.Values{"\ufeffa": {"1"}}},
		{"an empty body has no parameters", "", "", url.Values{}},
	}
	v := validatorFor(t, core.Config{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			webhook := accepted(t, v, signedForm("/x", test.body, publicURL+"/x"+test.text))
			if params := webhook.Params(); !maps.EqualFunc(params, test.params, slices.Equal[[]string]) {
				t.Errorf("parameters %q, want %q", params, test.params)
			}
			for name, values := range test.params {
				if got := webhook.Param(name); got != values[0] {
					t.Errorf("Param(%q) = %q, want %q", name, got, values[0])
				}
			}
		})
	}
}

func TestV3StrictFormRefusals(t *testing.T) {
	v := validatorFor(t, core.Config{})
	for name, body := range map[string]string{
		"an escape without digits":              "a=1&b=%zz",
		"an escape with one digit that is one":  "a=%4g",
		"an escape with the other one":          "a=%g4",
		"an escape cut short by the end":        "a=%4",
		"an escape cut short by a separator":    "a=%4&1=2",
		"a lone percent sign":                   "a=%",
		"a lone percent sign as a name":         "%",
		"a lone percent sign as the first name": "%&a=1",
		"a malformed escape in a name":          "%=1",
		"a semicolon between pairs":             "a=1;b=2",
		"a semicolon in a name":                 ";=1",
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, v, signedForm("/x", body, publicURL+"/x"), core.ErrMalformedForm)
		})
	}
}

func TestV3TheNumberOfParametersIsBounded(t *testing.T) {
	tests := []struct {
		name  string
		limit int
		count int
		want  core.Reason
	}{
		{"1,000 parameters pass by default", 0, 1000, ""},
		{"1,001 do not", 0, 1001, core.ErrTooManyParams},
		{"a configured limit passes", 3, 3, ""},
		{"one more does not", 3, 4, core.ErrTooManyParams},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := validatorFor(t, core.Config{MaxParams: test.limit})
			// The same pair each time is signed once, but counts each time.
			r := signedForm("/x", strings.Repeat("a=1&", test.count), publicURL+"/xa1")
			if test.want == "" {
				accepted(t, v, r)
			} else {
				refused(t, v, r, test.want)
			}
		})
	}
}

func TestV3TheNumberOfParametersInAQueryIsBounded(t *testing.T) {
	v := validatorFor(t, core.Config{})
	at := "/x?" + strings.Repeat("a=1&", 999) + "a=1"
	accepted(t, v, signedGet(at, publicURL+at))
	over := at + "&a=1"
	refused(t, v, signedGet(over, publicURL+over), core.ErrTooManyParams)
}

// Forms of every length are signed in the same order (S2) and keep the order of the wire for the handler (V3).
func TestS2FormsOfEveryLength(t *testing.T) {
	v := validatorFor(t, core.Config{})
	for _, count := range []int{1, 2, 3, 31, 32, 33, 34, 200} {
		var body []string
		var pairs [][2]string
		params := url.Values{}
		for i := range count {
			// Names of few and many letters, alike in their first ones, most of them twice; values in no order.
			name := []string{"P", "Parameter", "ParameterWithALongName"}[i%3] + strconv.Itoa(i*7%count/2)
			value := strconv.Itoa(i * 5 % 11)
			body = append(body, name+"="+value)
			pairs = append(pairs, [2]string{name, value})
			params.Add(name, value)
		}
		slices.SortFunc(pairs, func(a, b [2]string) int {
			return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]))
		})
		text := publicURL + "/x"
		for _, p := range slices.Compact(pairs) {
			text += p[0] + p[1]
		}
		webhook := accepted(t, v, signedForm("/x", strings.Join(body, "&"), text))
		if got := webhook.Params(); !maps.EqualFunc(got, params, slices.Equal[[]string]) {
			t.Errorf("%d: parameters %q, want %q", count, got, params)
		}
		if signature, err := core.Sign(primaryToken(), publicURL+"/x", params); err != nil || signature != macOf(authToken, text) {
			t.Errorf("%d: Sign makes %q, %v", count, signature, err)
		}
	}
}
