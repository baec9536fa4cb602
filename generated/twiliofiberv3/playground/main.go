// Command playground serves ringfence's Fiber v3 adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"errors"
	"net"
	"slices"
	"time"

	"github.com/gofiber/fiber/v3"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofiberv3"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return serveWith(fiber.Config{}, ln, v, h)
}

// serveWith sets what Fiber needs in front of the open Internet.
func serveWith(config fiber.Config, ln net.Listener, v *core.Validator, h *golden.Handler) error {
	// fasthttp waits for the rest of some malformed header blocks.
	config.ReadTimeout = golden.ReadTimeout
	config.IdleTimeout = time.Minute
	// Request line and header together are limited to 4 KB by default, which a long URL fills.
	config.ReadBufferSize = 32 << 10
	// Otherwise multipart bodies are parsed before any middleware runs and made up again from their parts, with other bytes than
	// bodySHA256 binds.
	config.DisablePreParseMultipartForm = true
	// Any other method is answered with 501 before any middleware runs; PRI is how HTTP/2 begins.
	config.RequestMethods = append(slices.Clone(fiber.DefaultMethods), "PRI")
	config.ErrorHandler = answerUnreadable
	app := fiber.New(config)
	app.Use(twiliofiberv3.New(twiliofiberv3.Config{Validator: v}))
	app.Use(func(c fiber.Ctx) error {
		status, text := h.Answer(c.BodyRaw(), c.Set)
		return c.Status(status).SendString(text)
	})
	return app.Listener(ln, fiber.ListenConfig{DisableStartupMessage: true})
}

// answerUnreadable answers what could not be read as a request. Unlike Fiber's default it shows nothing of it, and takes a request
// that does not end for malformed.
func answerUnreadable(c fiber.Ctx, err error) error {
	status := fiber.StatusBadRequest
	var e *fiber.Error
	if errors.As(err, &e) && e.Code != fiber.StatusRequestTimeout {
		status = e.Code
	}
	return c.SendStatus(status)
}
