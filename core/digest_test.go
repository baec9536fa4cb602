package core_test

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

const (
	digestUser     = "Mufasa"
	digestPassword = "Circle of Life"
	digestRealm    = "http-auth@example.org"
)

// digestAnswer is a client's answer to a challenge, computed from RFC 7616 section 3.4 and not by the package.
type digestAnswer struct {
	username, realm, password, nonce, uri, nc, cnonce, qop, algorithm, method string
}

func rightAnswer(nonce, uri string) digestAnswer {
	return digestAnswer{
		username: digestUser, realm: digestRealm, password: digestPassword, nonce: nonce, uri: uri,
		nc: "00000001", cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop: "auth", algorithm: "SHA-256", method: "GET",
	}
}

func (a digestAnswer) response() string {
	newHash := map[string]func() hash.Hash{"MD5": md5.New, "SHA-256": sha256.New}[a.algorithm]
	h := func(text string) string {
		sum := newHash()
		sum.Write([]byte(text))
		return hex.EncodeToString(sum.Sum(nil))
	}
	a1 := a.username + ":" + a.realm + ":" + a.password
	a2 := a.method + ":" + a.uri
	return h(h(a1) + ":" + a.nonce + ":" + a.nc + ":" + a.cnonce + ":" + a.qop + ":" + h(a2))
}

func (a digestAnswer) header() string {
	return fmt.Sprintf(`Digest username="%s", realm="%s", uri="%s", algorithm=%s, nonce="%s", nc=%s, cnonce="%s", qop=%s, response="%s"`,
		a.username, a.realm, a.uri, a.algorithm, a.nonce, a.nc, a.cnonce, a.qop, a.response())
}

