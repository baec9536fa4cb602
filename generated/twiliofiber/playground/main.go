// Command playground serves ringfence's Fiber adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"errors"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofiber"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return serveWith(fiber.Config{}, ln, v, h)
}

// serveWith sets what Fiber needs in front of the open Internet.
func serveWith(config fiber.Config, ln net.Listener, v *core.Validator, h *golden.Handler) error {
	config.DisableStartupMessage = true
	// fasthttp waits for the rest of some malformed header blocks.
	config.ReadTimeout = golden.ReadTimeout
	config.IdleTimeout = time.Minute
	// Request line and header together are limited to 4 KB by default, which a long URL fills.
	config.ReadBufferSize = 32 << 10
	// Otherwise multipart bodies are parsed before any middleware runs and made up again from their parts, with other bytes than
	// bodySHA256 binds.
	config.DisablePreParseMultipartForm = true
	config.ErrorHandler = answerUnreadable
	app := fiber.New(config)
	app.Use(twiliofiber.New(twiliofiber.Config{Validator: v}))
	app.Use(func(c *fiber.Ctx) error {
		status, text := h.Answer(c.BodyRaw(), c.Set)
		return c.Status(status).SendString(text)
	})
	return app.Listener(ln)
}

// answerUnreadable answers what could not be read as a request. Unlike Fiber's default it shows nothing of it, and takes a request
// that does not end for malformed.
func answerUnreadable(c *fiber.Ctx, err error) error {
	status := fiber.StatusBadRequest
	var e *fiber.Error
	if errors.As(err, &e) && e.Code != fiber.StatusRequestTimeout {
		status = e.Code
	}
	return c.SendStatus(status)
}
