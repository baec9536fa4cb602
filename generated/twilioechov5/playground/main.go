// Command playground serves ringfence's Echo v5 adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"net"

	"github.com/labstack/echo/v5"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twilioechov5"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

// serve has no routes: RouteNotFound takes every method and path as it came.
func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	e := echo.New()
	e.Use(twilioechov5.New(v))
	e.RouteNotFound("/*", echo.WrapHandler(h))
	return golden.ServeHTTP(ln, e)
}
