package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

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

// refuse emits the default error handler. fasthttp's Add replaces a Content-Type and adds every other line:
//
//	func refuse(c *fiber.Ctx, err error) error {
//		answer := core.AnswerTo(err)
//		answer.EachHeader(c.Response().Header.Add)
//		return c.Status(answer.Status).SendString(answer.Body)
//	}
func (v fiberVersion) refuse(f *generator.File, s generator.Spec) {
	f.Doc("refuse sends the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(v.param(), jen.Err().Error()).Error().Block(
		jen.Id("answer").Op(":=").Add(s.Answer()),
		jen.Id("answer.EachHeader").Call(jen.Id("c.Response").Call().Dot("Header").Dot("Add")),
		jen.Return(jen.Id("c.Status").Call(jen.Id("answer.Status")).Dot("SendString").Call(jen.Id("answer.Body"))),
	)
	f.Line()
}

// serveTest emits, with New(v) for s.Minimal:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		app := fiber.New()
//		app.Use(New(Config{Validator: v}))
//		app.Use(func(c *fiber.Ctx) error {
//			webhook, _ := FromCtx(c)
//			handle(c.Body(), webhook)
//			return nil
//		})
//		response, err := app.Test(r, -1)
//		if err != nil {
//			return 0
//		}
//		return response.StatusCode
//	}
func (v fiberVersion) serveTest(f *generator.File, s generator.Spec) {
	argument := jen.Id("Config").Values(jen.Id("Validator").Op(":").Id("v"))
	if s.Minimal {
		argument = jen.Id("v")
	}
	f.ServeTest().Block(
		jen.Id("app").Op(":=").Qual(v.path, "New").Call(),
		jen.Id("app.Use").Call(jen.Id("New").Call(argument)),
		jen.Id("app.Use").Call(jen.Func().Params(v.param()).Error().Block(
			jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id(v.accessor).Call(jen.Id("c")),
			jen.Id("handle").Call(jen.Id("c.Body").Call(), jen.Id("webhook")),
			jen.Return(jen.Nil()),
		)),
		jen.List(jen.Id("response"), jen.Err()).Op(":=").Add(v.test(jen.Id("r"))),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Lit(0))),
		jen.Return(jen.Id("response.StatusCode")),
	)
}
