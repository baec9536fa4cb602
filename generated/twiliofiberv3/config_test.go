package twiliofiberv3_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v3"
	recoverer "github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofiberv3"
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
	twiliofiberv3.New()
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	for _, test := range []struct {
		name         string
		errorHandler fiber.ErrorHandler
		status       int
	}{
		{"one that answers", func(c fiber.Ctx, err error) error {
			if !errors.Is(err, core.ErrNoSignature) {
				return err
			}
			return c.SendStatus(fiber.StatusTeapot)
		}, fiber.StatusTeapot},
		{"one that returns an error of Fiber's", func(fiber.Ctx, error) error { return fiber.ErrUnauthorized }, fiber.StatusUnauthorized},
		{"one that does nothing", func(fiber.Ctx, error) error { return nil }, fiber.StatusOK},
		{"one that asks for the next handler", func(c fiber.Ctx, _ error) error { return c.Next() }, fiber.StatusOK},
		{"one that asks for it after Status", func(c fiber.Ctx, _ error) error { return c.Status(fiber.StatusTeapot).Next() }, fiber.StatusTeapot},
		{"one that asks for it after Type", func(c fiber.Ctx, _ error) error { return c.Type("txt").Next() }, fiber.StatusOK},
		{"nil, which is the default", nil, fiber.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			app := fiber.New()
			app.Post("/sms",
				twiliofiberv3.New(twiliofiberv3.Config{Validator: validator(t), ErrorHandler: test.errorHandler}),
				func(fiber.Ctx) error { t.Error("the next handler ran"); return nil })
			response, err := app.Test(httptest.NewRequest(fiber.MethodPost, "/sms", nil))
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status {
				t.Errorf("status %d, want %d", response.StatusCode, test.status)
			}
		})
	}
}

// V9: the handler's panic reaches Fiber's own middleware.
func TestAPanicOfTheHandlerIsNotSwallowed(t *testing.T) {
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", nil)
	if err != nil {
		t.Fatal(err)
	}
	recovered := make(chan any, 1)
	app := fiber.New()
	app.Use(recoverer.New(recoverer.Config{
		EnableStackTrace:  true,
		StackTraceHandler: func(_ fiber.Ctx, e any) { recovered <- e },
	}))
	app.Get("/sms", twiliofiberv3.New(twiliofiberv3.Config{Validator: validator(t)}), func(fiber.Ctx) error { panic("on purpose") })
	r := httptest.NewRequest(fiber.MethodGet, "/sms", nil)
	r.Header.Set("X-Twilio-Signature", signature)
	response, err := app.Test(r)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != fiber.StatusInternalServerError {
		t.Fatalf("status %d", response.StatusCode)
	}
	if got := <-recovered; got != "on purpose" {
		t.Errorf("recovered %v", got)
	}
}

func TestASkippedRequestIsNotChecked(t *testing.T) {
	app := fiber.New()
	app.Post("/:name", twiliofiberv3.New(twiliofiberv3.Config{
		Validator: validator(t),
		Next:      func(c fiber.Ctx) bool { return c.Path() == "/health" },
	}), func(c fiber.Ctx) error {
		if webhook, ok := twiliofiberv3.FromContext(c); ok || webhook != nil {
			t.Errorf("got %v, %v", webhook, ok)
		}
		return c.SendStatus(fiber.StatusNoContent)
	})
	for path, want := range map[string]int{"/health": fiber.StatusNoContent, "/sms": fiber.StatusForbidden} {
		response, err := app.Test(httptest.NewRequest(fiber.MethodPost, path, nil))
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, response.StatusCode, want)
		}
	}
}

// fasthttp knows some headers: the default answer must still carry its type once, and every other line.
func TestTheDefaultAnswerCarriesItsHeaders(t *testing.T) {
	app := fiber.New()
	app.All("/sms", twiliofiberv3.New(twiliofiberv3.Config{Validator: validator(t)}))
	response, err := app.Test(httptest.NewRequest(fiber.MethodPut, "/sms", nil))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Allow": "GET, POST",
	} {
		if lines := response.Header.Values(name); len(lines) != 1 || lines[0] != want {
			t.Errorf("%s: %q, want %q once", name, lines, want)
		}
	}
	if response.StatusCode != fiber.StatusMethodNotAllowed {
		t.Errorf("status %d", response.StatusCode)
	}
}

func TestTheWebhookIsInEveryContextThatFiberHands(t *testing.T) {
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", nil)
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New(fiber.Config{PassLocalsToContext: true})
	app.Get("/sms", twiliofiberv3.New(twiliofiberv3.Config{Validator: validator(t)}), func(c fiber.Ctx) error {
		for _, ctx := range []any{c, c.RequestCtx(), c.Context()} {
			if webhook, ok := twiliofiberv3.FromContext(ctx); !ok || webhook.TokenLabel != "primary" {
				t.Errorf("in %T: %v, %v", ctx, webhook, ok)
			}
		}
		return nil
	})
	r := httptest.NewRequest(fiber.MethodGet, "/sms", nil)
	r.Header.Set("X-Twilio-Signature", signature)
	response, err := app.Test(r)
	if err != nil || response.StatusCode != fiber.StatusOK {
		t.Fatal(err, response)
	}
}
