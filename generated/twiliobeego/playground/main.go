// Command playground serves ringfence's Beego adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"net"
	"net/http"
	"strings"

	"github.com/beego/beego/v2/server/web"
	"github.com/beego/beego/v2/server/web/context"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliobeego"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

// serve has a filter chain for a handler, since Beego parses query and body before it routes, and answers what it cannot parse.
func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	register := web.NewControllerRegister()
	register.InsertFilterChain("/*", twiliobeego.New(v))
	register.InsertFilterChain("/*", func(web.FilterFunc) web.FilterFunc {
		return func(ctx *context.Context) { h.ServeHTTP(ctx.ResponseWriter, ctx.Request) }
	})
	register.Init()
	return golden.ServeHTTP(ln, pathsOnly(register))
}

// pathsOnly answers targets that are no paths, such as *. No pattern of Beego's matches them, so that it runs nothing and answers
// with an empty 200.
func pathsOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}
