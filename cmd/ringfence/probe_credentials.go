package main

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strings"
)

// credentials answer an endpoint's HTTP Basic or Digest challenge the way Twilio does (H1).
type credentials struct{ user, password string }

// readCredentials returns nil where the environment has none.
func readCredentials(getenv func(string) string) (*credentials, error) {
	user, password := getenv(probeUserEnv), getenv(probePasswordEnv)
	switch {
	case user == "" && password == "":
		return nil, nil
	case user == "" || password == "":
		return nil, fmt.Errorf("%s and %s must be set both, or neither", probeUserEnv, probePasswordEnv)
	case strings.Contains(user, ":"):
		return nil, fmt.Errorf("%s: a user name with a colon cannot be told from user name and password", probeUserEnv)
	}
	return &credentials{user, password}, nil
}

// wrong returns credentials that differ in the password.
func (c credentials) wrong() credentials { return credentials{c.user, c.password + "x"} }

// answer returns the Authorization for the strongest of the challenges, or "" where none can be answered.
func (c credentials) answer(challenges []string, method, target string) string {
	for _, algorithm := range []string{"SHA-256", "MD5"} {
		for _, line := range challenges {
			if scheme, rest, _ := strings.Cut(line, " "); strings.EqualFold(scheme, "Digest") {
				if text := c.digest(parseChallenge(rest), algorithm, method, target, newCnonce()); text != "" {
					return text
				}
			}
		}
	}
	for _, line := range challenges {
		if scheme, _, _ := strings.Cut(line, " "); strings.EqualFold(scheme, "Basic") {
			return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.user+":"+c.password))
		}
	}
	return ""
}

// digest answers a Digest challenge with qop=auth (RFC 7616 section 3.4.1), or returns "" for one of another kind.
func (c credentials) digest(challenge map[string]string, algorithm, method, target, cnonce string) string {
	offered := challenge["algorithm"]
	if offered == "" {
		offered = "MD5" // RFC 7616 section 3.3
	}
	if !strings.EqualFold(offered, algorithm) || challenge["nonce"] == "" || !offersAuth(challenge["qop"]) {
		return ""
	}
	newHash := md5.New
	if algorithm == "SHA-256" {
		newHash = sha256.New
	}
	const count = "00000001"
	a1 := hexHash(newHash, c.user, challenge["realm"], c.password)
	response := hexHash(newHash, a1, challenge["nonce"], count, cnonce, "auth", hexHash(newHash, method, target))
	text := fmt.Sprintf("Digest username=%s, realm=%s, nonce=%s, uri=%s, response=%s, cnonce=%s, algorithm=%s, qop=auth, nc=%s",
		quoted(c.user), quoted(challenge["realm"]), quoted(challenge["nonce"]), quoted(target), quoted(response), quoted(cnonce), offered, count)
	if opaque, ok := challenge["opaque"]; ok {
		text += ", opaque=" + quoted(opaque)
	}
	return text
}

func offersAuth(qop string) bool {
	for _, word := range strings.Split(qop, ",") {
		if strings.EqualFold(strings.TrimSpace(word), "auth") {
			return true
		}
	}
	return false
}

func newCnonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // a constant one would do: the server's nonce is fresh
	return hex.EncodeToString(b[:])
}

func hexHash(newHash func() hash.Hash, parts ...string) string {
	h := newHash()
	h.Write([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(h.Sum(nil))
}

// quoted writes a quoted-string (RFC 9110 section 5.6.4).
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// parseChallenge parses a challenge's parameters, their names in lower case.
func parseChallenge(text string) map[string]string {
	params := make(map[string]string)
	for {
		name, rest, found := strings.Cut(strings.TrimLeft(text, ", \t"), "=")
		if !found {
			return params
		}
		value, rest := cutParam(rest)
		params[strings.ToLower(strings.TrimSpace(name))] = value
		text = rest
	}
}

// cutParam cuts a token or a quoted-string off the front of text.
func cutParam(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, ",")
		return strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] == '"' {
			return b.String(), text[i+1:]
		}
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String(), ""
}

// authenticated reports whether the answer asks for credentials, and which Authorization gives them.
func (c credentials) authenticated(response *http.Response, p *probe) (authorization string, ok bool) {
	if response.StatusCode != http.StatusUnauthorized {
		return "", false
	}
	authorization = c.answer(response.Header.Values("WWW-Authenticate"), p.method, p.target)
	return authorization, authorization != ""
}
