package twilioechov5_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twilioechov5"
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
	twilioechov5.New(nil)
}

func TestToMiddlewareReturnsTheErrorThatNewPanicsWith(t *testing.T) {
	if middleware, err := (twilioechov5.Config{}).ToMiddleware(); middleware != nil || err == nil {
		t.Errorf("without a validator: %v", err)
	}
	var configurator echo.MiddlewareConfigurator = twilioechov5.Config{Validator: validator(t)}
	if middleware, err := configurator.ToMiddleware(); middleware == nil || err != nil {
		t.Errorf("with one: %v", err)
	}
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	for _, test := range []struct {
		name         string
		errorHandler func(c *echo.Context, err error) error
		status       int
	}{
		{"one that answers", func(c *echo.Context, err error) error {
			if !errors.Is(err, core.ErrNoSignature) {
				return err
			}
			return c.NoContent(http.StatusTeapot)
		}, http.StatusTeapot},
		{"one that returns an error of Echo's", func(_ *echo.Context, err error) error {
			return echo.ErrUnauthorized.Wrap(err)
		}, http.StatusUnauthorized},
		{"one that does nothing", func(*echo.Context, error) error { return nil }, http.StatusOK},
		{"nil, which is the default", nil, http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := echo.New()
			e.POST("/sms", func(*echo.Context) error { t.Error("the next handler ran"); return nil },
				twilioechov5.WithConfig(twilioechov5.Config{Validator: validator(t), ErrorHandler: test.errorHandler}))
			w := httptest.NewRecorder()
			e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/sms", nil))
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
		})
	}
}

func TestASkippedRequestIsNotChecked(t *testing.T) {
	e := echo.New()
	e.POST("/:name", func(c *echo.Context) error {
		if webhook, ok := twilioechov5.Get(c); ok || webhook != nil {
			t.Errorf("got %v, %v", webhook, ok)
		}
		return c.NoContent(http.StatusNoContent)
	}, twilioechov5.WithConfig(twilioechov5.Config{
		Validator: validator(t),
		Skipper:   func(c *echo.Context) bool { return c.Param("name") == "health" },
	}))
	for path, want := range map[string]int{"/health": http.StatusNoContent, "/sms": http.StatusForbidden} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, nil))
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
}
