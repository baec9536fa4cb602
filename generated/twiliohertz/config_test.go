package twiliohertz_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/middlewares/server/recovery"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/network/standard"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohertz"
	"github.com/ringfence-go/ringfence/golden"
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

// serve starts a server with the handlers at POST /sms and returns a connection to it.
func serve(t *testing.T, handlers []app.HandlerFunc, options ...config.Option) net.Conn {
	t.Helper()
	hlog.SetLevel(hlog.LevelFatal)
	return golden.Connect(t, func(listener net.Listener) error {
		h := server.New(append(options, server.WithListener(listener), server.WithTransport(standard.NewTransporter))...)
		h.Any("/sms", handlers...)
		return h.Run()
	}, net.Listener.Close)
}

func TestNewPanicsWithoutAValidator(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	twiliohertz.New(nil)
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	for _, test := range []struct {
		name   string
		option twiliohertz.Option
		status int
	}{
		{"one that answers", twiliohertz.WithErrorHandler(func(_ context.Context, c *app.RequestContext, err error) {
			if errors.Is(err, core.ErrNoSignature) {
				c.SetStatusCode(http.StatusTeapot)
			}
		}), http.StatusTeapot},
		{"one that does nothing", twiliohertz.WithErrorHandler(func(context.Context, *app.RequestContext, error) {}), http.StatusOK},
		{"one that asks for the next handler", twiliohertz.WithErrorHandler(func(ctx context.Context, c *app.RequestContext, _ error) {
			c.Next(ctx)
		}), http.StatusOK},
		{"nil, which is the default", twiliohertz.WithErrorHandler(nil), http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := serve(t, []app.HandlerFunc{
				twiliohertz.New(validator(t), test.option),
				func(context.Context, *app.RequestContext) { t.Error("the next handler ran") },
			})
			golden.Write(t, conn, "POST /sms HTTP/1.1\r\nHost: example.com\r\n\r\n")
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status {
				t.Errorf("status %d, want %d", response.StatusCode, test.status)
			}
		})
	}
}

// V9: the handler's panic reaches Hertz's own middleware.
func TestAPanicOfTheHandlerIsNotSwallowed(t *testing.T) {
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", nil)
	if err != nil {
		t.Fatal(err)
	}
	recovered := make(chan any, 1)
	conn := serve(t, []app.HandlerFunc{
		recovery.Recovery(recovery.WithRecoveryHandler(func(_ context.Context, _ *app.RequestContext, err any, _ []byte) { recovered <- err })),
		twiliohertz.New(validator(t)),
		func(context.Context, *app.RequestContext) { panic("on purpose") },
	})
	golden.Write(t, conn, "GET /sms HTTP/1.1\r\nHost: example.com\r\nX-Twilio-Signature: %s\r\n\r\n", signature)
	select {
	case got := <-recovered:
		if got != "on purpose" {
			t.Errorf("recovered %v", got)
		}
	case <-time.After(10 * time.Second):
		t.Error("nothing to recover")
	}
}

// Hertz knows some headers: the default answer must still carry its type once, and every other line.
func TestTheDefaultAnswerCarriesItsHeaders(t *testing.T) {
	conn := serve(t, []app.HandlerFunc{twiliohertz.New(validator(t))})
	golden.Write(t, conn, "PUT /sms HTTP/1.1\r\nHost: example.com\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
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
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("status %d", response.StatusCode)
	}
}

func TestAnUnprotectedHandlerHasNoWebhook(t *testing.T) {
	if webhook, ok := twiliohertz.Get(app.NewContext(0)); ok || webhook != nil {
		t.Errorf("got %v, %v", webhook, ok)
	}
}
