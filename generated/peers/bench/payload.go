package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ringfence-go/ringfence/core"
)

const (
	origin    = "https://example.com"
	authToken = "0123456789abcdef0123456789abcdef"
	formType  = "application/x-www-form-urlencoded"
)

var token = core.AuthToken("primary", authToken)

// payload is a signed webhook.
type payload struct {
	name, target, contentType, body, signature string
	params                                     url.Values // of a form
}

// smsForm is an incoming message: 20 parameters, about 500 bytes.
const smsForm = "ToCountry=US&ToState=OH&SmsMessageSid=SMcea2a3bd6f50296f8fab60f377db03eb&NumMedia=0&ToCity=UTICA&FromZip=20705&" +
	"SmsSid=SMcea2a3bd6f50296f8fab60f377db03eb&FromState=DC&SmsStatus=received&FromCity=BELTSVILLE&Body=Ahoy%21&FromCountry=US&" +
	"To=%2B10123456789&ToZip=43037&NumSegments=1&ReferralNumMedia=0&MessageSid=SMcea2a3bd6f50296f8fab60f377db03eb&" +
	"AccountSid=ACe718619887aac3ee5b21edafbe3d6f70&From=%2B10123456789&ApiVersion=2010-04-01"

// voiceForm is an incoming call: 26 parameters.
const voiceForm = "AccountSid=ACe718619887aac3ee5b21edafbe3d6f70&ApiVersion=2010-04-01&CallSid=CA136d09cd59a3c0ec8dbff44da5c03f31&" +
	"CallStatus=ringing&Called=%2B14157669926&CalledCity=&CalledCountry=US&CalledState=California&CalledZip=&Caller=%2B14153595711&" +
	"CallerCity=SAN+FRANCISCO&CallerCountry=US&CallerState=CA&CallerZip=94108&Direction=inbound&From=%2B14153595711&" +
	"FromCity=SAN+FRANCISCO&FromCountry=US&FromState=CA&FromZip=94108&To=%2B14157669926&ToCity=&ToCountry=US&ToState=California&" +
	"ToZip=&ApplicationSid=AP44efecad51364e80b133bb7c07eb8204"

func smsPayload() payload   { return formPayload("SMS form, 20 parameters", smsForm) }
func voicePayload() payload { return formPayload("voice form, 26 parameters", voiceForm) }

// largePayload is a form of 64 KB with 12,000 escapes.
func largePayload() payload {
	var b strings.Builder
	for i := 0; b.Len() < 64<<10; i++ {
		fmt.Fprintf(&b, "Field%02d=%s&", i, strings.Repeat("ab%C3%A9cde", 240))
	}
	return formPayload("form of 64 KB, 12,000 escapes", strings.TrimSuffix(b.String(), "&"))
}

// paramsPayload is a form of n parameters of about 24 bytes.
func paramsPayload(n int) payload {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "&Parameter%04d=value%05d", (i*7919)%n, i)
	}
	return formPayload(fmt.Sprint(n), b.String()[1:])
}

// bodyPayload is a form of one parameter and n bytes.
func bodyPayload(n int) payload {
	return formPayload(fmt.Sprint(n), "Body="+strings.Repeat("x", n-len("Body=")))
}

// jsonPayload is a JSON body of 2 KB, bound by bodySHA256.
func jsonPayload() payload {
	body := `{"events":["` + strings.Repeat("x", 2034) + `"]}`
	signed, signature, err := core.SignBody(token, origin+"/hook", []byte(body))
	must(err)
	return payload{"JSON of 2 KB, bodySHA256", strings.TrimPrefix(signed, origin), "application/json", body, signature, nil}
}

func formPayload(name, body string) payload {
	params, err := url.ParseQuery(body)
	must(err)
	signature, err := core.Sign(token, origin+"/hook", params)
	must(err)
	return payload{name, "/hook", formType, body, signature, params}
}

// request is the payload as an adapter of the fasthttp family hands it to the core: with the body already read.
func (p payload) request() *core.Request {
	return &core.Request{
		Method:   http.MethodPost,
		Target:   p.target,
		Host:     "example.com",
		Header:   p.header(),
		Buffered: []byte(p.body),
	}
}

func (p payload) header() http.Header {
	return http.Header{
		"Content-Type":       {p.contentType},
		"User-Agent":         {"TwilioProxy/1.1"},
		"Accept":             {"*/*"},
		"X-Twilio-Signature": {p.signature},
	}
}

// floor is what no validation can do without: the HMAC-SHA1 of the signed text with a kept state, and a JSON body's SHA-256.
func (p payload) floor() func() {
	message := []byte(origin + p.target)
	for _, name := range slices.Sorted(maps.Keys(p.params)) {
		for _, value := range p.params[name] {
			message = append(message, name+value...)
		}
	}
	body := []byte(p.body)
	h := hmac.New(sha1.New, []byte(authToken))
	sum := make([]byte, 0, sha1.Size)
	return func() {
		h.Reset()
		h.Write(message)
		sum = h.Sum(sum[:0])
		if p.params == nil {
			_ = sha256.Sum256(body)
		}
	}
}

// must ends the program: what it measures could not be set up.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
