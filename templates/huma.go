package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const (
	humaPath   = "github.com/danielgtaylor/huma/v2"
	humagoPath = humaPath + "/adapters/humago"
)

// huma emits middleware for the adapters that show the http.Request: a huma.Context itself tells neither the target nor the header
// lines as they were sent.
var huma = generator.Template{
	Name:   "huma",
	Doc:    "Huma v2, with humago, humachi, humaflow or humamux",
	Module: humaPath,
	Status: "tested v2.39.0",
	Imports: map[string]string{
		humaPath: "huma", humagoPath: "humago", "context": "context", "io": "io", "net/http": "http", "net/http/httptest": "httptest",
	},
	Names: append([]string{"contextKey", "FromContext", "request", "hidden", "refuse"}, optionNames...),
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		lambdaContextKey(f)
		functionalOptions(f, s, humaErrorHandler, "Whatever h does, the operation does not run.")
		humaNew(f, s)
		lambdaFromContext(f)
		humaRequest(f)
		humaHidden(f)
		humaRefuse(f, s)
	},
	EmitTest: humaServeTest,
}

// humaContext is the parameter ctx huma.Context.
func humaContext() *jen.Statement { return jen.Id("ctx").Qual(humaPath, "Context") }

// humaErrorHandler is the type func(ctx huma.Context, err error).
func humaErrorHandler() *jen.Statement { return jen.Func().Params(humaContext(), jen.Err().Error()) }

// humaMiddleware is the type func(ctx huma.Context, next func(huma.Context)).
func humaMiddleware() *jen.Statement {
	return jen.Func().Params(humaContext(), jen.Id("next").Func().Params(jen.Qual(humaPath, "Context")))
}

// humaNew emits the constructor:
//
//	func New(v *core.Validator, opts ...Option) func(ctx huma.Context, next func(huma.Context)) {
//		if v == nil {
//			panic("ringfence: the middleware requires a validator")
//		}
//		o := options{errorHandler: refuse}
//		for _, opt := range opts {
//			opt(&o)
//		}
//
//		return func(ctx huma.Context, next func(huma.Context)) {
//			r := request(ctx)
//			if r == nil {
//				o.errorHandler(ctx, hidden(v, ctx))
//				return
//			}
//			verified, webhook, err := v.ValidateHTTP(r)
//			if err != nil {
//				o.errorHandler(ctx, err)
//				return
//			}
//			*r = *verified
//			next(huma.WithValue(ctx, contextKey{}, webhook))
//		}
//	}
func humaNew(f *generator.File, s generator.Spec) {
	f.Doc(
		"New returns middleware that lets only requests signed by Twilio through. Operations can read",
		"the body as if nothing had happened, and FromContext gives them the verified webhook. Put",
		"nothing that reads the body before it. It works with the adapters humago, humachi, humaflow and",
		"humamux; with others, validate in the router's own middleware.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	f.Func().Id("New").Params(optionParams(s)...).Add(humaMiddleware()).BlockFunc(func(g *jen.Group) {
		applyOptions(g, s)
		g.Return(humaMiddleware().Block(
			jen.Id("r").Op(":=").Id("request").Call(jen.Id("ctx")),
			jen.If(jen.Id("r").Op("==").Nil()).Block(
				optionErrorHandler(s).Call(jen.Id("ctx"), jen.Id("hidden").Call(jen.Id("v"), jen.Id("ctx"))),
				jen.Return(),
			),
			jen.List(jen.Id("verified"), jen.Id("webhook"), jen.Err()).Op(":=").Id("v.ValidateHTTP").Call(jen.Id("r")),
			jen.If(jen.Err().Op("!=").Nil()).Block(
				optionErrorHandler(s).Call(jen.Id("ctx"), jen.Err()),
				jen.Return(),
			),
			jen.Op("*").Id("r").Op("=").Op("*").Id("verified").Comment("in place: ctx holds on to r, and reads the body from it"),
			jen.Id("next").Call(jen.Qual(humaPath, "WithValue").Call(jen.Id("ctx"), jen.Id("contextKey").Values(), jen.Id("webhook"))),
		))
	})
	f.Line()
}

