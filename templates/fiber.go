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
	Imports: map[string]string{fiberPath: "fiber"},
	Emit: func(f *generator.File, _ generator.Spec) {
		f.Handshake()
		webhookKey(f,
			"webhookKey is where the verified webhook is in the Locals: a string, since",
			"contrib/websocket hands no others on to its connections.",
		)
		fiberConfig(f)
		fiberConfigDefault(f)
		fiberNew(f)
		fiberFromCtx(f)
		fiberRequest(f)
		fiberRefuse(f)
	},
}

// fiberCtx is the parameter c *fiber.Ctx.
func fiberCtx() *jen.Statement { return jen.Id("c").Op("*").Qual(fiberPath, "Ctx") }

// fiberConfig emits the type of the configuration:
//
//	type Config struct {
//		Next         func(c *fiber.Ctx) bool
//		Validator    *core.Validator
//		ErrorHandler fiber.ErrorHandler
//	}
func fiberConfig(f *generator.File) {
	f.Doc("Config defines the config for middleware.")
	f.Type().Id("Config").StructFunc(func(g *jen.Group) {
		generator.Doc(g,
			"Next defines a function to skip this middleware when it returns true: a skipped request is",
			"not checked.",
			"",
			"Optional. Default: nil",
		)
		g.Id("Next").Func().Params(fiberCtx()).Bool()
		g.Line()
		generator.Doc(g, "Validator says which requests are signed by Twilio.", "", "Required.")
		g.Id("Validator").Add(validator())
		g.Line()
		generator.Doc(g, "ErrorHandler answers refused requests. Whatever it returns, nil included, the request goes", "no further.", "")
		generator.Doc(g, reasons...)
		generator.Doc(g, "", "Optional. Default: sends that answer and returns nil")
		g.Id("ErrorHandler").Qual(fiberPath, "ErrorHandler")
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

// fiberNew emits the constructor:
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
func fiberNew(f *generator.File) {
	f.Doc(
		"New creates middleware that lets only requests signed by Twilio through. Handlers can read",
		"and parse the body as if nothing had happened, and FromCtx gives them the verified webhook.",
		"Put nothing that reads a streamed body before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics without a Validator.")
	f.Func().Id("New").Params(jen.Id("config").Op("...").Id("Config")).Qual(fiberPath, "Handler").Block(
		jen.Id("cfg").Op(":=").Id("configDefault").Call(jen.Id("config").Op("...")),
		require("cfg.Validator", "fiber: twilio middleware requires a validator"),
		jen.Line(),
		jen.Return(jen.Func().Params(fiberCtx()).Error().BlockFunc(fiberHandler)),
	)
	f.Line()
}

// fiberHandler adds the body of the function literal in New that handles a request.
func fiberHandler(g *jen.Group) {
	g.If(jen.Id("cfg.Next").Op("!=").Nil().Op("&&").Id("cfg.Next").Call(jen.Id("c"))).Block(
		jen.Return(jen.Id("c.Next").Call()),
	)
	g.Line()
	g.Id("streamed").Op(":=").Id("c.Request").Call().Dot("IsBodyStream").Call()
	g.List(jen.Id("webhook"), jen.Err()).Op(":=").Id("cfg.Validator.Validate").Call(jen.Id("request").Call(jen.Id("c")))
	g.If(jen.Err().Op("!=").Nil()).Block(
		jen.If(jen.Id("streamed")).Block(
			jen.Comment("fasthttp would read what is left of the body as the next request. Deferred, so that"),
			jen.Comment("the connection is closed even if the error handler resets the response."),
			jen.Defer().Id("c.Context").Call().Dot("SetConnectionClose").Call(),
		),
		jen.Return(jen.Id("cfg.ErrorHandler").Call(jen.Id("c"), jen.Err())),
	)
	g.Line()
	g.If(jen.Id("streamed")).Block(
		jen.Id("c.Request").Call().Dot("SetBodyRaw").Call(jen.Id("webhook.Body").Call()),
	)
	g.Id("c.Locals").Call(jen.Id("webhookKey"), jen.Id("webhook"))
	g.Return(jen.Id("c.Next").Call())
}

// fiberFromCtx emits the accessor:
//
//	func FromCtx(c *fiber.Ctx) (*core.Webhook, bool) {
//		webhook, ok := c.Locals(webhookKey).(*core.Webhook)
//		return webhook, ok
//	}
func fiberFromCtx(f *generator.File) {
	f.Doc(
		"FromCtx returns the webhook that New's middleware verified, and whether there is one. Unlike",
		"what c returns, it may be kept after the request.",
	)
	f.Func().Id("FromCtx").Params(fiberCtx()).Add(found()).Block(
		jen.List(jen.Id("webhook"), jen.Id("ok")).Op(":=").
			Id("c.Locals").Call(jen.Id("webhookKey")).Assert(jen.Op("*").Add(generator.Core("Webhook"))),
		jen.Return(jen.Id("webhook"), jen.Id("ok")),
	)
	f.Line()
}

// fiberRequest emits what reads a request for the core. It uses none of Fiber's own methods but for the context: c.Method obeys
// overrides, c.Path and c.Hostname are rewritten or forwarded, and c.Body inflates.
//
//	func request(c *fiber.Ctx) *core.Request {
//		header := &c.Request().Header
//		verified, _ := FromCtx(c)
//		r := &core.Request{
//			Context:   c.UserContext(),
//			Method:    string(header.Method()),
//			Target:    string(header.RequestURI()),
//			RawHeader: header.RawHeaders(),
//			Peer:      core.PeerOf(c.Context().RemoteAddr()),
//			TLS:       c.Context().IsTLS(),
//			Verified:  verified,
//		}
//		if c.Request().IsBodyStream() {
//			r.Body = c.Context().RequestBodyStream()
//		} else {
//			r.Buffered = c.Request().Body()
//		}
//		return r
//	}
func fiberRequest(f *generator.File) {
	f.Doc("request holds what came over the wire, not what Fiber makes of it. It is valid for the request alone.")
	f.Func().Id("request").Params(fiberCtx()).Op("*").Add(generator.Core("Request")).Block(
		jen.Id("header").Op(":=").Op("&").Id("c.Request").Call().Dot("Header"),
		jen.List(jen.Id("verified"), jen.Id("_")).Op(":=").Id("FromCtx").Call(jen.Id("c")),
		jen.Id("r").Op(":=").Op("&").Add(generator.Core("Request")).Custom(multiLine,
			jen.Id("Context").Op(":").Id("c.UserContext").Call(),
			jen.Id("Method").Op(":").String().Call(jen.Id("header.Method").Call()),
			jen.Id("Target").Op(":").String().Call(jen.Id("header.RequestURI").Call()),
			jen.Id("RawHeader").Op(":").Id("header.RawHeaders").Call(),
			jen.Id("Peer").Op(":").Add(generator.Core("PeerOf")).Call(jen.Id("c.Context").Call().Dot("RemoteAddr").Call()),
			jen.Id("TLS").Op(":").Id("c.Context").Call().Dot("IsTLS").Call(),
			jen.Id("Verified").Op(":").Id("verified"),
		),
		jen.If(jen.Id("c.Request").Call().Dot("IsBodyStream").Call()).Block(
			jen.Id("r.Body").Op("=").Id("c.Context").Call().Dot("RequestBodyStream").Call(),
		).Else().Block(
			jen.Id("r.Buffered").Op("=").Id("c.Request").Call().Dot("Body").Call(),
		),
		jen.Return(jen.Id("r")),
	)
	f.Line()
}

// fiberRefuse emits the default error handler. fasthttp's Add replaces a Content-Type and adds every other line:
//
//	func refuse(c *fiber.Ctx, err error) error {
//		answer := core.AnswerTo(err)
//		answer.EachHeader(c.Response().Header.Add)
//		return c.Status(answer.Status).SendString(answer.Body)
//	}
func fiberRefuse(f *generator.File) {
	f.Doc("refuse sends the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(fiberCtx(), jen.Err().Error()).Error().Block(
		jen.Id("answer").Op(":=").Add(generator.Core("AnswerTo")).Call(jen.Err()),
		jen.Id("answer.EachHeader").Call(jen.Id("c.Response").Call().Dot("Header").Dot("Add")),
		jen.Return(jen.Id("c.Status").Call(jen.Id("answer.Status")).Dot("SendString").Call(jen.Id("answer.Body"))),
	)
}
