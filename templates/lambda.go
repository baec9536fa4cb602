package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const lambdaEventsPath = "github.com/aws/aws-lambda-go/events"

// lambda emits one decorator for each kind of event, since their types differ.
var lambda = generator.Template{
	Name:   "lambda",
	Doc:    "AWS Lambda: Function URL, HTTP API, REST API and ALB events",
	Module: "github.com/aws/aws-lambda-go",
	Imports: map[string]string{
		lambdaEventsPath: "events", "context": "context", "encoding/base64": "base64", "errors": "errors", "io": "io",
		"net/http": "http", "net/url": "url", "sort": "sort", "strings": "strings",
	},
	Names: append([]string{
		"contextKey", "Middleware", "FunctionURLHandler", "HTTPAPIHandler", "RESTAPIHandler", "ALBHandler", "FromContext",
		"refuse", "target", "orderedQuery", "lists", "header", "body", "headerLines",
	}, optionNames...),
	Emit: func(f *generator.File, s generator.Spec) {
		f.Handshake()
		lambdaContextKey(f)
		functionalOptions(f, s, lambdaErrorHandler, "Whatever h returns, the next handler does not run.")
		lambdaMiddleware(f, s)
		lambdaNew(f, s)
		for _, kind := range lambdaKinds {
			kind.decorator(f)
		}
		lambdaCheck(f, s)
		lambdaFromContext(f)
		lambdaRefuse(f, s)
		lambdaTarget(f)
		lambdaOrderedQuery(f)
		lambdaListsOf(f)
		lambdaHeader(f)
		lambdaBody(f)
		lambdaHeaderLines(f)
	},
	EmitTest: lambdaServeTest,
}

// lambdaErrorHandler is the type func(ctx context.Context, err error) core.Answer.
func lambdaErrorHandler() *jen.Statement {
	return jen.Func().Params(jen.Id("ctx").Qual("context", "Context"), jen.Err().Error()).Add(generator.Core("Answer"))
}

// lambdaContextKey emits:
//
//	type contextKey struct{}
func lambdaContextKey(f *generator.File) {
	f.Doc("contextKey is where the verified webhook is in a context.")
	f.Type().Id("contextKey").Struct()
	f.Line()
}

// lambdaMiddleware emits the type, which for s.Minimal has no errorHandler:
//
//	type Middleware struct {
//		validator    *core.Validator
//		errorHandler func(ctx context.Context, err error) core.Answer
//	}
func lambdaMiddleware(f *generator.File, s generator.Spec) {
	f.Doc(
		"Middleware decorates handlers, so that only requests signed by Twilio reach them. New makes",
		"one; its zero value is of no use.",
	)
	f.Type().Id("Middleware").StructFunc(func(g *jen.Group) {
		g.Id("validator").Add(validator())
		if !s.Minimal {
			g.Id("errorHandler").Add(lambdaErrorHandler())
		}
	})
	f.Line()
}

// lambdaNew emits the constructor:
//
//	func New(v *core.Validator, opts ...Option) *Middleware {
//		if v == nil {
//			panic("ringfence: the middleware requires a validator")
//		}
//		o := options{errorHandler: refuse}
//		for _, opt := range opts {
//			opt(&o)
//		}
//
//		return &Middleware{validator: v, errorHandler: o.errorHandler}
//	}
func lambdaNew(f *generator.File, s generator.Spec) {
	f.Doc(
		"New returns what decorates handlers of HTTP events. They get the event as it came, and",
		"FromContext gives them the verified webhook. A refused request is answered with a response",
		"and a nil error.",
		"",
	)
	f.Doc(statuses...)
	f.Doc("", "New panics if v is nil.")
	f.Func().Id("New").Params(optionParams(s)...).Op("*").Id("Middleware").BlockFunc(func(g *jen.Group) {
		applyOptions(g, s)
		fields := []jen.Code{jen.Id("validator").Op(":").Id("v")}
		if !s.Minimal {
			fields = append(fields, jen.Id("errorHandler").Op(":").Id("o.errorHandler"))
		}
		g.Return(jen.Op("&").Id("Middleware").Values(fields...))
	})
	f.Line()
}

