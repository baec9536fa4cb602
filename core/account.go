package core

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
)

// accountSidParam is the parameter that names the account in every form and query of Twilio's.
const accountSidParam = "AccountSid"

// isAccountSid reports whether s is "AC" and 32 hex digits.
func isAccountSid[T string | []byte](s T) bool {
	if len(s) != 34 || s[0] != 'A' || s[1] != 'C' {
		return false
	}
	for i := 2; i < len(s); i++ {
		if unhex[s[i]] == 0xff {
			return false
		}
	}
	return true
}

// signedAccount finds the AccountSid in the signed text: the form's or the query's (T2). clear is false where there are several, so
// that nobody can say which one counts.
func (x *exam) signedAccount() (sid []byte, clear bool) {
	inForm, formCount := x.form.only(accountSidParam)
	inQuery, queryCount := x.query.only(accountSidParam)
	switch {
	case formCount > 1 || queryCount > 1:
		return nil, false
	case formCount == 1 && queryCount == 1:
		return inForm, bytes.Equal(inForm, inQuery)
	case formCount == 1:
		return inForm, true
	default:
		return inQuery, true
	}
}

// namesNoAccount reports whether the kind of request has no AccountSid in its signed text, so that Config.AccountSid selects (U5).
func (x *exam) namesNoAccount() bool { return !x.isForm && (x.hasBodyHash || x.upgrade) }

// selectTokens returns the tokens that may have signed the request. Where the account is unknown it returns ErrAccount and a token
// that nobody has, to be tried all the same: an unknown account must cost what a known one costs (T2).
func (v *Validator) selectTokens(x *exam, r *Request) ([]Token, *Error) {
	sid, clear := x.signedAccount()
	if !clear {
		sid = nil
	}
	if sid == nil && clear && len(v.accountSid) > 0 && x.namesNoAccount() {
		sid = v.accountSid
	}
	x.accountSid = sid
	if x.key != nil {
		if x.key.AccountSid != "" && string(sid) != x.key.AccountSid && !(sid == nil && clear && x.namesNoAccount()) {
			return v.strangers, v.refuse(ErrAccount, "the signing key is another account's")
		}
		return x.keyToken[:], nil
	}
	if v.source == nil {
		return v.tokens, nil
	}
	if !isAccountSid(sid) {
		return v.strangers, v.refuse(ErrAccount, "not exactly one signed AccountSid")
	}
	tokens, err := v.ask(r.context(), string(sid))
	switch {
	case err != nil:
		e := v.refuse(ErrTokenSource, "")
		e.cause = func() error { return err }
		return nil, e
	case len(tokens) == 0:
		return v.strangers, v.refuse(ErrAccount, "")
	}
	return tokens, nil
}

// ask calls the token source. A panic in it is an error (V9), and so is a token that cannot be one.
func (v *Validator) ask(ctx context.Context, sid string) (tokens []Token, err error) {
	defer func() {
		if p := recover(); p != nil {
			tokens, err = nil, fmt.Errorf("token source panicked")
		}
	}()
	tokens, err = v.source(ctx, sid)
	if err != nil {
		return nil, err
	}
	for i := range tokens {
		if tokens[i].problem != nil || tokens[i].key == nil {
			return nil, fmt.Errorf("token source returned a token that cannot be one: label %q", tokens[i].Label)
		}
	}
	return tokens, nil
}

// checkPins applies the pins to a verified request (U5).
func (v *Validator) checkPins(x *exam, r *Request) *Error {
	if len(v.accountSid) > 0 && !bytes.Equal(x.accountSid, v.accountSid) {
		return v.refuse(ErrPin, "AccountSid")
	}
	if v.exact != nil && !(v.exact.origin.sameServer(x.origin) && v.exact.target == withoutBodyHash(x.origin.prefix+r.Target)) {
		return v.refuse(ErrPin, "ExactURL")
	}
	params := &x.form
	if r.Method == http.MethodGet {
		params = &x.query
	}
	for _, name := range v.required {
		if _, count := params.only(name); count == 0 {
			return v.refuse(ErrPin, "a required parameter is missing: "+name)
		}
	}
	return nil
}
