package core_test

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"regexp"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// fuzzUserIsValid is C2 for a user of Basic or Digest.
func fuzzUserIsValid(realm, username, password string) bool {
	hasControl := regexp.MustCompile(`[\x00-\x1f\x7f-\x{9f}]`).MatchString
	return username != "" && password != "" && !strings.Contains(username, ":") && !hasControl(realm) && !hasControl(username) && !hasControl(password)
}

// fuzzSignedGet returns a signed GET, so that the credentials alone decide.
func fuzzSignedGet(target, authorization string) oracleRequest {
	r := oracleRequest{method: "GET", target: target, host: "mycompany.com", peer: fuzzPeers[1]}
	if authorization != "" {
		r.lines = []golden.HeaderLine{{"Authorization", authorization}}
	}
	signature, err := core.Sign(core.AuthToken("primary", fuzzToken), "https://mycompany.com"+target, nil)
	if err != nil {
		panic(err)
	}
	return r.signed(signature)
}

// challengesTo returns the WWW-Authenticate lines of a refusal.
func challengesTo(err error) (lines []string) {
	core.AnswerTo(err).EachHeader(func(name, value string) {
		if name == "WWW-Authenticate" {
			lines = append(lines, value)
		}
	})
	return lines
}

// fuzzUnquote undoes a quoted-string of RFC 9110.
func fuzzUnquote(s string) string {
	return regexp.MustCompile(`(?s)\\(.)`).ReplaceAllString(strings.TrimSuffix(strings.TrimPrefix(s, `"`), `"`), "$1")
}

// FuzzBasic: the constructor takes every user that C2 allows and no other; the challenge is exactly the realm's; the right credentials
// pass, and of all others those alone that decode strictly to the same user and password (H1, H2).
func FuzzBasic(f *testing.F) {
	f.Add("My Realm", "twilio", "s3cret-pass", "Basic dHdpbGlvOnMzY3JldC1wYXNz")
	f.Add(`quoted "realm" \ back`, "ünïcode", "a:b:c", "bAsIC dHdpbGlvOnMzY3JldC1wYXNz")
	f.Add("", "a:b", "", "Basic")
	f.Add("r\x00", "u", "p", "Basic dTpw")
	f.Add("r", "u", "p", "Ba\u017fic dTpw")
	f.Add("r", "u", "p", "Basic dTpx")
	f.Add("r", "u", "p", "Basic  dTpw ")
	f.Add("r", "u", "p", "Basic dTpwOg==")
	for _, c := range golden.Hostile() {
		if c.Config.Basic != nil {
			f.Add(c.Config.Basic.Realm, c.Config.Basic.Username, c.Config.Basic.Password, c.Header("Authorization"))
		}
	}
	f.Fuzz(func(t *testing.T, realm, username, password, authorization string) {
		config := oracleConfig{Config: golden.Config{
			PublicURL: "https://mycompany.com", Tokens: []string{fuzzToken}, Basic: &golden.Credentials{Realm: realm, Username: username, Password: password},
		}}
		v, err := config.Validator(nil)
		if (err == nil) != fuzzUserIsValid(realm, username, password) {
			t.Fatalf("realm %q, user %q, password %q: %v", realm, username, password, err)
		}
		if err != nil {
			return
		}
		_, err = v.Validate(fuzzSignedGet("/x", "").withHeader())
		if lines := challengesTo(err); len(lines) != 1 || !strings.HasPrefix(lines[0], `Basic realm="`) || fuzzUnquote(strings.TrimPrefix(lines[0], "Basic realm=")) != realm {
			t.Fatalf("realm %q is challenged with %q", realm, lines)
		}
		right := "Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))
		if len(right) < 4000 {
			if _, err := v.Validate(fuzzSignedGet("/x", right).withHeader()); err != nil {
				t.Fatalf("%q: %v", right, err)
			}
		}
		r := fuzzSignedGet("/x", authorization)
		if !r.isWellFormed() {
			return
		}
		_, err = v.Validate(r.withRawHeader())
		if complaint := config.rule(r).check(err); complaint != "" {
			t.Fatalf("user %q, password %q, Authorization %q: %s", username, password, authorization, complaint)
		}
	})
}

// digestField is a parameter of a Digest response, in the order in which it is sent.
type digestField struct{ name, value string }

// fuzzDigestResponse is RFC 7616 section 3.4.1 for qop=auth, written once more.
func fuzzDigestResponse(newHash func() hash.Hash, password, method string, value map[string]string) string {
	digest := func(text string) string {
		h := newHash()
		fmt.Fprint(h, text)
		return hex.EncodeToString(h.Sum(nil))
	}
	a1, a2 := value["username"]+":"+value["realm"]+":"+password, method+":"+value["uri"]
	return digest(digest(a1) + ":" + value["nonce"] + ":" + value["nc"] + ":" + value["cnonce"] + ":" + value["qop"] + ":" + digest(a2))
}

