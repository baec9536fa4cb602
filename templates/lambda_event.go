package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/ringfence-go/ringfence/generator"
)

// lambdaKind is a kind of event. Its code fields are made anew at each call.
type lambdaKind struct {
	name            string // of the decorator
	event, response string // types of the package events
	doc             []string
	hint            string // of a core.Request
	method          string // fields of the event
	host, sourceIP  string // the same, or "" where there is none
	target          func() *jen.Statement
	multiAnswer     bool // whether the response may have to list several values
	multiValue      bool // whether the event can have several values for a name
}

var lambdaKinds = []lambdaKind{{
	name: "FunctionURL", event: "LambdaFunctionURLRequest", response: "LambdaFunctionURLResponse",
	doc:    []string{"FunctionURL decorates a handler of Function URL events, which hold the URL as it was signed."},
	method: "event.RequestContext.HTTP.Method", host: "event.RequestContext.DomainName", sourceIP: "event.RequestContext.HTTP.SourceIP",
	target: func() *jen.Statement {
		return jen.Id("target").Call(jen.Id("event.RawPath"), lambdaRawQuery())
	},
}, {
	name: "HTTPAPI", event: "APIGatewayV2HTTPRequest", response: "APIGatewayV2HTTPResponse",
	doc: []string{
		"HTTPAPI decorates a handler of HTTP API events (API Gateway, payload format 2.0). They hold the",
		"path decoded: it is escaped anew, as url.URL does, and a webhook whose URL is escaped otherwise",
		"is refused.",
	},
	hint: "an HTTP API event holds the path decoded: give Twilio a URL whose path needs no escapes, " +
		"with the stage that the event has, or use a Function URL",
	method: "event.RequestContext.HTTP.Method", host: "event.RequestContext.DomainName", sourceIP: "event.RequestContext.HTTP.SourceIP",
	target: func() *jen.Statement {
		return jen.Id("target").Call(
			jen.Parens(jen.Op("&").Qual("net/url", "URL").Values(jen.Id("Path").Op(":").Id("event.RawPath"))).Dot("EscapedPath").Call(),
			lambdaRawQuery(),
		)
	},
}, {
	name: "RESTAPI", event: "APIGatewayProxyRequest", response: "APIGatewayProxyResponse",
	doc: []string{
		"RESTAPI decorates a handler of REST API events (API Gateway, payload format 1.0). They hold the",
		"query decoded and without its order: it is made anew as url.Values.Encode does, and a webhook",
		"whose URL is written otherwise is refused.",
	},
	hint: "a REST API event holds the query decoded and without its order: give Twilio a URL with at most one plain parameter, " +
		"or with its parameters ordered by name and escaped as url.Values.Encode does, or use a Function URL",
	method: "event.HTTPMethod", host: "event.RequestContext.DomainName", sourceIP: "event.RequestContext.Identity.SourceIP",
	target: func() *jen.Statement {
		return jen.Id("target").Call(jen.Id("event.RequestContext.Path"), lambdaEncode(jen.Id("event.MultiValueQueryStringParameters")))
	},
	multiValue: true,
}, {
	name: "ALB", event: "ALBTargetGroupRequest", response: "ALBTargetGroupResponse",
	doc: []string{
		"ALB decorates a handler of a load balancer's events. They hold the query without its order: it",
		"is put in the order of the names, and a webhook whose URL is written otherwise is refused. They",
		"do not say whether the request came over TLS either: configure core.Config.PublicURL.",
	},
	hint: "an ALB event holds the query without its order: give Twilio a URL with its parameters ordered by name, each with a =, " +
		"and configure PublicURL",
	method: "event.HTTPMethod", multiAnswer: true,
	target: func() *jen.Statement {
		return jen.Id("target").Call(
			jen.Id("event.Path"),
			jen.Id("orderedQuery").Call(jen.Id("lists").Call(
				jen.Id("event.QueryStringParameters"), jen.Id("event.MultiValueQueryStringParameters"),
			)),
		)
	},
	multiValue: true,
}}

