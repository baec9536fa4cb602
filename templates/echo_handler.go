package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

// echoDefaults adds what fills the fields that a config leaves out.
func echoDefaults(g *jen.Group) {
	g.Add(orDefault("config.Skipper", "DefaultConfig.Skipper"))
	g.Add(orDefault("config.ErrorHandler", "DefaultConfig.ErrorHandler"))
}

// configured is the middleware that obeys config.
func (v echoVersion) configured() *jen.Statement {
	return v.middleware(func(g *jen.Group) {
		g.If(jen.Id("config.Skipper").Call(jen.Id("c"))).Block(
			jen.Return(jen.Id("next").Call(jen.Id("c"))),
		)
		g.Line()
		v.handler(g, "config.Validator.ValidateHTTP", "config.ErrorHandler")
	})
}

// middleware is the middleware, in which handler adds what handles a request:
//
//	func(next echo.HandlerFunc) echo.HandlerFunc {
//		return func(c echo.Context) error {
func (v echoVersion) middleware(handler func(g *jen.Group)) *jen.Statement {
	return jen.Func().Params(jen.Id("next").Qual(v.path, "HandlerFunc")).Qual(v.path, "HandlerFunc").Block(
		jen.Return(jen.Func().Params(v.context()).Error().BlockFunc(handler)),
	)
}

// handler adds what validates a request, and passes it on or refuses it.
func (v echoVersion) handler(g *jen.Group, validate, errorHandler string) {
	g.List(jen.Id("verified"), jen.Id("webhook"), jen.Err()).Op(":=").Id(validate).Call(jen.Id("c.Request").Call())
	g.If(jen.Err().Op("!=").Nil()).Block(
		jen.Return(jen.Id(errorHandler).Call(v.order(jen.Err(), jen.Id("c"))...)),
	)
	g.Line()
	g.Id("c.SetRequest").Call(jen.Id("verified"))
	g.Id("c.Set").Call(jen.Id("webhookKey"), jen.Id("webhook"))
	g.Return(jen.Id("next").Call(jen.Id("c")))
}

// get emits the accessor:
//
//	func Get(c echo.Context) (*core.Webhook, bool) {
//		webhook, ok := c.Get(webhookKey).(*core.Webhook)
//		return webhook, ok
//	}
func (v echoVersion) get(f *generator.File) {
	f.Doc(
		"Get returns the webhook that the middleware verified, and whether there is one. It may be",
		"kept after the request.",
	)
	f.Func().Id("Get").Params(v.context()).Add(found()).Block(
		jen.List(jen.Id("webhook"), jen.Id("ok")).Op(":=").
			Id("c.Get").Call(jen.Id("webhookKey")).Assert(jen.Op("*").Add(generator.Core("Webhook"))),
		jen.Return(jen.Id("webhook"), jen.Id("ok")),
	)
	f.Line()
}

// refuse emits the default error handler:
//
//	func refuse(err error, c echo.Context) error {
//		core.AnswerTo(err).Write(c.Response())
//		return nil
//	}
func (v echoVersion) refuse(f *generator.File, s generator.Spec) {
	f.Doc("refuse writes the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(v.order(jen.Err().Error(), v.context())...).Error().Block(
		s.Answer().Dot("Write").Call(jen.Id("c.Response").Call()),
		jen.Return(jen.Nil()),
	)
	f.Line()
}

// serveTest emits:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		e := echo.New()
//		e.Pre(New(v))
//		e.RouteNotFound("/*", func(c echo.Context) error {
//			body, _ := io.ReadAll(c.Request().Body)
//			webhook, _ := Get(c)
//			handle(body, webhook)
//			return nil
//		})
//		w := httptest.NewRecorder()
//		e.ServeHTTP(w, r)
//		return w.Code
//	}
func (v echoVersion) serveTest(f *generator.File, _ generator.Spec) {
	f.ServeTest().Block(
		jen.Id("e").Op(":=").Qual(v.path, "New").Call(),
		jen.Id("e.Pre").Call(jen.Id("New").Call(jen.Id("v"))),
		jen.Id("e.RouteNotFound").Call(jen.Lit("/*"), jen.Func().Params(v.context()).Error().Block(
			jen.List(jen.Id("body"), jen.Id("_")).Op(":=").Qual("io", "ReadAll").Call(jen.Id("c.Request").Call().Dot("Body")),
			jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id("Get").Call(jen.Id("c")),
			jen.Id("handle").Call(jen.Id("body"), jen.Id("webhook")),
			jen.Return(jen.Nil()),
		)),
		newRecorder(),
		jen.Id("e.ServeHTTP").Call(jen.Id("w"), jen.Id("r")),
		jen.Return(jen.Id("w.Code")),
	)
}
