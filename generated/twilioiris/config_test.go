package twilioiris_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/kataras/iris/v12"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twilioiris"
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

// serve sends r to app, built.
func serve(t *testing.T, app *iris.Application, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	if err := app.Build(); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

func TestNewPanicsWithoutAValidator(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	twilioiris.New(twilioiris.Options{})
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	for _, test := range []struct {
		name         string
		errorHandler func(ctx iris.Context, err error)
		status       int
	}{
		{"one that answers", func(ctx iris.Context, err error) {
			if errors.Is(err, core.ErrNoSignature) {
				ctx.StopWithStatus(http.StatusTeapot)
			}
		}, http.StatusTeapot},
		{"one that does nothing", func(iris.Context, error) {}, http.StatusOK},
		{"one that asks for the next handler", func(ctx iris.Context, _ error) { ctx.Next() }, http.StatusOK},
		{"nil, which is the default", nil, http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			app := iris.New()
			middleware := twilioiris.New(twilioiris.Options{Validator: validator(t), ErrorHandler: test.errorHandler})
			app.Post("/sms", middleware, func(iris.Context) { t.Error("the next handler ran") })
			if w := serve(t, app, httptest.NewRequest(http.MethodPost, "/sms", nil)); w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
		})
	}
}

// Iris can be told to run handlers that nobody asked for with ctx.Next, and to answer errors in its own way.
func TestForcedHandlersAndErrorHandlersOfTheApplicationDoNotRun(t *testing.T) {
	app := iris.New()
	force := iris.ExecutionOptions{Force: true}
	app.SetExecutionRules(iris.ExecutionRules{Begin: force, Main: force, Done: force})
	app.Use(twilioiris.New(twilioiris.Options{Validator: validator(t)}))
	app.Done(func(iris.Context) { t.Error("a Done handler ran") })
	app.OnAnyErrorCode(func(iris.Context) { t.Error("an OnAnyErrorCode handler ran") })
	app.Post("/sms", func(iris.Context) { t.Error("the handler ran") })
	w := serve(t, app, httptest.NewRequest(http.MethodPost, "/sms", nil))
	if w.Code != http.StatusForbidden || w.Body.String() != "Forbidden\n" {
		t.Errorf("status %d, body %q", w.Code, w.Body)
	}
}

func TestHandlersReadTheFormInEveryWayOfIris(t *testing.T) {
	params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", params)
	if err != nil {
		t.Fatal(err)
	}
	ways := map[string]func(ctx iris.Context) string{
		"PostValue": func(ctx iris.Context) string { return ctx.PostValue("Body") },
		"FormValue": func(ctx iris.Context) string { return ctx.FormValue("Body") },
		"ReadForm": func(ctx iris.Context) string {
			var form struct{ From, Body string }
			if err := ctx.ReadForm(&form); err != nil {
				return err.Error()
			}
			return form.Body
		},
		"GetBody": func(ctx iris.Context) string {
			body, err := ctx.GetBody()
			if err != nil || string(body) != params.Encode() {
				return string(body)
			}
			return "Ahoy"
		},
	}
	for name, read := range ways {
		t.Run(name, func(t *testing.T) {
			app := iris.New()
			app.Post("/sms", twilioiris.New(twilioiris.Options{Validator: validator(t)}), func(ctx iris.Context) {
				_, _ = ctx.WriteString(read(ctx))
			})
			r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(params.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Twilio-Signature", signature)
			if w := serve(t, app, r); w.Code != http.StatusOK || w.Body.String() != "Ahoy" {
				t.Errorf("status %d, body %q", w.Code, w.Body)
			}
		})
	}
}

func TestAnUnprotectedHandlerHasNoWebhook(t *testing.T) {
	app := iris.New()
	app.Post("/sms", func(ctx iris.Context) {
		if webhook, ok := twilioiris.Get(ctx); ok || webhook != nil {
			t.Errorf("got %v, %v", webhook, ok)
		}
	})
	if w := serve(t, app, httptest.NewRequest(http.MethodPost, "/sms", nil)); w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
}
