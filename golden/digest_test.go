package golden

import (
	"crypto/md5"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// The example of RFC 7616 section 3.9.1.
func TestDigestResponseOfTheRFC(t *testing.T) {
	want := map[string]string{
		"MD5":     "8ca523f5e9506fed4657c9700eebdbec",
		"SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	}
	for _, algorithm := range digestAlgorithms {
		p := digestParams{
			"username": "Mufasa",
			"realm":    "http-auth@example.org",
			"password": "Circle of Life",
			"uri":      "/dir/index.html",
			"nonce":    "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
			"nc":       "00000001",
			"cnonce":   "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
			"qop":      "auth",
		}
		if got := p.response(algorithm, "GET"); got != want[algorithm.name] {
			t.Errorf("%s: %s", algorithm.name, got)
		}
	}
}

// The example of RFC 2069 section 2.4, as its errata have it.
func TestDigestResponseWithoutQop(t *testing.T) {
	p := digestParams{
		"username": "Mufasa", "realm": "testrealm@host.com", "password": "CircleOfLife",
		"uri": "/dir/index.html", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
	}
	if got := p.response(digestAlgorithm{"MD5", md5.New}, "GET"); got != "1949323746fe6a43ef61f9606e7febea" {
		t.Error(got)
	}
}

func TestFindChallenge(t *testing.T) {
	header := http.Header{"Www-Authenticate": {
		`Basic realm="x"`,
		`Digest realm="a, \"b\"", nonce="n1", qop="auth", algorithm=SHA-256, stale=true`,
		`digest realm=r,nonce="n2" , qop="auth"`,
	}}
	c, err := findChallenge(header, "SHA-256")
	if err != nil || c["nonce"] != "n1" || c["realm"] != `a, "b"` || c["stale"] != "true" {
		t.Errorf("SHA-256: %q %v", c, err)
	}
	c, err = findChallenge(header, "MD5")
	if err != nil || c["nonce"] != "n2" || c["realm"] != "r" {
		t.Errorf("MD5: %q %v", c, err)
	}
	for _, bad := range []string{`Basic realm="x"`, `Digest realm="r", qop="auth"`, `Digest nonce="n"`, `Digest nonce="n", qop="auth-int"`} {
		if c, err := findChallenge(http.Header{"Www-Authenticate": {bad}}, "MD5"); err == nil {
			t.Errorf("%s: %q and no error", bad, c)
		}
	}
}

func TestDigestFlowChanges(t *testing.T) {
	challenge := digestChallenge{"realm": "r", "nonce": "5xyz", "opaque": "o"}
	user := Credentials{Realm: "r", Username: "u", Password: "p"}
	right := DigestFlow{}.answer(challenge, digestAlgorithms[0], "POST", "/a?b", user)
	for _, part := range []string{
		`Digest username="u", realm="r", nonce="5xyz", uri="/a?b", response="`, `opaque="o"`, "algorithm=SHA-256", "qop=auth", "nc=00000001",
	} {
		if !strings.Contains(right, part) {
			t.Errorf("%s: no %s", right, part)
		}
	}
	tests := []struct{ flow, has, hasNot string }{
		{`{"nc": "1"}`, "nc=1", "nc=00000001"},
		{`{"nc": null}`, "qop=auth", "nc="},
		{`{"qop": null}`, "nc=", "qop="},
		{`{"uri": "/a"}`, `uri="/a"`, `uri="/a?b"`},
		{`{"nonce": "tamper"}`, `nonce="0xyz"`, "5xyz"},
		{`{"response": "tamper"}`, `nonce="5xyz"`, responseOf(right)},
		{`{"upper_response": true}`, strings.ToUpper(responseOf(right)), responseOf(right)},
		{`{"password": "other"}`, `username="u"`, responseOf(right)},
	}
	for _, tt := range tests {
		var flow DigestFlow
		if err := json.Unmarshal([]byte(tt.flow), &flow); err != nil {
			t.Fatal(err)
		}
		got := flow.answer(challenge, digestAlgorithms[0], "POST", "/a?b", user)
		if !strings.Contains(got, tt.has) || strings.Contains(got, tt.hasNot) {
			t.Errorf("%s: %s", tt.flow, got)
		}
	}
	for _, bad := range []string{`[]`, `{"replay": 1}`, `{"nc": 1}`} {
		if err := json.Unmarshal([]byte(bad), new(DigestFlow)); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func responseOf(authorization string) string {
	_, rest, _ := strings.Cut(authorization, `response="`)
	response, _, _ := strings.Cut(rest, `"`)
	return response
}
