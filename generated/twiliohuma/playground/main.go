// Command playground serves ringfence's Huma adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"io"
	"net"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohuma"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

// serve makes Huma's contexts itself: its router is http.ServeMux, which redirects paths that it cleans before any middleware runs.
func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	middleware := twiliohuma.New(v)
	return golden.ServeHTTP(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		middleware(humago.NewContext(nil, r, w), func(ctx huma.Context) { answer(ctx, h) })
	}))
}

func answer(ctx huma.Context, h *golden.Handler) {
	body, err := io.ReadAll(ctx.BodyReader())
	status, text := h.Answer(body, ctx.SetHeader)
	if err != nil {
		status, text = http.StatusInternalServerError, "body unreadable"
	}
	ctx.SetStatus(status)
	_, _ = io.WriteString(ctx.BodyWriter(), text)
}
