package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const irisPath = "github.com/kataras/iris/v12"

const irisMessage = "iris: twilio middleware requires a validator"

var iris = generator.Template{
	Name:    "iris",
	Doc:     "Iris v12",
	Module:  irisPath,
	Status:  "tested v12.2.11",
	Imports: map[string]string{irisPath: "iris", "net/http/httptest": "httptest"},
	Names:   []string{"webhookKey", "Options", "Get", "refuse"},
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		webhookKey(f, "webhookKey is where the verified webhook is in the Values of an iris.Context.")
		if !s.Minimal {
			irisOptions(f, s)
		}
		irisNew(f, s)
		irisGet(f)
		irisRefuse(f, s)
	},
	EmitTest: irisServeTest,
}

// irisContext is the parameter ctx iris.Context.
func irisContext() *jen.Statement { return jen.Id("ctx").Qual(irisPath, "Context") }

// irisOptions emits the type of the options:
//
//	type Options struct {
//		Validator    *core.Validator
//		ErrorHandler func(ctx iris.Context, err error)
//	}
func irisOptions(f *generator.File, s generator.Spec) {
	f.Doc("Options are what New is given.")
	f.Type().Id("Options").StructFunc(func(g *jen.Group) {
		generator.Doc(g, "Validator says which requests are signed by Twilio.", "", "Required.")
		g.Id("Validator").Add(validator())
		g.Line()
		generator.Doc(g, "ErrorHandler answers refused requests. The handlers chain is stopped before it runs.", "")
		generator.Doc(g, reasons(s)...)
		generator.Doc(g, "", "Optional. Defaults to one that writes that answer.")
		g.Id("ErrorHandler").Func().Params(irisContext(), jen.Err().Error())
	})
	f.Line()
}

// irisNew emits the constructor, which for s.Minimal is New(v *core.Validator):
//
//	func New(opts Options) iris.Handler {
//		if opts.Validator == nil {
//			panic("iris: twilio middleware requires a validator")
//		}
//		if opts.ErrorHandler == nil {
//			opts.ErrorHandler = refuse
//		}
//
//		return func(ctx iris.Context) {
//			verified, webhook, err := opts.Validator.ValidateHTTP(ctx.Request())
//			if err != nil {
//				ctx.StopExecution()
//				opts.ErrorHandler(ctx, err)
//				return
//			}
//			ctx.ResetRequest(verified)
//			ctx.Values().Set(webhookKey, webhook)
//			ctx.Next()
//		}
//	}
func irisNew(f *generator.File, s generator.Spec) {
	f.Doc(
		"New returns middleware that lets only requests signed by Twilio through. Handlers can read",
		"the body and its form as if nothing had happened, and Get gives them the verified webhook.",
		"Put nothing that reads the body before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics without a validator.")
	if s.Minimal {
		f.Func().Id("New").Params(jen.Id("v").Add(validator())).Qual(irisPath, "Handler").Block(
			require("v", irisMessage),
			jen.Line(),
			jen.Return(irisHandler("v.ValidateHTTP", "refuse")),
		)
		f.Line()
		return
	}
	f.Func().Id("New").Params(jen.Id("opts").Id("Options")).Qual(irisPath, "Handler").Block(
		require("opts.Validator", irisMessage),
		orDefault("opts.ErrorHandler", "refuse"),
		jen.Line(),
		jen.Return(irisHandler("opts.Validator.ValidateHTTP", "opts.ErrorHandler")),
	)
	f.Line()
}

// irisHandler is the function literal in New that handles a request.
func irisHandler(validate, errorHandler string) *jen.Statement {
	return jen.Func().Params(irisContext()).Block(
		jen.List(jen.Id("verified"), jen.Id("webhook"), jen.Err()).Op(":=").Id(validate).Call(jen.Id("ctx.Request").Call()),
		jen.If(jen.Err().Op("!=").Nil()).Block(
			jen.Id("ctx.StopExecution").Call().Comment("first, so that the error handler's ctx.Next does nothing"),
			jen.Id(errorHandler).Call(jen.Id("ctx"), jen.Err()),
			jen.Return(),
		),
		jen.Id("ctx.ResetRequest").Call(jen.Id("verified")),
		jen.Id("ctx.Values").Call().Dot("Set").Call(jen.Id("webhookKey"), jen.Id("webhook")),
		jen.Id("ctx.Next").Call(),
	)
}

// irisGet emits the accessor:
//
//	func Get(ctx iris.Context) (*core.Webhook, bool) {
//		webhook, ok := ctx.Values().Get(webhookKey).(*core.Webhook)
//		return webhook, ok
//	}
func irisGet(f *generator.File) {
	f.Doc(
		"Get returns the webhook that New's middleware verified, and whether there is one. Unlike ctx",
		"it may be kept after the request.",
	)
	f.Func().Id("Get").Params(irisContext()).Add(found()).Block(
		jen.List(jen.Id("webhook"), jen.Id("ok")).Op(":=").
			Id("ctx.Values").Call().Dot("Get").Call(jen.Id("webhookKey")).Assert(jen.Op("*").Add(generator.Core("Webhook"))),
		jen.Return(jen.Id("webhook"), jen.Id("ok")),
	)
	f.Line()
}

// irisRefuse emits the default error handler. Iris runs no OnErrorCode handler after it, since it has written a body:
//
//	func refuse(ctx iris.Context, err error) {
//		core.AnswerTo(err).Write(ctx.ResponseWriter())
//	}
func irisRefuse(f *generator.File, s generator.Spec) {
	f.Doc("refuse writes the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(irisContext(), jen.Err().Error()).Block(
		s.Answer().Dot("Write").Call(jen.Id("ctx.ResponseWriter").Call()),
	)
	f.Line()
}

// irisServeTest emits, with New(v) for s.Minimal:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		app := iris.New()
//		app.UseRouter(New(Options{Validator: v}), func(ctx iris.Context) {
//			body, _ := ctx.GetBody()
//			webhook, _ := Get(ctx)
//			handle(body, webhook)
//		})
//		if err := app.Build(); err != nil {
//			return 0
//		}
//		w := httptest.NewRecorder()
//		app.ServeHTTP(w, r)
//		return w.Code
//	}
func irisServeTest(f *generator.File, s generator.Spec) {
	argument := jen.Id("Options").Values(jen.Id("Validator").Op(":").Id("v"))
	if s.Minimal {
		argument = jen.Id("v")
	}
	f.ServeTest().Block(
		jen.Id("app").Op(":=").Qual(irisPath, "New").Call(),
		jen.Id("app.UseRouter").Call(jen.Id("New").Call(argument), jen.Func().Params(irisContext()).Block(
			jen.List(jen.Id("body"), jen.Id("_")).Op(":=").Id("ctx.GetBody").Call(),
			jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id("Get").Call(jen.Id("ctx")),
			jen.Id("handle").Call(jen.Id("body"), jen.Id("webhook")),
		)),
		jen.If(jen.Err().Op(":=").Id("app.Build").Call(), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Lit(0))),
		newRecorder(),
		jen.Id("app.ServeHTTP").Call(jen.Id("w"), jen.Id("r")),
		jen.Return(jen.Id("w.Code")),
	)
}
