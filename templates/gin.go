package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const ginPath = "github.com/gin-gonic/gin"

// gin emits code that compiles from Gin 1.10 on.
var gin = generator.Template{
	Name:    "gin",
	Doc:     "Gin",
	Module:  ginPath,
	Status:  "tested v1.12.0",
	Imports: map[string]string{ginPath: "gin", "io": "io", "net/http/httptest": "httptest"},
	Names:   append([]string{"webhookKey", "Get", "refuse"}, optionNames...),
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		// An untyped constant: keys of a gin.Context are strings up to Gin 1.11, and of any type from 1.12 on.
		webhookKey(f, "webhookKey is where the verified webhook is in a gin.Context.")
		functionalOptions(f, s, ginErrorHandler, "Whatever h does, the request is aborted.")
		ginNew(f, s)
		ginGet(f)
		ginRefuse(f, s)
	},
	EmitTest: ginServeTest,
}

// ginContext is the parameter c *gin.Context.
func ginContext() *jen.Statement { return jen.Id("c").Op("*").Qual(ginPath, "Context") }

// ginErrorHandler is the type func(c *gin.Context, err error).
func ginErrorHandler() *jen.Statement { return jen.Func().Params(ginContext(), jen.Err().Error()) }

// ginNew emits the constructor:
//
//	func New(v *core.Validator, opts ...Option) gin.HandlerFunc {
//		if v == nil {
//			panic("ringfence: the middleware requires a validator")
//		}
//		o := options{errorHandler: refuse}
//		for _, opt := range opts {
//			opt(&o)
//		}
//
//		return func(c *gin.Context) {
//			verified, webhook, err := v.ValidateHTTP(c.Request)
//			if err != nil {
//				c.Abort()
//				o.errorHandler(c, err)
//				return
//			}
//			c.Request = verified
//			c.Set(webhookKey, webhook)
//			c.Next()
//		}
//	}
func ginNew(f *generator.File, s generator.Spec) {
	f.Doc(
		"New returns middleware that lets only requests signed by Twilio through. Handlers can bind",
		"and read the body as if nothing had happened, and Get gives them the verified webhook. Put",
		"nothing that reads the body before it.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	f.Func().Id("New").Params(optionParams(s)...).Qual(ginPath, "HandlerFunc").BlockFunc(func(g *jen.Group) {
		applyOptions(g, s)
		g.Return(ginHandler(s))
	})
	f.Line()
}

// ginHandler is the function literal in New that handles a request.
func ginHandler(s generator.Spec) *jen.Statement {
	return jen.Func().Params(ginContext()).Block(
		jen.List(jen.Id("verified"), jen.Id("webhook"), jen.Err()).Op(":=").Id("v.ValidateHTTP").Call(jen.Id("c.Request")),
		jen.If(jen.Err().Op("!=").Nil()).Block(
			jen.Id("c.Abort").Call().Comment("first, so that no error handler can let the request pass"),
			optionErrorHandler(s).Call(jen.Id("c"), jen.Err()),
			jen.Return(),
		),
		jen.Id("c.Request").Op("=").Id("verified"),
		jen.Id("c.Set").Call(jen.Id("webhookKey"), jen.Id("webhook")),
		jen.Id("c.Next").Call(),
	)
}

// ginGet emits the accessor:
//
//	func Get(c *gin.Context) (*core.Webhook, bool) {
//		value, _ := c.Get(webhookKey)
//		webhook, ok := value.(*core.Webhook)
//		return webhook, ok
//	}
func ginGet(f *generator.File) {
	f.Doc(
		"Get returns the webhook that New's middleware verified, and whether there is one. It may be",
		"kept after the request.",
	)
	f.Func().Id("Get").Params(ginContext()).Add(found()).Block(
		jen.List(jen.Id("value"), jen.Id("_")).Op(":=").Id("c.Get").Call(jen.Id("webhookKey")),
		jen.List(jen.Id("webhook"), jen.Id("ok")).Op(":=").Id("value").Assert(jen.Op("*").Add(generator.Core("Webhook"))),
		jen.Return(jen.Id("webhook"), jen.Id("ok")),
	)
	f.Line()
}

// ginRefuse emits the default error handler. It does not call c.Error, since middleware that renders c.Errors would add to the
// answer:
//
//	func refuse(c *gin.Context, err error) {
//		core.AnswerTo(err).Write(c.Writer)
//	}
func ginRefuse(f *generator.File, s generator.Spec) {
	f.Doc("refuse writes the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(ginContext(), jen.Err().Error()).Block(
		s.Answer().Dot("Write").Call(jen.Id("c.Writer")),
	)
	f.Line()
}

// ginServeTest emits:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		gin.SetMode(gin.ReleaseMode)
//		engine := gin.New()
//		engine.Use(New(v))
//		engine.NoRoute(func(c *gin.Context) {
//			body, _ := io.ReadAll(c.Request.Body)
//			webhook, _ := Get(c)
//			c.Status(http.StatusOK)
//			handle(body, webhook)
//		})
//		w := httptest.NewRecorder()
//		engine.ServeHTTP(w, r)
//		return w.Code
//	}
func ginServeTest(f *generator.File, _ generator.Spec) {
	f.ServeTest().Block(
		jen.Qual(ginPath, "SetMode").Call(jen.Qual(ginPath, "ReleaseMode")),
		jen.Id("engine").Op(":=").Qual(ginPath, "New").Call(),
		jen.Id("engine.Use").Call(jen.Id("New").Call(jen.Id("v"))),
		jen.Id("engine.NoRoute").Call(jen.Func().Params(ginContext()).Block(
			readBody("c.Request.Body"),
			jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id("Get").Call(jen.Id("c")),
			jen.Id("c.Status").Call(jen.Qual("net/http", "StatusOK")),
			jen.Id("handle").Call(jen.Id("body"), jen.Id("webhook")),
		)),
		newRecorder(),
		jen.Id("engine.ServeHTTP").Call(jen.Id("w"), jen.Id("r")),
		jen.Return(jen.Id("w.Code")),
	)
}
