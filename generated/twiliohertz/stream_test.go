package twiliohertz_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohertz"
	"github.com/ringfence-go/ringfence/golden"
)

// streaming starts a server that hands bodies to its handlers as streams, and returns a connection to it.
func streaming(t *testing.T, option twiliohertz.Option, handler app.HandlerFunc) net.Conn {
	t.Helper()
	return serve(t, []app.HandlerFunc{twiliohertz.New(validator(t), option), handler},
		server.WithStreamBody(true), server.WithIdleTimeout(time.Minute))
}

// What Hertz does with what is left of a body is not left to it: after a refusal the connection must not be used again.
func TestTheUnreadBodyOfARefusedRequestIsNotTheNextRequest(t *testing.T) {
	reset := func(_ context.Context, c *app.RequestContext, _ error) {
		c.AbortWithMsg("refused", http.StatusForbidden) // which resets the response
	}
	for _, test := range []struct {
		name         string
		chunked      bool
		errorHandler func(context.Context, *app.RequestContext, error)
	}{
		{"with a Content-Length", false, nil},
		{"chunked", true, nil},
		{"with an error handler that resets the response", false, reset},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := streaming(t, twiliohertz.WithErrorHandler(test.errorHandler), func(_ context.Context, c *app.RequestContext) { c.SetBodyString("handled") })
			golden.UnreadBody(t, conn, test.chunked)
		})
	}
}

// The second request is on its way before the first is read: Hertz's stream would read on into it.
func TestAStreamedBodyIsThereForTheHandlerAndTheConnectionStays(t *testing.T) {
	params := url.Values{"From": {"+15550100"}, "Body": {strings.Repeat("Ahoy ", 10_000)}}
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", params)
	if err != nil {
		t.Fatal(err)
	}
	body := params.Encode()
	for name, framed := range map[string]string{
		"with a Content-Length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body),
		"chunked":               fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body),
	} {
		t.Run(name, func(t *testing.T) {
			conn := streaming(t, twiliohertz.WithErrorHandler(nil), func(_ context.Context, c *app.RequestContext) {
				if got := string(c.Request.Body()); got != body {
					t.Errorf("body of %d bytes", len(got))
				}
				c.SetBodyString(c.PostForm("From"))
			})
			request := "POST /sms HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
				"X-Twilio-Signature: " + signature + "\r\n" + framed
			go func() { _, _ = io.WriteString(conn, request+request) }()
			r := bufio.NewReader(conn)
			for range 2 {
				response, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := io.ReadAll(response.Body)
				if err != nil || response.StatusCode != http.StatusOK || string(answer) != "+15550100" {
					t.Errorf("%v, %s: %s", err, response.Status, answer)
				}
			}
		})
	}
}

// Hertz would wait for all of it, however much that is, before it closes the connection.
func TestTheUnreadBodyOfARefusedRequestIsNotWaitedFor(t *testing.T) {
	conn := streaming(t, twiliohertz.WithErrorHandler(nil), func(context.Context, *app.RequestContext) { t.Error("the next handler ran") })
	const readAhead = 16 << 10 // more than Hertz reads before any middleware runs
	golden.Write(t, conn, "POST /sms HTTP/1.1\r\nHost: example.com\r\nContent-Length: %d\r\n\r\n%0*d", 100<<20, readAhead, 0)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", response.StatusCode)
	}
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open")
	}
}
