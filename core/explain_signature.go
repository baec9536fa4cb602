package core

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

// signature is one way to read the header: the MAC, and the algorithm that makes MACs of its length.
type signature struct {
	mac       []byte
	algorithm Algorithm
}

func signatureOf(mac []byte) (signature, bool) {
	switch len(mac) {
	case newKeySize(HMACSHA1):
		return signature{mac, HMACSHA1}, true
	case newKeySize(HMACSHA256):
		return signature{mac, HMACSHA256}, true
	default:
		return signature{}, false
	}
}

func newKeySize(a Algorithm) int { return (&key{algorithm: a}).size() }

// plainSignature is the header as V4 reads it, nil where it is malformed.
func (q *inquiry) plainSignature() []signature {
	if len(q.signatures) != 1 {
		return nil
	}
	want := HMACSHA1
	if k, known := q.v.keys[q.headers.keySid.value]; known {
		want = k.Algorithm
	}
	text := trimOWS(q.signatures[0])
	mac, err := base64.StdEncoding.Strict().DecodeString(text)
	if s, ok := signatureOf(mac); ok && err == nil && s.algorithm == want && len(text) == base64.StdEncoding.EncodedLen(len(mac)) {
		return []signature{s}
	}
	return nil
}

// maxSignatures bounds the header lines and elements that are read.
const maxSignatures = 4

// signatureChanges are the other ways to have written the signature (S1, V4).
func (q *inquiry) signatureChanges() []change {
	var changes []change
	known := make(map[string]bool)
	for _, s := range q.plainSignature() {
		known[string(s.mac)] = true
	}
	add := func(text, why string) {
		for _, coding := range signatureCodings {
			mac, err := coding.decode(text)
			s, ok := signatureOf(mac)
			if err != nil || !ok || known[string(mac)] {
				continue
			}
			known[string(mac)] = true
			c := change{cause: CauseEncoding, parts: partSignature, why: "the signature was written " + why + coding.name, fix: fixSignature,
				apply: func(r *reading) { r.marks = []signature{s} }}
			if s.algorithm == HMACSHA256 {
				c.cause, c.why = CauseAlgorithm, "the signature is HMAC-SHA256: Twilio's auth tokens sign with HMAC-SHA1"
			}
			changes = append(changes, c)
		}
	}
	elements := strings.Split(strings.Join(q.signatures, ","), ",")
	why := ""
	if len(elements) > 1 {
		why = "more than once, in several lines or joined by commas, "
	}
	for _, text := range elements[:min(len(elements), maxSignatures)] {
		for _, w := range signatureWrappings {
			add(w.unwrap(trimOWS(text)), why+w.name)
		}
	}
	return changes
}

const fixSignature = "send exactly one X-Twilio-Signature: the 28 characters of base64(HMAC-SHA1(token, text))"

// signatureCodings are the codings of a MAC. The first is the right one.
var signatureCodings = []struct {
	name   string
	decode func(string) ([]byte, error)
}{
	{"in base64", base64.StdEncoding.DecodeString},
	{"in base64 without padding", base64.RawStdEncoding.DecodeString},
	{"in the base64 of URLs", base64.URLEncoding.DecodeString},
	{"in the base64 of URLs without padding", base64.RawURLEncoding.DecodeString},
	{"in hex", hex.DecodeString},
	{"in base64 of hex", func(s string) ([]byte, error) {
		text, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, err
		}
		return hex.DecodeString(string(text))
	}},
}

// signatureWrappings are what stands around a signature, or was done to it.
var signatureWrappings = []struct {
	name   string
	unwrap func(string) string
}{
	{"", func(s string) string { return s }},
	{"in quotes, ", func(s string) string { return strings.Trim(s, `"'`) }},
	{"with the algorithm before it, ", func(s string) string { return s[strings.IndexAny(s, "= ")+1:] }},
	{"with a space for +, ", func(s string) string { return strings.ReplaceAll(s, " ", "+") }},
	{"with escapes, ", func(s string) string {
		decoded, err := url.PathUnescape(s)
		if err != nil {
			return ""
		}
		return decoded
	}},
}
