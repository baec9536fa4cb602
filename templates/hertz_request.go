package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

// hertzRequest emits what reads a request for the core. It uses nothing that Hertz makes of the request: c.Path and c.Host are
// rewritten, and of repeated header lines most are lost. The scheme is that of the listener. A stream of known length is limited to
// it, since Hertz's own reads on into the next request:
//
//	func request(ctx context.Context, c *app.RequestContext) *core.Request {
//		header := &c.Request.Header
//		verified, _ := Get(c)
//		r := &core.Request{
//			Context:   ctx,
//			Method:    string(header.Method()),
//			Target:    string(header.RequestURI()),
//			RawHeader: header.RawHeaders(),
//			Proto:     header.GetProtocol(),
//			Peer:      core.PeerOf(c.RemoteAddr()),
//			TLS:       string(c.Request.Scheme()) == "https",
//			Verified:  verified,
//		}
//		switch length := int64(header.ContentLength()); {
//		case !c.Request.IsBodyStream():
//			r.Buffered = c.Request.Body()
//		case length >= 0:
//			r.Body = io.LimitReader(c.Request.BodyStream(), length)
//		default:
//			r.Body = c.Request.BodyStream()
//		}
//		return r
//	}
func hertzRequest(f *generator.File) {
	f.Doc("request holds what came over the wire, not what Hertz makes of it. It is valid for the request alone.")
	stream := func() *jen.Statement { return jen.Id("c.Request.BodyStream").Call() }
	f.Func().Id("request").Params(hertzParams("ctx")...).Op("*").Add(generator.Core("Request")).Block(
		jen.Id("header").Op(":=").Op("&").Id("c.Request.Header"),
		jen.List(jen.Id("verified"), jen.Id("_")).Op(":=").Id("Get").Call(jen.Id("c")),
		jen.Id("r").Op(":=").Op("&").Add(generator.Core("Request")).Custom(multiLine,
			jen.Id("Context").Op(":").Id("ctx"),
			jen.Id("Method").Op(":").String().Call(jen.Id("header.Method").Call()),
			jen.Id("Target").Op(":").String().Call(jen.Id("header.RequestURI").Call()),
			jen.Id("RawHeader").Op(":").Id("header.RawHeaders").Call(),
			jen.Id("Proto").Op(":").Id("header.GetProtocol").Call(),
			jen.Id("Peer").Op(":").Add(generator.Core("PeerOf")).Call(jen.Id("c.RemoteAddr").Call()),
			jen.Id("TLS").Op(":").String().Call(jen.Id("c.Request.Scheme").Call()).Op("==").Lit("https"),
			jen.Id("Verified").Op(":").Id("verified"),
		),
		jen.Switch(jen.Id("length").Op(":=").Int64().Call(jen.Id("header.ContentLength").Call()), jen.Empty()).Block(
			jen.Case(jen.Op("!").Id("c.Request.IsBodyStream").Call()).Block(
				jen.Id("r.Buffered").Op("=").Id("c.Request.Body").Call(),
			),
			jen.Case(jen.Id("length").Op(">=").Lit(0)).Block(
				jen.Comment("Hertz's stream would read on into the next request."),
				jen.Id("r.Body").Op("=").Qual("io", "LimitReader").Call(stream(), jen.Id("length")),
			),
			jen.Default().Block(jen.Id("r.Body").Op("=").Add(stream())),
		),
		jen.Return(jen.Id("r")),
	)
	f.Line()
}

// hertzRefuse emits the default error handler. AbortWithMsg resets the response; Add replaces its Content-Type and adds every other
// line:
//
//	func refuse(_ context.Context, c *app.RequestContext, err error) {
//		answer := core.AnswerTo(err)
//		c.AbortWithMsg(answer.Body, answer.Status)
//		answer.EachHeader(c.Response.Header.Add)
//	}
func hertzRefuse(f *generator.File, s generator.Spec) {
	f.Doc("refuse writes the answer to err, in which the reason does not show.")
	f.Func().Id("refuse").Params(append(hertzParams("_"), jen.Err().Error())...).Block(
		jen.Id("answer").Op(":=").Add(s.Answer()),
		jen.Id("c.AbortWithMsg").Call(jen.Id("answer.Body"), jen.Id("answer.Status")),
		jen.Id("answer.EachHeader").Call(jen.Id("c.Response.Header.Add")),
	)
	f.Line()
}

// hertzServeTest emits, since only a request that came over a connection has raw header lines:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		h := server.New()
//		h.Use(New(v))
//		h.NoRoute(func(_ context.Context, c *app.RequestContext) {
//			webhook, _ := Get(c)
//			c.SetStatusCode(http.StatusOK)
//			handle(c.Request.Body(), webhook)
//		})
//		var wire strings.Builder
//		if r.Write(&wire) != nil || h.Init() != nil {
//			return 0
//		}
//		conn := mock.NewConn(wire.String())
//		_ = h.Serve(context.Background(), conn)
//		var answer protocol.Response
//		if resp.Read(&answer, conn.WriterRecorder()) != nil {
//			return 0
//		}
//		return answer.StatusCode()
//	}
func hertzServeTest(f *generator.File, _ generator.Spec) {
	f.ServeTest().Block(
		jen.Id("h").Op(":=").Qual(hertzServerPath, "New").Call(),
		jen.Id("h.Use").Call(jen.Id("New").Call(jen.Id("v"))),
		jen.Id("h.NoRoute").Call(jen.Func().Params(hertzParams("_")...).Block(
			jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id("Get").Call(jen.Id("c")),
			jen.Id("c.SetStatusCode").Call(jen.Qual("net/http", "StatusOK")),
			jen.Id("handle").Call(jen.Id("c.Request.Body").Call(), jen.Id("webhook")),
		)),
		jen.Var().Id("wire").Qual("strings", "Builder"),
		jen.If(jen.Id("r.Write").Call(jen.Op("&").Id("wire")).Op("!=").Nil().Op("||").Id("h.Init").Call().Op("!=").Nil()).Block(
			jen.Return(jen.Lit(0)),
		),
		jen.Id("conn").Op(":=").Qual(hertzMockPath, "NewConn").Call(jen.Id("wire.String").Call()),
		jen.Id("_").Op("=").Id("h.Serve").Call(jen.Qual("context", "Background").Call(), jen.Id("conn")),
		jen.Var().Id("answer").Qual(hertzProtocolPath, "Response"),
		jen.If(jen.Qual(hertzRespPath, "Read").Call(jen.Op("&").Id("answer"), jen.Id("conn.WriterRecorder").Call()).Op("!=").Nil()).Block(
			jen.Return(jen.Lit(0)),
		),
		jen.Return(jen.Id("answer.StatusCode").Call()),
	)
}
