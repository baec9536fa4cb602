package core

import (
	"context"
	"fmt"
	"os"
)

// Token is an auth token of a Twilio account with a label, which a verified [Webhook] names, so that a rotation from the primary
// to the secondary token can be watched (T1). It never prints its secret.
type Token struct {
	// Label names the token in webhooks and logs, for example "primary". Labels of one set must differ.
	Label string

	key     *key
	problem error // why the secret cannot be an auth token, or nil
}

// AuthToken returns a Token: the account's primary one, or its secondary one once that is promoted. A sub-account has tokens of its
// own, and API keys never sign (S7). A secret that cannot be an auth token (empty, with white space, quoted …) is refused by whatever
// the Token is handed to, with an error that says what is wrong (C1).
func AuthToken(label, secret string) Token {
	return Token{Label: label, key: newKey(secret, HMACSHA1), problem: checkSecret(secret)}
}

// EnvTokens reads auth tokens from environment variables and labels each with its variable's name, in the order of names. The
// first must be set; the others, a secondary token during a rotation, may be unset.
func EnvTokens(names ...string) ([]Token, error) {
	var tokens []Token
	for i, name := range names {
		value, set := os.LookupEnv(name)
		if !set {
			if i == 0 {
				return nil, configError("environment variable %s is not set: set it to the account's auth token", name)
			}
			continue
		}
		if err := checkSecret(value); err != nil {
			return nil, configError("environment variable %s: %w", name, err)
		}
		tokens = append(tokens, AuthToken(name, value))
	}
	if len(tokens) == 0 {
		return nil, configError("no environment variable named: EnvTokens needs at least one")
	}
	return tokens, nil
}

// TokenSource returns the tokens of an account (T2). It is only ever asked for "AC" and 32 hex digits. No tokens and no error mean
// that the account is unknown: the request costs the same work and gets the same 403 as one with a wrong signature. An error is
// answered with 503, never with acceptance (T4). It is called once a request, so it should cache: building a Token costs more than
// validating with it. It must be safe for concurrent use.
type TokenSource func(ctx context.Context, accountSid string) ([]Token, error)

// String shows the label alone.
func (t Token) String() string { return fmt.Sprintf("Token(%q, %s)", t.Label, redacted) }

// GoString shows the label alone.
func (t Token) GoString() string { return t.String() }

// Format shows the label alone, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, t.String()) }

// Algorithm is the MAC that a [SigningKey] signs with.
type Algorithm string

// The algorithms of shared signing keys. Auth tokens always sign with HMACSHA1.
const (
	HMACSHA1   Algorithm = "HMAC-SHA1"
	HMACSHA256 Algorithm = "HMAC-SHA256"
)

// SigningKey is a shared key of Twilio's Webhooks configuration API, which then signs instead of the auth token and is named by the
// header X-Twilio-Signature-Key-Sid (T3).
//
// Experimental: the API is a public beta and Twilio has published no signature vector for it.
type SigningKey struct {
	// Sid is the key's SID, compared byte for byte with the header.
	Sid string
	// Algorithm is HMACSHA1 or HMACSHA256.
	Algorithm Algorithm
	// Secret is the shared secret.
	Secret Secret
	// AccountSid is the account that the key belongs to. It is required where tokens are chosen by account.
	AccountSid string
}
