package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

// nethttp is for net/http, and for every router that takes func(http.Handler) http.Handler.
var nethttp = generator.Template{
	Name:   "nethttp",
	Doc:    "net/http, and routers that take func(http.Handler) http.Handler",
	Module: "std",
	Emit: func(f *generator.File, _ generator.Spec) {
		f.Handshake()
		functionalOptions(f, nethttpErrorHandler, "Whatever h does, the next handler does not run.")
		nethttpNew(f)
		nethttpFromContext(f)
		nethttpRefuse(f)
	},
}

// nethttpErrorHandler is the type func(w http.ResponseWriter, r *http.Request, err error).
func nethttpErrorHandler() *jen.Statement {
	return jen.Func().Params(
		jen.Id("w").Qual("net/http", "ResponseWriter"),
		jen.Id("r").Op("*").Qual("net/http", "Request"),
		jen.Err().Error(),
	)
}

// nethttpNew emits the constructor:
//
//	func New(v *core.Validator, opts ...Option) func(http.Handler) http.Handler {
//		if v == nil {
//			panic("ringfence: New requires a validator")
//		}
//		o := options{errorHandler: refuse}
//		for _, opt := range opts {
//			opt(&o)
//		}
//
//		return func(next http.Handler) http.Handler {
//			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//				verified, _, err := v.ValidateHTTP(r)
//				if err != nil {
//					o.errorHandler(w, r, err)
//					return
//				}
//				next.ServeHTTP(w, verified)
//			})
//		}
//	}
func nethttpNew(f *generator.File) {
	f.Doc(
		"New returns middleware that lets only requests signed by Twilio through. The next handler",
		"can read the body as if nothing had happened, and FromContext gives it the verified webhook.",
		"Put nothing that reads the body or rewrites the URL before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	f.Func().Id("New").Params(
		jen.Id("v").Add(validator()),
		jen.Id("opts").Op("...").Id("Option"),
	).Func().Params(jen.Qual("net/http", "Handler")).Qual("net/http", "Handler").Block(
		require("v", "ringfence: New requires a validator"),
		jen.Id("o").Op(":=").Id("options").Values(jen.Id("errorHandler").Op(":").Id("refuse")),
		jen.For(jen.List(jen.Id("_"), jen.Id("opt")).Op(":=").Range().Id("opts")).Block(
			jen.Id("opt").Call(jen.Op("&").Id("o")),
		),
		jen.Line(),
		jen.Return(
			jen.Func().Params(jen.Id("next").Qual("net/http", "Handler")).Qual("net/http", "Handler").Block(
				jen.Return(jen.Qual("net/http", "HandlerFunc").Call(nethttpHandler())),
			),
		),
	)
	f.Line()
}

// nethttpHandler is the function literal in New that handles a request.
func nethttpHandler() *jen.Statement {
	return jen.Func().Params(
		jen.Id("w").Qual("net/http", "ResponseWriter"),
		jen.Id("r").Op("*").Qual("net/http", "Request"),
	).Block(
		jen.List(jen.Id("verified"), jen.Id("_"), jen.Err()).Op(":=").Id("v.ValidateHTTP").Call(jen.Id("r")),
		jen.If(jen.Err().Op("!=").Nil()).Block(
			jen.Id("o.errorHandler").Call(jen.Id("w"), jen.Id("r"), jen.Err()),
			jen.Return(),
		),
		jen.Id("next.ServeHTTP").Call(jen.Id("w"), jen.Id("verified")),
	)
}

// nethttpFromContext emits the accessor:
//
//	func FromContext(ctx context.Context) (*core.Webhook, bool) {
//		return core.FromContext(ctx)
//	}
func nethttpFromContext(f *generator.File) {
	f.Doc(
		"FromContext returns the webhook that New's middleware verified, and whether there is one. It",
		"may be kept after the request.",
	)
	f.Func().Id("FromContext").Params(jen.Id("ctx").Qual("context", "Context")).Add(found()).Block(
		jen.Return(generator.Core("FromContext").Call(jen.Id("ctx"))),
	)
	f.Line()
}

// nethttpRefuse emits the default error handler:
//
//	func refuse(w http.ResponseWriter, _ *http.Request, err error) {
//		core.AnswerTo(err).Write(w)
//	}
func nethttpRefuse(f *generator.File) {
	f.Doc("refuse writes the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(
		jen.Id("w").Qual("net/http", "ResponseWriter"),
		jen.Id("_").Op("*").Qual("net/http", "Request"),
		jen.Err().Error(),
	).Block(
		generator.Core("AnswerTo").Call(jen.Err()).Dot("Write").Call(jen.Id("w")),
	)
}
