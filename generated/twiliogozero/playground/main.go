// Command playground serves ringfence's go-zero adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"net"
	"net/http"

	"github.com/zeromicro/go-zero/rest"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliogozero"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

// serve leaves go-zero's own middleware out, of which several answer requests themselves.
func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	everything := new(catchAll)
	server, err := rest.NewServer(rest.RestConf{}, rest.WithRouter(everything))
	if err != nil {
		return err
	}
	server.Use(twiliogozero.New(v).Handle)
	server.AddRoute(rest.Route{Method: http.MethodPost, Path: "/", Handler: h.ServeHTTP})
	serverless, err := rest.NewServerless(server)
	if err != nil {
		return err
	}
	return golden.ServeHTTP(ln, http.HandlerFunc(serverless.Serve))
}

// catchAll is a router with one route for all methods and paths, which go-zero's own cannot have.
type catchAll struct{ http.Handler }

func (c *catchAll) Handle(_, _ string, handler http.Handler) error {
	c.Handler = handler
	return nil
}

func (*catchAll) SetNotFoundHandler(http.Handler) {}

func (*catchAll) SetNotAllowedHandler(http.Handler) {}
