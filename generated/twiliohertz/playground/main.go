// Command playground serves ringfence's Hertz adapter with a configuration of yours: see golden.Playground for its flags.
package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/network"
	"github.com/cloudwego/hertz/pkg/network/standard"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohertz"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

// init sets what is one for the whole process, before anything logs.
func init() {
	hlog.SetLevel(hlog.LevelFatal) // its log is of connections, the header of a malformed request included
}

func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return serveWith(ln, v, h)
}

// serveWith sets what Hertz needs in front of the open Internet. It has no routes: NoRoute takes every method and path as it came.
func serveWith(ln net.Listener, v *core.Validator, h *golden.Handler, options ...config.Option) error {
	engine := server.New(append([]config.Option{
		server.WithListener(impatient{ln}),
		server.WithTransport(standard.NewTransporter), // netpoll takes no listener but its own
		server.WithReadTimeout(golden.ReadTimeout),
		server.WithOnConnect(func(ctx context.Context, conn network.Conn) context.Context {
			_ = conn.SetReadTimeout(golden.ReadTimeout) // which this transport leaves out for the first request of a connection
			return ctx
		}),
		server.WithIdleTimeout(time.Minute),
		server.WithMaxHeaderBytes(1 << 20),
		// Otherwise multipart bodies are parsed before any middleware runs and made up again from their parts, with other bytes
		// than bodySHA256 binds.
		server.WithDisablePreParseMultipartForm(true),
	}, options...)...)
	engine.Use(twiliohertz.New(v))
	engine.NoRoute(func(_ context.Context, c *app.RequestContext) {
		status, text := h.Answer(c.Request.Body(), c.Response.Header.Set)
		c.String(status, text)
	})
	return engine.Run()
}

// impatient is a listener on whose connections a request that does not end is one that is cut short: malformed, which Hertz answers
// with 400. It answers a timeout with 408, and takes no other error handler.
type impatient struct{ net.Listener }

func (l impatient) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return impatientConn{conn}, nil
}

type impatientConn struct{ net.Conn }

func (c impatientConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = io.EOF
	}
	return n, err
}
