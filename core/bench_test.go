package core

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// payload is a webhook to validate.
type payload struct {
	name, method, target, contentType string
	body                              []byte
	signature                         string
}

const benchOrigin = "https://example.com"

var benchToken = AuthToken("primary", "0123456789abcdef0123456789abcdef")

// smsForm is an incoming message as Twilio sends it: 20 parameters, about 500 bytes.
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

// largeForm is 64 KB with about 12,000 escapes.
func largeForm() string {
	var b strings.Builder
	for i := 0; b.Len() < 64<<10; i++ {
		fmt.Fprintf(&b, "Field%02d=%s&", i, strings.Repeat("ab%C3%A9cde", 240))
	}
	return strings.TrimSuffix(b.String(), "&")
}

func payloads(tb testing.TB) []payload {
	form := func(name, body string) payload {
		params, err := url.ParseQuery(body)
		if err != nil {
			tb.Fatal(err)
		}
		signature, err := Sign(benchToken, benchOrigin+"/hook", params)
		if err != nil {
			tb.Fatal(err)
		}
		return payload{name, http.MethodPost, "/hook", "application/x-www-form-urlencoded", []byte(body), signature}
	}
	json := []byte(`{"events":["` + strings.Repeat("x", 2030) + `"]}`)
	signed, signature, err := SignBody(benchToken, benchOrigin+"/hook", json)
	if err != nil {
		tb.Fatal(err)
	}
	return []payload{
		form("sms", smsForm),
		form("voice", voiceForm),
		{"json-2k", http.MethodPost, strings.TrimPrefix(signed, benchOrigin), "application/json", json, signature},
		form("form-64k", largeForm()),
	}
}

func (p payload) request() *Request {
	return &Request{
		Method:   p.method,
		Target:   p.target,
		Host:     "example.com",
		Header:   http.Header{"Content-Type": {p.contentType}, "X-Twilio-Signature": {p.signature}, "User-Agent": {"TwilioProxy/1.1"}},
		Buffered: p.body,
	}
}

// floor returns what no validation can do without: the HMAC-SHA1 of the signed bytes with a kept state, and for a JSON body its SHA-256.
func (p payload) floor() func() {
	message := []byte(benchOrigin + p.target)
	isForm := p.contentType != "application/json"
	if isForm {
		var f form
		f.parse(p.body, len(p.body))
		f.sort()
		message = f.appendSigned(message)
	}
	h := hmac.New(sha1.New, []byte("0123456789abcdef0123456789abcdef"))
	var sum []byte
	return func() {
		h.Reset()
		h.Write(message)
		sum = h.Sum(sum[:0])
		if !isForm {
			hash := sha256.Sum256(p.body)
			sum = append(sum[:0], hash[:]...)
		}
	}
}

func newBenchValidator(tb testing.TB) *Validator {
	v, err := NewValidator(Config{PublicURL: benchOrigin, Tokens: []Token{benchToken}})
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// BenchmarkCheck is the verdict alone, Validate the verdict with a webhook handed over, Floor what both cannot do without.
func BenchmarkCheck(b *testing.B) {
	v := newBenchValidator(b)
	for _, p := range payloads(b) {
		r := p.request()
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				if err := v.Check(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkValidate(b *testing.B) {
	v := newBenchValidator(b)
	for _, p := range payloads(b) {
		r := p.request()
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				if _, err := v.Validate(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFloor(b *testing.B) {
	for _, p := range payloads(b) {
		floor := p.floor()
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				floor()
			}
		})
	}
}

// BenchmarkRefuse is a request without a signature, with a malformed one, and with a wrong one.
func BenchmarkRefuse(b *testing.B) {
	v := newBenchValidator(b)
	p := payloads(b)[0]
	for name, signature := range map[string][]string{"missing": nil, "malformed": {"x"}, "wrong": {strings.Repeat("A", 27) + "="}} {
		r := p.request()
		r.Header["X-Twilio-Signature"] = signature
		r.Buffered, r.Body = nil, bytes.NewReader(p.body)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				if v.Check(r) == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}
