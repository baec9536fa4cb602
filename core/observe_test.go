package core_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

// observeInto returns an observer that keeps the last observation in o.
func observeInto(o *core.Observation) func(context.Context, core.Observation) {
	return func(_ context.Context, seen core.Observation) { *o = seen }
}

// loggerInto returns a logger of every level, without times.
func loggerInto(b *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

func TestR2TheObserverIsToldTheOutcome(t *testing.T) {
	type key struct{}
	var o core.Observation
	var value any
	calls := 0
	v := validatorFor(t, core.Config{Observer: func(ctx context.Context, seen core.Observation) {
		o, value = seen, ctx.Value(key{})
		calls++
	}})
	ctx := context.WithValue(context.Background(), key{}, "value")

	r := signedGet("/x?a=1", publicURL+"/x?a=1")
	r.Context, r.Peer = ctx, tcpPeer(proxy)
	webhook := accepted(t, v, r)
	if o.Webhook != webhook || o.Err != nil || o.Method != "GET" || o.Path != "/x" || o.Peer != proxy || value != "value" {
		t.Errorf("acceptance: observed %+v with %v", o, value)
	}
	if err := v.Check(r); err != nil || o.Webhook == nil || o.Webhook == webhook {
		t.Errorf("acceptance by Check: %v, observed %+v", err, o)
	}

	r = signedGet("/y?a=1", "")
	e := refused(t, v, r, core.ErrSignature)
	if o.Webhook != nil || o.Err != e || o.Method != "GET" || o.Path != "/y" || o.Peer != "unknown" || value != nil {
		t.Errorf("refusal: observed %+v with %v", o, value)
	}
	if err := v.Check(r); err == nil || o.Err != err || o.Webhook != nil {
		t.Errorf("refusal by Check: %v, observed %+v", err, o)
	}
	if calls != 4 {
		t.Errorf("%d calls for four requests", calls)
	}
}

func TestR2TheLoggerIsToldTheOutcome(t *testing.T) {
	var log bytes.Buffer
	v := validatorFor(t, core.Config{Logger: loggerInto(&log)})
	tests := []struct {
		r    *core.Request
		want string
	}{
		{
			signedForm("/x", "AccountSid="+accountA, publicURL+"/xAccountSid"+accountA),
			`level=DEBUG msg="twilio webhook accepted" method="\"POST\"" path="\"/x\"" peer=10.1.2.3 webhook.account=` + accountA +
				` webhook.token=primary webhook.url="as received" webhook.repeated=false`,
		},
		{
			signedGet("/x?a=1", ""),
			`level=WARN msg="twilio webhook refused" method="\"GET\"" path="\"/x\"" peer=10.1.2.3 status=403 reason="ringfence: signature does not match"`,
		},
	}
	for _, test := range tests {
		for name, validate := range map[string]func(*core.Request){
			"Validate": func(r *core.Request) { _, _ = v.Validate(r) },
			"Check":    func(r *core.Request) { _ = v.Check(r) },
		} {
			log.Reset()
			test.r.Peer = tcpPeer(proxy)
			if validate(test.r); log.String() != test.want+"\n" {
				t.Errorf("%s: got\n%swant\n%s", name, log.String(), test.want)
			}
		}
	}
}

func TestR2TextOfTheRequestIsQuotedBeforeItIsLogged(t *testing.T) {
	var log bytes.Buffer
	v := validatorFor(t, core.Config{Logger: slog.New(plainHandler{&log})})
	r := signedGet("/x\nlevel=INFO msg=forged\x1b[2J", "")
	r.Method = "GET\r\nPUT"
	_ = v.Check(r)
	if got := log.String(); strings.ContainsAny(got, "\r\n\x1b") || !strings.Contains(got, `method="GET\r\nPUT"`) || !strings.Contains(got, `path="/x\nlevel`) {
		t.Errorf("logged %q", got)
	}
}

// plainHandler writes attributes as they are, as a careless handler would.
type plainHandler struct{ b *bytes.Buffer }

func (plainHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h plainHandler) WithAttrs([]slog.Attr) slog.Handler     { return h }
func (h plainHandler) WithGroup(string) slog.Handler          { return h }
func (h plainHandler) Handle(_ context.Context, record slog.Record) error {
	record.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(h.b, "%s=%s ", a.Key, a.Value)
		return true
	})
	return nil
}

