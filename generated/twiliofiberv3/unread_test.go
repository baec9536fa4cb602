package twiliofiberv3_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofiberv3"
	"github.com/ringfence-go/ringfence/golden"
)

// Fiber runs middleware also for requests that it could not read. Nothing may come of it: neither a verdict, since it would be about
// another request than the one that was sent, nor a call of a handler.
func TestARequestThatFiberCouldNotReadIsNotJudged(t *testing.T) {
	token := core.AuthToken("primary", "12345")
	signature, err := core.Sign(token, "https://example.com/sms", nil)
	if err != nil {
		t.Fatal(err)
	}
	const tooLarge = fiber.DefaultBodyLimit + 1
	for _, test := range []struct {
		name, header, body string
		status             int
	}{
		{"a length over the limit", fmt.Sprintf("Content-Length: %d\r\n", tooLarge), "", http.StatusRequestEntityTooLarge},
		{"chunks over the limit", "Transfer-Encoding: chunked\r\n", fmt.Sprintf("%x\r\n", tooLarge), http.StatusRequestEntityTooLarge},
		{"a malformed chunk", "Transfer-Encoding: chunked\r\n", "zz\r\n", http.StatusBadRequest},
		{"a line without a colon", "Nonsense\r\n", "", http.StatusBadRequest},
		{"a header over the limit", "X: " + strings.Repeat("x", fiber.DefaultReadBufferSize) + "\r\n", "", http.StatusRequestHeaderFieldsTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			validator, err := core.NewValidator(core.Config{
				PublicURL: "https://example.com",
				Tokens:    []core.Token{token},
				Observer:  func(context.Context, core.Observation) { t.Error("judged") },
			})
			if err != nil {
				t.Fatal(err)
			}
			app := fiber.New()
			app.Use(twiliofiberv3.New(twiliofiberv3.Config{Validator: validator}))
			app.Use(func(fiber.Ctx) error { t.Error("the next handler ran"); return nil })
			conn := serve(t, app)
			golden.Write(t, conn, "POST /sms HTTP/1.1\r\nHost: example.com\r\nX-Twilio-Signature: %s\r\n%s\r\n%s", signature, test.header, test.body)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status || !response.Close {
				t.Errorf("status %d, close %v, want %d", response.StatusCode, response.Close, test.status)
			}
		})
	}
}

// serve starts app and returns a connection to it.
func serve(t *testing.T, app *fiber.App) net.Conn {
	t.Helper()
	return golden.Connect(t, func(listener net.Listener) error {
		return app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
	}, func(net.Listener) error { return app.Shutdown() })
}
