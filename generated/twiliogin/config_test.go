package twiliogin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliogin"
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
	twiliogin.New(nil)
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	for _, test := range []struct {
		name   string
		option twiliogin.Option
		status int
	}{
		{"one that answers", twiliogin.WithErrorHandler(func(c *gin.Context, err error) {
			if errors.Is(err, core.ErrNoSignature) {
				c.Status(http.StatusTeapot)
			}
		}), http.StatusTeapot},
		{"one that does nothing", twiliogin.WithErrorHandler(func(*gin.Context, error) {}), http.StatusOK},
		{"one that asks for the next handler", twiliogin.WithErrorHandler(func(c *gin.Context, _ error) { c.Next() }), http.StatusOK},
		{"nil, which is the default", twiliogin.WithErrorHandler(nil), http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			router := gin.New()
			router.POST("/sms", twiliogin.New(validator(t), test.option), func(*gin.Context) { t.Error("the next handler ran") })
			w := httptest.NewRecorder()
			router.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/sms", nil))
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
		})
	}
}

func TestAnUnprotectedHandlerHasNoWebhook(t *testing.T) {
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	if webhook, ok := twiliogin.Get(c); ok || webhook != nil {
		t.Errorf("got %v, %v", webhook, ok)
	}
}
