package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const (
	hertzPath         = "github.com/cloudwego/hertz"
	hertzAppPath      = hertzPath + "/pkg/app"
	hertzServerPath   = hertzPath + "/pkg/app/server"
	hertzMockPath     = hertzPath + "/pkg/common/test/mock"
	hertzProtocolPath = hertzPath + "/pkg/protocol"
	hertzRespPath     = hertzPath + "/pkg/protocol/http1/resp"
)

var hertz = generator.Template{
	Name:   "hertz",
	Doc:    "Hertz",
	Module: hertzPath,
	Status: "tested v0.10.4",
	Imports: map[string]string{
		hertzAppPath: "app", hertzServerPath: "server", hertzMockPath: "mock", hertzProtocolPath: "protocol", hertzRespPath: "resp",
		"context": "context", "io": "io", "strings": "strings",
	},
	Names: append([]string{"webhookKey", "Get", "request", "refuse"}, optionNames...),
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		webhookKey(f, "webhookKey is where the verified webhook is in an app.RequestContext.")
		functionalOptions(f, s, hertzErrorHandler, "Whatever h does, the request is aborted.")
		hertzNew(f, s)
		hertzGet(f)
		hertzRequest(f)
		hertzRefuse(f, s)
	},
	EmitTest: hertzServeTest,
}

// hertzParams are the parameters ctx context.Context, c *app.RequestContext; ctx has the name given.
func hertzParams(ctx string) []jen.Code {
	return []jen.Code{jen.Id(ctx).Qual("context", "Context"), hertzContext()}
}

// hertzContext is the parameter c *app.RequestContext.
func hertzContext() *jen.Statement { return jen.Id("c").Op("*").Qual(hertzAppPath, "RequestContext") }

// hertzErrorHandler is the type func(ctx context.Context, c *app.RequestContext, err error).
func hertzErrorHandler() *jen.Statement {
	return jen.Func().Params(append(hertzParams("ctx"), jen.Err().Error())...)
}

// hertzNew emits the constructor:
//
//	func New(v *core.Validator, opts ...Option) app.HandlerFunc {
//		if v == nil {
//			panic("ringfence: the middleware requires a validator")
//		}
//		o := options{errorHandler: refuse}
//		for _, opt := range opts {
//			opt(&o)
//		}
//
//		return func(ctx context.Context, c *app.RequestContext) {
//			streamed := c.Request.IsBodyStream()
//			webhook, err := v.Validate(request(ctx, c))
//			if err != nil {
//				c.Abort()
//				if streamed {
//					c.Request.CloseBodyStream()
//					defer c.SetConnectionClose()
//				}
//				o.errorHandler(ctx, c, err)
//				return
//			}
//
//			if streamed {
//				c.Request.SetBodyRaw(webhook.Body())
//			}
//			c.Set(webhookKey, webhook)
//			c.Next(ctx)
//		}
//	}
func hertzNew(f *generator.File, s generator.Spec) {
	f.Doc(
		"New returns middleware that lets only requests signed by Twilio through. Handlers can bind",
		"and read the body as if nothing had happened, and Get gives them the verified webhook. Put",
		"nothing that reads a streamed body before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	f.Func().Id("New").Params(optionParams(s)...).Qual(hertzAppPath, "HandlerFunc").BlockFunc(func(g *jen.Group) {
		applyOptions(g, s)
		g.Return(hertzHandler(s))
	})
	f.Line()
}

// hertzHandler is the function literal in New that handles a request.
func hertzHandler(s generator.Spec) *jen.Statement {
	return jen.Func().Params(hertzParams("ctx")...).Block(
		jen.Id("streamed").Op(":=").Id("c.Request.IsBodyStream").Call(),
		jen.List(jen.Id("webhook"), jen.Err()).Op(":=").Id("v.Validate").Call(jen.Id("request").Call(jen.Id("ctx"), jen.Id("c"))),
		jen.If(jen.Err().Op("!=").Nil()).Block(
			jen.Id("c.Abort").Call().Comment("first, so that no error handler can let the request pass"),
			jen.If(jen.Id("streamed")).Block(
				jen.Comment("Hertz would read all that is left of the body, however much. Without it the connection"),
				jen.Comment("cannot be used again, even if the error handler resets the response."),
				jen.Id("c.Request.CloseBodyStream").Call(),
				jen.Defer().Id("c.SetConnectionClose").Call(),
			),
			optionErrorHandler(s).Call(jen.Id("ctx"), jen.Id("c"), jen.Err()),
			jen.Return(),
		),
		jen.Line(),
		jen.If(jen.Id("streamed")).Block(
			jen.Id("c.Request.SetBodyRaw").Call(jen.Id("webhook.Body").Call()),
		),
		jen.Id("c.Set").Call(jen.Id("webhookKey"), jen.Id("webhook")),
		jen.Id("c.Next").Call(jen.Id("ctx")),
	)
}

// hertzGet emits the accessor:
//
//	func Get(c *app.RequestContext) (*core.Webhook, bool) {
//		value, _ := c.Get(webhookKey)
//		webhook, ok := value.(*core.Webhook)
//		return webhook, ok
//	}
func hertzGet(f *generator.File) {
	f.Doc(
		"Get returns the webhook that New's middleware verified, and whether there is one. Unlike what c",
		"returns, it may be kept after the request.",
	)
	f.Func().Id("Get").Params(hertzContext()).Add(found()).Block(
		jen.List(jen.Id("value"), jen.Id("_")).Op(":=").Id("c.Get").Call(jen.Id("webhookKey")),
		jen.List(jen.Id("webhook"), jen.Id("ok")).Op(":=").Id("value").Assert(jen.Op("*").Add(generator.Core("Webhook"))),
		jen.Return(jen.Id("webhook"), jen.Id("ok")),
	)
	f.Line()
}
