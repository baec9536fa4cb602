package main

import (
	"strings"
	"testing"
)

// The example of RFC 7616 section 3.9.1.
func TestProbeAnswersDigestAsTheRFCDoes(t *testing.T) {
	mufasa := credentials{"Mufasa", "Circle of Life"}
	const challenge = `realm="http-auth@example.org", qop="auth, auth-int", algorithm=ALGORITHM, ` +
		`nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
	for algorithm, response := range map[string]string{
		"MD5":     "8ca523f5e9506fed4657c9700eebdbec",
		"SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	} {
		params := parseChallenge(strings.Replace(challenge, "ALGORITHM", algorithm, 1))
		got := mufasa.digest(params, algorithm, "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
		for _, want := range []string{`response="` + response + `"`, `opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
			"algorithm=" + algorithm, `uri="/dir/index.html"`, "nc=00000001", "qop=auth,"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s is not in %s", algorithm, want, got)
			}
		}
	}
}

func TestProbeChoosesAChallenge(t *testing.T) {
	const md5 = `Digest realm="r", nonce="n", qop="auth", algorithm=MD5`
	const sha = `Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256`
	tests := []struct {
		name       string
		challenges []string
		prefix     string
		contains   string
	}{
		{"none", nil, "", ""},
		{"one of another scheme", []string{`Bearer realm="r"`}, "", ""},
		{"Basic", []string{`Basic realm="r"`}, "Basic dTpw", ""},
		{"the strongest", []string{`Basic realm="r"`, md5, sha}, "Digest ", "algorithm=SHA-256"},
		{"MD5 before Basic", []string{`Basic realm="r"`, md5}, "Digest ", "algorithm=MD5"},
		{"MD5 where no algorithm is named", []string{`digest realm="r", nonce="n", qop="auth"`}, "Digest ", "algorithm=MD5"},
		{"no nonce", []string{`Digest realm="r", qop="auth"`}, "", ""},
		{"another quality of protection", []string{`Digest realm="r", nonce="n", qop="auth-int"`}, "", ""},
		{"another algorithm", []string{`Digest realm="r", nonce="n", qop="auth", algorithm=SHA-512`}, "", ""},
		{"a realm with quotes", []string{`Digest realm="a \"b\\", nonce="n", qop=auth`}, "Digest ", `realm="a \"b\\"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := credentials{"u", "p"}.answer(test.challenges, "GET", "/")
			if !strings.HasPrefix(got, test.prefix) || !strings.Contains(got, test.contains) || test.prefix == "" && got != "" {
				t.Errorf("got %s", got)
			}
		})
	}
}