// lambdaRawQuery is the query of an event that holds it as it was sent. One that was made by hand may hold its parameters alone, which
// the handler reads all the same.
func lambdaRawQuery() *jen.Statement {
	return jen.Qual("cmp", "Or").Call(jen.Id("event.RawQueryString"), lambdaEncode(jen.Nil()))
}

// lambdaEncode is the query of an event that holds it decoded.
func lambdaEncode(multi jen.Code) *jen.Statement {
	return jen.Qual("net/url", "Values").Call(jen.Id("lists").Call(jen.Id("event.QueryStringParameters"), multi)).Dot("Encode").Call()
}

// decorator emits the type of the handlers and the method that decorates one. Of a Function URL:
//
//	type FunctionURLHandler = func(ctx context.Context, event events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error)
//
//	func (m *Middleware) FunctionURL(next FunctionURLHandler) FunctionURLHandler {
//		return decorate(m, next, func(event events.LambdaFunctionURLRequest) *core.Request {
//			return &core.Request{
//				Method: event.RequestContext.HTTP.Method,
//				Target: target(event.RawPath, cmp.Or(event.RawQueryString, url.Values(lists(event.QueryStringParameters, nil)).Encode())),
//				Host:   event.RequestContext.DomainName,
//				Header: header(event.Headers, nil),
//				Peer:   core.PeerOf(&net.TCPAddr{IP: net.ParseIP(event.RequestContext.HTTP.SourceIP)}),
//				TLS:    true,
//				Body:   body(event.Body, event.IsBase64Encoded),
//			}
//		}, func(answer core.Answer) events.LambdaFunctionURLResponse {
//			return events.LambdaFunctionURLResponse{StatusCode: answer.Status, Headers: headerLines(answer), Body: answer.Body}
//		})
//	}
func (k lambdaKind) decorator(f *generator.File) {
	f.Doc(k.name + "Handler is a handler that lambda.Start takes.")
	f.Type().Id(k.name + "Handler").Op("=").Add(k.handler())
	f.Line()
	f.Doc(k.doc...)
	f.Func().Params(jen.Id("m").Op("*").Id("Middleware")).Id(k.name).
		Params(jen.Id("next").Id(k.name + "Handler")).Id(k.name + "Handler").Block(
		jen.Return(jen.Id("decorate").Call(
			jen.Id("m"), jen.Id("next"),
			jen.Func().Params(jen.Id("event").Qual(lambdaEventsPath, k.event)).Op("*").Add(generator.Core("Request")).Block(k.read()...),
			jen.Func().Params(jen.Id("answer").Add(generator.Core("Answer"))).Qual(lambdaEventsPath, k.response).Block(jen.Return(k.refusal())),
		)),
	)
	f.Line()
}

func (k lambdaKind) handler() *jen.Statement {
	return jen.Func().
		Params(jen.Id("ctx").Qual("context", "Context"), jen.Id("event").Qual(lambdaEventsPath, k.event)).
		Params(jen.Qual(lambdaEventsPath, k.response), jen.Error())
}

// read makes the core.Request of an event. A load balancer's does not say which host, peer and scheme it saw.
func (k lambdaKind) read() (statements []jen.Code) {
	multi := jen.Nil()
	if k.multiValue {
		multi = jen.Id("event.MultiValueHeaders")
	}
	lines, host := jen.Id("header").Call(jen.Id("event.Headers"), multi), jen.Id(k.host)
	if k.host == "" {
		statements = append(statements, jen.Id("lines").Op(":=").Add(lines))
		lines, host = jen.Id("lines"), jen.Id("lines.Get").Call(jen.Lit("Host"))
	}
	fields := []jen.Code{
		jen.Id("Method").Op(":").Id(k.method),
		jen.Id("Target").Op(":").Add(k.target()),
		jen.Id("Host").Op(":").Add(host),
		jen.Id("Header").Op(":").Add(lines),
	}
	if k.sourceIP != "" {
		ip := jen.Qual("net", "ParseIP").Call(jen.Id(k.sourceIP))
		peer := generator.Core("PeerOf").Call(jen.Op("&").Qual("net", "TCPAddr").Values(jen.Id("IP").Op(":").Add(ip)))
		fields = append(fields, jen.Id("Peer").Op(":").Add(peer), jen.Id("TLS").Op(":").True())
	}
	fields = append(fields, jen.Id("Body").Op(":").Id("body").Call(jen.Id("event.Body"), jen.Id("event.IsBase64Encoded")))
	if k.hint != "" {
		fields = append(fields, jen.Id("Hint").Op(":").Lit(k.hint))
	}
	return append(statements, jen.Return(jen.Op("&").Add(generator.Core("Request")).Custom(multiLine, fields...)))
}

