package core

import "strings"

// broken is a rule that refuses a request whose signature is explained.
type broken struct {
	cause Cause
	why   string
	fix   string
}

// remedies say what to do about a refusal that is not the signature's: a setting of Config where there is one.
var remedies = map[Reason]string{
	ErrMethod:           `Methods: []string{"GET", "POST"},`,
	ErrCredentials:      "the user name and password of the webhook's URL in Twilio's console: https://USER:PASSWORD@…, as Basic or Digest have them",
	ErrMalformedRequest: "let the proxy or server before the validator pass the request on as it came",
	ErrForwarded:        "let the trusted proxy set each X-Forwarded header once, with one element, and drop what the client sent",
	ErrNotHTTPS:         "give Twilio the https:// URL, and let the trusted proxy set X-Forwarded-Proto",
	ErrContentEncoding:  "let no proxy compress requests: the body must arrive as it was sent",
	ErrBodyTooLarge:     "MaxBodyBytes: with the size that the endpoint really needs",
	ErrTooManyParams:    "MaxParams: with the number that the endpoint really needs",
	ErrBodyConsumed:     "mount the middleware before anything that reads the body or parses the form",
	ErrBodyNotBound:     fixBinding,
	ErrBodyHash:         "let nothing on the way change the body: no parsing and writing anew, no compression, no other line ends",
	ErrMalformedForm:    "send a form that is escaped as application/x-www-form-urlencoded is: ; as %3B, % as %25",
	ErrAccount:          "Accounts: with the tokens of the request's AccountSid",
	ErrPin:              "ExactURL, AccountSid or RequiredParams: leave out or correct the one that the refusal names",
	ErrReplay:           "Replay: without Refuse, if repeats are to reach the handler, marked",
	ErrTokenSource:      "the token source: it failed",
	ErrReplayStore:      "the replay store: it failed",
	ErrSigningKey:       "SigningKeys: with the key that X-Twilio-Signature-Key-Sid names, or let no proxy add that header",
}

// standalone are the rules that refuse a request whatever its signature is, so that they are worth naming beside another cause.
var standalone = map[Reason]bool{ErrMethod: true, ErrCredentials: true, ErrContentEncoding: true, ErrTooManyParams: true, ErrNotHTTPS: true}

// brokenRule returns the rule that refuses the request besides the changes that were found, if there is one.
func (q *inquiry) brokenRule(f finding) (broken, bool) {
	changes := len(f.changes)
	switch {
	case q.hashed && q.bodyHash != hashOfBody(q.body) && strings.Contains(f.reading.target.query, bodyHashParam):
		return q.brokenBody(), true
	case changes > 0 && !standalone[q.reason]:
		return broken{}, false
	}
	rule := broken{CauseRule, "the signature matches, but the request is refused: " + string(q.reason), remedies[q.reason]}
	if changes > 0 {
		rule.why = "the request is refused besides: " + string(q.reason)
	}
	if q.detail != "" {
		rule.why += ": " + q.detail
	}
	switch q.reason {
	case ErrHost:
		rule.cause, rule.why = CauseHost, "the signature matches, but the host is not one of AllowedHosts"
		rule.fix = q.originFix(q.bases[0].reading.origin)
	case ErrBodyNotBound:
		rule.cause = CauseBodyNotBound
		rule.why = "the URL was signed alone, so that nothing binds the body: it is no form, and the URL has no bodySHA256"
	}
	return rule, true
}

// brokenBody is a body whose hash is not the signed one.
func (q *inquiry) brokenBody() broken {
	if q.bodyHash == "" {
		return broken{CauseRule, "the signature matches, but bodySHA256 is not once in the query, plainly written, with a hash", fixBinding}
	}
	rule := broken{CauseBodyChanged, "", remedies[ErrBodyHash]}
	if what, found := q.originalBody(); found {
		rule.why = "the URL was signed with the hash of another form of the body, " + what + ": something wrote the body anew"
		return rule
	}
	return broken{CauseUnexplained, "the URL is signed, but the body is not the one whose hash is in it: it was changed on the way, or forged", rule.fix}
}

// redact removes secrets and signatures from a text, wherever the request may have put them (R2).
func (q *inquiry) redact(text string) string {
	for _, secret := range q.secrets {
		if len(secret) > shortestSecret {
			text = strings.ReplaceAll(text, secret, redacted)
		}
	}
	return text
}

// shortestSecret is the length up to which a secret is part of too many other texts to be looked for.
const shortestSecret = 6
