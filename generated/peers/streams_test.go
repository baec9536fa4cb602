package peers_test

import (
	"context"
	"net"
	"net/http"

	"github.com/beego/beego/v2/server/web"
	beego "github.com/beego/beego/v2/server/web/context"
	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/network/standard"
	fasthttpws "github.com/fasthttp/websocket"
	"github.com/gin-gonic/gin"
	fiberv3ws "github.com/gofiber/contrib/v3/websocket"
	fiberws "github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
	fiberv3 "github.com/gofiber/fiber/v3"
	hertzws "github.com/hertz-contrib/websocket"
	"github.com/kataras/iris/v12"
	"github.com/labstack/echo/v4"
	echov5 "github.com/labstack/echo/v5"
	"github.com/valyala/fasthttp"
	"github.com/zeromicro/go-zero/rest"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliobeego"
	"github.com/ringfence-go/ringfence/generated/twilioecho"
	"github.com/ringfence-go/ringfence/generated/twilioechov5"
	"github.com/ringfence-go/ringfence/generated/twiliofasthttp"
	"github.com/ringfence-go/ringfence/generated/twiliofiber"
	"github.com/ringfence-go/ringfence/generated/twiliofiberv3"
	"github.com/ringfence-go/ringfence/generated/twiliogin"
	"github.com/ringfence-go/ringfence/generated/twiliogozero"
	"github.com/ringfence-go/ringfence/generated/twiliohertz"
	"github.com/ringfence-go/ringfence/generated/twiliohttp"
	"github.com/ringfence-go/ringfence/generated/twilioiris"
	"github.com/ringfence-go/ringfence/golden"
)

// A stream serves /stream on ln behind a framework's middleware. Its handler hands opened the verified webhook, takes the connection
// over and echoes one message: with the library given where the framework speaks net/http, else with the framework's own.
type stream func(ln net.Listener, v *core.Validator, library webSocket, opened opened) error

// opened takes what the middleware's accessor returns.
type opened func(webhook *core.Webhook, ok bool)

var streams = map[string]stream{
	"net/http":    netHTTPStream(func(v *core.Validator, h http.Handler) http.Handler { return twiliohttp.New(v)(h) }),
	"chi":         netHTTPStream(chiRouter),
	"gorilla mux": netHTTPStream(gorillaMux),
	"httprouter":  netHTTPStream(httpRouter),
	"Kratos":      netHTTPStream(kratosServer),
	"Flamego":     netHTTPStream(flamegoApp),
	"Gin":         ginStream,
	"Echo":        echoStream,
	"Echo v5":     echov5Stream,
	"Iris":        irisStream,
	"Beego":       beegoStream,
	"go-zero":     goZeroStream,
	"fasthttp":    fasthttpStream,
	"Fiber":       fiberStream,
	"Fiber v3":    fiberv3Stream,
	"Hertz":       hertzStream,
}

func netHTTPStream(mount func(v *core.Validator, h http.Handler) http.Handler) stream {
	return func(ln net.Listener, v *core.Validator, library webSocket, opened opened) error {
		return golden.ServeHTTP(ln, mount(v, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			opened(core.FromContext(r.Context()))
			library.echo(w, r)
		})))
	}
}

func ginStream(ln net.Listener, v *core.Validator, library webSocket, opened opened) error {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.GET("/stream", twiliogin.New(v), func(c *gin.Context) {
		opened(twiliogin.Get(c))
		library.echo(c.Writer, c.Request)
	})
	return golden.ServeHTTP(ln, router)
}

func echoStream(ln net.Listener, v *core.Validator, library webSocket, opened opened) error {
	e := echo.New()
	e.GET("/stream", func(c echo.Context) error {
		opened(twilioecho.Get(c))
		library.echo(c.Response(), c.Request())
		return nil
	}, twilioecho.New(v))
	return golden.ServeHTTP(ln, e)
}

func echov5Stream(ln net.Listener, v *core.Validator, library webSocket, opened opened) error {
	e := echov5.New()
	e.GET("/stream", func(c *echov5.Context) error {
		opened(twilioechov5.Get(c))
		library.echo(c.Response(), c.Request())
		return nil
	}, twilioechov5.New(v))
	return golden.ServeHTTP(ln, e)
}

