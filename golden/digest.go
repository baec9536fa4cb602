package golden

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/http"
	"strings"
)

// DigestFlow sends a case without credentials first, and then again with an answer to the server's Digest challenge (RFC 7616),
// made for the credentials of Config.Digest, right but for the changes named here.
type DigestFlow struct {
	// Changes replaces parameters of the answer, and "password"; nil leaves a parameter out, and "tamper" changes one character of
	// it. The response is computed afterwards, so that nothing but the change itself is wrong.
	Changes map[string]*string
	// UpperResponse writes the response in upper-case hex.
	UpperResponse bool
	// BadSignature breaks X-Twilio-Signature beside the right credentials.
	BadSignature bool
	// Replay sends the answered request a second time, which must be refused with 401.
	Replay bool
}

// UnmarshalJSON reads the flat object of data/hostile.json.
func (f *DigestFlow) UnmarshalJSON(text []byte) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(text, &keys); err != nil {
		return err
	}
	switches := map[string]*bool{"upper_response": &f.UpperResponse, "bad_signature": &f.BadSignature, "replay": &f.Replay}
	f.Changes = make(map[string]*string)
	for key, raw := range keys {
		if on, ok := switches[key]; ok {
			if err := json.Unmarshal(raw, on); err != nil {
				return fmt.Errorf("digest_flow %s: %w", key, err)
			}
			continue
		}
		var value *string
		if err := json.Unmarshal(raw, &value); err != nil {
			return fmt.Errorf("digest_flow %s: %w", key, err)
		}
		f.Changes[key] = value
	}
	return nil
}

// digestAlgorithms are those that RFC 7616 and Twilio's documents have in common; every flow is run with each (H3).
var digestAlgorithms = []digestAlgorithm{
	{"SHA-256", sha256.New},
	{"MD5", md5.New},
}

type digestAlgorithm struct {
	name string
	new  func() hash.Hash
}

func (a digestAlgorithm) hex(text string) string {
	h := a.new()
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// digestChallenge holds the parameters of one WWW-Authenticate line, names in lower case.
type digestChallenge map[string]string

// findChallenge returns the first Digest challenge for the algorithm. A challenge without algorithm means MD5 (RFC 7616 section 3.3).
func findChallenge(h http.Header, algorithm string) (digestChallenge, error) {
	for _, line := range h.Values("WWW-Authenticate") {
		scheme, rest, _ := strings.Cut(line, " ")
		if !strings.EqualFold(scheme, "Digest") {
			continue
		}
		challenge := parseChallenge(rest)
		if challenge["algorithm"] == "" {
			challenge["algorithm"] = "MD5"
		}
		if challenge["algorithm"] == algorithm {
			return challenge, challenge.check()
		}
	}
	return nil, fmt.Errorf("no Digest challenge for %s in %q", algorithm, h.Values("WWW-Authenticate"))
}

// check holds the challenge to what H3 asks for.
func (c digestChallenge) check() error {
	switch {
	case c["nonce"] == "":
		return fmt.Errorf("challenge without nonce: %q", c)
	case c["qop"] != "auth":
		return fmt.Errorf(`challenge without qop="auth": %q`, c)
	}
	return nil
}

// parseChallenge splits name=value and name="value" pairs at commas, as RFC 7235 section 2.1 has them.
func parseChallenge(text string) digestChallenge {
	c := make(digestChallenge)
	for text = strings.TrimLeft(text, ", "); text != ""; text = strings.TrimLeft(text, ", ") {
		name, rest, _ := strings.Cut(text, "=")
		value, rest := parseValue(rest)
		c[strings.ToLower(name)] = value
		text = rest
	}
	return c
}

func parseValue(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, ",")
		return strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:]
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String(), ""
}

// answer returns the Authorization value for a challenge, a request and the user, with the flow's changes.
func (f DigestFlow) answer(c digestChallenge, a digestAlgorithm, method, target string, user Credentials) string {
	p := digestParams{
		"username":  user.Username,
		"realm":     c["realm"],
		"nonce":     c["nonce"],
		"uri":       target,
		"algorithm": a.name,
		"qop":       "auth",
		"nc":        "00000001",
		"cnonce":    "0a4f113b",
		"password":  user.Password,
	}
	if opaque, ok := c["opaque"]; ok {
		p["opaque"] = opaque
	}
	for name, value := range f.Changes {
		p.change(name, value)
	}
	p["response"] = p.response(a, method)
	if value, ok := f.Changes["response"]; ok {
		p.change("response", value)
	}
	if f.UpperResponse {
		p["response"] = strings.ToUpper(p["response"])
	}
	return p.header()
}

// tamper changes the first character, by a digit, which every alphabet here has.
func tamper(text string) string {
	if strings.HasPrefix(text, "0") {
		return "1" + text[1:]
	}
	return "0" + text[min(1, len(text)):]
}

// digestParams are the parameters of an Authorization line, and the password.
type digestParams map[string]string

func (p digestParams) change(name string, value *string) {
	switch {
	case value == nil:
		delete(p, name)
	case *value == "tamper":
		p[name] = tamper(p[name])
	default:
		p[name] = *value
	}
}

// response is RFC 7616 section 3.4.1, or RFC 2069's where qop was left out.
func (p digestParams) response(a digestAlgorithm, method string) string {
	ha1 := a.hex(p["username"] + ":" + p["realm"] + ":" + p["password"])
	ha2 := a.hex(method + ":" + p["uri"])
	if _, ok := p["qop"]; !ok {
		return a.hex(ha1 + ":" + p["nonce"] + ":" + ha2)
	}
	return a.hex(strings.Join([]string{ha1, p["nonce"], p["nc"], p["cnonce"], p["qop"], ha2}, ":"))
}

// header quotes what RFC 7616 section 3.4 has quoted.
func (p digestParams) header() string {
	var pairs []string
	for _, name := range []string{"username", "realm", "nonce", "uri", "response", "cnonce", "opaque"} {
		if value, ok := p[name]; ok {
			pairs = append(pairs, name+`="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)+`"`)
		}
	}
	for _, name := range []string{"algorithm", "qop", "nc"} {
		if value, ok := p[name]; ok {
			pairs = append(pairs, name+"="+value)
		}
	}
	return "Digest " + strings.Join(pairs, ", ")
}
