package twiliobeego_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/beego/beego/v2/server/web"
	"github.com/beego/beego/v2/server/web/context"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliobeego"
)

func validator(t *testing.T) *core.Validator {
	t.Helper()
	validator, err := core.NewValidator(core.Config{
		PublicURL: "https://example.com",
		Tokens:    []core.Token{core.AuthToken("primary", "12345")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return validator
}

// serve sends r to sms, at /sms behind a filter chain with that pattern.
func serve(pattern string, chain web.FilterChain, sms web.HandleFunc, r *http.Request) *httptest.ResponseRecorder {
	register := web.NewControllerRegister()
	register.InsertFilterChain(pattern, chain)
	register.Post("/sms", sms)
	register.Init()
	w := httptest.NewRecorder()
	register.ServeHTTP(w, r)
	return w
}

func TestNewPanicsWithoutAValidator(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	twiliobeego.New(nil)
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	for _, test := range []struct {
		name   string
		option twiliobeego.Option
		status int
	}{
		{"one that answers", twiliobeego.WithErrorHandler(func(ctx *context.Context, err error) {
			if errors.Is(err, core.ErrNoSignature) {
				ctx.Output.SetStatus(http.StatusTeapot)
				_ = ctx.Output.Body([]byte("no"))
			}
		}), http.StatusTeapot},
		{"one that does nothing", twiliobeego.WithErrorHandler(func(*context.Context, error) {}), http.StatusOK},
		{"nil, which is the default", twiliobeego.WithErrorHandler(nil), http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			sms := func(*context.Context) { t.Error("the handler ran") }
			w := serve("/sms", twiliobeego.New(validator(t), test.option), sms, httptest.NewRequest(http.MethodPost, "/sms", nil))
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
		})
	}
}

// What Beego's router takes for /sms, a filter chain for /sms must take for it, too.
func TestEverySpellingOfAProtectedPathIsProtected(t *testing.T) {
	for _, path := range []string{"/sms", "/sms/", "//sms", "/SMS", "/sms.json", "/%73ms", "/./sms", "/x/../sms", "/sms;a", "/sms%2f"} {
		for _, pattern := range []string{"/sms", "/*"} {
			sms := func(*context.Context) { t.Errorf("%s reached the handler past the pattern %s", path, pattern) }
			serve(pattern, twiliobeego.New(validator(t)), sms, httptest.NewRequest(http.MethodPost, path, nil))
		}
	}
}

func TestATargetThatIsNoPathReachesNothing(t *testing.T) {
	r := httptest.NewRequest("PRI", "/", nil)
	r.RequestURI, r.URL.Path = "*", "*"
	sms := func(*context.Context) { t.Error("the handler ran") }
	if w := serve("/*", twiliobeego.New(validator(t)), sms, r); w.Body.Len() != 0 {
		t.Errorf("body %q", w.Body)
	}
}

func TestControllersReadTheFormInEveryWayOfBeego(t *testing.T) {
	params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", params)
	if err != nil {
		t.Fatal(err)
	}
	ways := map[string]func(ctx *context.Context) string{
		"Input.Query": func(ctx *context.Context) string { return ctx.Input.Query("Body") },
		"Input.CopyBody": func(ctx *context.Context) string {
			if body := string(ctx.Input.CopyBody(1 << 20)); body != params.Encode() {
				return body
			}
			return "Ahoy"
		},
		"BindForm": func(ctx *context.Context) string {
			var form struct{ Body string }
			if err := ctx.BindForm(&form); err != nil {
				return err.Error()
			}
			return form.Body
		},
		"Request.PostFormValue": func(ctx *context.Context) string { return ctx.Request.PostFormValue("Body") },
	}
	for name, read := range ways {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(params.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Twilio-Signature", signature)
			w := serve("/sms", twiliobeego.New(validator(t)), func(ctx *context.Context) { ctx.WriteString(read(ctx)) }, r)
			if w.Code != http.StatusOK || w.Body.String() != "Ahoy" {
				t.Errorf("status %d, body %q", w.Code, w.Body)
			}
		})
	}
}

func TestAnUnprotectedHandlerHasNoWebhook(t *testing.T) {
	ctx := context.NewContext()
	ctx.Reset(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/sms", nil))
	if webhook, ok := twiliobeego.Get(ctx); ok || webhook != nil {
		t.Errorf("got %v, %v", webhook, ok)
	}
}
