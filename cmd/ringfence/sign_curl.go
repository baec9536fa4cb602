package main

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
)

// command returns a curl command that sends the signed request and prints the answer with its header. Every word is quoted for a POSIX
// shell where it must be. --globoff and --path-as-is keep curl from reading the URL as a pattern or tidying its path.
func (o *signOptions) command(signed, signature string, body []byte) (string, error) {
	words := []string{"curl", "-i", "--globoff", "--path-as-is", "-H", "X-Twilio-Signature: " + signature}
	switch {
	case o.data != nil:
		words = append(words, "-H", "Content-Type: "+formType, "--data-raw", encodeForm(o.data))
	case o.json != nil:
		words = append(words, "-H", "Content-Type: application/json", "--data-raw", *o.json)
	case o.body == "-":
		words = append(words, "-H", "Content-Type: "+orElse(o.contentType, "application/json"), "--data-raw", string(body))
	case o.body != "":
		words = append(words, "-H", "Content-Type: "+orElse(o.contentType, "application/json"), "--data-binary", "@"+o.body)
	}
	words = append(words, withoutUserAndFragment(signed))
	for i, word := range words {
		if strings.IndexByte(word, 0) >= 0 {
			return "", errors.New("a NUL cannot stand in a command: put the body into a file and name it with -body")
		}
		words[i] = quoteShell(word)
	}
	return strings.Join(words, " "), nil
}

// checkCurlURL refuses what curl cannot send as it is.
func checkCurlURL(raw string) error {
	if !strings.HasPrefix(raw, "http://") && !strings.HasPrefix(raw, "https://") {
		return errors.New("-curl needs an http or https URL")
	}
	if i := bytes.IndexFunc([]byte(raw), func(r rune) bool { return r <= ' ' || r >= 0x7f }); i >= 0 {
		return errors.New("-curl: the URL has white space or a character that must be escaped, so that it could not be sent as it is signed")
	}
	return nil
}

// withoutUserAndFragment drops what Twilio drops from a URL before it signs (S5).
func withoutUserAndFragment(raw string) string {
	origin, _, target, err := cutURL(raw)
	if err != nil {
		return raw
	}
	return origin + target
}

// encodeForm keeps the order of the parameters.
func encodeForm(params [][2]string) string {
	pairs := make([]string, len(params))
	for i, p := range params {
		pairs[i] = url.QueryEscape(p[0]) + "=" + url.QueryEscape(p[1])
	}
	return strings.Join(pairs, "&")
}

// plainWord are the characters that mean nothing to a shell.
const plainWord = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,="

// quoteShell quotes a word for a POSIX shell: in single quotes, where nothing but a single quote itself is special.
func quoteShell(word string) string {
	if word != "" && strings.Trim(word, plainWord) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
