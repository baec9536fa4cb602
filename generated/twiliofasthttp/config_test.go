package twiliofasthttp_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofasthttp"
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

// serve starts the server and returns a connection to it.
func serve(t *testing.T, server *fasthttp.Server) net.Conn {
	t.Helper()
	return golden.Connect(t, server.Serve, func(net.Listener) error { return server.Shutdown() })
}

func TestNewPanicsWithoutAValidator(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	twiliofasthttp.New(nil)
}

// R3: whatever the error handler does, the request does not pass.
func TestTheErrorHandlerAnswersAndNothingPasses(t *testing.T) {
	for _, test := range []struct {
		name   string
		option twiliofasthttp.Option
		status int
	}{
		{"one that answers", twiliofasthttp.WithErrorHandler(func(ctx *fasthttp.RequestCtx, err error) {
			if errors.Is(err, core.ErrNoSignature) {
				ctx.SetStatusCode(http.StatusTeapot)
			}
		}), http.StatusTeapot},
		{"one that does nothing", twiliofasthttp.WithErrorHandler(func(*fasthttp.RequestCtx, error) {}), http.StatusOK},
		{"nil, which is the default", twiliofasthttp.WithErrorHandler(nil), http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			protect := twiliofasthttp.New(validator(t), test.option)
			conn := serve(t, &fasthttp.Server{Handler: protect(func(*fasthttp.RequestCtx) { t.Error("the next handler ran") })})
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

// fasthttp knows some headers: the default answer must still carry its type once, and every other line.
func TestTheDefaultAnswerCarriesItsHeaders(t *testing.T) {
	conn := serve(t, &fasthttp.Server{Handler: twiliofasthttp.New(validator(t))(nil)})
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

// V9: the handler's panic reaches what is around the middleware.
func TestAPanicOfTheHandlerIsNotSwallowed(t *testing.T) {
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", nil)
	if err != nil {
		t.Fatal(err)
	}
	protected := twiliofasthttp.New(validator(t))(func(*fasthttp.RequestCtx) { panic("on purpose") })
	recovered := make(chan any, 1)
	conn := serve(t, &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		defer func() { recovered <- recover() }()
		protected(ctx)
	}})
	golden.Write(t, conn, "GET /sms HTTP/1.1\r\nHost: example.com\r\nX-Twilio-Signature: %s\r\n\r\n", signature)
	if got := <-recovered; got != "on purpose" {
		t.Errorf("recovered %v", got)
	}
}

func TestTheWebhookIsInContextsMadeOfTheRequests(t *testing.T) {
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", nil)
	if err != nil {
		t.Fatal(err)
	}
	type otherKey struct{}
	conn := serve(t, &fasthttp.Server{Handler: twiliofasthttp.New(validator(t))(func(ctx *fasthttp.RequestCtx) {
		for _, ctx := range []context.Context{ctx, context.WithValue(ctx, otherKey{}, 1)} {
			if webhook, ok := twiliofasthttp.FromContext(ctx); !ok || webhook.TokenLabel != "primary" {
				t.Errorf("in %T: %v, %v", ctx, webhook, ok)
			}
		}
		ctx.SetStatusCode(http.StatusNoContent)
	})})
	golden.Write(t, conn, "GET /sms HTTP/1.1\r\nHost: example.com\r\nX-Twilio-Signature: %s\r\n\r\n", signature)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != http.StatusNoContent {
		t.Fatal(err, response)
	}
}

func TestAnUnprotectedHandlerHasNoWebhook(t *testing.T) {
	if webhook, ok := twiliofasthttp.FromContext(new(fasthttp.RequestCtx)); ok || webhook != nil {
		t.Errorf("got %v, %v", webhook, ok)
	}
}
