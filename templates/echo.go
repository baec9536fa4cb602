package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const (
	echoPath           = "github.com/labstack/echo/v4"
	echoMiddlewarePath = echoPath + "/middleware"
)

var echo = generator.Template{
	Name:    "echo",
	Doc:     "Echo v4",
	Module:  echoPath,
	Imports: map[string]string{echoPath: "echo", echoMiddlewarePath: "middleware"},
	Emit: func(f *generator.File, _ generator.Spec) {
		f.Handshake()
		webhookKey(f, "webhookKey is where the verified webhook is in an echo.Context.")
		echoConfig(f)
		echoDefaultConfig(f)
		echoNew(f)
		echoWithConfig(f)
		echoGet(f)
		echoRefuse(f)
	},
}

// echoContext is the parameter c echo.Context.
func echoContext() *jen.Statement { return jen.Id("c").Qual(echoPath, "Context") }

// echoConfig emits the type of the configuration:
//
//	type Config struct {
//		Skipper      middleware.Skipper
//		Validator    *core.Validator
//		ErrorHandler func(err error, c echo.Context) error
//	}
func echoConfig(f *generator.File) {
	f.Doc("Config defines the config for the middleware.")
	f.Type().Id("Config").StructFunc(func(g *jen.Group) {
		generator.Doc(g,
			"Skipper defines a function to skip the middleware: a skipped request is not checked.",
			"",
			"Optional. Default: middleware.DefaultSkipper, which skips none.",
		)
		g.Id("Skipper").Qual(echoMiddlewarePath, "Skipper")
		g.Line()
		generator.Doc(g, "Validator says which requests are signed by Twilio.", "", "Required.")
		g.Id("Validator").Add(validator())
		g.Line()
		generator.Doc(g,
			"ErrorHandler answers refused requests. Whatever it returns, nil included, the next",
			"handler does not run.",
			"",
		)
		generator.Doc(g, reasons...)
		generator.Doc(g, "", "Optional. Default: writes that answer and returns nil.")
		g.Id("ErrorHandler").Func().Params(jen.Err().Error(), echoContext()).Error()
	})
	f.Line()
}

// echoDefaultConfig emits the default configuration:
//
//	var DefaultConfig = Config{
//		Skipper:      middleware.DefaultSkipper,
//		ErrorHandler: refuse,
//	}
func echoDefaultConfig(f *generator.File) {
	f.Doc("DefaultConfig is the default config, which lacks the Validator.")
	f.Var().Id("DefaultConfig").Op("=").Id("Config").Custom(multiLine,
		jen.Id("Skipper").Op(":").Qual(echoMiddlewarePath, "DefaultSkipper"),
		jen.Id("ErrorHandler").Op(":").Id("refuse"),
	)
	f.Line()
}

// echoNew emits the short constructor:
//
//	func New(v *core.Validator) echo.MiddlewareFunc {
//		config := DefaultConfig
//		config.Validator = v
//		return WithConfig(config)
//	}
func echoNew(f *generator.File) {
	f.Doc(
		"New returns middleware that lets only requests signed by Twilio through. Handlers can bind",
		"and read the body as if nothing had happened, and Get gives them the verified webhook. Put",
		"nothing that reads the body or rewrites the URL before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	f.Func().Id("New").Params(jen.Id("v").Add(validator())).Qual(echoPath, "MiddlewareFunc").Block(
		jen.Id("config").Op(":=").Id("DefaultConfig"),
		jen.Id("config.Validator").Op("=").Id("v"),
		jen.Return(jen.Id("WithConfig").Call(jen.Id("config"))),
	)
	f.Line()
}

// echoWithConfig emits the constructor:
//
//	func WithConfig(config Config) echo.MiddlewareFunc {
//		if config.Validator == nil {
//			panic("echo: twilio middleware requires a validator")
//		}
//		if config.Skipper == nil {
//			config.Skipper = DefaultConfig.Skipper
//		}
//		if config.ErrorHandler == nil {
//			config.ErrorHandler = DefaultConfig.ErrorHandler
//		}
//
//		return func(next echo.HandlerFunc) echo.HandlerFunc {
//			return func(c echo.Context) error {
//				if config.Skipper(c) {
//					return next(c)
//				}
//
//				verified, webhook, err := config.Validator.ValidateHTTP(c.Request())
//				if err != nil {
//					return config.ErrorHandler(err, c)
//				}
//
//				c.SetRequest(verified)
//				c.Set(webhookKey, webhook)
//				return next(c)
//			}
//		}
//	}
func echoWithConfig(f *generator.File) {
	f.Doc("WithConfig is New with a config. It panics if config.Validator is nil.")
	f.Func().Id("WithConfig").Params(jen.Id("config").Id("Config")).Qual(echoPath, "MiddlewareFunc").Block(
		require("config.Validator", "echo: twilio middleware requires a validator"),
		orDefault("config.Skipper", "DefaultConfig.Skipper"),
		orDefault("config.ErrorHandler", "DefaultConfig.ErrorHandler"),
		jen.Line(),
		jen.Return(
			jen.Func().Params(jen.Id("next").Qual(echoPath, "HandlerFunc")).Qual(echoPath, "HandlerFunc").Block(
				jen.Return(echoHandler()),
			),
		),
	)
	f.Line()
}

// echoHandler is the function literal in WithConfig that handles a request.
func echoHandler() *jen.Statement {
	return jen.Func().Params(echoContext()).Error().Block(
		jen.If(jen.Id("config.Skipper").Call(jen.Id("c"))).Block(
			jen.Return(jen.Id("next").Call(jen.Id("c"))),
		),
		jen.Line(),
		jen.List(jen.Id("verified"), jen.Id("webhook"), jen.Err()).Op(":=").
			Id("config.Validator.ValidateHTTP").Call(jen.Id("c.Request").Call()),
		jen.If(jen.Err().Op("!=").Nil()).Block(
			jen.Return(jen.Id("config.ErrorHandler").Call(jen.Err(), jen.Id("c"))),
		),
		jen.Line(),
		jen.Id("c.SetRequest").Call(jen.Id("verified")),
		jen.Id("c.Set").Call(jen.Id("webhookKey"), jen.Id("webhook")),
		jen.Return(jen.Id("next").Call(jen.Id("c"))),
	)
}

// echoGet emits the accessor:
//
//	func Get(c echo.Context) (*core.Webhook, bool) {
//		webhook, ok := c.Get(webhookKey).(*core.Webhook)
//		return webhook, ok
//	}
func echoGet(f *generator.File) {
	f.Doc(
		"Get returns the webhook that the middleware verified, and whether there is one. It may be",
		"kept after the request.",
	)
	f.Func().Id("Get").Params(echoContext()).Add(found()).Block(
		jen.List(jen.Id("webhook"), jen.Id("ok")).Op(":=").
			Id("c.Get").Call(jen.Id("webhookKey")).Assert(jen.Op("*").Add(generator.Core("Webhook"))),
		jen.Return(jen.Id("webhook"), jen.Id("ok")),
	)
	f.Line()
}

// echoRefuse emits the default error handler:
//
//	func refuse(err error, c echo.Context) error {
//		core.AnswerTo(err).Write(c.Response())
//		return nil
//	}
func echoRefuse(f *generator.File) {
	f.Doc("refuse writes the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(jen.Err().Error(), echoContext()).Error().Block(
		generator.Core("AnswerTo").Call(jen.Err()).Dot("Write").Call(jen.Id("c.Response").Call()),
		jen.Return(jen.Nil()),
	)
}