// FuzzDigest: a client that answers the challenge passes, once; with a parameter changed, removed or repeated it passes only where the
// parameter still says what RFC 7616 and H3 ask for. stale is said only of a right response.
func FuzzDigest(f *testing.F) {
	names := []string{"username", "realm", "nonce", "uri", "qop", "nc", "cnonce", "algorithm", "response"}
	for i := range names {
		f.Add("My Realm", "twilio", "s3cret-pass", "voice?x=1", true, uint8(i), uint8(0), "00000002", true)
		f.Add(`r"\`, `u"\,=`, "p:\xff", `a"b\c,d=e`, false, uint8(i), uint8(1), "", false)
		f.Add("r", "u", "p", "", false, uint8(i), uint8(2), "auth", true)
		f.Add("r", "u", "p", "", true, uint8(i), uint8(0), "sha-256", true)
		f.Add("r", "u", "p", "", true, uint8(i), uint8(0), "0000000A", true)
	}
	f.Fuzz(func(t *testing.T, realm, username, password, target string, sha256First bool, field, change uint8, value string, answer bool) {
		config := oracleConfig{Config: golden.Config{
			PublicURL: "https://mycompany.com", Tokens: []string{fuzzToken}, Digest: &golden.Credentials{Realm: realm, Username: username, Password: password},
		}}
		v, err := config.Validator(nil)
		if (err == nil) != fuzzUserIsValid(realm, username, password) {
			t.Fatalf("realm %q, user %q, password %q: %v", realm, username, password, err)
		}
		target = "/" + target
		base := oracleConfig{Config: golden.Config{PublicURL: "https://mycompany.com", Tokens: []string{fuzzToken}}}
		ruling := base.rule(fuzzSignedGet(target, ""))
		if err != nil || len(ruling.faults)+len(ruling.doubts) > 0 || len(target)+len(username)+len(realm)+len(value) > 1000 {
			return
		}
		_, err = v.Validate(fuzzSignedGet(target, "").withHeader())
		lines := challengesTo(err)
		if len(lines) != 2 || !strings.HasSuffix(lines[0], ", algorithm=SHA-256") || !strings.HasSuffix(lines[1], ", algorithm=MD5") {
			t.Fatalf("challenges %q", lines)
		}
		m := regexp.MustCompile(`^Digest realm=("(?:[^"\\]|\\.)*"), qop="auth", nonce="([A-Za-z0-9_-]+)", algorithm=`).FindStringSubmatch(lines[0])
		if m == nil || fuzzUnquote(m[1]) != realm {
			t.Fatalf("challenge %q for realm %q", lines[0], realm)
		}

		// The right answer, and its second use.
		newHash, algorithm := md5.New, "MD5"
		if sha256First {
			newHash, algorithm = sha256.New, "SHA-256"
		}
		right := []digestField{
			{"username", username}, {"realm", realm}, {"nonce", m[2]}, {"uri", target}, {"qop", "auth"}, {"nc", "00000001"}, {"cnonce", "c"}, {"algorithm", algorithm},
		}
		values := map[string]string{}
		for _, f := range right {
			values[f.name] = f.value
		}
		right = append(right, digestField{"response", fuzzDigestResponse(newHash, password, "GET", values)})
		if _, err := v.Validate(fuzzSignedGet(target, fuzzDigestLine(right)).withHeader()); err != nil {
			t.Fatalf("%s: %v", fuzzDigestLine(right), err)
		}
		_, err = v.Validate(fuzzSignedGet(target, fuzzDigestLine(right)).withHeader())
		if lines := challengesTo(err); len(lines) != 2 || !strings.Contains(lines[0], ", stale=true") {
			t.Fatalf("a count used twice is answered with %v, %q", err, lines)
		}

		// A changed answer with the next count.
		i := int(field) % len(right)
		changed := append([]digestField(nil), right...)
		changed[5].value = "00000002"
		switch change % 3 {
		case 0:
			changed[i].value = value
		case 1:
			changed = append(changed[:i], changed[i+1:]...)
		default:
			changed = append(changed, digestField{changed[i].name, value})
		}
		values = map[string]string{}
		for _, f := range changed {
			values[f.name] = f.value
		}
		algorithmOK := true
		switch oracleLower(values["algorithm"]) {
		case "", "md5":
			newHash = md5.New
		case "sha-256":
			newHash = sha256.New
		default:
			algorithmOK = false
		}
		response := fuzzDigestResponse(newHash, password, "GET", values)
		if answer && right[i].name != "response" && change%3 != 2 { // the client knows what it changed
			changed[len(changed)-1].value = response
			values["response"] = response
		}
		r := fuzzSignedGet(target, fuzzDigestLine(changed))
		if !r.isWellFormed() {
			return
		}
		want := change%3 != 2 && algorithmOK && values["username"] == username && values["realm"] == realm && values["nonce"] == m[2] && values["uri"] == target &&
			values["qop"] == "auth" && regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(values["nc"]) && values["nc"] != "00000000" && values["nc"] != "00000001" &&
			values["cnonce"] != "" && values["response"] == response
		_, err = v.Validate(r.withRawHeader())
		if (err == nil) != want {
			t.Fatalf("Authorization %s: %v, want accepted: %v", r.value("Authorization"), err, want)
		}
		stale := err != nil && strings.Contains(strings.Join(challengesTo(err), "\n"), ", stale=true")
		if rightResponse := values["response"] == response && values["username"] == username && values["realm"] == realm && values["uri"] == target; stale && !rightResponse {
			t.Fatalf("stale is said of a wrong response: %s", r.value("Authorization"))
		}
	})
}

// fuzzDigestLine writes a Digest response with every value quoted, which RFC 9110 allows of all.
func fuzzDigestLine(fields []digestField) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, f.name+`="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(f.value)+`"`)
	}
	return "Digest " + strings.Join(parts, ", ")
}
