package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const echov5Path = "github.com/labstack/echo/v5"

var echov5 = generator.Template{
	Name:    "echov5",
	Doc:     "Echo v5",
	Module:  echov5Path,
	Status:  "tested v5.3.1",
	Imports: echoV5.imports("errors"),
	Names:   []string{"webhookKey", "Config", "DefaultConfig", "WithConfig", "Get", "refuse"},
	Emit: func(f *generator.File, s generator.Spec) {
		echoV5.emit(f, s, echov5WithConfig)
	},
	EmitTest: echoV5.serveTest,
}

var echoV5 = echoVersion{
	path:    echov5Path,
	context: func() *jen.Statement { return jen.Id("c").Op("*").Qual(echov5Path, "Context") },
	order:   func(err, c jen.Code) []jen.Code { return []jen.Code{c, err} },
}

// echov5WithConfig emits the constructors that take a Config:
//
//	func WithConfig(config Config) echo.MiddlewareFunc {
//		mw, err := config.ToMiddleware()
//		if err != nil {
//			panic(err)
//		}
//		return mw
//	}
//
//	func (config Config) ToMiddleware() (echo.MiddlewareFunc, error) {
//		if config.Validator == nil {
//			return nil, errors.New("echo: twilio middleware requires a validator")
//		}
//		if config.Skipper == nil {
//			config.Skipper = DefaultConfig.Skipper
//		}
//		if config.ErrorHandler == nil {
//			config.ErrorHandler = DefaultConfig.ErrorHandler
//		}
//
//		return func(next echo.HandlerFunc) echo.HandlerFunc {
//			return func(c *echo.Context) error {
//				if config.Skipper(c) {
//					return next(c)
//				}
//
//				verified, webhook, err := config.Validator.ValidateHTTP(c.Request())
//				if err != nil {
//					return config.ErrorHandler(c, err)
//				}
//
//				c.SetRequest(verified)
//				c.Set(webhookKey, webhook)
//				return next(c)
//			}
//		}, nil
//	}
func echov5WithConfig(f *generator.File) {
	f.Doc("WithConfig is New with a config. It panics if config.Validator is nil.")
	f.Func().Id("WithConfig").Params(jen.Id("config").Id("Config")).Qual(echov5Path, "MiddlewareFunc").Block(
		jen.List(jen.Id("mw"), jen.Err()).Op(":=").Id("config.ToMiddleware").Call(),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Panic(jen.Err())),
		jen.Return(jen.Id("mw")),
	)
	f.Line()
	f.Doc("ToMiddleware returns the middleware, or an error if config.Validator is nil.")
	f.Func().Params(jen.Id("config").Id("Config")).Id("ToMiddleware").Params().
		Params(jen.Qual(echov5Path, "MiddlewareFunc"), jen.Error()).BlockFunc(func(g *jen.Group) {
		g.If(jen.Id("config.Validator").Op("==").Nil()).Block(
			jen.Return(jen.Nil(), jen.Qual("errors", "New").Call(jen.Lit(echoMessage))),
		)
		echoDefaults(g)
		g.Line()
		g.Return(echoV5.configured(), jen.Nil())
	})
	f.Line()
}