// refusal is the response to a refused request. A load balancer takes one of the two maps, as it is configured.
func (k lambdaKind) refusal() *jen.Statement {
	fields := []jen.Code{
		jen.Id("StatusCode").Op(":").Id("answer.Status"),
		jen.Id("Headers").Op(":").Id("headerLines").Call(jen.Id("answer")),
		jen.Id("Body").Op(":").Id("answer.Body"),
	}
	if k.multiAnswer {
		fields = append(fields, jen.Id("MultiValueHeaders").Op(":").Id("lists").Call(jen.Id("headerLines").Call(jen.Id("answer")), jen.Nil()))
		return jen.Qual(lambdaEventsPath, k.response).Custom(multiLine, fields...)
	}
	return jen.Qual(lambdaEventsPath, k.response).Values(fields...)
}

// lambdaTarget emits:
//
//	func target(path, query string) string {
//		if query == "" {
//			return path
//		}
//		return path + "?" + query
//	}
func lambdaTarget(f *generator.File) {
	f.Doc("target is a request target. An empty query is none.")
	f.Func().Id("target").Params(jen.List(jen.Id("path"), jen.Id("query")).String()).String().Block(
		jen.If(jen.Id("query").Op("==").Lit("")).Block(jen.Return(jen.Id("path"))),
		jen.Return(jen.Id("path").Op("+").Lit("?").Op("+").Id("query")),
	)
	f.Line()
}

// lambdaOrderedQuery emits:
//
//	func orderedQuery(values map[string][]string) string {
//		var pairs []string
//		for _, name := range slices.Sorted(maps.Keys(values)) {
//			for _, value := range values[name] {
//				pairs = append(pairs, name+"="+value)
//			}
//		}
//		return strings.Join(pairs, "&")
//	}
func lambdaOrderedQuery(f *generator.File) {
	f.Doc("orderedQuery is a query of names and values that are still escaped, in the order of the names.")
	f.Func().Id("orderedQuery").Params(jen.Id("values").Add(lambdaLists())).String().Block(
		jen.Var().Id("pairs").Index().String(),
		jen.For(jen.List(jen.Id("_"), jen.Id("name")).Op(":=").Range().
			Qual("slices", "Sorted").Call(jen.Qual("maps", "Keys").Call(jen.Id("values")))).Block(
			jen.For(jen.List(jen.Id("_"), jen.Id("value")).Op(":=").Range().Id("values").Index(jen.Id("name"))).Block(
				jen.Id("pairs").Op("=").Append(jen.Id("pairs"), jen.Id("name").Op("+").Lit("=").Op("+").Id("value")),
			),
		),
		jen.Return(jen.Qual("strings", "Join").Call(jen.Id("pairs"), jen.Lit("&"))),
	)
	f.Line()
}

// lambdaLists is the type map[string][]string.
func lambdaLists() *jen.Statement { return jen.Map(jen.String()).Index().String() }

