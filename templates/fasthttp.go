package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const fasthttpPath = "github.com/valyala/fasthttp"

var fasthttp = generator.Template{
	Name:   "fasthttp",
	Doc:    "fasthttp",
	Module: fasthttpPath,
	Status: "tested v1.73.0",
	Imports: map[string]string{
		fasthttpPath: "fasthttp", "context": "context", "bufio": "bufio", "net": "net",
	},
	Names: append([]string{"webhookKey", "FromContext", "request", "refuse"}, optionNames...),
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		fasthttpKey(f)
		functionalOptions(f, s, fasthttpErrorHandler, "Whatever h does, the next handler does not run.")
		fasthttpNew(f, s)
		fasthttpFromContext(f)
		fasthttpFacts.emit(f)
		fasthttpRefuse(f, s)
	},
	EmitTest: fasthttpServeTest,
}

// fasthttpCtx is the parameter ctx *fasthttp.RequestCtx.
func fasthttpCtx() *jen.Statement { return jen.Id("ctx").Op("*").Qual(fasthttpPath, "RequestCtx") }

// fasthttpErrorHandler is the type func(ctx *fasthttp.RequestCtx, err error).
func fasthttpErrorHandler() *jen.Statement {
	return jen.Func().Params(fasthttpCtx(), jen.Err().Error())
}

// fasthttpKey emits the key of the verified webhook:
//
//	type webhookKey struct{}
func fasthttpKey(f *generator.File) {
	f.Doc("webhookKey is where the verified webhook is among the user values.")
	f.Type().Id("webhookKey").Struct()
	f.Line()
}

