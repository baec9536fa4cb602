package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const (
	beegoPath        = "github.com/beego/beego/v2/server/web"
	beegoContextPath = beegoPath + "/context"
)

// beego emits a filter chain: every other filter but BeforeStatic runs after Beego has parsed the form.
var beego = generator.Template{
	Name:    "beego",
	Doc:     "Beego v2",
	Module:  "github.com/beego/beego/v2",
	Status:  "tested v2.3.10",
	Imports: map[string]string{beegoPath: "web", beegoContextPath: "context", "io": "io", "net/http/httptest": "httptest"},
	Names:   append([]string{"webhookKey", "Get", "refuse"}, optionNames...),
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		webhookKey(f, "webhookKey is where the verified webhook is in the data of a context's Input.")
		functionalOptions(f, s, beegoErrorHandler, "Whatever h does, the request goes no further. A status that it sets is sent with a body alone.")
		beegoNew(f, s)
		beegoGet(f)
		beegoRefuse(f, s)
	},
	EmitTest: beegoServeTest,
}

// beegoContext is the parameter ctx *context.Context.
func beegoContext() *jen.Statement { return jen.Id("ctx").Op("*").Qual(beegoContextPath, "Context") }

// beegoErrorHandler is the type func(ctx *context.Context, err error).
func beegoErrorHandler() *jen.Statement { return jen.Func().Params(beegoContext(), jen.Err().Error()) }

// beegoNew emits the constructor:
//
//	func New(v *core.Validator, opts ...Option) web.FilterChain {
//		if v == nil {
//			panic("ringfence: the middleware requires a validator")
//		}
//		o := options{errorHandler: refuse}
//		for _, opt := range opts {
//			opt(&o)
//		}
//
//		return func(next web.FilterFunc) web.FilterFunc {
//			return func(ctx *context.Context) {
//				verified, webhook, err := v.ValidateHTTP(ctx.Request)
//				if err != nil {
//					o.errorHandler(ctx, err)
//					return
//				}
//				ctx.Request = verified
//				ctx.Input.SetData(webhookKey, webhook)
//				next(ctx)
//			}
//		}
//	}
func beegoNew(f *generator.File, s generator.Spec) {
	f.Doc(
		"New returns a filter chain that lets only requests signed by Twilio through. Controllers can",
		"read the body and its form as if nothing had happened, and Get gives them the verified",
		"webhook. Use it with web.InsertFilterChain: at BeforeRouter and later, Beego has parsed the",
		"form. Put no filter chain that reads the body before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	f.Func().Id("New").Params(optionParams(s)...).Qual(beegoPath, "FilterChain").BlockFunc(func(g *jen.Group) {
		applyOptions(g, s)
		g.Return(
			jen.Func().Params(jen.Id("next").Qual(beegoPath, "FilterFunc")).Qual(beegoPath, "FilterFunc").Block(
				jen.Return(beegoHandler(s)),
			),
		)
	})
	f.Line()
}

// beegoHandler is the function literal in New that handles a request.
func beegoHandler(s generator.Spec) *jen.Statement {
	return jen.Func().Params(beegoContext()).Block(
		jen.List(jen.Id("verified"), jen.Id("webhook"), jen.Err()).Op(":=").Id("v.ValidateHTTP").Call(jen.Id("ctx.Request")),
		jen.If(jen.Err().Op("!=").Nil()).Block(
			optionErrorHandler(s).Call(jen.Id("ctx"), jen.Err()),
			jen.Return(),
		),
		jen.Id("ctx.Request").Op("=").Id("verified"),
		jen.Id("ctx.Input.SetData").Call(jen.Id("webhookKey"), jen.Id("webhook")),
		jen.Id("next").Call(jen.Id("ctx")),
	)
}

// beegoGet emits the accessor:
//
//	func Get(ctx *context.Context) (*core.Webhook, bool) {
//		webhook, ok := ctx.Input.GetData(webhookKey).(*core.Webhook)
//		return webhook, ok
//	}
func beegoGet(f *generator.File) {
	f.Doc(
		"Get returns the webhook that New's filter chain verified, and whether there is one. Unlike ctx",
		"it may be kept after the request.",
	)
	f.Func().Id("Get").Params(beegoContext()).Add(found()).Block(
		jen.List(jen.Id("webhook"), jen.Id("ok")).Op(":=").
			Id("ctx.Input.GetData").Call(jen.Id("webhookKey")).Assert(jen.Op("*").Add(generator.Core("Webhook"))),
		jen.Return(jen.Id("webhook"), jen.Id("ok")),
	)
	f.Line()
}

// beegoRefuse emits the default error handler. It does not call ctx.Abort, which panics, and whose panic nothing recovers in a
// filter chain:
//
//	func refuse(ctx *context.Context, err error) {
//		core.AnswerTo(err).Write(ctx.ResponseWriter)
//	}
func beegoRefuse(f *generator.File, s generator.Spec) {
	f.Doc("refuse writes the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(beegoContext(), jen.Err().Error()).Block(
		s.Answer().Dot("Write").Call(jen.Id("ctx.ResponseWriter")),
	)
	f.Line()
}

// beegoServeTest emits:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		register := web.NewControllerRegister()
//		register.InsertFilterChain("/*", New(v))
//		register.Any("/*", func(ctx *context.Context) {
//			body, _ := io.ReadAll(ctx.Request.Body)
//			webhook, _ := Get(ctx)
//			handle(body, webhook)
//		})
//		register.Init()
//		w := httptest.NewRecorder()
//		register.ServeHTTP(w, r)
//		return w.Code
//	}
func beegoServeTest(f *generator.File, _ generator.Spec) {
	f.ServeTest().Block(
		jen.Id("register").Op(":=").Qual(beegoPath, "NewControllerRegister").Call(),
		jen.Id("register.InsertFilterChain").Call(jen.Lit("/*"), jen.Id("New").Call(jen.Id("v"))),
		jen.Id("register.Any").Call(jen.Lit("/*"), jen.Func().Params(beegoContext()).Block(
			readBody("ctx.Request.Body"),
			jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id("Get").Call(jen.Id("ctx")),
			jen.Id("handle").Call(jen.Id("body"), jen.Id("webhook")),
		)),
		jen.Id("register.Init").Call(),
		newRecorder(),
		jen.Id("register.ServeHTTP").Call(jen.Id("w"), jen.Id("r")),
		jen.Return(jen.Id("w.Code")),
	)
}