// lambdaListsOf emits:
//
//	func lists(single map[string]string, multi map[string][]string) map[string][]string {
//		lists := make(map[string][]string, len(single))
//		maps.Copy(lists, multi)
//		for name, value := range single {
//			if !slices.Contains(multi[name], value) {
//				lists[name] = append([]string{value}, multi[name]...)
//			}
//		}
//		return lists
//	}
func lambdaListsOf(f *generator.File) {
	f.Doc(
		"lists holds all values of an event's two maps, since the handler may read either. AWS gives",
		"single the last value in multi, or one of the two maps alone.",
	)
	f.Func().Id("lists").Params(
		jen.Id("single").Map(jen.String()).String(),
		jen.Id("multi").Add(lambdaLists()),
	).Add(lambdaLists()).Block(
		jen.Id("lists").Op(":=").Make(lambdaLists(), jen.Len(jen.Id("single"))),
		jen.Qual("maps", "Copy").Call(jen.Id("lists"), jen.Id("multi")),
		jen.For(jen.List(jen.Id("name"), jen.Id("value")).Op(":=").Range().Id("single")).Block(
			jen.If(jen.Op("!").Qual("slices", "Contains").Call(jen.Id("multi").Index(jen.Id("name")), jen.Id("value"))).Block(
				jen.Id("lists").Index(jen.Id("name")).Op("=").
					Append(jen.Index().String().Values(jen.Id("value")), jen.Id("multi").Index(jen.Id("name")).Op("...")),
			),
		),
		jen.Return(jen.Id("lists")),
	)
	f.Line()
}

// lambdaHeader emits:
//
//	func header(single map[string]string, multi map[string][]string) http.Header {
//		h := make(http.Header)
//		for name, values := range lists(single, multi) {
//			for _, value := range values {
//				h.Add(name, value)
//			}
//		}
//		return h
//	}
func lambdaHeader(f *generator.File) {
	f.Doc("header holds an event's header lines under their canonical names, whatever the event's case.")
	f.Func().Id("header").Params(
		jen.Id("single").Map(jen.String()).String(),
		jen.Id("multi").Add(lambdaLists()),
	).Qual("net/http", "Header").Block(
		jen.Id("h").Op(":=").Make(jen.Qual("net/http", "Header")),
		jen.For(jen.List(jen.Id("name"), jen.Id("values")).Op(":=").Range().Id("lists").Call(jen.Id("single"), jen.Id("multi"))).Block(
			jen.For(jen.List(jen.Id("_"), jen.Id("value")).Op(":=").Range().Id("values")).Block(
				jen.Id("h.Add").Call(jen.Id("name"), jen.Id("value")),
			),
		),
		jen.Return(jen.Id("h")),
	)
	f.Line()
}

// lambdaBody emits:
//
//	func body(text string, isBase64 bool) io.Reader {
//		if isBase64 {
//			return base64.NewDecoder(base64.StdEncoding, strings.NewReader(text))
//		}
//		return strings.NewReader(text)
//	}
func lambdaBody(f *generator.File) {
	f.Doc("body reads an event's body. It is decoded as it is read: that of an unsigned request is not.")
	f.Func().Id("body").Params(jen.Id("text").String(), jen.Id("isBase64").Bool()).Qual("io", "Reader").Block(
		jen.If(jen.Id("isBase64")).Block(jen.Return(
			jen.Qual("encoding/base64", "NewDecoder").Call(
				jen.Qual("encoding/base64", "StdEncoding"), jen.Qual("strings", "NewReader").Call(jen.Id("text")),
			),
		)),
		jen.Return(jen.Qual("strings", "NewReader").Call(jen.Id("text"))),
	)
	f.Line()
}

// lambdaHeaderLines emits:
//
//	func headerLines(answer core.Answer) map[string]string {
//		lines := make(map[string]string)
//		answer.EachHeader(func(name, value string) {
//			if earlier, ok := lines[name]; ok {
//				value = earlier + ", " + value
//			}
//			lines[name] = value
//		})
//		return lines
//	}
func lambdaHeaderLines(f *generator.File) {
	f.Doc("headerLines holds the answer's header lines. Two challenges are one line.")
	f.Func().Id("headerLines").Params(jen.Id("answer").Add(generator.Core("Answer"))).Map(jen.String()).String().Block(
		jen.Id("lines").Op(":=").Make(jen.Map(jen.String()).String()),
		jen.Id("answer.EachHeader").Call(jen.Func().Params(jen.List(jen.Id("name"), jen.Id("value")).String()).Block(
			jen.If(
				jen.List(jen.Id("earlier"), jen.Id("ok")).Op(":=").Id("lines").Index(jen.Id("name")),
				jen.Id("ok"),
			).Block(jen.Id("value").Op("=").Id("earlier").Op("+").Lit(", ").Op("+").Id("value")),
			jen.Id("lines").Index(jen.Id("name")).Op("=").Id("value"),
		)),
		jen.Return(jen.Id("lines")),
	)
	f.Line()
}

