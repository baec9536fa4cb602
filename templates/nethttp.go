package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

// nethttp is for net/http, and for every router that takes func(http.Handler) http.Handler.
var nethttp = generator.Template{
	Name:    "nethttp",
	Doc:     "net/http, and routers that take func(http.Handler) http.Handler",
	Module:  "std",
	Status:  "tested",
	Imports: map[string]string{"net/http": "http", "context": "context", "io": "io", "net/http/httptest": "httptest"},
	Names:   append([]string{"FromContext", "refuse"}, optionNames...),
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		functionalOptions(f, s, nethttpErrorHandler, "Whatever h does, the next handler does not run.")
		nethttpNew(f, s)
		nethttpFromContext(f)
		nethttpRefuse(f, s)
	},
	EmitTest: nethttpServeTest,
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
//			panic("ringfence: the middleware requires a validator")
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
func nethttpNew(f *generator.File, s generator.Spec) {
	f.Doc(
		"New returns middleware that lets only requests signed by Twilio through. The next handler",
		"can read the body as if nothing had happened, and FromContext gives it the verified webhook.",
		"Put nothing that reads the body or rewrites the URL before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	f.Func().Id("New").Params(optionParams(s)...).
		Func().Params(jen.Qual("net/http", "Handler")).Qual("net/http", "Handler").BlockFunc(func(g *jen.Group) {
		applyOptions(g, s)
		g.Return(
			jen.Func().Params(jen.Id("next").Qual("net/http", "Handler")).Qual("net/http", "Handler").Block(
				jen.Return(jen.Qual("net/http", "HandlerFunc").Call(nethttpHandler(s))),
			),
		)
	})
	f.Line()
}

// nethttpHandler is the function literal in New that handles a request.
func nethttpHandler(s generator.Spec) *jen.Statement {
	return jen.Func().Params(
		jen.Id("w").Qual("net/http", "ResponseWriter"),
		jen.Id("r").Op("*").Qual("net/http", "Request"),
	).Block(
		jen.List(jen.Id("verified"), jen.Id("_"), jen.Err()).Op(":=").Id("v.ValidateHTTP").Call(jen.Id("r")),
		jen.If(jen.Err().Op("!=").Nil()).Block(
			optionErrorHandler(s).Call(jen.Id("w"), jen.Id("r"), jen.Err()),
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
func nethttpRefuse(f *generator.File, s generator.Spec) {
	f.Doc("refuse writes the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(
		jen.Id("w").Qual("net/http", "ResponseWriter"),
		jen.Id("_").Op("*").Qual("net/http", "Request"),
		jen.Err().Error(),
	).Block(
		s.Answer().Dot("Write").Call(jen.Id("w")),
	)
	f.Line()
}

// nethttpServeTest emits:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		handler := New(v)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
//			body, _ := io.ReadAll(r.Body)
//			webhook, _ := FromContext(r.Context())
//			handle(body, webhook)
//		}))
//		w := httptest.NewRecorder()
//		handler.ServeHTTP(w, r)
//		return w.Code
//	}
func nethttpServeTest(f *generator.File, _ generator.Spec) {
	f.ServeTest().Block(
		jen.Id("handler").Op(":=").Id("New").Call(jen.Id("v")).Call(jen.Qual("net/http", "HandlerFunc").Call(
			jen.Func().Params(jen.Id("_").Qual("net/http", "ResponseWriter"), jen.Id("r").Op("*").Qual("net/http", "Request")).Block(
				readBody("r.Body"),
				jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id("FromContext").Call(jen.Id("r.Context").Call()),
				jen.Id("handle").Call(jen.Id("body"), jen.Id("webhook")),
			),
		)),
		newRecorder(),
		jen.Id("handler.ServeHTTP").Call(jen.Id("w"), jen.Id("r")),
		jen.Return(jen.Id("w.Code")),
	)
}
