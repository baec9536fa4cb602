package twiliofasthttp_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofasthttp"
	"github.com/ringfence-go/ringfence/golden"
)

// streaming starts a server that hands bodies to its handlers as streams, and returns a connection to it.
func streaming(t *testing.T, option twiliofasthttp.Option, handler fasthttp.RequestHandler) net.Conn {
	t.Helper()
	return serve(t, &fasthttp.Server{StreamRequestBody: true, Handler: twiliofasthttp.New(validator(t), option)(handler)})
}

// fasthttp does not skip what is left of a body: after a refusal the connection must not be used again.
func TestTheUnreadBodyOfARefusedRequestIsNotTheNextRequest(t *testing.T) {
	reset := func(ctx *fasthttp.RequestCtx, _ error) {
		ctx.Error("refused", fasthttp.StatusForbidden) // which resets the response
	}
	for _, test := range []struct {
		name         string
		chunked      bool
		errorHandler func(*fasthttp.RequestCtx, error)
	}{
		{"with a Content-Length", false, nil},
		{"chunked", true, nil},
		{"with an error handler that resets the response", false, reset},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := streaming(t, twiliofasthttp.WithErrorHandler(test.errorHandler), func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("handled") })
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
	conn := streaming(t, twiliofasthttp.WithErrorHandler(nil), func(ctx *fasthttp.RequestCtx) {
		if got := string(ctx.PostBody()); got != params.Encode() {
			t.Errorf("body of %d bytes", len(got))
		}
		ctx.SetBody(ctx.FormValue("From"))
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
