// Package templates holds the templates of the frameworks that ringfence knows: a file each, which emits what a maintainer of that
// framework would write by hand. Frameworks are named by import path and never imported.
//
// A template is a list of small functions, one for each declaration that it emits, with the emitted Go as its doc comment. All of
// them leave every decision about a request to the core; they own how their framework is asked and answered.
package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

// All returns the templates, ordered by name.
func All() []generator.Template {
	return []generator.Template{beego, echo, echov5, fasthttp, fiber, fiberv3, gin, gozero, hertz, huma, iris, lambda, nethttp}
}

// statuses is the part of every constructor's doc comment that says how a request is refused.
var statuses = []string{
	"A request whose signature is missing, malformed or wrong, or does not cover the whole",
	"body, is refused with 403. Others are 400 for a malformed request, 401 for missing HTTP",
	"credentials, 405, 413 and 415 for a method, size or encoding that is not accepted, 409",
	"for a refused repeat, and 503 if a token source or replay store fails.",
}

// reasons is the part of every error handler's doc comment that says what it is given, and which answer it replaces (R3).
func reasons(s generator.Spec) []string {
	answer := "core.AnswerTo(err)"
	if s.Reject == generator.RejectTwiML {
		answer += ".TwiML()"
	}
	return []string{
		"err is a *core.Error, whose reason is for logs alone: errors.Is(err, core.ErrSignature)",
		"and its like tell it apart, and " + answer + " is the default answer.",
	}
}

// answerKind names the body of the default answer.
func answerKind(s generator.Spec) string {
	if s.Reject == generator.RejectTwiML {
		return "an empty TwiML document"
	}
	return "plain text"
}

// webhookKey emits the key under which frameworks with a store of their own keep the verified webhook:
//
//	const webhookKey = "ringfence.webhook"
func webhookKey(f *generator.File, doc ...string) {
	f.Doc(doc...)
	f.Const().Id("webhookKey").Op("=").Lit("ringfence.webhook")
	f.Line()
}

// validator is the type *core.Validator.
func validator() *jen.Statement { return jen.Op("*").Add(generator.Core("Validator")) }

// found is the result of the accessors: (*core.Webhook, bool).
func found() *jen.Statement {
	return jen.Params(jen.Op("*").Add(generator.Core("Webhook")), jen.Bool())
}

// require is the statement that panics, at construction, without a validator: if VALUE == nil { panic(MESSAGE) }.
func require(value, message string) *jen.Statement {
	return jen.If(jen.Id(value).Op("==").Nil()).Block(jen.Panic(jen.Lit(message)))
}

// orDefault is the statement that fills a field of a config: if FIELD == nil { FIELD = FALLBACK }.
func orDefault(field, fallback string) *jen.Statement {
	return jen.If(jen.Id(field).Op("==").Nil()).Block(jen.Id(field).Op("=").Id(fallback))
}

// multiLine is a composite literal with a line for each element, in the order given.
var multiLine = jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}

// readBody is the statement in an emitted test's handler that reads all of a body: body, _ := io.ReadAll(READER).
func readBody(reader string) *jen.Statement {
	return jen.List(jen.Id("body"), jen.Id("_")).Op(":=").Qual("io", "ReadAll").Call(jen.Id(reader))
}

// newRecorder is the statement in an emitted test that makes a response writer: w := httptest.NewRecorder().
func newRecorder() *jen.Statement {
	return jen.Id("w").Op(":=").Qual("net/http/httptest", "NewRecorder").Call()
}
