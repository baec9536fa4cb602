package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

// gozero emits the shape that goctl gives a middleware: a struct with a Handle method. Everything else is as in net/http, so that the
// emitted file imports nothing of go-zero.
var gozero = generator.Template{
	Name:    "gozero",
	Doc:     "go-zero",
	Module:  "github.com/zeromicro/go-zero",
	Status:  "tested v1.10.3",
	Imports: map[string]string{"net/http": "http", "context": "context", "io": "io", "net/http/httptest": "httptest"},
	Names:   append([]string{"TwilioMiddleware", "FromContext", "refuse"}, optionNames...),
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		functionalOptions(f, s, nethttpErrorHandler, "Whatever h does, the next handler does not run.")
		gozeroMiddleware(f, s)
		gozeroNew(f, s)
		gozeroHandle(f, s)
		nethttpFromContext(f)
		nethttpRefuse(f, s)
	},
	EmitTest: gozeroServeTest,
}

// gozeroMiddleware emits the type, which for s.Minimal has no errorHandler:
//
//	type TwilioMiddleware struct {
//		validator    *core.Validator
//		errorHandler func(w http.ResponseWriter, r *http.Request, err error)
//	}
func gozeroMiddleware(f *generator.File, s generator.Spec) {
	f.Doc(
		"TwilioMiddleware lets only requests signed by Twilio through. New makes one; its zero value is",
		"of no use.",
	)
	f.Type().Id("TwilioMiddleware").StructFunc(func(g *jen.Group) {
		g.Id("validator").Add(validator())
		if !s.Minimal {
			g.Id("errorHandler").Add(nethttpErrorHandler())
		}
	})
	f.Line()
}

// gozeroNew emits the constructor:
//
//	func New(v *core.Validator, opts ...Option) *TwilioMiddleware {
//		if v == nil {
//			panic("ringfence: the middleware requires a validator")
//		}
//		o := options{errorHandler: refuse}
//		for _, opt := range opts {
//			opt(&o)
//		}
//
//		return &TwilioMiddleware{validator: v, errorHandler: o.errorHandler}
//	}
func gozeroNew(f *generator.File, s generator.Spec) {
	f.Doc(
		"New returns middleware whose Handle is a rest.Middleware. Put nothing that reads the body",
		"before it. go-zero's own Gunzip and MaxBytes run earlier, and answer some requests themselves.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	f.Func().Id("New").Params(optionParams(s)...).Op("*").Id("TwilioMiddleware").BlockFunc(func(g *jen.Group) {
		applyOptions(g, s)
		fields := []jen.Code{jen.Id("validator").Op(":").Id("v")}
		if !s.Minimal {
			fields = append(fields, jen.Id("errorHandler").Op(":").Id("o.errorHandler"))
		}
		g.Return(jen.Op("&").Id("TwilioMiddleware").Values(fields...))
	})
	f.Line()
}

// gozeroHandle emits the method, which for s.Minimal calls refuse(w, r, err):
//
//	func (m *TwilioMiddleware) Handle(next http.HandlerFunc) http.HandlerFunc {
//		return func(w http.ResponseWriter, r *http.Request) {
//			verified, _, err := m.validator.ValidateHTTP(r)
//			if err != nil {
//				m.errorHandler(w, r, err)
//				return
//			}
//			next(w, verified)
//		}
//	}
func gozeroHandle(f *generator.File, s generator.Spec) {
	errorHandler := "m.errorHandler"
	if s.Minimal {
		errorHandler = "refuse"
	}
	f.Doc(
		"Handle is a rest.Middleware. The next handler can parse the body as if nothing had happened,",
		"and FromContext gives it the verified webhook.",
	)
	f.Func().Params(jen.Id("m").Op("*").Id("TwilioMiddleware")).Id("Handle").
		Params(jen.Id("next").Qual("net/http", "HandlerFunc")).Qual("net/http", "HandlerFunc").Block(
		jen.Return(jen.Func().Params(
			jen.Id("w").Qual("net/http", "ResponseWriter"),
			jen.Id("r").Op("*").Qual("net/http", "Request"),
		).Block(
			jen.List(jen.Id("verified"), jen.Id("_"), jen.Err()).Op(":=").Id("m.validator.ValidateHTTP").Call(jen.Id("r")),
			jen.If(jen.Err().Op("!=").Nil()).Block(
				jen.Id(errorHandler).Call(jen.Id("w"), jen.Id("r"), jen.Err()),
				jen.Return(),
			),
			jen.Id("next").Call(jen.Id("w"), jen.Id("verified")),
		)),
	)
	f.Line()
}

// gozeroServeTest emits:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		handler := New(v).Handle(func(_ http.ResponseWriter, r *http.Request) {
//			body, _ := io.ReadAll(r.Body)
//			webhook, _ := FromContext(r.Context())
//			handle(body, webhook)
//		})
//		w := httptest.NewRecorder()
//		handler(w, r)
//		return w.Code
//	}
func gozeroServeTest(f *generator.File, _ generator.Spec) {
	f.ServeTest().Block(
		jen.Id("handler").Op(":=").Id("New").Call(jen.Id("v")).Dot("Handle").Call(
			jen.Func().Params(jen.Id("_").Qual("net/http", "ResponseWriter"), jen.Id("r").Op("*").Qual("net/http", "Request")).Block(
				readBody("r.Body"),
				jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id("FromContext").Call(jen.Id("r.Context").Call()),
				jen.Id("handle").Call(jen.Id("body"), jen.Id("webhook")),
			),
		),
		newRecorder(),
		jen.Id("handler").Call(jen.Id("w"), jen.Id("r")),
		jen.Return(jen.Id("w.Code")),
	)
}
