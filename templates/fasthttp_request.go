package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

// overFasthttp is how fasthttp, and what is built on it, name what the middleware reads of a request. The expressions are functions,
// since a statement can be used once. The doc comments of its methods show fasthttp itself.
type overFasthttp struct {
	framework string                // in comments
	param     func() *jen.Statement // the parameter of a handler
	name      string                // its name
	accessor  string                // what fetches the verified webhook
	request   func() *jen.Statement // the *fasthttp.Request, or an addressable one
	ctx       func() *jen.Statement // the *fasthttp.RequestCtx
	context   func() *jen.Statement // the context.Context
}

var fasthttpFacts = overFasthttp{
	framework: "fasthttp",
	param:     fasthttpCtx,
	name:      "ctx",
	accessor:  "FromContext",
	request:   func() *jen.Statement { return jen.Id("ctx.Request") },
	ctx:       func() *jen.Statement { return jen.Id("ctx") },
	context:   func() *jen.Statement { return jen.Id("ctx") },
}

// emit adds what reads a request for the core. It uses nothing that the framework makes of the request: header lines that it joins or
// drops, paths and hosts that it rewrites, methods that can be overridden, bodies that it inflates.
//
//	func request(ctx *fasthttp.RequestCtx) *core.Request {
//		header := &ctx.Request.Header
//		verified, _ := FromContext(ctx)
//		r := &core.Request{
//			Context:   ctx,
//			Method:    string(header.Method()),
//			Target:    string(header.RequestURI()),
//			RawHeader: header.RawHeaders(),
//			Proto:     string(header.Protocol()),
//			Peer:      core.PeerOf(ctx.RemoteAddr()),
//			TLS:       ctx.IsTLS(),
//			Verified:  verified,
//		}
//		if ctx.Request.IsBodyStream() {
//			r.Body = ctx.RequestBodyStream()
//		} else {
//			r.Buffered = ctx.Request.Body()
//		}
//		return r
//	}
func (o overFasthttp) emit(f *generator.File) {
	f.Doc("request holds what came over the wire, not what " + o.framework + " makes of it. It is valid for the request alone.")
	f.Func().Id("request").Params(o.param()).Op("*").Add(generator.Core("Request")).Block(
		jen.Id("header").Op(":=").Op("&").Add(o.request()).Dot("Header"),
		jen.List(jen.Id("verified"), jen.Id("_")).Op(":=").Id(o.accessor).Call(jen.Id(o.name)),
		jen.Id("r").Op(":=").Op("&").Add(generator.Core("Request")).Custom(multiLine,
			jen.Id("Context").Op(":").Add(o.context()),
			jen.Id("Method").Op(":").String().Call(jen.Id("header.Method").Call()),
			jen.Id("Target").Op(":").String().Call(jen.Id("header.RequestURI").Call()),
			jen.Id("RawHeader").Op(":").Id("header.RawHeaders").Call(),
			jen.Id("Proto").Op(":").String().Call(jen.Id("header.Protocol").Call()),
			jen.Id("Peer").Op(":").Add(generator.Core("PeerOf")).Call(o.ctx().Dot("RemoteAddr").Call()),
			jen.Id("TLS").Op(":").Add(o.ctx()).Dot("IsTLS").Call(),
			jen.Id("Verified").Op(":").Id("verified"),
		),
		jen.If(o.request().Dot("IsBodyStream").Call()).Block(
			jen.Id("r.Body").Op("=").Add(o.ctx()).Dot("RequestBodyStream").Call(),
		).Else().Block(
			jen.Id("r.Buffered").Op("=").Add(o.request()).Dot("Body").Call(),
		),
		jen.Return(jen.Id("r")),
	)
	f.Line()
}

// streamed is the statement that asks before validation: streamed := ctx.Request.IsBodyStream().
func (o overFasthttp) streamed() *jen.Statement {
	return jen.Id("streamed").Op(":=").Add(o.request()).Dot("IsBodyStream").Call()
}

// close is the statement that ends the connection of a refused request: if streamed { defer ctx.SetConnectionClose() }.
func (o overFasthttp) close() *jen.Statement {
	return jen.If(jen.Id("streamed")).Block(
		jen.Comment("fasthttp would read what is left of the body as the next request. Deferred, so that"),
		jen.Comment("the connection is closed even if the error handler resets the response."),
		jen.Defer().Add(o.ctx()).Dot("SetConnectionClose").Call(),
	)
}

// giveBack is the statement that puts a streamed body back: if streamed { ctx.Request.SetBodyRaw(webhook.Body()) }.
func (o overFasthttp) giveBack() *jen.Statement {
	return jen.If(jen.Id("streamed")).Block(
		o.request().Dot("SetBodyRaw").Call(jen.Id("webhook.Body").Call()),
	)
}
