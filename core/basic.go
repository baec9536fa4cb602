package core

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// maxCredentials bounds the Authorization line that is looked at.
const maxCredentials = 4096

// checkCredentials asks for the configured HTTP credentials (H1). The 401 carries a challenge for each scheme, the stronger first.
func (v *Validator) checkCredentials(x *exam, r *Request) *Error {
	used := "" // by an outer validation of the same request
	if r.Verified != nil {
		used = r.Verified.facts().digestUse
	}
	if v.basic == nil && v.digest == nil {
		x.digestUse = used
		return nil
	}
	stale := false
	if line := x.headers.authorization; line.lines == 1 && len(line.value) <= maxCredentials {
		scheme, credentials, _ := strings.Cut(line.value, " ")
		credentials = trimOWS(credentials)
		switch {
		case v.basic != nil && foldEqual(scheme, "basic"):
			if v.basic.matches(credentials) {
				return nil
			}
		case v.digest != nil && foldEqual(scheme, "digest"):
			if x.digestUse, stale = v.digest.verify(credentials, r.Method, r.Target, used); x.digestUse != "" {
				return nil
			}
		}
	}
	e := v.refuse(ErrCredentials, "")
	if v.digest != nil {
		e.challenge = v.digest.challenges(stale)
	}
	if v.basic != nil {
		e.challenge = append(e.challenge, v.basic.challenge)
	}
	return e
}

// basicAuth checks HTTP Basic credentials (H2).
type basicAuth struct {
	challenge          string
	username, password [sha256.Size]byte
}

func newBasicAuth(cfg *BasicAuth) (*basicAuth, error) {
	if err := checkUser("Basic", cfg.Realm, cfg.Username, cfg.Password); err != nil {
		return nil, err
	}
	return &basicAuth{
		challenge: "Basic realm=" + quote(cfg.Realm),
		username:  sha256.Sum256([]byte(cfg.Username)),
		password:  sha256.Sum256([]byte(cfg.Password.reveal())),
	}, nil
}

// checkUser refuses what C2 lists for a user of Basic or Digest.
func checkUser(scheme, realm, username string, password Secret) error {
	switch {
	case username == "":
		return configError("%s: the user name is empty", scheme)
	case strings.Contains(username, ":"):
		return configError("%s: a user name with a colon cannot be told from user name and password", scheme)
	case password.reveal() == "":
		return configError("%s: the password is empty", scheme)
	case hasControl(username):
		return configError("%s: a control character in the user name", scheme)
	case hasControl(password.reveal()):
		return configError("%s: a control character in the password; a file's last newline, perhaps", scheme)
	case hasControl(realm):
		return configError("%s: a control character in the realm", scheme)
	}
	return nil
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 })
}

// quote writes s as a quoted-string (RFC 9110 section 5.6.4).
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// matches reports whether credentials are those of the configured user: strict base64, the first colon splits (RFC 7617).
func (b *basicAuth) matches(credentials string) bool {
	decoded, err := base64.StdEncoding.Strict().DecodeString(credentials)
	if err != nil || base64.StdEncoding.EncodeToString(decoded) != credentials {
		return false
	}
	username, password, found := strings.Cut(string(decoded), ":")
	return sameText(username, &b.username)&sameText(password, &b.password) == 1 && found
}

// sameText returns 1 if text has the given hash, else 0, in a time that tells nothing about it.
func sameText(text string, hash *[sha256.Size]byte) int {
	sum := sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(sum[:], hash[:])
}