// lambdaServeTest emits:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int) {
//		body, err := io.ReadAll(r.Body)
//		if err != nil {
//			return 0
//		}
//		headers := make(map[string]string)
//		for name := range r.Header {
//			headers[strings.ToLower(name)] = strings.Join(r.Header[name], ",")
//		}
//		event := events.LambdaFunctionURLRequest{
//			RawPath:         r.URL.EscapedPath(),
//			RawQueryString:  r.URL.RawQuery,
//			Headers:         headers,
//			Body:            base64.StdEncoding.EncodeToString(body),
//			IsBase64Encoded: true,
//		}
//		event.RequestContext.DomainName = r.Host
//		event.RequestContext.HTTP.Method = r.Method
//		handler := New(v).FunctionURL(func(ctx context.Context, event events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
//			body, _ := base64.StdEncoding.DecodeString(event.Body)
//			webhook, _ := FromContext(ctx)
//			handle(body, webhook)
//			return events.LambdaFunctionURLResponse{StatusCode: http.StatusOK}, nil
//		})
//		response, err := handler(r.Context(), event)
//		if err != nil {
//			return 0
//		}
//		return response.StatusCode
//	}
func lambdaServeTest(f *generator.File, _ generator.Spec) {
	functionURL := lambdaKinds[0]
	f.ServeTest().Block(
		jen.List(jen.Id("body"), jen.Err()).Op(":=").Qual("io", "ReadAll").Call(jen.Id("r.Body")),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Lit(0))),
		jen.Id("headers").Op(":=").Make(jen.Map(jen.String()).String()),
		jen.For(jen.Id("name").Op(":=").Range().Id("r.Header")).Block(
			jen.Id("headers").Index(jen.Qual("strings", "ToLower").Call(jen.Id("name"))).Op("=").
				Qual("strings", "Join").Call(jen.Id("r.Header").Index(jen.Id("name")), jen.Lit(",")),
		),
		jen.Id("event").Op(":=").Qual(lambdaEventsPath, functionURL.event).Custom(multiLine,
			jen.Id("RawPath").Op(":").Id("r.URL.EscapedPath").Call(),
			jen.Id("RawQueryString").Op(":").Id("r.URL.RawQuery"),
			jen.Id("Headers").Op(":").Id("headers"),
			jen.Id("Body").Op(":").Qual("encoding/base64", "StdEncoding").Dot("EncodeToString").Call(jen.Id("body")),
			jen.Id("IsBase64Encoded").Op(":").True(),
		),
		jen.Id("event.RequestContext.DomainName").Op("=").Id("r.Host"),
		jen.Id("event.RequestContext.HTTP.Method").Op("=").Id("r.Method"),
		jen.Id("handler").Op(":=").Id("New").Call(jen.Id("v")).Dot("FunctionURL").Call(functionURL.handler().Block(
			jen.List(jen.Id("body"), jen.Id("_")).Op(":=").Qual("encoding/base64", "StdEncoding").Dot("DecodeString").Call(jen.Id("event.Body")),
			jen.List(jen.Id("webhook"), jen.Id("_")).Op(":=").Id("FromContext").Call(jen.Id("ctx")),
			jen.Id("handle").Call(jen.Id("body"), jen.Id("webhook")),
			jen.Return(
				jen.Qual(lambdaEventsPath, functionURL.response).Values(jen.Id("StatusCode").Op(":").Qual("net/http", "StatusOK")),
				jen.Nil(),
			),
		)),
		jen.List(jen.Id("response"), jen.Err()).Op(":=").Id("handler").Call(jen.Id("r.Context").Call(), jen.Id("event")),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Lit(0))),
		jen.Return(jen.Id("response.StatusCode")),
	)
}
