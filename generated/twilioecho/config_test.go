package twilioecho_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twilioecho"
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
	twilioecho.New(nil)
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	for _, test := range []struct {
		name         string
		errorHandler func(err error, c echo.Context) error
		status       int
	}{
		{"one that answers", func(err error, c echo.Context) error {
			if !errors.Is(err, core.ErrNoSignature) {
				return err
			}
			return c.NoContent(http.StatusTeapot)
		}, http.StatusTeapot},
		{"one that returns an error of Echo's", func(err error, _ echo.Context) error {
			return echo.NewHTTPError(http.StatusUnauthorized).SetInternal(err)
		}, http.StatusUnauthorized},
		{"one that does nothing", func(error, echo.Context) error { return nil }, http.StatusOK},
		{"nil, which is the default", nil, http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := echo.New()
			e.POST("/sms", func(echo.Context) error { t.Error("the next handler ran"); return nil },
				twilioecho.WithConfig(twilioecho.Config{Validator: validator(t), ErrorHandler: test.errorHandler}))
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
	e.POST("/:name", func(c echo.Context) error {
		if webhook, ok := twilioecho.Get(c); ok || webhook != nil {
			t.Errorf("got %v, %v", webhook, ok)
		}
		return c.NoContent(http.StatusNoContent)
	}, twilioecho.WithConfig(twilioecho.Config{
		Validator: validator(t),
		Skipper:   func(c echo.Context) bool { return c.Param("name") == "health" },
	}))
	for path, want := range map[string]int{"/health": http.StatusNoContent, "/sms": http.StatusForbidden} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, nil))
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
}
