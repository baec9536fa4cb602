package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

// functionalOptions emits the options of frameworks whose constructors are New(v, opts ...Option). handler is the type of their
// error handler, made anew at each call, and promise says in one line what happens whatever the handler does.
func functionalOptions(f *generator.File, handler func() *jen.Statement, promise string) {
	optionTypes(f, handler)
	withErrorHandler(f, handler, promise)
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
func withErrorHandler(f *generator.File, handler func() *jen.Statement, promise string) {
	f.Doc("WithErrorHandler answers refused requests with h instead of plain text.", promise, "")
	f.Doc(reasons...)
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
