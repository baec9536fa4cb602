package core

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// key computes MACs with one secret. HMAC states are kept and reset, which halves the cost of a short message. It is safe for
// concurrent use.
type key struct {
	algorithm Algorithm
	states    sync.Pool
}

func newKey(secret string, algorithm Algorithm) *key {
	k := &key{algorithm: algorithm}
	k.states.New = func() any {
		if algorithm == HMACSHA256 {
			return hmac.New(sha256.New, []byte(secret))
		}
		return hmac.New(sha1.New, []byte(secret))
	}
	return k
}

// size is the length of a MAC in bytes.
func (k *key) size() int {
	if k.algorithm == HMACSHA256 {
		return sha256.Size
	}
	return sha1.Size
}

// appendMAC appends the MAC of url followed by params to dst (S1). A nil state cannot happen after checkAlgorithm.
func (k *key) appendMAC(dst, url, params []byte) []byte {
	h := k.states.Get().(hash.Hash)
	h.Reset()
	h.Write(url)
	h.Write(params)
	dst = h.Sum(dst)
	k.states.Put(h)
	return dst
}

// randomKey returns a key that nobody knows, for the work that an unknown account costs (T2).
func randomKey() *key {
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		panic("ringfence: no randomness: " + err.Error()) // only while a Validator is constructed
	}
	return newKey(string(secret[:]), HMACSHA1)
}

// checkAlgorithm reports an algorithm that the Go runtime forbids: in FIPS-only mode (GODEBUG=fips140=only) HMAC-SHA1 and MD5
// panic, and that must happen here rather than on a request (C3).
func checkAlgorithm(name string, use func()) (err error) {
	defer func() {
		if recover() != nil {
			err = configError("the Go runtime forbids %s, probably because of GODEBUG=fips140=only: Twilio's scheme needs it", name)
		}
	}()
	use()
	return nil
}

func useHMACSHA1() { newKey("probe", HMACSHA1).appendMAC(nil, nil, nil) }

func useMD5() { _ = md5.Sum(nil) }

// checkSecret says what is wrong with a secret (C1), without repeating any of it.
func checkSecret(secret string) error {
	first, _ := utf8.DecodeRuneInString(secret)
	last, _ := utf8.DecodeLastRuneInString(secret)
	switch {
	case secret == "":
		return fmt.Errorf("the secret is empty: set it to the auth token of the account's console page")
	case strings.TrimSpace(secret) == "":
		return fmt.Errorf("the secret is blank: set it to the auth token of the account's console page")
	case !utf8.ValidString(secret):
		return fmt.Errorf("the secret is not valid UTF-8")
	case first == '\uFEFF':
		return fmt.Errorf("the secret begins with a byte order mark: save its file without one")
	case last == '\n' || last == '\r':
		return fmt.Errorf("the secret ends with a newline: trim the end of its file")
	case strings.ContainsRune(`"'`+"`", first) || strings.ContainsRune(`"'`+"`", last):
		return fmt.Errorf("the secret has quotes around it: remove them")
	case strings.HasPrefix(secret, "${") || strings.HasPrefix(secret, "$("):
		return fmt.Errorf("the secret is a variable that was not expanded")
	}
	for _, r := range secret {
		if unicode.IsSpace(r) {
			return fmt.Errorf("the secret has white space in it")
		}
		if !unicode.IsPrint(r) {
			return fmt.Errorf("the secret has a control or invisible character in it")
		}
	}
	return nil
}
