package twiliohttp_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohttp"
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
	twiliohttp.New(nil)
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	for _, test := range []struct {
		name   string
		option twiliohttp.Option
		status int
	}{
		{"one that answers", twiliohttp.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, err error) {
			if errors.Is(err, core.ErrNoSignature) {
				w.WriteHeader(http.StatusTeapot)
			}
		}), http.StatusTeapot},
		{"one that does nothing", twiliohttp.WithErrorHandler(func(http.ResponseWriter, *http.Request, error) {}), http.StatusOK},
		{"nil, which is the default", twiliohttp.WithErrorHandler(nil), http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the next handler ran") })
			w := httptest.NewRecorder()
			twiliohttp.New(validator(t), test.option)(next).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/sms", nil))
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
		})
	}
}

func TestAnUnprotectedHandlerHasNoWebhook(t *testing.T) {
	if webhook, ok := twiliohttp.FromContext(httptest.NewRequest(http.MethodPost, "/sms", nil).Context()); ok || webhook != nil {
		t.Errorf("got %v, %v", webhook, ok)
	}
}
