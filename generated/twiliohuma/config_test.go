package twiliohuma_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohuma"
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

// serve sends r to an API with the operation POST /sms behind middlewares.
func serve(r *http.Request, sms func(ctx context.Context, input *message) (*struct{}, error), middlewares ...func(huma.Context, func(huma.Context))) int {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("Messages", "1.0.0"))
	api.UseMiddleware(middlewares...)
	huma.Post(api, "/sms", sms)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w.Code
}

// signed is a form POST to /sms with that body.
func signed(t *testing.T, params url.Values) *http.Request {
	t.Helper()
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", params)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(params.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", signature)
	return r
}

func TestNewPanicsWithoutAValidator(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	twiliohuma.New(nil)
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	for _, test := range []struct {
		name   string
		option twiliohuma.Option
		status int
	}{
		{"one that answers", twiliohuma.WithErrorHandler(func(ctx huma.Context, err error) {
			if errors.Is(err, core.ErrNoSignature) {
				ctx.SetStatus(http.StatusTeapot)
			}
		}), http.StatusTeapot},
		{"one that does nothing", twiliohuma.WithErrorHandler(func(huma.Context, error) {}), http.StatusOK},
		{"nil, which is the default", twiliohuma.WithErrorHandler(nil), http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			sms := func(context.Context, *message) (*struct{}, error) {
				t.Error("the operation ran")
				return nil, nil
			}
			r := httptest.NewRequest(http.MethodPost, "/sms", nil)
			if status := serve(r, sms, twiliohuma.New(validator(t), test.option)); status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
		})
	}
}

func TestOperationsReadTheBodyBehindOtherMiddlewareAndASecondValidation(t *testing.T) {
	params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
	values := func(ctx huma.Context, next func(huma.Context)) { next(huma.WithValue(ctx, "tenant", 7)) }
	runs := 0
	sms := func(ctx context.Context, input *message) (*struct{}, error) {
		runs++
		webhook, ok := twiliohuma.FromContext(ctx)
		if !ok || webhook.Param("Body") != "Ahoy" || string(input.RawBody) != params.Encode() || ctx.Value("tenant") != 7 {
			t.Errorf("webhook %v, body %q, tenant %v", webhook, input.RawBody, ctx.Value("tenant"))
		}
		return nil, nil
	}
	middleware := twiliohuma.New(validator(t))
	if status := serve(signed(t, params), sms, values, middleware, values, middleware); status != http.StatusNoContent || runs != 1 {
		t.Errorf("status %d, %d runs", status, runs)
	}
}

// foreign is a context of a router that is not of net/http.
type foreign struct{ humaContext }

type humaContext huma.Context

// R2: the observer knows of it, too.
func TestARouterThatHidesTheRequestIsRefused(t *testing.T) {
	var seen core.Observation
	v, err := core.NewValidator(core.Config{
		PublicURL: "https://example.com",
		Tokens:    []core.Token{core.AuthToken("primary", "12345")},
		Observer:  func(_ context.Context, o core.Observation) { seen = o },
	})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	ctx := foreign{humago.NewContext(nil, signed(t, url.Values{"Body": {"Ahoy"}}), w)}
	var refusal error
	handler := twiliohuma.WithErrorHandler(func(_ huma.Context, err error) { refusal = err })
	twiliohuma.New(v, handler)(ctx, func(huma.Context) { t.Error("the operation ran") })
	if !errors.Is(refusal, core.ErrMalformedRequest) || !strings.Contains(refusal.Error(), "hides the request") {
		t.Errorf("got %v", refusal)
	}
	if seen.Err != refusal || seen.Method != http.MethodPost || seen.Path != "/sms" {
		t.Errorf("observed %+v", seen)
	}
}

func TestAnUnprotectedOperationHasNoWebhook(t *testing.T) {
	if webhook, ok := twiliohuma.FromContext(context.Background()); ok || webhook != nil {
		t.Errorf("got %v, %v", webhook, ok)
	}
}