// irisStream hands over net/http's writer: Iris's own keeps the status back until the handler returns, so that coder/websocket's
// client would wait for it.
func irisStream(ln net.Listener, v *core.Validator, library webSocket, opened opened) error {
	app := iris.New()
	app.Get("/stream", twilioiris.New(twilioiris.Options{Validator: v}), func(ctx iris.Context) {
		opened(twilioiris.Get(ctx))
		library.echo(ctx.ResponseWriter().Naive(), ctx.Request())
	})
	if err := app.Build(); err != nil {
		return err
	}
	return golden.ServeHTTP(ln, app)
}

func beegoStream(ln net.Listener, v *core.Validator, library webSocket, opened opened) error {
	register := web.NewControllerRegister()
	register.InsertFilterChain("/*", twiliobeego.New(v))
	register.Get("/stream", func(ctx *beego.Context) {
		opened(twiliobeego.Get(ctx))
		library.echo(ctx.ResponseWriter, ctx.Request)
	})
	register.Init()
	return golden.ServeHTTP(ln, register)
}

func goZeroStream(ln net.Listener, v *core.Validator, library webSocket, opened opened) error {
	server, err := rest.NewServer(rest.RestConf{})
	if err != nil {
		return err
	}
	server.Use(twiliogozero.New(v).Handle)
	server.AddRoute(rest.Route{Method: http.MethodGet, Path: "/stream", Handler: func(w http.ResponseWriter, r *http.Request) {
		opened(twiliogozero.FromContext(r.Context()))
		library.echo(w, r)
	}})
	serverless, err := rest.NewServerless(server)
	if err != nil {
		return err
	}
	return golden.ServeHTTP(ln, http.HandlerFunc(serverless.Serve))
}

func fasthttpStream(ln net.Listener, v *core.Validator, _ webSocket, opened opened) error {
	return fasthttp.Serve(ln, twiliofasthttp.New(v)(func(ctx *fasthttp.RequestCtx) {
		opened(twiliofasthttp.FromContext(ctx))
		_ = new(fasthttpws.FastHTTPUpgrader).Upgrade(ctx, func(conn *fasthttpws.Conn) { echoOnce(conn) })
	}))
}

func fiberStream(ln net.Listener, v *core.Validator, _ webSocket, opened opened) error {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	upgrade := fiberws.New(func(conn *fiberws.Conn) { echoOnce(conn) })
	app.Get("/stream", twiliofiber.New(twiliofiber.Config{Validator: v}), func(c *fiber.Ctx) error {
		opened(twiliofiber.FromCtx(c))
		return upgrade(c)
	})
	return app.Listener(ln)
}

// fiberv3Stream looks the webhook up before the upgrade, which hands over none but values whose keys are strings.
func fiberv3Stream(ln net.Listener, v *core.Validator, _ webSocket, opened opened) error {
	app := fiberv3.New()
	upgrade := fiberv3ws.New(func(conn *fiberv3ws.Conn) { echoOnce(conn) })
	app.Get("/stream", twiliofiberv3.New(twiliofiberv3.Config{Validator: v}), func(c fiberv3.Ctx) error {
		opened(twiliofiberv3.FromContext(c))
		return upgrade(c)
	})
	return app.Listener(ln, fiberv3.ListenConfig{DisableStartupMessage: true})
}

func hertzStream(ln net.Listener, v *core.Validator, _ webSocket, opened opened) error {
	hlog.SetLevel(hlog.LevelFatal)
	h := server.New(server.WithListener(ln), server.WithTransport(standard.NewTransporter))
	h.NoHijackConnPool = true // the handler and Hertz both close the connection
	h.GET("/stream", twiliohertz.New(v), func(_ context.Context, c *app.RequestContext) {
		opened(twiliohertz.Get(c))
		_ = new(hertzws.HertzUpgrader).Upgrade(c, func(conn *hertzws.Conn) { echoOnce(conn) })
	})
	return h.Run()
}

// gorillaConn is what gorilla/websocket and the libraries made from it have in common.
type gorillaConn interface {
	ReadMessage() (kind int, message []byte, err error)
	WriteMessage(kind int, message []byte) error
	Close() error
}

func echoOnce(conn gorillaConn) {
	defer conn.Close()
	if kind, message, err := conn.ReadMessage(); err == nil {
		_ = conn.WriteMessage(kind, message)
	}
}
