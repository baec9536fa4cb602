package core

import (
	"crypto/hmac"
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
	secret    Secret // for Explain alone, which tries what a secret is often mistaken for
	states    sync.Pool
}

func newKey(secret string, algorithm Algorithm) *key {
	k := &key{algorithm: algorithm, secret: NewSecret(secret)}
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

// appendMAC appends the MAC of url followed by params to dst (S1).
func (k *key) appendMAC(dst, url, params []byte) []byte {
	h := k.states.Get().(hash.Hash)
	h.Reset()
	h.Write(url)
	h.Write(params)
	dst = h.Sum(dst)
	k.states.Put(h)
	return dst
}

// check reports a key that the Go runtime forbids: in FIPS-only mode (GODEBUG=fips140=only) HMAC-SHA1 panics, and so does a short key
// of HMAC-SHA256. That must happen here rather than on a request (C3).
func (k *key) check() error {
	return checkAllowed(string(k.algorithm)+" with this key", func() { k.appendMAC(nil, nil, nil) })
}

func checkAllowed(what string, use func()) (err error) {
	defer func() {
		if recover() != nil {
			err = configError("the Go runtime forbids %s, probably because of GODEBUG=fips140=only", what)
		}
	}()
	use()
	return nil
}

// randomKeys returns n keys that nobody knows, for the work that an unknown account costs (T2).
func randomKeys(n int, algorithm Algorithm) ([]Token, error) {
	tokens := make([]Token, n)
	for i := range tokens {
		var secret [32]byte
		if _, err := rand.Read(secret[:]); err != nil {
			return nil, configError("no randomness: %w", err)
		}
		tokens[i].key = newKey(string(secret[:]), algorithm)
	}
	return tokens, nil
}

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