// fasthttpNew emits the constructor:
//
//	func New(v *core.Validator, opts ...Option) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
//		if v == nil {
//			panic("ringfence: the middleware requires a validator")
//		}
//		o := options{errorHandler: refuse}
//		for _, opt := range opts {
//			opt(&o)
//		}
//
//		return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
//			return func(ctx *fasthttp.RequestCtx) {
//				streamed := ctx.Request.IsBodyStream()
//				webhook, err := v.Validate(request(ctx))
//				if err != nil {
//					if streamed {
//						defer ctx.SetConnectionClose()
//					}
//					o.errorHandler(ctx, err)
//					return
//				}
//
//				if streamed {
//					ctx.Request.SetBodyRaw(webhook.Body())
//				}
//				ctx.SetUserValue(webhookKey{}, webhook)
//				next(ctx)
//			}
//		}
//	}
func fasthttpNew(f *generator.File, s generator.Spec) {
	f.Doc(
		"New returns middleware that lets only requests signed by Twilio through. The next handler",
		"can read the body as if nothing had happened, and FromContext gives it the verified webhook.",
		"Put nothing that reads a streamed body before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	handler := func() *jen.Statement { return jen.Qual(fasthttpPath, "RequestHandler") }
	f.Func().Id("New").Params(optionParams(s)...).Func().Params(handler()).Add(handler()).BlockFunc(func(g *jen.Group) {
		applyOptions(g, s)
		g.Return(jen.Func().Params(jen.Id("next").Add(handler())).Add(handler()).Block(
			jen.Return(jen.Func().Params(fasthttpCtx()).BlockFunc(func(g *jen.Group) {
				g.Add(fasthttpFacts.streamed())
				g.List(jen.Id("webhook"), jen.Err()).Op(":=").Id("v.Validate").Call(jen.Id("request").Call(jen.Id("ctx")))
				g.If(jen.Err().Op("!=").Nil()).Block(
					fasthttpFacts.close(),
					optionErrorHandler(s).Call(jen.Id("ctx"), jen.Err()),
					jen.Return(),
				)
				g.Line()
				g.Add(fasthttpFacts.giveBack())
				g.Id("ctx.SetUserValue").Call(jen.Id("webhookKey").Values(), jen.Id("webhook"))
				g.Id("next").Call(jen.Id("ctx"))
			})),
		))
	})
	f.Line()
}

// fasthttpFromContext emits the accessor:
//
//	func FromContext(ctx context.Context) (*core.Webhook, bool) {
//		webhook, ok := ctx.Value(webhookKey{}).(*core.Webhook)
//		return webhook, ok
//	}
func fasthttpFromContext(f *generator.File) {
	f.Doc(
		"FromContext returns the webhook that New's middleware verified, and whether there is one. ctx is",
		"the *fasthttp.RequestCtx, or a context made of it. Unlike what ctx returns, the webhook may be",
		"kept after the request.",
	)
	f.Func().Id("FromContext").Params(jen.Id("ctx").Qual("context", "Context")).Add(found()).Block(
		jen.List(jen.Id("webhook"), jen.Id("ok")).Op(":=").
			Id("ctx.Value").Call(jen.Id("webhookKey").Values()).Assert(jen.Op("*").Add(generator.Core("Webhook"))),
		jen.Return(jen.Id("webhook"), jen.Id("ok")),
	)
	f.Line()
}

// fasthttpRefuse emits the default error handler. Error resets the response; Add replaces its Content-Type and adds every other line:
//
//	func refuse(ctx *fasthttp.RequestCtx, err error) {
//		answer := core.AnswerTo(err)
//		ctx.Error(answer.Body, answer.Status)
//		answer.EachHeader(ctx.Response.Header.Add)
//	}
func fasthttpRefuse(f *generator.File, s generator.Spec) {
	f.Doc("refuse writes the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(fasthttpCtx(), jen.Err().Error()).Block(
		jen.Id("answer").Op(":=").Add(s.Answer()),
		jen.Id("ctx.Error").Call(jen.Id("answer.Body"), jen.Id("answer.Status")),
		jen.Id("answer.EachHeader").Call(jen.Id("ctx.Response.Header.Add")),
	)
	f.Line()
}

// fasthttpServeTest emits, since only a request that came over a connection has raw header lines:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		handler := New(v)(func(ctx *fasthttp.RequestCtx) {
//			webhook, _ := FromContext(ctx)
//			handle(ctx.PostBody(), webhook)
//		})
//		client, server := net.Pipe()
//		defer client.Close()
//		go fasthttp.ServeConn(server, handler)
//		if err := r.Write(client); err != nil {
//			return 0
//		}
//		response, err := http.ReadResponse(bufio.NewReader(client), r)
//		if err != nil {
//			return 0
//		}
//		return response.StatusCode
//	}
func fasthttpServeTest(f *generator.File, _ generator.Spec) {
	failed := func() *jen.Statement { return jen.Err().Op("!=").Nil() }
	f.ServeTest().Block(
		jen.Id("handler").Op(":=").Id("New").Call(jen.Id("v")).Call(jen.Func().Params(fasthttpCtx()).Block(
			jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id("FromContext").Call(jen.Id("ctx")),
			jen.Id("handle").Call(jen.Id("ctx.PostBody").Call(), jen.Id("webhook")),
		)),
		jen.List(jen.Id("client"), jen.Id("server")).Op(":=").Qual("net", "Pipe").Call(),
		jen.Defer().Id("client.Close").Call(),
		jen.Go().Qual(fasthttpPath, "ServeConn").Call(jen.Id("server"), jen.Id("handler")),
		jen.If(jen.Err().Op(":=").Id("r.Write").Call(jen.Id("client")), failed()).Block(jen.Return(jen.Lit(0))),
		jen.List(jen.Id("response"), jen.Err()).Op(":=").Qual("net/http", "ReadResponse").
			Call(jen.Qual("bufio", "NewReader").Call(jen.Id("client")), jen.Id("r")),
		jen.If(failed()).Block(jen.Return(jen.Lit(0))),
		jen.Return(jen.Id("response.StatusCode")),
	)
}
