package twiliogozero_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zeromicro/go-zero/core/conf"
	"github.com/zeromicro/go-zero/core/logx"
	"github.com/zeromicro/go-zero/rest"
	"github.com/zeromicro/go-zero/rest/httpx"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliogozero"
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

func TestNewPanicsWithoutAValidator(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	twiliogozero.New(nil)
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	for _, test := range []struct {
		name   string
		option twiliogozero.Option
		status int
	}{
		{"one that answers", twiliogozero.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, err error) {
			if errors.Is(err, core.ErrNoSignature) {
				w.WriteHeader(http.StatusTeapot)
			}
		}), http.StatusTeapot},
		{"one that does nothing", twiliogozero.WithErrorHandler(func(http.ResponseWriter, *http.Request, error) {}), http.StatusOK},
		{"nil, which is the default", twiliogozero.WithErrorHandler(nil), http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			next := func(http.ResponseWriter, *http.Request) { t.Error("the next handler ran") }
			w := httptest.NewRecorder()
			twiliogozero.New(validator(t), test.option).Handle(next)(w, httptest.NewRequest(http.MethodPost, "/sms", nil))
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
		})
	}
}

func TestAnUnprotectedHandlerHasNoWebhook(t *testing.T) {
	if webhook, ok := twiliogozero.FromContext(httptest.NewRequest(http.MethodPost, "/sms", nil).Context()); ok || webhook != nil {
		t.Errorf("got %v, %v", webhook, ok)
	}
}

// serverAsItComes returns go-zero's server with all of its own middleware, and sms behind ours.
func serverAsItComes(t *testing.T, sms http.HandlerFunc) *rest.Serverless {
	t.Helper()
	logx.Disable()
	var c rest.RestConf
	if err := conf.LoadFromJsonBytes([]byte(`{"Name": "sms", "Port": 8080, "Mode": "test"}`), &c); err != nil {
		t.Fatal(err)
	}
	server, err := rest.NewServer(c)
	if err != nil {
		t.Fatal(err)
	}
	route := rest.Route{Method: http.MethodPost, Path: "/sms", Handler: sms}
	server.AddRoutes(rest.WithMiddleware(twiliogozero.New(validator(t)).Handle, route))
	serverless, err := rest.NewServerless(server)
	if err != nil {
		t.Fatal(err)
	}
	return serverless
}

// go-zero's timeout wraps the response writer, its MaxBytes and Gunzip the body: a signed request must pass all of them.
func TestASignedRequestPassesTheMiddlewareOfGoZeroAndIsParsed(t *testing.T) {
	params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", params)
	if err != nil {
		t.Fatal(err)
	}
	server := serverAsItComes(t, func(w http.ResponseWriter, r *http.Request) {
		var form struct {
			From string `form:"From"`
			Body string `form:"Body"`
		}
		if err := httpx.Parse(r, &form); err != nil || form.From != "+15550100" {
			t.Errorf("parsed %+v: %v", form, err)
		}
		_, _ = w.Write([]byte(form.Body))
	})
	r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(params.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", signature)
	w := httptest.NewRecorder()
	server.Serve(w, r)
	if w.Code != http.StatusOK || w.Body.String() != "Ahoy" {
		t.Errorf("status %d, body %q", w.Code, w.Body)
	}
}

func TestAnUnsignedRequestIsRefusedAlikeBehindTheMiddlewareOfGoZero(t *testing.T) {
	server := serverAsItComes(t, func(http.ResponseWriter, *http.Request) { t.Error("the handler ran") })
	w := httptest.NewRecorder()
	server.Serve(w, httptest.NewRequest(http.MethodPost, "/sms", nil))
	if w.Code != http.StatusForbidden || w.Body.String() != "Forbidden\n" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("status %d, header %v, body %q", w.Code, w.Header(), w.Body)
	}
}
