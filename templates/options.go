package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

// optionNames are the names that functionalOptions declares.
var optionNames = []string{"Option", "options", "WithErrorHandler"}

// functionalOptions emits the options of frameworks whose constructors are New(v, opts ...Option), unless s.Minimal leaves them out.
// handler is the type of their error handler, made anew at each call, and promise says in one line what happens whatever the
// handler does.
func functionalOptions(f *generator.File, s generator.Spec, handler func() *jen.Statement, promise string) {
	if s.Minimal {
		return
	}
	optionTypes(f, handler)
	withErrorHandler(f, s, handler, promise)
}

// optionParams are the parameters of New: v *core.Validator, opts ...Option.
func optionParams(s generator.Spec) []jen.Code {
	params := []jen.Code{jen.Id("v").Add(validator())}
	if !s.Minimal {
		params = append(params, jen.Id("opts").Op("...").Id("Option"))
	}
	return params
}

// applyOptions adds the beginning of New's body:
//
//	if v == nil {
//		panic("ringfence: the middleware requires a validator")
//	}
//	o := options{errorHandler: refuse}
//	for _, opt := range opts {
//		opt(&o)
//	}
func applyOptions(g *jen.Group, s generator.Spec) {
	g.Add(require("v", "ringfence: the middleware requires a validator"))
	if !s.Minimal {
		g.Id("o").Op(":=").Id("options").Values(jen.Id("errorHandler").Op(":").Id("refuse"))
		g.For(jen.List(jen.Id("_"), jen.Id("opt")).Op(":=").Range().Id("opts")).Block(
			jen.Id("opt").Call(jen.Op("&").Id("o")),
		)
	}
	g.Line()
}

// optionErrorHandler is what answers a refused request: o.errorHandler, or refuse where there are no options.
func optionErrorHandler(s generator.Spec) *jen.Statement {
	if s.Minimal {
		return jen.Id("refuse")
	}
	return jen.Id("o.errorHandler")
}

// type Option func(*options)
//
//	type options struct {
//		errorHandler HANDLER
//	}
func optionTypes(f *generator.File, handler func() *jen.Statement) {
	f.Doc("Option changes what New returns.")
	f.Type().Id("Option").Func().Params(jen.Op("*").Id("options"))
	f.Line()
	f.Type().Id("options").Struct(jen.Id("errorHandler").Add(handler()))
	f.Line()
}

// withErrorHandler emits the one option:
//
//	func WithErrorHandler(h HANDLER) Option {
//		return func(o *options) {
//			if h != nil {
//				o.errorHandler = h
//			}
//		}
//	}
func withErrorHandler(f *generator.File, s generator.Spec, handler func() *jen.Statement, promise string) {
	f.Doc("WithErrorHandler answers refused requests with h instead of "+answerKind(s)+".", promise, "")
	f.Doc(reasons(s)...)
	f.Doc("", "A nil h keeps the default.")
	f.Func().Id("WithErrorHandler").Params(jen.Id("h").Add(handler())).Id("Option").Block(
		jen.Return(jen.Func().Params(jen.Id("o").Op("*").Id("options")).Block(
			jen.If(jen.Id("h").Op("!=").Nil()).Block(
				jen.Id("o.errorHandler").Op("=").Id("h"),
			),
		)),
	)
	f.Line()
}
