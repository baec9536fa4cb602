package core

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
	"time"
)

const (
	nonceLife  = 5 * time.Minute
	nonceSkew  = time.Minute // how far the clock of another instance may run ahead
	maxNonces  = 1 << 18     // nonce counts remembered as used; beyond them every response is stale
	nonceBytes = 8 + 16      // issue time, randomness
)

// digestAuth checks HTTP Digest responses (H3, RFC 7616). Its nonces authenticate themselves, so that a challenge costs no state;
// only the counts of successful responses are remembered, for as long as their nonce lives.
type digestAuth struct {
	realm, username    string
	hashedUsername     [sha256.Size]byte
	password, nonceKey Secret // not strings, which package fmt would find
	used               *recentSet
	now                func() time.Time
}

func newDigestAuth(cfg *DigestAuth) (*digestAuth, error) {
	if err := checkUser("Digest", cfg.Realm, cfg.Username, cfg.Password); err != nil {
		return nil, err
	}
	if err := checkAllowed("MD5", func() { md5.Sum(nil) }); err != nil {
		return nil, err
	}
	d := &digestAuth{
		realm:          cfg.Realm,
		username:       cfg.Username,
		password:       cfg.Password,
		hashedUsername: sha256.Sum256([]byte(cfg.Username)),
		nonceKey:       cfg.NonceKey,
		used:           newRecentSet(maxNonces),
		now:            time.Now,
	}
	d.used.refuseFull = true
	switch {
	case cfg.NonceKey.text == nil:
		random := make([]byte, 32)
		if _, err := rand.Read(random); err != nil {
			return nil, configError("Digest: no randomness for the nonces: %w", err)
		}
		d.nonceKey = NewSecret(string(random))
	case len(cfg.NonceKey.reveal()) < 32:
		return nil, configError("Digest: NonceKey has fewer than 32 bytes")
	}
	return d, nil
}

// challenges returns a WWW-Authenticate line for each algorithm, the preferred one first.
func (d *digestAuth) challenges(stale bool) []string {
	common := `Digest realm=` + quote(d.realm) + `, qop="auth", nonce="` + d.newNonce() + `"`
	if stale {
		common += ", stale=true"
	}
	return []string{common + ", algorithm=SHA-256", common + ", algorithm=MD5"}
}

// newNonce returns the issue time and randomness with a MAC over both.
func (d *digestAuth) newNonce() string {
	nonce := make([]byte, nonceBytes, nonceBytes+sha256.Size)
	binary.BigEndian.PutUint64(nonce, uint64(d.now().UnixNano()))
	_, _ = rand.Read(nonce[8:]) // without randomness the nonce still has its time and MAC
	return base64.RawURLEncoding.EncodeToString(d.appendNonceMAC(nonce, nonce))
}

func (d *digestAuth) appendNonceMAC(dst, nonce []byte) []byte {
	h := hmac.New(sha256.New, []byte(d.nonceKey.reveal()))
	h.Write([]byte("ringfence digest nonce\x00" + d.realm + "\x00"))
	h.Write(nonce)
	return h.Sum(dst)
}

// isFresh reports whether a nonce is one of ours and within its life.
func (d *digestAuth) isFresh(nonce string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(nonce)
	if err != nil || len(raw) != nonceBytes+sha256.Size || base64.RawURLEncoding.EncodeToString(raw) != nonce {
		return false
	}
	if !hmac.Equal(raw[nonceBytes:], d.appendNonceMAC(nil, raw[:nonceBytes])) {
		return false
	}
	age := d.now().Sub(time.Unix(0, int64(binary.BigEndian.Uint64(raw))))
	return age >= -nonceSkew && age < nonceLife
}

// verify checks whether credentials answer a challenge of ours for this method and target. It returns the nonce with its count, which
// can be used once, or "" where the answer is wrong. verified is the one that an outer validation of the same request used (V8). stale
// says that the response was right, so that the client knows the password, but its nonce or count can no longer be used.
func (d *digestAuth) verify(credentials, method, target, verified string) (use string, stale bool) {
	p, wellFormed := parseDigest(credentials)
	if !wellFormed {
		return "", false
	}
	newHash, size := md5.New, 2*md5.Size
	switch {
	case foldEqual(p["algorithm"], "sha-256"):
		newHash, size = sha256.New, 2*sha256.Size
	case p["algorithm"] != "" && !foldEqual(p["algorithm"], "md5"):
		return "", false
	}
	count, err := strconv.ParseUint(p["nc"], 16, 32)
	if len(p["nc"]) != 8 || !isLowerHex(p["nc"]) || err != nil || count == 0 || p["qop"] != "auth" || p["cnonce"] == "" ||
		p["uri"] != target || p["realm"] != d.realm || len(p["response"]) != size || !isLowerHex(p["response"]) {
		return "", false
	}
	want := d.response(newHash, p, method)
	if sameText(p["username"], &d.hashedUsername)&subtle.ConstantTimeCompare([]byte(want), []byte(p["response"])) != 1 {
		return "", false
	}
	if !d.isFresh(p["nonce"]) {
		return "", true
	}
	use = p["nonce"] + p["nc"]
	if use == verified {
		return use, false
	}
	if d.used.add(use, d.now(), nonceLife+nonceSkew) != added {
		return "", true
	}
	return use, false
}

// response computes the response of RFC 7616 section 3.4.1 for qop=auth.
func (d *digestAuth) response(newHash func() hash.Hash, p map[string]string, method string) string {
	digest := func(parts ...string) string {
		h := newHash()
		h.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h.Sum(nil))
	}
	return digest(digest(d.username, d.realm, d.password.reveal()), p["nonce"], p["nc"], p["cnonce"], p["qop"], digest(method, p["uri"]))
}

func isLowerHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// parseDigest parses the comma-separated parameters of a Digest response (RFC 9110 section 11.4). Repeated and malformed ones are
// refused, unknown ones have no effect (RFC 7616 section 3.4).
func parseDigest(s string) (map[string]string, bool) {
	params := make(map[string]string, 12)
	for {
		name, rest, found := strings.Cut(s, "=")
		name = strings.ToLower(trimOWS(name))
		if _, twice := params[name]; !found || twice || !isToken(name) {
			return nil, false
		}
		value, rest, ok := cutValue(strings.TrimLeft(rest, " \t"))
		if !ok {
			return nil, false
		}
		params[name] = value
		rest = trimOWS(rest)
		if rest == "" {
			return params, true
		}
		if rest[0] != ',' {
			return nil, false
		}
		s = rest[1:]
	}
}

// cutValue cuts a token or a quoted-string off the front of s.
func cutValue(s string) (value, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		end := strings.IndexAny(s, ", \t")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], isToken(s[:end])
	}
	var unquoted strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return unquoted.String(), s[i+1:], true
		case '\\':
			i++
			if i == len(s) {
				return "", "", false
			}
		}
		unquoted.WriteByte(s[i])
	}
	return "", "", false
}
