// Command playground serves ringfence's net/http adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"net"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohttp"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

// serve has no ServeMux, which redirects paths that it cleans before any middleware sees them.
func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return golden.ServeHTTP(ln, twiliohttp.New(v)(h))
}
