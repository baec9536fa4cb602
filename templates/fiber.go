package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const fiberPath = "github.com/gofiber/fiber/v2"

var fiber = generator.Template{
	Name:    "fiber",
	Doc:     "Fiber v2",
	Module:  fiberPath,
	Status:  "tested v2.52.15",
	Imports: map[string]string{fiberPath: "fiber"},
	Names:   []string{"webhookKey", "Config", "ConfigDefault", "configDefault", "FromCtx", "request", "refuse"},
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		webhookKey(f,
			"webhookKey is where the verified webhook is in the Locals: a string, since",
			"contrib/websocket hands no others on to its connections.",
		)
		fiberV2.emit(f, s, fiberFromCtx)
	},
	EmitTest: fiberV2.serveTest,
}

// fiberVersion is what the major versions of Fiber do differently. The doc comments of its methods show v2.
type fiberVersion struct {
	overFasthttp
	path  string
	begin func(g *jen.Group)                    // adds what handles a request before it is validated
	store func() *jen.Statement                 // keeps webhook for the accessor
	shown func() *jen.Statement                 // is what the configured error handler is given for c
	after []string                              // says what becomes of a refused request after it
	test  func(r *jen.Statement) *jen.Statement // sends r to app, without a time limit
}

var fiberV2 = fiberVersion{
	overFasthttp: fiberFacts("FromCtx", "UserContext", "Context", fiberCtx),
	path:         fiberPath,
	begin:        func(*jen.Group) {},
	store:        func() *jen.Statement { return jen.Id("c.Locals").Call(jen.Id("webhookKey"), jen.Id("webhook")) },
	shown:        func() *jen.Statement { return jen.Id("c") },
	after: []string{
		"ErrorHandler answers refused requests. It must not call c.Next, with which Fiber would run the",
		"next handler: Fiber cannot abort. Whatever it returns, nil included, the request goes no further.",
	},
	test: func(r *jen.Statement) *jen.Statement { return jen.Id("app.Test").Call(r, jen.Lit(-1)) },
}

// fiberCtx is the parameter c *fiber.Ctx.
func fiberCtx() *jen.Statement { return jen.Id("c").Op("*").Qual(fiberPath, "Ctx") }

// fiberFacts names what the middleware reads of a request. context and ctx are methods of c.
func fiberFacts(accessor, context, ctx string, param func() *jen.Statement) overFasthttp {
	method := func(name string) func() *jen.Statement {
		return func() *jen.Statement { return jen.Id("c").Dot(name).Call() }
	}
	return overFasthttp{
		framework: "Fiber", param: param, name: "c", accessor: accessor,
		request: method("Request"), ctx: method(ctx), context: method(context),
	}
}

// emit adds all declarations but for the key of the verified webhook. accessor adds what fetches it.
func (v fiberVersion) emit(f *generator.File, s generator.Spec, accessor func(f *generator.File)) {
	if !s.Minimal {
		v.config(f, s)
		fiberConfigDefault(f)
	}
	v.constructor(f, s)
	accessor(f)
	v.overFasthttp.emit(f)
	v.refuse(f, s)
}

// config emits the type of the configuration:
//
//	type Config struct {
//		Next         func(c *fiber.Ctx) bool
//		Validator    *core.Validator
//		ErrorHandler fiber.ErrorHandler
//	}
func (v fiberVersion) config(f *generator.File, s generator.Spec) {
	f.Doc("Config defines the config for middleware.")
	f.Type().Id("Config").StructFunc(func(g *jen.Group) {
		generator.Doc(g,
			"Next defines a function to skip this middleware when it returns true: a skipped request is",
			"not checked.",
			"",
			"Optional. Default: nil",
		)
		g.Id("Next").Func().Params(v.param()).Bool()
		g.Line()
		generator.Doc(g, "Validator says which requests are signed by Twilio.", "", "Required.")
		g.Id("Validator").Add(validator())
		g.Line()
		generator.Doc(g, append(v.after, "")...)
		generator.Doc(g, reasons(s)...)
		generator.Doc(g, "", "Optional. Default: sends that answer and returns nil")
		g.Id("ErrorHandler").Qual(v.path, "ErrorHandler")
	})
	f.Line()
}