// lambdaCheck emits what all decorators share, with refuse(ctx, err) for s.Minimal:
//
//	func (m *Middleware) check(r *core.Request, hint string) (context.Context, *core.Answer) {
//		r.Verified, _ = FromContext(r.Context)
//		webhook, err := m.validator.Validate(r)
//		if err == nil {
//			return context.WithValue(r.Context, contextKey{}, webhook), nil
//		}
//		var refusal *core.Error
//		if hint != "" && errors.As(err, &refusal) && refusal.Reason == core.ErrSignature {
//			refusal.Detail = hint
//		}
//		answer := m.errorHandler(r.Context, err)
//		return nil, &answer
//	}
func lambdaCheck(f *generator.File, s generator.Spec) {
	errorHandler := "m.errorHandler"
	if s.Minimal {
		errorHandler = "refuse"
	}
	f.Doc(
		"check returns the context for the next handler, or the answer to a refused request. hint says",
		"why the signature of a genuine request may not match.",
	)
	f.Func().Params(jen.Id("m").Op("*").Id("Middleware")).Id("check").
		Params(jen.Id("r").Op("*").Add(generator.Core("Request")), jen.Id("hint").String()).
		Params(jen.Qual("context", "Context"), jen.Op("*").Add(generator.Core("Answer"))).Block(
		jen.List(jen.Id("r.Verified"), jen.Id("_")).Op("=").Id("FromContext").Call(jen.Id("r.Context")),
		jen.List(jen.Id("webhook"), jen.Err()).Op(":=").Id("m.validator.Validate").Call(jen.Id("r")),
		jen.If(jen.Err().Op("==").Nil()).Block(jen.Return(
			jen.Qual("context", "WithValue").Call(jen.Id("r.Context"), jen.Id("contextKey").Values(), jen.Id("webhook")),
			jen.Nil(),
		)),
		jen.Var().Id("refusal").Op("*").Add(generator.Core("Error")),
		jen.If(
			jen.Id("hint").Op("!=").Lit("").Op("&&").Qual("errors", "As").Call(jen.Err(), jen.Op("&").Id("refusal")).
				Op("&&").Id("refusal.Reason").Op("==").Add(generator.Core("ErrSignature")),
		).Block(jen.Id("refusal.Detail").Op("=").Id("hint")),
		jen.Id("answer").Op(":=").Id(errorHandler).Call(jen.Id("r.Context"), jen.Err()),
		jen.Return(jen.Nil(), jen.Op("&").Id("answer")),
	)
	f.Line()
}

// lambdaFromContext emits the accessor:
//
//	func FromContext(ctx context.Context) (*core.Webhook, bool) {
//		webhook, ok := ctx.Value(contextKey{}).(*core.Webhook)
//		return webhook, ok
//	}
func lambdaFromContext(f *generator.File) {
	f.Doc(
		"FromContext returns the webhook that New's middleware verified, and whether there is one. It",
		"may be kept after the request.",
	)
	f.Func().Id("FromContext").Params(jen.Id("ctx").Qual("context", "Context")).Add(found()).Block(
		jen.List(jen.Id("webhook"), jen.Id("ok")).Op(":=").
			Id("ctx.Value").Call(jen.Id("contextKey").Values()).Assert(jen.Op("*").Add(generator.Core("Webhook"))),
		jen.Return(jen.Id("webhook"), jen.Id("ok")),
	)
	f.Line()
}

// lambdaRefuse emits the default error handler:
//
//	func refuse(_ context.Context, err error) core.Answer {
//		return core.AnswerTo(err)
//	}
func lambdaRefuse(f *generator.File, s generator.Spec) {
	f.Doc("refuse returns the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(jen.Id("_").Qual("context", "Context"), jen.Err().Error()).Add(generator.Core("Answer")).Block(
		jen.Return(s.Answer()),
	)
	f.Line()
}
