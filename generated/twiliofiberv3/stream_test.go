package twiliofiberv3_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofiberv3"
	"github.com/ringfence-go/ringfence/golden"
)

// streaming starts an app that hands bodies to its handlers as streams, and returns a connection to it.
func streaming(t *testing.T, errorHandler fiber.ErrorHandler, handler fiber.Handler) net.Conn {
	t.Helper()
	app := fiber.New(fiber.Config{StreamRequestBody: true})
	app.Post("/sms", twiliofiberv3.New(twiliofiberv3.Config{Validator: validator(t), ErrorHandler: errorHandler}), handler)
	return serve(t, app)
}

// fasthttp does not skip what is left of a body: after a refusal the connection must not be used again.
func TestTheUnreadBodyOfARefusedRequestIsNotTheNextRequest(t *testing.T) {
	reset := func(c fiber.Ctx, _ error) error {
		c.RequestCtx().Error("refused", fiber.StatusForbidden) // which resets the response
		return nil
	}
	for _, test := range []struct {
		name         string
		chunked      bool
		errorHandler fiber.ErrorHandler
	}{
		{"with a Content-Length", false, nil},
		{"chunked", true, nil},
		{"with an error handler that resets the response", false, reset},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := streaming(t, test.errorHandler, func(c fiber.Ctx) error { return c.SendString("handled") })
			golden.UnreadBody(t, conn, test.chunked)
		})
	}
}

func TestAStreamedBodyIsThereForTheHandlerAndTheConnectionStays(t *testing.T) {
	params := url.Values{"From": {"+15550100"}, "Body": {strings.Repeat("Ahoy ", 10_000)}}
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", params)
	if err != nil {
		t.Fatal(err)
	}
	conn := streaming(t, nil, func(c fiber.Ctx) error {
		if got := string(c.Body()); got != params.Encode() {
			return fmt.Errorf("body of %d bytes", len(got))
		}
		return c.SendString(c.FormValue("From"))
	})
	r := bufio.NewReader(conn)
	for range 2 {
		golden.Write(t, conn, "POST /sms HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
			"X-Twilio-Signature: %s\r\nContent-Length: %d\r\n\r\n%s", signature, len(params.Encode()), params.Encode())
		response, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK || string(body) != "+15550100" {
			t.Errorf("%v, %s: %s", err, response.Status, body)
		}
	}
}
