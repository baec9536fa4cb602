// Command playground serves ringfence's Gin adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"net"

	"github.com/gin-gonic/gin"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliogin"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

// serve has no routes: NoRoute takes every method and path as it came, and redirects none.
func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(twiliogin.New(v))
	engine.NoRoute(gin.WrapH(h))
	return golden.ServeHTTP(ln, engine)
}
