package main

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/common/test/mock"
	"github.com/cloudwego/hertz/pkg/protocol/http1/req"
	"github.com/gofiber/fiber/v2"
	fiberv3 "github.com/gofiber/fiber/v3"
	twilio "github.com/twilio/twilio-go/client"
	"github.com/valyala/fasthttp"

	"github.com/ringfence-go/ringfence/generated/twiliofasthttp"
	"github.com/ringfence-go/ringfence/generated/twiliofiber"
	"github.com/ringfence-go/ringfence/generated/twiliofiberv3"
	"github.com/ringfence-go/ringfence/generated/twiliohertz"
)

// arguments is how fasthttp and Hertz hand over a form.
type arguments interface {
	VisitAll(func(name, value []byte))
}

// validateArguments is what twilio-go's documentation leads to: the first values, Validate.
func validateArguments(rv twilio.RequestValidator, target string, args arguments, signature string) bool {
	params := make(map[string]string)
	args.VisitAll(func(name, value []byte) {
		if _, twice := params[string(name)]; !twice {
			params[string(name)] = string(value)
		}
	})
	return rv.Validate(origin+target, params, signature)
}

func fiberHandlers(p payload) guards {
	handler := func(c *fiber.Ctx) error {
		_, _ = c.FormValue("Body"), c.FormValue("From")
		c.Set(fiber.HeaderContentType, twimlType)
		return c.SendString(twiml)
	}
	rv := twilio.NewRequestValidator(authToken)
	twilioGo := func(c *fiber.Ctx) error {
		if !validateArguments(rv, c.OriginalURL(), c.Context().PostArgs(), c.Get("X-Twilio-Signature")) {
			return fiber.ErrForbidden
		}
		return c.Next()
	}
	app := func(handlers ...fiber.Handler) fasthttp.RequestHandler {
		a := fiber.New()
		a.Post(p.target, append(handlers, handler)...)
		return a.Handler()
	}
	return guards{
		bare:      serveFast(p, app()),
		ringfence: serveFast(p, app(twiliofiber.New(twiliofiber.Config{Validator: newValidator(token)}))),
		twilioGo:  serveFast(p, app(twilioGo)),
	}
}

func fiberV3Handlers(p payload) guards {
	handler := func(c fiberv3.Ctx) error {
		_, _ = c.FormValue("Body"), c.FormValue("From")
		c.Set(fiber.HeaderContentType, twimlType)
		return c.SendString(twiml)
	}
	rv := twilio.NewRequestValidator(authToken)
	twilioGo := func(c fiberv3.Ctx) error {
		if !validateArguments(rv, c.OriginalURL(), c.Request().PostArgs(), c.Get("X-Twilio-Signature")) {
			return fiberv3.ErrForbidden
		}
		return c.Next()
	}
	router := func(middleware ...any) fasthttp.RequestHandler {
		a := fiberv3.New()
		for _, m := range middleware {
			a.Use(m)
		}
		a.Post(p.target, handler)
		return a.Handler()
	}
	return guards{
		bare:      serveFast(p, router()),
		ringfence: serveFast(p, router(twiliofiberv3.New(twiliofiberv3.Config{Validator: newValidator(token)}))),
		twilioGo:  serveFast(p, router(twilioGo)),
	}
}

func fasthttpHandlers(p payload) guards {
	handler := func(ctx *fasthttp.RequestCtx) {
		_, _ = ctx.FormValue("Body"), ctx.FormValue("From")
		ctx.SetContentType(twimlType)
		ctx.SetBodyString(twiml)
	}
	rv := twilio.NewRequestValidator(authToken)
	twilioGo := func(ctx *fasthttp.RequestCtx) {
		signature := string(ctx.Request.Header.Peek("X-Twilio-Signature"))
		if !validateArguments(rv, string(ctx.RequestURI()), ctx.PostArgs(), signature) {
			ctx.Error("", fasthttp.StatusForbidden)
			return
		}
		handler(ctx)
	}
	return guards{
		bare:      serveFast(p, handler),
		ringfence: serveFast(p, twiliofasthttp.New(newValidator(token))(handler)),
		twilioGo:  serveFast(p, twilioGo),
	}
}

func hertzHandlers(p payload) guards {
	handler := func(_ context.Context, c *app.RequestContext) {
		_, _ = c.PostForm("Body"), c.PostForm("From")
		c.Data(http.StatusOK, twimlType, []byte(twiml))
	}
	rv := twilio.NewRequestValidator(authToken)
	twilioGo := func(ctx context.Context, c *app.RequestContext) {
		if !validateArguments(rv, string(c.Request.RequestURI()), c.Request.PostArgs(), c.Request.Header.Get("X-Twilio-Signature")) {
			c.AbortWithStatus(http.StatusForbidden)
			return
		}
		c.Next(ctx)
	}
	hlog.SetLevel(hlog.LevelError)
	router := func(middleware ...app.HandlerFunc) *server.Hertz {
		h := server.New()
		h.POST(p.target, append(middleware, handler)...)
		must(h.Init())
		return h
	}
	return guards{
		bare:      serveHertz(p, router()),
		ringfence: serveHertz(p, router(twiliohertz.New(newValidator(token)))),
		twilioGo:  serveHertz(p, router(twilioGo)),
	}
}

// wire is a payload's request as it is sent.
func (p payload) wire() string {
	var wire strings.Builder
	wire.WriteString("POST " + p.target + " HTTP/1.1\r\nHost: example.com\r\nContent-Length: " + strconv.Itoa(len(p.body)) + "\r\n")
	must(p.header().Write(&wire))
	wire.WriteString("\r\n" + p.body)
	return wire.String()
}

// serveHertz returns a run of a Hertz engine with a request that Hertz parsed, in a context that it reuses.
func serveHertz(p payload, h *server.Hertz) func() {
	wire := p.wire()
	ctx := h.NewContext()
	return func() {
		ctx.Reset()
		ctx.SetConn(mock.NewConn(wire))
		must(req.Read(&ctx.Request, ctx.GetReader()))
		h.ServeHTTP(context.Background(), ctx)
		if ctx.Response.StatusCode() != http.StatusOK {
			panic("status " + strconv.Itoa(ctx.Response.StatusCode()))
		}
	}
}

// serveFast returns a run of handler with a request that fasthttp parsed, as its server does, in a context that it reuses.
func serveFast(p payload, handler fasthttp.RequestHandler) func() {
	wire := p.wire()
	source := strings.NewReader(wire)
	reader := bufio.NewReader(source)
	ctx := new(fasthttp.RequestCtx)
	ctx.Init(new(fasthttp.Request), nil, nil)
	return func() {
		source.Reset(wire)
		reader.Reset(source)
		ctx.ResetUserValues()
		ctx.Response.Reset()
		must(ctx.Request.Read(reader))
		handler(ctx)
		if ctx.Response.StatusCode() != http.StatusOK {
			panic("status " + strconv.Itoa(ctx.Response.StatusCode()))
		}
	}
}
