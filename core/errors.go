package core

import (
	"errors"
	"net/http"
)

// Reason says why a request was refused. Every reason is a constant and an error: compare with
// errors.Is(err, core.ErrSignature).
type Reason string

// Error returns the reason in words.
func (r Reason) Error() string { return "ringfence: " + string(r) }

// The reasons, with the status of the default answer (R).
const (
	ErrMethod           Reason = "method not allowed"                              // 405 with Allow
	ErrCredentials      Reason = "HTTP credentials missing or wrong"               // 401 with WWW-Authenticate
	ErrNoSignature      Reason = "no X-Twilio-Signature header"                    // 403
	ErrSignatureFormat  Reason = "malformed X-Twilio-Signature header"             // 403
	ErrSignature        Reason = "signature does not match"                        // 403
	ErrSigningKey       Reason = "unknown signing key"                             // 403
	ErrMalformedRequest Reason = "malformed request"                               // 400
	ErrHost             Reason = "host not allowed"                                // 403
	ErrForwarded        Reason = "malformed X-Forwarded header of a trusted proxy" // 403
	ErrNotHTTPS         Reason = "not HTTPS"                                       // 403
	ErrContentEncoding  Reason = "content encoding not supported"                  // 415
	ErrBodyNotBound     Reason = "body not bound by the signature"                 // 403
	ErrBodyHash         Reason = "bodySHA256 does not match the body"              // 403
	ErrBodyTooLarge     Reason = "body too large"                                  // 413
	ErrBodyRead         Reason = "body could not be read"                          // 400
	ErrBodyConsumed     Reason = "body consumed before validation"                 // 403
	ErrMalformedForm    Reason = "malformed form"                                  // 400
	ErrTooManyParams    Reason = "too many parameters"                             // 413
	ErrAccount          Reason = "unknown account"                                 // 403
	ErrPin              Reason = "pinned value does not match"                     // 403
	ErrTokenSource      Reason = "token source failed"                             // 503
	ErrReplay           Reason = "webhook repeated"                                // 409
	ErrReplayStore      Reason = "replay store failed"                             // 503
)

func (r Reason) status() int {
	switch r {
	case ErrMethod:
		return http.StatusMethodNotAllowed
	case ErrCredentials:
		return http.StatusUnauthorized
	case ErrMalformedRequest, ErrBodyRead, ErrMalformedForm:
		return http.StatusBadRequest
	case ErrContentEncoding:
		return http.StatusUnsupportedMediaType
	case ErrBodyTooLarge, ErrTooManyParams:
		return http.StatusRequestEntityTooLarge
	case ErrTokenSource, ErrReplayStore:
		return http.StatusServiceUnavailable
	case ErrReplay:
		return http.StatusConflict
	default:
		return http.StatusForbidden
	}
}

// Error is the refusal of one request. Its text is for logs and error handlers, never for the client: it names the reason and
// the place, without a token, an expected signature, or a value of the request (R2).
type Error struct {
	// Reason is what errors.Is compares.
	Reason Reason
	// Detail says more in words, or is empty.
	Detail string

	cause     func() error // of a token source or store; its text may hold anything, and package fmt does not look into functions
	challenge []string     // WWW-Authenticate lines of a 401
	allow     string       // Allow of a 405
	twiml     bool
}

// Error returns the reason and the detail.
func (e *Error) Error() string {
	if e.Detail == "" {
		return e.Reason.Error()
	}
	return e.Reason.Error() + ": " + e.Detail
}

// Status returns the HTTP status of the default answer.
func (e *Error) Status() int { return e.Reason.status() }

// Is reports whether target is the error's Reason.
func (e *Error) Is(target error) bool { return target == error(e.Reason) }

// Unwrap returns the error of the token source or store that failed, else nil. Its text is not part of Error's.
func (e *Error) Unwrap() error {
	if e == nil || e.cause == nil {
		return nil
	}
	return e.cause()
}

// Answer is what the client is told (R1): constant per status, with nothing of the request in it.
type Answer struct {
	// Status is the HTTP status code.
	Status int
	// Body is the whole body.
	Body string

	contentType string
	challenge   []string
	allow       string
}

const (
	plainText  = "text/plain; charset=utf-8"
	twimlText  = "text/xml; charset=utf-8"
	emptyTwiML = `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`
)

// AnswerTo returns the answer to a refusal: an [*Error], or a bare [Reason]. Any other error, nil included, is answered with 403: who
// asks for an answer does not want the request to pass.
func AnswerTo(err error) Answer {
	var e *Error
	if errors.As(err, &e); e == nil {
		e = new(Error)
		errors.As(err, &e.Reason)
	}
	a := Answer{Status: e.Status(), contentType: plainText, challenge: e.challenge, allow: e.allow}
	a.Body = http.StatusText(a.Status) + "\n"
	if e.twiml {
		a = a.TwiML()
	}
	return a
}

// TwiML returns the answer with an empty TwiML document for a body instead of plain text, as Config.TwiML does for every answer. The
// status stays.
func (a Answer) TwiML() Answer {
	a.contentType, a.Body = twimlText, emptyTwiML
	return a
}

// EachHeader calls add for every header line of the answer: Content-Type, X-Content-Type-Options, and WWW-Authenticate of a 401
// (one line a challenge) or Allow of a 405. add must add a line, not replace one of the same name.
func (a Answer) EachHeader(add func(name, value string)) {
	if a.contentType == "" { // made by hand
		a.contentType = plainText
	}
	add("Content-Type", a.contentType)
	add("X-Content-Type-Options", "nosniff")
	for _, c := range a.challenge {
		add("WWW-Authenticate", c)
	}
	if a.allow != "" {
		add("Allow", a.allow)
	}
}

// Write writes the answer to w. It is for net/http and the frameworks that build on it. An Answer without a status is
// 403.
func (a Answer) Write(w http.ResponseWriter) {
	if a.Status == 0 {
		a.Status = http.StatusForbidden
	}
	h := w.Header()
	for _, name := range []string{"Content-Type", "X-Content-Type-Options", "Content-Length"} {
		h.Del(name)
	}
	a.EachHeader(h.Add)
	w.WriteHeader(a.Status)
	_, _ = w.Write([]byte(a.Body))
}
