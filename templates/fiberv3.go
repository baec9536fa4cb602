package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const fiberv3Path = "github.com/gofiber/fiber/v3"

var fiberv3 = generator.Template{
	Name:    "fiberv3",
	Doc:     "Fiber v3",
	Module:  fiberv3Path,
	Status:  "tested v3.5.0",
	Imports: map[string]string{fiberv3Path: "fiber"},
	Names: []string{
		"contextKey", "webhookKey", "Config", "ConfigDefault", "configDefault", "FromContext", "refused", "unread", "request", "refuse",
	},
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		fiberv3Key(f)
		fiberV3.emit(f, s, fiberv3FromContext)
		if !s.Minimal {
			fiberv3Refused(f)
		}
		fiberv3Unread(f)
	},
	EmitTest: fiberV3.serveTest,
}

var fiberV3 = fiberVersion{
	overFasthttp: fiberFacts("FromContext", "Context", "RequestCtx", fiberv3Ctx),
	path:         fiberv3Path,
	begin:        fiberv3Begin,
	store: func() *jen.Statement {
		return jen.Qual(fiberv3Path, "StoreInContext").Call(jen.Id("c"), jen.Id("webhookKey"), jen.Id("webhook"))
	},
	shown: func() *jen.Statement { return jen.Id("refused").Values(jen.Id("c")) },
	after: []string{
		"ErrorHandler answers refused requests. Whatever it returns, nil included, the request goes",
		"no further: c.Next does nothing. Do not assert that c is a custom context.",
	},
	test: func(r *jen.Statement) *jen.Statement {
		return jen.Id("app.Test").Call(r, jen.Qual(fiberv3Path, "TestConfig").Values())
	},
}

// fiberv3Ctx is the parameter c fiber.Ctx.
func fiberv3Ctx() *jen.Statement { return jen.Id("c").Qual(fiberv3Path, "Ctx") }

// fiberv3Key emits the key of the verified webhook:
//
//	type contextKey int
//
//	const webhookKey contextKey = iota
func fiberv3Key(f *generator.File) {
	f.Doc(
		"The contextKey type is unexported to prevent collisions with context keys defined in other",
		"packages.",
	)
	f.Type().Id("contextKey").Int()
	f.Line()
	f.Doc("webhookKey is where the verified webhook is in the Locals.")
	f.Const().Id("webhookKey").Id("contextKey").Op("=").Iota()
	f.Line()
}

// fiberv3Begin adds the beginning of what handles a request. What it sends is not what the client gets:
//
//	if unread(c) {
//		return c.SendStatus(fiber.StatusBadRequest)
//	}
func fiberv3Begin(g *jen.Group) {
	g.If(jen.Id("unread").Call(jen.Id("c"))).Block(
		jen.Return(jen.Id("c.SendStatus").Call(jen.Qual(fiberv3Path, "StatusBadRequest"))),
	)
	g.Line()
}

// fiberv3FromContext emits the accessor:
//
//	func FromContext(ctx any) (*core.Webhook, bool) {
//		return fiber.ValueFromContext[*core.Webhook](ctx, webhookKey)
//	}
func fiberv3FromContext(f *generator.File) {
	f.Doc(
		"FromContext returns the webhook that New's middleware verified, and whether there is one. Unlike",
		"what ctx returns, it may be kept after the request. ctx is a fiber.Ctx, a *fasthttp.RequestCtx,",
		"or, with PassLocalsToContext, a context.Context. Call it before a WebSocket upgrade: the",
		"connections of contrib/websocket are handed no Locals with keys like this one.",
	)
	f.Func().Id("FromContext").Params(jen.Id("ctx").Any()).Add(found()).Block(
		jen.Return(jen.Qual(fiberv3Path, "ValueFromContext").Types(jen.Op("*").Add(generator.Core("Webhook"))).
			Call(jen.Id("ctx"), jen.Id("webhookKey"))),
	)
	f.Line()
}

// fiberv3Refused emits what keeps an error handler from the next handler, which Fiber's own c.Next would run (V8). The Ctx that Status
// and Type return for chaining must not lead there either:
//
//	type refused struct{ fiber.Ctx }
//
//	func (refused) Next() error { return nil }
//
//	func (c refused) Status(status int) fiber.Ctx {
//		c.Ctx.Status(status)
//		return c
//	}
//
//	func (c refused) Type(extension string, charset ...string) fiber.Ctx {
//		c.Ctx.Type(extension, charset...)
//		return c
//	}
func fiberv3Refused(f *generator.File) {
	f.Doc("refused is the Ctx of a refused request, for the error handler. Fiber cannot abort.")
	f.Type().Id("refused").Struct(jen.Qual(fiberv3Path, "Ctx"))
	f.Line()
	f.Doc("Next does nothing: the next handler must not run.")
	f.Func().Params(jen.Id("refused")).Id("Next").Params().Error().Block(jen.Return(jen.Nil()))
	f.Line()
	chained := func(name string, argument jen.Code, params ...jen.Code) {
		f.Doc(name + " returns c, so that the Next of a chain is c's, too.")
		f.Func().Params(jen.Id("c").Id("refused")).Id(name).Params(params...).Qual(fiberv3Path, "Ctx").Block(
			jen.Id("c.Ctx").Dot(name).Call(argument),
			jen.Return(jen.Id("c")),
		)
		f.Line()
	}
	chained("Status", jen.Id("status"), jen.Id("status").Int())
	chained("Type", jen.List(jen.Id("extension"), jen.Id("charset").Op("...")),
		jen.Id("extension").String(), jen.Id("charset").Op("...").String())
}

// fiberv3Unread emits what notices a request that Fiber could not read. Its header is gone, or its body was not read for its length:
//
//	func unread(c fiber.Ctx) bool {
//		header := &c.Request().Header
//		if len(header.RawHeaders()) == 0 {
//			return true
//		}
//		if c.Request().IsBodyStream() {
//			return false
//		}
//		length := header.ContentLength()
//		return length > len(c.Request().Body()) && length > c.App().Config().BodyLimit
//	}
func fiberv3Unread(f *generator.File) {
	f.Doc(
		"unread reports whether Fiber could not read the request or its body. It runs middleware even",
		"then, before it answers 400, 413 and the like itself.",
	)
	f.Func().Id("unread").Params(fiberv3Ctx()).Bool().Block(
		jen.Id("header").Op(":=").Op("&").Id("c.Request").Call().Dot("Header"),
		jen.If(jen.Len(jen.Id("header.RawHeaders").Call()).Op("==").Lit(0)).Block(jen.Return(jen.True())),
		jen.If(jen.Id("c.Request").Call().Dot("IsBodyStream").Call()).Block(jen.Return(jen.False())),
		jen.Id("length").Op(":=").Id("header.ContentLength").Call(),
		jen.Return(
			jen.Id("length").Op(">").Len(jen.Id("c.Request").Call().Dot("Body").Call()).Op("&&").
				Id("length").Op(">").Id("c.App").Call().Dot("Config").Call().Dot("BodyLimit"),
		),
	)
	f.Line()
}