// humaRequest emits what finds the request under the contexts that huma.WithValue and its like put around one another:
//
//	func request(ctx huma.Context) *http.Request {
//		for {
//			switch c := ctx.(type) {
//			case interface {
//				Unwrap() (*http.Request, http.ResponseWriter)
//			}:
//				r, _ := c.Unwrap()
//				return r
//			case interface{ Unwrap() huma.Context }:
//				ctx = c.Unwrap()
//			default:
//				return nil
//			}
//		}
//	}
func humaRequest(f *generator.File) {
	f.Doc("request returns the request as it came over the wire, or nil: not every adapter shows it.")
	f.Func().Id("request").Params(humaContext()).Op("*").Qual("net/http", "Request").Block(
		jen.For().Block(jen.Switch(jen.Id("c").Op(":=").Id("ctx").Assert(jen.Type())).Block(
			jen.Case(jen.Interface(jen.Id("Unwrap").Params().Params(
				jen.Op("*").Qual("net/http", "Request"), jen.Qual("net/http", "ResponseWriter"),
			))).Block(
				jen.List(jen.Id("r"), jen.Id("_")).Op(":=").Id("c.Unwrap").Call(),
				jen.Return(jen.Id("r")),
			),
			jen.Case(jen.Interface(jen.Id("Unwrap").Params().Qual(humaPath, "Context"))).Block(
				jen.Id("ctx").Op("=").Id("c.Unwrap").Call(),
			),
			jen.Default().Block(jen.Return(jen.Nil())),
		)),
	)
	f.Line()
}

// humaHidden emits what refuses a request that the adapter hides, through the validator, so that its observer and log know (R2):
//
//	func hidden(v *core.Validator, ctx huma.Context) error {
//		url := ctx.URL()
//		return v.Check(&core.Request{
//			Context:   ctx.Context(),
//			Method:    ctx.Method(),
//			Target:    url.RequestURI(),
//			Malformed: "the API's adapter hides the request: validate in its router's own middleware",
//		})
//	}
func humaHidden(f *generator.File) {
	f.Doc("hidden returns the refusal of a request that the API's adapter does not show.")
	f.Func().Id("hidden").Params(jen.Id("v").Add(validator()), humaContext()).Error().Block(
		jen.Id("url").Op(":=").Id("ctx.URL").Call(),
		jen.Return(jen.Id("v.Check").Call(jen.Op("&").Add(generator.Core("Request")).Custom(multiLine,
			jen.Id("Context").Op(":").Id("ctx.Context").Call(),
			jen.Id("Method").Op(":").Id("ctx.Method").Call(),
			jen.Id("Target").Op(":").Id("url.RequestURI").Call(),
			jen.Id("Malformed").Op(":").Lit("the API's adapter hides the request: validate in its router's own middleware"),
		))),
	)
	f.Line()
}

// humaRefuse emits the default error handler:
//
//	func refuse(ctx huma.Context, err error) {
//		answer := core.AnswerTo(err)
//		answer.EachHeader(ctx.AppendHeader)
//		ctx.SetStatus(answer.Status)
//		_, _ = io.WriteString(ctx.BodyWriter(), answer.Body)
//	}
func humaRefuse(f *generator.File, s generator.Spec) {
	f.Doc("refuse writes the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(humaContext(), jen.Err().Error()).Block(
		jen.Id("answer").Op(":=").Add(s.Answer()),
		jen.Id("answer.EachHeader").Call(jen.Id("ctx.AppendHeader")),
		jen.Id("ctx.SetStatus").Call(jen.Id("answer.Status")),
		jen.List(jen.Id("_"), jen.Id("_")).Op("=").Qual("io", "WriteString").Call(jen.Id("ctx.BodyWriter").Call(), jen.Id("answer.Body")),
	)
	f.Line()
}

// humaServeTest emits:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		w := httptest.NewRecorder()
//		New(v)(humago.NewContext(nil, r, w), func(ctx huma.Context) {
//			body, _ := io.ReadAll(ctx.BodyReader())
//			webhook, _ := FromContext(ctx.Context())
//			handle(body, webhook)
//		})
//		return w.Code
//	}
func humaServeTest(f *generator.File, _ generator.Spec) {
	f.ServeTest().Block(
		newRecorder(),
		jen.Id("New").Call(jen.Id("v")).Call(
			jen.Qual(humagoPath, "NewContext").Call(jen.Nil(), jen.Id("r"), jen.Id("w")),
			jen.Func().Params(humaContext()).Block(
				readBody("ctx.BodyReader()"),
				jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id("FromContext").Call(jen.Id("ctx.Context").Call()),
				jen.Id("handle").Call(jen.Id("body"), jen.Id("webhook")),
			),
		),
		jen.Return(jen.Id("w.Code")),
	)
}
