package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

const lambdaEventsPath = "github.com/aws/aws-lambda-go/events"

// lambda emits one decorator for each kind of event, since their types differ. It is longer than the other templates: there are four
// kinds, and where a framework has a request with a header, a target and a body, their events have maps and strings, of which each kind
// has lost something else.
var lambda = generator.Template{
	Name:   "lambda",
	Doc:    "AWS Lambda: Function URL, HTTP API, REST API and ALB events",
	Module: "github.com/aws/aws-lambda-go",
	Status: "bridged v1.55.1",
	Imports: map[string]string{
		lambdaEventsPath: "events", "cmp": "cmp", "context": "context", "encoding/base64": "base64", "io": "io", "maps": "maps",
		"net": "net", "net/http": "http", "net/url": "url", "slices": "slices", "strings": "strings",
	},
	Names: append([]string{
		"contextKey", "Middleware", "FunctionURLHandler", "HTTPAPIHandler", "RESTAPIHandler", "ALBHandler", "FromContext",
		"decorate", "refuse", "target", "orderedQuery", "lists", "header", "body", "headerLines",
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
		lambdaDecorate(f, s)
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

// lambdaDecorate emits what all decorators share, which for s.Minimal responds to refuse(ctx, err):
//
//	func decorate[Event, Response any](
//		m *Middleware,
//		next func(context.Context, Event) (Response, error),
//		read func(event Event) *core.Request,
//		respond func(answer core.Answer) Response,
//	) func(context.Context, Event) (Response, error) {
//		return func(ctx context.Context, event Event) (Response, error) {
//			r := read(event)
//			r.Context = ctx
//			r.Verified, _ = FromContext(ctx)
//			webhook, err := m.validator.Validate(r)
//			if err != nil {
//				answer := m.errorHandler(ctx, err)
//				answer.Status = cmp.Or(answer.Status, http.StatusForbidden)
//				return respond(answer), nil
//			}
//			return next(context.WithValue(ctx, contextKey{}, webhook), event)
//		}
//	}
func lambdaDecorate(f *generator.File, s generator.Spec) {
	handler := func() *jen.Statement {
		return jen.Func().Params(jen.Qual("context", "Context"), jen.Id("Event")).Params(jen.Id("Response"), jen.Error())
	}
	refusal := []jen.Code{
		jen.Id("answer").Op(":=").Id("m.errorHandler").Call(jen.Id("ctx"), jen.Err()),
		jen.Id("answer.Status").Op("=").Qual("cmp", "Or").Call(jen.Id("answer.Status"), jen.Qual("net/http", "StatusForbidden")),
		jen.Return(jen.Id("respond").Call(jen.Id("answer")), jen.Nil()),
	}
	if s.Minimal {
		refusal = []jen.Code{jen.Return(jen.Id("respond").Call(jen.Id("refuse").Call(jen.Id("ctx"), jen.Err())), jen.Nil())}
	}
	f.Doc(
		"decorate lets next have the events that m's validator accepts as read reads them, and responds to",
		"the others.",
	)
	f.Func().Id("decorate").Types(jen.List(jen.Id("Event"), jen.Id("Response")).Any()).Custom(
		jen.Options{Open: "(", Close: ")", Separator: ",", Multi: true},
		jen.Id("m").Op("*").Id("Middleware"),
		jen.Id("next").Add(handler()),
		jen.Id("read").Func().Params(jen.Id("event").Id("Event")).Op("*").Add(generator.Core("Request")),
		jen.Id("respond").Func().Params(jen.Id("answer").Add(generator.Core("Answer"))).Id("Response"),
	).Add(handler()).Block(
		jen.Return(jen.Func().Params(jen.Id("ctx").Qual("context", "Context"), jen.Id("event").Id("Event")).
			Params(jen.Id("Response"), jen.Error()).Block(
			jen.Id("r").Op(":=").Id("read").Call(jen.Id("event")),
			jen.Id("r.Context").Op("=").Id("ctx"),
			jen.List(jen.Id("r.Verified"), jen.Id("_")).Op("=").Id("FromContext").Call(jen.Id("ctx")),
			jen.List(jen.Id("webhook"), jen.Err()).Op(":=").Id("m.validator.Validate").Call(jen.Id("r")),
			jen.If(jen.Err().Op("!=").Nil()).Block(refusal...),
			jen.Return(jen.Id("next").Call(
				jen.Qual("context", "WithValue").Call(jen.Id("ctx"), jen.Id("contextKey").Values(), jen.Id("webhook")),
				jen.Id("event"),
			)),
		)),
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