// fiberConfigDefault emits the default configuration and what applies it:
//
//	var ConfigDefault = Config{
//		ErrorHandler: refuse,
//	}
//
//	func configDefault(config ...Config) Config {
//		if len(config) < 1 {
//			return ConfigDefault
//		}
//		cfg := config[0]
//		if cfg.ErrorHandler == nil {
//			cfg.ErrorHandler = ConfigDefault.ErrorHandler
//		}
//		return cfg
//	}
func fiberConfigDefault(f *generator.File) {
	f.Doc("ConfigDefault is the default config, which lacks the Validator.")
	f.Var().Id("ConfigDefault").Op("=").Id("Config").Custom(multiLine, jen.Id("ErrorHandler").Op(":").Id("refuse"))
	f.Line()
	f.Doc("configDefault sets what the config leaves out.")
	f.Func().Id("configDefault").Params(jen.Id("config").Op("...").Id("Config")).Id("Config").Block(
		jen.If(jen.Len(jen.Id("config")).Op("<").Lit(1)).Block(jen.Return(jen.Id("ConfigDefault"))),
		jen.Id("cfg").Op(":=").Id("config").Index(jen.Lit(0)),
		orDefault("cfg.ErrorHandler", "ConfigDefault.ErrorHandler"),
		jen.Return(jen.Id("cfg")),
	)
	f.Line()
}

// constructor emits:
//
//	func New(config ...Config) fiber.Handler {
//		cfg := configDefault(config...)
//		if cfg.Validator == nil {
//			panic("fiber: twilio middleware requires a validator")
//		}
//
//		return func(c *fiber.Ctx) error {
//			if cfg.Next != nil && cfg.Next(c) {
//				return c.Next()
//			}
//
//			streamed := c.Request().IsBodyStream()
//			webhook, err := cfg.Validator.Validate(request(c))
//			if err != nil {
//				if streamed {
//					defer c.Context().SetConnectionClose()
//				}
//				return cfg.ErrorHandler(c, err)
//			}
//
//			if streamed {
//				c.Request().SetBodyRaw(webhook.Body())
//			}
//			c.Locals(webhookKey, webhook)
//			return c.Next()
//		}
//	}
func (v fiberVersion) constructor(f *generator.File, s generator.Spec) {
	f.Doc(
		"New creates middleware that lets only requests signed by Twilio through. Handlers can read",
		"and parse the body as if nothing had happened, and "+v.accessor+" gives them the verified webhook.",
		"Put nothing that reads a streamed body before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics without a validator.")
	const message = "fiber: twilio middleware requires a validator"
	if s.Minimal {
		f.Func().Id("New").Params(jen.Id("v").Add(validator())).Qual(v.path, "Handler").Block(
			require("v", message),
			jen.Line(),
			jen.Return(jen.Func().Params(v.param()).Error().BlockFunc(func(g *jen.Group) { v.handler(g, "v.Validate", "refuse", jen.Id("c")) })),
		)
		f.Line()
		return
	}
	f.Func().Id("New").Params(jen.Id("config").Op("...").Id("Config")).Qual(v.path, "Handler").Block(
		jen.Id("cfg").Op(":=").Id("configDefault").Call(jen.Id("config").Op("...")),
		require("cfg.Validator", message),
		jen.Line(),
		jen.Return(jen.Func().Params(v.param()).Error().BlockFunc(func(g *jen.Group) {
			g.If(jen.Id("cfg.Next").Op("!=").Nil().Op("&&").Id("cfg.Next").Call(jen.Id("c"))).Block(
				jen.Return(jen.Id("c.Next").Call()),
			)
			g.Line()
			v.handler(g, "cfg.Validator.Validate", "cfg.ErrorHandler", v.shown())
		})),
	)
	f.Line()
}

// handler adds what handles a request in the function literal of New. shown is what errorHandler is given for c.
func (v fiberVersion) handler(g *jen.Group, validate, errorHandler string, shown jen.Code) {
	v.begin(g)
	g.Add(v.streamed())
	g.List(jen.Id("webhook"), jen.Err()).Op(":=").Id(validate).Call(jen.Id("request").Call(jen.Id("c")))
	g.If(jen.Err().Op("!=").Nil()).Block(
		v.close(),
		jen.Return(jen.Id(errorHandler).Call(shown, jen.Err())),
	)
	g.Line()
	g.Add(v.giveBack())
	g.Add(v.store())
	g.Return(jen.Id("c.Next").Call())
}
