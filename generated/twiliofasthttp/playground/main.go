// Command playground serves ringfence's fasthttp adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"errors"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofasthttp"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return serveWith(new(fasthttp.Server), ln, v, h)
}

// serveWith sets what fasthttp needs in front of the open Internet.
func serveWith(server *fasthttp.Server, ln net.Listener, v *core.Validator, h *golden.Handler) error {
	server.Handler = twiliofasthttp.New(v)(func(ctx *fasthttp.RequestCtx) {
		status, text := h.Answer(ctx.PostBody(), ctx.Response.Header.Set)
		ctx.SetStatusCode(status)
		ctx.SetBodyString(text)
	})
	// fasthttp waits for the rest of some malformed header blocks.
	server.ReadTimeout = golden.ReadTimeout
	server.IdleTimeout = time.Minute
	// Request line and header together are limited to 4 KB by default, which a long URL fills.
	server.ReadBufferSize = 32 << 10
	// Otherwise multipart bodies are parsed before any middleware runs and made up again from their parts, with other bytes than
	// bodySHA256 binds.
	server.DisablePreParseMultipartForm = true
	// Otherwise the header of a malformed request is logged, signatures and credentials included.
	server.SecureErrorLogMessage = true
	server.ErrorHandler = answerUnreadable
	return server.Serve(ln)
}

// answerUnreadable answers what could not be read as a request. Unlike fasthttp's default it takes a request that does not end for
// malformed, and a body over the limit for what it is.
func answerUnreadable(ctx *fasthttp.RequestCtx, err error) {
	status := fasthttp.StatusBadRequest
	var header *fasthttp.ErrSmallBuffer
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		status = fasthttp.StatusRequestEntityTooLarge
	case errors.As(err, &header):
		status = fasthttp.StatusRequestHeaderFieldsTooLarge
	}
	ctx.Error(fasthttp.StatusMessage(status), status)
}