// TestR2NothingConfidentialIsObserved sends requests full of marked values, accepted and refused for every reason, and looks for them
// in the error, the observation and the log.
func TestR2NothingConfidentialIsObserved(t *testing.T) {
	const secret, value, password = "token-CONFIDENTIAL", "value-CONFIDENTIAL", "password-CONFIDENTIAL"
	const query = "?q=" + value
	const target = publicURL + "/x" + query
	credentials := basicAuthorization("user", password)
	header, _, _ := strings.Cut(strings.TrimPrefix(credentials, "Authorization: Basic "), "=")
	form := signedBy(secret, target+"a"+value, signedForm("/x"+query, "a="+value, ""))
	expected := form.Header.Get("X-Twilio-Signature")

	sourceError := errors.New(secret)
	config := func(change func(*core.Config)) core.Config {
		cfg := core.Config{Tokens: []core.Token{core.AuthToken("primary", secret)}}
		change(&cfg)
		return cfg
	}
	wrong := signedBy("another", target, signedForm("/x"+query, "a="+value, ""))
	requests := []struct {
		config core.Config
		r      *core.Request
		want   core.Reason
	}{
		{config(func(*core.Config) {}), form, ""},
		{config(func(*core.Config) {}), wrong, core.ErrSignature},
		{config(func(*core.Config) {}), signedForm("/x"+query, value+"=%", ""), core.ErrMalformedForm},
		{config(func(*core.Config) {}), signedGet("/x"+query+" ", ""), core.ErrMalformedRequest},
		{config(func(*core.Config) {}), signedGet("/x?bodySHA256="+value, ""), core.ErrBodyHash},
		{config(func(*core.Config) {}), signedGet("/x"+query, "", "Content-Encoding: "+value), core.ErrContentEncoding},
		{config(func(*core.Config) {}), &core.Request{Method: "GET", Target: "/x" + query, RawHeader: []byte(value)}, core.ErrMalformedRequest},
		{config(func(c *core.Config) { c.RequiredParams = []string{"From"} }), form, core.ErrPin},
		{config(func(c *core.Config) { c.ExactURL = publicURL + "/y" }), form, core.ErrPin},
		{config(func(c *core.Config) { c.AccountSid = accountA }), form, core.ErrPin},
		{config(func(c *core.Config) {
			c.Basic = &core.BasicAuth{Realm: "r", Username: "user", Password: core.NewSecret("another")}
		}), signedGet("/x"+query, "", credentials), core.ErrCredentials},
		{config(func(c *core.Config) { c.Replay = &core.ReplayGuard{Refuse: true, Store: storeOf(true, nil)} }), form, core.ErrReplay},
		{config(func(c *core.Config) { c.Replay = &core.ReplayGuard{Store: storeOf(false, sourceError)} }), form, core.ErrReplayStore},
		{config(func(c *core.Config) { c.SigningKeys = []core.SigningKey{sha1Key} }), signedGet("/x"+query, "", "X-Twilio-Signature-Key-Sid: "+value), core.ErrSigningKey},
		{core.Config{TokenSource: func(context.Context, string) ([]core.Token, error) { return nil, sourceError }}, signedGet("/x"+query+"&AccountSid="+accountA, ""), core.ErrTokenSource},
		{core.Config{TokenSource: func(context.Context, string) ([]core.Token, error) { panic(secret) }}, signedGet("/x"+query+"&AccountSid="+accountA, ""), core.ErrTokenSource},
		{core.Config{AllowedHosts: []string{"other.example"}}, signedGet("/x"+query, ""), core.ErrHost},
	}
	for i, test := range requests {
		t.Run(fmt.Sprintf("%d %s", i, test.want), func(t *testing.T) {
			var log bytes.Buffer
			var o core.Observation
			test.config.Logger, test.config.Observer = loggerInto(&log), observeInto(&o)
			v := validatorFor(t, test.config)
			_, err := v.Validate(test.r)
			if test.want != "" {
				refusalFor(t, err, test.want)
			} else if err != nil {
				t.Fatal(err)
			}
			if log.Len() == 0 || o.Path == "" {
				t.Fatal("nothing was logged or observed")
			}
			for what, text := range map[string]string{
				"error":       fmt.Sprintf("%v %+v %q", err, err, err),
				"observation": fmt.Sprintf("%v %+v %q", o, o, o),
				"log":         log.String(),
			} {
				for _, marked := range []string{secret, value, password, header, expected, test.r.Header.Get("X-Twilio-Signature")} {
					if marked != "" && strings.Contains(text, marked) {
						t.Errorf("%q is in the %s: %s", marked, what, text)
					}
				}
			}
		})
	}
}

func TestR2WhatIsObservedIsBounded(t *testing.T) {
	var o core.Observation
	v := validatorFor(t, core.Config{Observer: observeInto(&o)})
	for _, length := range []int{256, 257, 10_000} {
		r := signedGet("/"+strings.Repeat("x", length-1), "")
		r.Method = strings.Repeat("G", length)
		if refused(t, v, r, core.ErrMethod); o.Path != r.Target[:256] || o.Method != r.Method[:256] {
			t.Errorf("length %d: observed %d and %d bytes", length, len(o.Method), len(o.Path))
		}
	}
}

func TestV9APanicOfTheObserverGoesNoFurther(t *testing.T) {
	v := validatorFor(t, core.Config{Observer: func(context.Context, core.Observation) { panic("no observer") }})
	accepted(t, v, signedGet("/x", publicURL+"/x"))
	refused(t, v, signedGet("/x", ""), core.ErrSignature)
}

// panicHandler is a log handler that panics.
type panicHandler struct{ plainHandler }

func (panicHandler) Handle(context.Context, slog.Record) error { panic("no disk") }

func TestV9APanicOfTheLoggerGoesNoFurther(t *testing.T) {
	var o core.Observation
	v := validatorFor(t, core.Config{Logger: slog.New(panicHandler{}), Observer: observeInto(&o)})
	accepted(t, v, signedGet("/x", publicURL+"/x"))
	refused(t, v, signedGet("/y", ""), core.ErrSignature)
	if o.Path != "/y" {
		t.Errorf("the observer was told %+v", o)
	}
}
