package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const echoPath = "github.com/labstack/echo/v4"

const echoMessage = "echo: twilio middleware requires a validator"

var echo = generator.Template{
	Name:    "echo",
	Doc:     "Echo v4",
	Module:  echoPath,
	Status:  "tested v4.16.0",
	Imports: echoV4.imports(),
	Names:   []string{"webhookKey", "Config", "DefaultConfig", "WithConfig", "Get", "refuse"},
	Emit: func(f *generator.File, s generator.Spec) {
		echoV4.emit(f, s, echoWithConfig)
	},
	EmitTest: echoV4.serveTest,
}

// echoVersion is what the major versions of Echo do differently. The doc comments of its methods show v4.
type echoVersion struct {
	path    string
	context func() *jen.Statement            // the parameter c of a handler
	order   func(err, c jen.Code) []jen.Code // of an error handler's parameters
}

var echoV4 = echoVersion{
	path:    echoPath,
	context: func() *jen.Statement { return jen.Id("c").Qual(echoPath, "Context") },
	order:   func(err, c jen.Code) []jen.Code { return []jen.Code{err, c} },
}

func (v echoVersion) middlewarePath() string { return v.path + "/middleware" }

// imports are those that all versions use, and more of the standard library's.
func (v echoVersion) imports(more ...string) map[string]string {
	imports := map[string]string{v.path: "echo", v.middlewarePath(): "middleware", "io": "io", "net/http/httptest": "httptest"}
	for _, path := range more {
		imports[path] = path
	}
	return imports
}

// emit adds all declarations. withConfig adds the constructor that takes a Config.
func (v echoVersion) emit(f *generator.File, s generator.Spec, withConfig func(f *generator.File)) {
	f.Handshake()
	webhookKey(f, "webhookKey is where the verified webhook is in an echo.Context.")
	if !s.Minimal {
		v.config(f, s)
		v.defaultConfig(f)
	}
	v.constructor(f, s)
	if !s.Minimal {
		withConfig(f)
	}
	v.get(f)
	v.refuse(f, s)
}

// config emits the type of the configuration:
//
//	type Config struct {
//		Skipper      middleware.Skipper
//		Validator    *core.Validator
//		ErrorHandler func(err error, c echo.Context) error
//	}
func (v echoVersion) config(f *generator.File, s generator.Spec) {
	f.Doc("Config defines the config for the middleware.")
	f.Type().Id("Config").StructFunc(func(g *jen.Group) {
		generator.Doc(g,
			"Skipper defines a function to skip the middleware: a skipped request is not checked.",
			"",
			"Optional. Default: middleware.DefaultSkipper, which skips none.",
		)
		g.Id("Skipper").Qual(v.middlewarePath(), "Skipper")
		g.Line()
		generator.Doc(g, "Validator says which requests are signed by Twilio.", "", "Required.")
		g.Id("Validator").Add(validator())
		g.Line()
		generator.Doc(g,
			"ErrorHandler answers refused requests. Whatever it returns, nil included, the next",
			"handler does not run.",
			"",
		)
		generator.Doc(g, reasons(s)...)
		generator.Doc(g, "", "Optional. Default: writes that answer and returns nil.")
		g.Id("ErrorHandler").Func().Params(v.order(jen.Err().Error(), v.context())...).Error()
	})
	f.Line()
}

// defaultConfig emits the default configuration:
//
//	var DefaultConfig = Config{
//		Skipper:      middleware.DefaultSkipper,
//		ErrorHandler: refuse,
//	}
func (v echoVersion) defaultConfig(f *generator.File) {
	f.Doc("DefaultConfig is the default config, which lacks the Validator.")
	f.Var().Id("DefaultConfig").Op("=").Id("Config").Custom(multiLine,
		jen.Id("Skipper").Op(":").Qual(v.middlewarePath(), "DefaultSkipper"),
		jen.Id("ErrorHandler").Op(":").Id("refuse"),
	)
	f.Line()
}

// constructor emits the short constructor:
//
//	func New(v *core.Validator) echo.MiddlewareFunc {
//		config := DefaultConfig
//		config.Validator = v
//		return WithConfig(config)
//	}
func (v echoVersion) constructor(f *generator.File, s generator.Spec) {
	f.Doc(
		"New returns middleware that lets only requests signed by Twilio through. Handlers can bind",
		"and read the body as if nothing had happened, and Get gives them the verified webhook. Put",
		"nothing that reads the body or rewrites the URL before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	constructor := f.Func().Id("New").Params(jen.Id("v").Add(validator())).Qual(v.path, "MiddlewareFunc")
	if s.Minimal {
		constructor.Block(
			require("v", echoMessage),
			jen.Line(),
			jen.Return(v.middleware(func(g *jen.Group) { v.handler(g, "v.ValidateHTTP", "refuse") })),
		)
		f.Line()
		return
	}
	constructor.Block(
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
	f.Func().Id("WithConfig").Params(jen.Id("config").Id("Config")).Qual(echoPath, "MiddlewareFunc").BlockFunc(func(g *jen.Group) {
		g.Add(require("config.Validator", echoMessage))
		echoDefaults(g)
		g.Line()
		g.Return(echoV4.configured())
	})
	f.Line()
}
