// Command playground serves ringfence's Iris adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"net"

	"github.com/kataras/iris/v12"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twilioiris"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

// serve puts everything before the router, which redirects paths that end with a slash.
func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	app := iris.New()
	app.UseRouter(twilioiris.New(twilioiris.Options{Validator: v}), func(ctx iris.Context) {
		h.ServeHTTP(ctx.ResponseWriter(), ctx.Request())
	})
	if err := app.Build(); err != nil {
		return err
	}
	return golden.ServeHTTP(ln, app)
}
