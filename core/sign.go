package core

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

const bodyHashParam = "bodySHA256"

// Sign returns the X-Twilio-Signature of a request: 28 characters of base64 (S1). For a form POST, params are its decoded
// parameters (S2); for a GET they are nil, since a GET's parameters are in the query of rawURL already (S3). Of rawURL the userinfo
// and the fragment are dropped, as Twilio does (S5); everything else is signed as it is, the port included.
//
// The error, for a token that cannot be one or a rawURL that is not an absolute http, https, ws or wss URL, is ErrConfig.
func Sign(token Token, rawURL string, params url.Values) (string, error) {
	signed, err := signedURL(rawURL)
	if err != nil {
		return "", err
	}
	if err := token.check(); err != nil {
		return "", err
	}
	var f form
	f.fill(params)
	f.sort()
	mac := token.key.appendMAC(nil, []byte(signed), f.appendSigned(nil))
	return base64.StdEncoding.EncodeToString(mac), nil
}

// SignBody returns the URL and the X-Twilio-Signature of a request whose body is not a form: the URL is rawURL with
// bodySHA256=<hex SHA-256 of body> appended to the query, which binds the body (S4). The request must be sent to that URL. The errors
// are those of Sign; a rawURL that has a bodySHA256 already is one, too.
func SignBody(token Token, rawURL string, body []byte) (signed, signature string, err error) {
	signed, err = signedURL(rawURL)
	if err != nil {
		return "", "", err
	}
	path, query, _ := strings.Cut(signed, "?")
	if _, found, _ := findBodyHash(query); found {
		return "", "", configError("the URL has a %s already: leave it out, that of the body is added", bodyHashParam)
	}
	separator := "&"
	if query == "" {
		separator = ""
	}
	sum := sha256.Sum256(body)
	signed = path + "?" + query + separator + bodyHashParam + "=" + hex.EncodeToString(sum[:])
	signature, err = Sign(token, signed, nil)
	return signed, signature, err
}

// signedURL returns rawURL without userinfo and fragment (S5).
func signedURL(rawURL string) (string, error) {
	scheme, rest, found := strings.Cut(rawURL, "://")
	switch {
	case !found, scheme != "http" && scheme != "https" && scheme != "ws" && scheme != "wss":
		return "", configError("not an absolute URL with the scheme http, https, ws or wss in lower case")
	}
	rest, _, _ = strings.Cut(rest, "#")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority := rest[:end]
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	if authority == "" {
		return "", configError("the URL has no host")
	}
	return scheme + "://" + authority + rest[end:], nil
}

// check reports a token that cannot be an auth token (C1), and a runtime that cannot sign (C3).
func (t Token) check() error {
	switch {
	case t.key == nil:
		return configError("token %q was not made by AuthToken", t.Label)
	case t.problem != nil:
		return configError("token %q: %w", t.Label, t.problem)
	}
	return t.key.check()
}