// The test's own computation gives the responses that RFC 7616 section 3.9.1 prints.
func TestH3TheExampleOfTheRFC(t *testing.T) {
	a := rightAnswer("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "/dir/index.html")
	for algorithm, want := range map[string]string{
		"MD5":     "8ca523f5e9506fed4657c9700eebdbec",
		"SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	} {
		a.algorithm = algorithm
		if got := a.response(); got != want {
			t.Errorf("%s: response %s, want %s", algorithm, got, want)
		}
	}
}

func digestConfig() *core.DigestAuth {
	return &core.DigestAuth{Realm: digestRealm, Username: digestUser, Password: core.NewSecret(digestPassword)}
}

// withAuthorization returns a request for /x?a=1 that is signed and has the Authorization lines.
func withAuthorization(lines ...string) *core.Request {
	r := signedGet("/x?a=1", publicURL+"/x?a=1")
	if lines != nil {
		r.Header["Authorization"] = lines
	}
	return r
}

var nonceOf = regexp.MustCompile(`nonce="([^"]*)"`)

// nonceFrom returns the nonce of a fresh challenge.
func nonceFrom(t *testing.T, v *core.Validator) string {
	t.Helper()
	return nonceOf.FindStringSubmatch(challengesOf(refused(t, v, withAuthorization(), core.ErrCredentials))[0])[1]
}

// staleIn reports whether all challenges, or none, say stale=true.
func staleIn(t *testing.T, challenges []string) bool {
	t.Helper()
	count := 0
	for _, challenge := range challenges {
		if strings.Contains(challenge, ", stale=true") {
			count++
		}
	}
	if count != 0 && count != len(challenges) {
		t.Errorf("challenges %q", challenges)
	}
	return count > 0
}

func TestH3Challenges(t *testing.T) {
	cfg := digestConfig()
	cfg.Realm = `say "hi"`
	basic := &core.BasicAuth{Realm: "twilio", Username: "u", Password: core.NewSecret("p")}
	for _, config := range []core.Config{{Digest: cfg}, {Digest: cfg, Basic: basic}} {
		v := validatorFor(t, config)
		challenges := challengesOf(refused(t, v, withAuthorization(), core.ErrCredentials))
		nonce := nonceOf.FindStringSubmatch(challenges[0])[1]
		common := `Digest realm="say \"hi\"", qop="auth", nonce="` + nonce + `", algorithm=`
		want := []string{common + "SHA-256", common + "MD5"}
		if config.Basic != nil {
			want = append(want, `Basic realm="twilio"`)
		}
		if !slices.Equal(challenges, want) {
			t.Errorf("challenges %q, want %q", challenges, want)
		}
		if another := nonceFrom(t, v); another == nonce {
			t.Errorf("the nonce %q came twice", nonce)
		}
	}
}

func TestH3RightAnswers(t *testing.T) {
	v := validatorFor(t, core.Config{Digest: digestConfig()})
	for name, write := range map[string]func(digestAnswer) string{
		"SHA-256": digestAnswer.header,
		"MD5": func(a digestAnswer) string {
			a.algorithm = "MD5"
			return a.header()
		},
		"MD5 by default": func(a digestAnswer) string {
			a.algorithm = "MD5"
			return strings.Replace(a.header(), "algorithm=MD5, ", "", 1)
		},
		"the algorithm in lower case": func(a digestAnswer) string { return strings.Replace(a.header(), "=SHA-256", "=sha-256", 1) },
		"the algorithm in quotes":     func(a digestAnswer) string { return strings.Replace(a.header(), "=SHA-256", `="SHA-256"`, 1) },
		"qop and nc in quotes": func(a digestAnswer) string {
			return strings.NewReplacer("qop=auth", `qop="auth"`, "nc=00000001", `nc="00000001"`).Replace(a.header())
		},
		"the scheme and the names in other case": func(a digestAnswer) string {
			return strings.NewReplacer("Digest username", "dIGEST USERNAME", "response", "Response").Replace(a.header())
		},
		"white space where it may stand": func(a digestAnswer) string {
			return strings.NewReplacer(", ", " \t,\t ", "realm=", "realm \t= \t").Replace(a.header()) + " \t"
		},
		"no white space":                func(a digestAnswer) string { return strings.ReplaceAll(a.header(), ", ", ",") },
		"escapes in a quoted string":    func(a digestAnswer) string { return strings.Replace(a.header(), "Mufasa", `M\ufas\a`, 1) },
		"an unknown parameter":          func(a digestAnswer) string { return a.header() + ", x-more=1" },
		"an opaque that was never sent": func(a digestAnswer) string { return a.header() + `, opaque=""` },
		"a later count": func(a digestAnswer) string {
			a.nc = "0000000a"
			return a.header()
		},
		"the highest count": func(a digestAnswer) string {
			a.nc = "ffffffff"
			return a.header()
		},
	} {
		t.Run(name, func(t *testing.T) {
			accepted(t, v, withAuthorization(write(rightAnswer(nonceFrom(t, v), "/x?a=1"))))
		})
	}
}

func TestH3WrongAnswers(t *testing.T) {
	v := validatorFor(t, core.Config{Digest: digestConfig()})
	changed := func(change func(*digestAnswer)) func(digestAnswer) string {
		return func(a digestAnswer) string {
			change(&a)
			return a.header()
		}
	}
	replaced := func(old, new string) func(digestAnswer) string {
		return func(a digestAnswer) string {
			header := a.header()
			if !strings.Contains(header, old) {
				panic("nothing to replace: " + old)
			}
			return strings.Replace(header, old, new, 1)
		}
	}
	for name, write := range map[string]func(digestAnswer) string{
		"wrong password":                    changed(func(a *digestAnswer) { a.password = "circle of life" }),
		"wrong user":                        changed(func(a *digestAnswer) { a.username = "Scar" }),
		"no user":                           replaced(`username="Mufasa", `, ""),
		"another realm":                     changed(func(a *digestAnswer) { a.realm = "another" }),
		"no realm":                          replaced(`realm="http-auth@example.org", `, ""),
		"another method":                    changed(func(a *digestAnswer) { a.method = "POST" }),
		"the uri without its query":         changed(func(a *digestAnswer) { a.uri = "/x" }),
		"the uri in another spelling":       changed(func(a *digestAnswer) { a.uri = "/x?a=%31" }),
		"the uri in absolute form":          changed(func(a *digestAnswer) { a.uri = publicURL + "/x?a=1" }),
		"no uri":                            replaced(`uri="/x?a=1", `, ""),
		"the count zero":                    changed(func(a *digestAnswer) { a.nc = "00000000" }),
		"a count of nine digits":            changed(func(a *digestAnswer) { a.nc = "000000001" }),
		"a count of seven digits":           changed(func(a *digestAnswer) { a.nc = "0000001" }),
		"a count in upper case":             changed(func(a *digestAnswer) { a.nc = "0000000A" }),
		"a count that is no number":         changed(func(a *digestAnswer) { a.nc = "0000000g" }),
		"no count":                          replaced("nc=00000001, ", ""),
		"no qop":                            replaced("qop=auth, ", ""),
		"qop auth-int":                      changed(func(a *digestAnswer) { a.qop = "auth-int" }),
		"qop in upper case":                 changed(func(a *digestAnswer) { a.qop = "AUTH" }),
		"an empty cnonce":                   changed(func(a *digestAnswer) { a.cnonce = "" }),
		"no nonce":                          func(a digestAnswer) string { return strings.Replace(a.header(), `nonce="`+a.nonce+`", `, "", 1) },
		"the response of another hash":      replaced("algorithm=SHA-256", "algorithm=MD5"),
		"the response of MD5, but longer":   replaced("algorithm=SHA-256, ", ""),
		"an algorithm that was not offered": replaced("algorithm=SHA-256", "algorithm=SHA-256-sess"),
		"the response in upper case": func(a digestAnswer) string {
			return strings.Replace(a.header(), a.response(), strings.ToUpper(a.response()), 1)
		},
		"an empty response":    func(a digestAnswer) string { return strings.Replace(a.header(), a.response(), "", 1) },
		"a response cut short": func(a digestAnswer) string { return strings.Replace(a.header(), a.response(), a.response()[:63], 1) },
		"no response": func(a digestAnswer) string {
			return strings.Replace(a.header(), `, response="`+a.response()+`"`, "", 1)
		},
		"a parameter twice":                                  replaced("Digest ", `Digest username="Mufasa", `),
		"a parameter twice, in other case":                   replaced("Digest ", `Digest USERNAME="Mufasa", `),
		"an unknown parameter twice":                         replaced("Digest ", `Digest x=1, x=1, `),
		"a semicolon for a comma":                            replaced(", ", "; "),
		"a comma at the end":                                 func(a digestAnswer) string { return a.header() + "," },
		"a comma at the beginning":                           replaced("Digest ", "Digest ,"),
		"a quote that does not end":                          func(a digestAnswer) string { return strings.TrimSuffix(a.header(), `"`) },
		"a quote that ends in an escape":                     func(a digestAnswer) string { return strings.TrimSuffix(a.header(), `"`) + `\` },
		"an unknown parameter whose quote does not end":      func(a digestAnswer) string { return a.header() + `, x="1` },
		"an unknown parameter whose quote ends in an escape": func(a digestAnswer) string { return a.header() + `, x="1\` },
		"text behind a quote":                                replaced(`"Mufasa"`, `"Mufasa"x`),
		"a parameter without equals sign":                    replaced("Digest ", "Digest username, "),
		"a name that is no token":                            replaced("Digest ", `Digest "x"=1, `),
		"a value that is no token":                           replaced("qop=auth", "qop=a(uth"),
		"a value that is missing":                            replaced("qop=auth", "qop="),
		"nothing":                                            func(digestAnswer) string { return "Digest" },
		"Basic where it is not configured": func(digestAnswer) string {
			return basicAuthorization(digestUser, digestPassword)[len("Authorization: "):]
		},
		"another scheme":                      replaced("Digest ", "Digest2 "),
		"more than 4 KiB":                     func(a digestAnswer) string { return a.header() + ", x=" + strings.Repeat("x", 4096) },
		"a NUL in the nonce":                  changed(func(a *digestAnswer) { a.nonce += "\x00" }), // its response is right, see below
		"the right answer to another request": changed(func(a *digestAnswer) { a.uri = "/y" }),
	} {
		t.Run(name, func(t *testing.T) {
			nonce := nonceFrom(t, v)
			e := refused(t, v, withAuthorization(write(rightAnswer(nonce, "/x?a=1"))), core.ErrCredentials)
			if stale := staleIn(t, challengesOf(e)); stale != (name == "a NUL in the nonce") {
				t.Errorf("stale is %v", stale)
			}
			// What was refused used nothing up.
			accepted(t, v, withAuthorization(rightAnswer(nonce, "/x?a=1").header()))
		})
	}
	t.Run("two lines", func(t *testing.T) {
		header := rightAnswer(nonceFrom(t, v), "/x?a=1").header()
		refused(t, v, withAuthorization(header, header), core.ErrCredentials)
	})
}

func TestH3NoncesAuthenticateThemselves(t *testing.T) {
	v := validatorFor(t, core.Config{Digest: digestConfig()})
	right := nonceFrom(t, v)
	another := nonceFrom(t, validatorFor(t, core.Config{Digest: digestConfig()}))
	for name, nonce := range map[string]string{
		"of another Validator":           another,
		"the RFC's":                      "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
		"with another time":              nextInURLAlphabet(right, 0),
		"with other randomness":          nextInURLAlphabet(right, 20),
		"with another MAC":               nextInURLAlphabet(right, len(right)-2),
		"with bits behind its last byte": nextInURLAlphabet(right, len(right)-1),
		"cut short":                      right[:len(right)-4],
		"with bytes more":                right + "AAAA",
		"with a line feed in it":         right[:8] + "\n" + right[8:],
		"that is not base64":             "!" + right[1:],
		"that is empty":                  "",
	} {
		t.Run(name, func(t *testing.T) {
			e := refused(t, v, withAuthorization(rightAnswer(nonce, "/x?a=1").header()), core.ErrCredentials)
			if !staleIn(t, challengesOf(e)) {
				t.Error("the response was right, but the challenge does not say stale")
			}
			wrong := rightAnswer(nonce, "/x?a=1")
			wrong.password = "wrong"
			e = refused(t, v, withAuthorization(wrong.header()), core.ErrCredentials)
			if staleIn(t, challengesOf(e)) {
				t.Error("the response was wrong, and the challenge says stale")
			}
		})
	}
	accepted(t, v, withAuthorization(rightAnswer(right, "/x?a=1").header()))
}

// nextInURLAlphabet is nextInAlphabet for base64url.
func nextInURLAlphabet(text string, i int) string {
	toStd, toURL := strings.NewReplacer("-", "+", "_", "/"), strings.NewReplacer("+", "-", "/", "_")
	return toURL.Replace(nextInAlphabet(toStd.Replace(text), i))
}

func TestH3ACountIsUsedOnce(t *testing.T) {
	v := validatorFor(t, core.Config{Digest: digestConfig()})
	a := rightAnswer(nonceFrom(t, v), "/x?a=1")
	for _, step := range []struct {
		nc, algorithm string
		ok            bool
	}{
		{"00000001", "SHA-256", true},
		{"00000001", "SHA-256", false},
		{"00000001", "MD5", false},
		{"00000002", "MD5", true},
		{"00000002", "SHA-256", false},
		{"0000000f", "SHA-256", true},
		{"00000003", "SHA-256", true},
	} {
		a.nc, a.algorithm = step.nc, step.algorithm
		r := withAuthorization(a.header())
		if step.ok {
			accepted(t, v, r)
		} else if e := refused(t, v, r, core.ErrCredentials); !staleIn(t, challengesOf(e)) {
			t.Errorf("%s: the challenge does not say stale", step.nc)
		}
	}
	another := rightAnswer(nonceFrom(t, v), "/x?a=1")
	accepted(t, v, withAuthorization(another.header()))
}

func TestH1DigestAndSignatureAreBothRequired(t *testing.T) {
	v := validatorFor(t, core.Config{Digest: digestConfig()})
	r := withAuthorization(rightAnswer(nonceFrom(t, v), "/x?a=1").header())
	r.Header.Set("X-Twilio-Signature", macOf("another", publicURL+"/x?a=1"))
	refused(t, v, r, core.ErrSignature)
}

func TestH3InstancesThatShareANonceKey(t *testing.T) {
	const shared = "0123456789abcdef0123456789abcdef"
	instance := func(key, realm string) *core.Validator {
		cfg := digestConfig()
		cfg.NonceKey, cfg.Realm = core.NewSecret(key), realm
		return validatorFor(t, core.Config{Digest: cfg})
	}
	first := instance(shared, digestRealm)
	accepted(t, instance(shared, digestRealm), withAuthorization(rightAnswer(nonceFrom(t, first), "/x?a=1").header()))
	refused(t, instance(shared+"x", digestRealm), withAuthorization(rightAnswer(nonceFrom(t, first), "/x?a=1").header()), core.ErrCredentials)

	otherRealm := rightAnswer(nonceFrom(t, first), "/x?a=1")
	otherRealm.realm = "another"
	refused(t, instance(shared, "another"), withAuthorization(otherRealm.header()), core.ErrCredentials)
}

func TestC2NonceKey(t *testing.T) {
	for _, length := range []int{0, 31, 32} {
		cfg := digestConfig()
		cfg.NonceKey = core.NewSecret(strings.Repeat("k", length))
		if length == 32 {
			validatorFor(t, core.Config{Digest: cfg})
		} else {
			configRefused(t, core.Config{PublicURL: publicURL, Tokens: []core.Token{primaryToken()}, Digest: cfg}, "32")
		}
	}
}

func TestH1EitherOfBasicAndDigestIsEnough(t *testing.T) {
	v := validatorFor(t, core.Config{
		Digest: digestConfig(),
		Basic:  &core.BasicAuth{Realm: "twilio", Username: "u", Password: core.NewSecret("p")},
	})
	accepted(t, v, withAuthorization(rightAnswer(nonceFrom(t, v), "/x?a=1").header()))
	accepted(t, v, withAuthorization(basicAuthorization("u", "p")[len("Authorization: "):]))
	refused(t, v, withAuthorization(basicAuthorization(digestUser, digestPassword)[len("Authorization: "):]), core.ErrCredentials)
}
