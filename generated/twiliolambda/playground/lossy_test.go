package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/ringfence-go/ringfence/generated/twiliolambda"
	"github.com/ringfence-go/ringfence/golden"
)

// lossyKind is a kind of event that loses some of the URL. invoke makes an event of a Function URL's and reports whether it reached the
// handler. otherSpellings are the hostile requests of which the event is the same as that of the signed one.
type lossyKind struct {
	invoke         func(m *twiliolambda.Middleware, e events.LambdaFunctionURLRequest) (reached bool)
	otherSpellings []string
}

var lossyKinds = map[string]lossyKind{
	"HTTPAPI": {invokeHTTPAPI, []string{
		"url-query-emptymark", "host-alt-front-end-https", // as in a Function URL's event
		"url-pct-slash", "esc-path-apos-sent-plain", "esc-path-at-sent-escaped", "esc-path-colon-lower-escape", // the path is decoded
	}},
	"RESTAPI": {invokeRESTAPI, []string{
		"url-query-emptymark", "host-alt-front-end-https", // as in a Function URL's event
		"url-query-trailing-amp", "esc-strict-apos-sent-plain", "esc-strict-at-sent-plain", // the query is decoded pairs
	}},
	"ALB": {invokeALB, []string{
		"url-query-emptymark", // as in a Function URL's event
		"url-query-trailing-amp",
	}},
}

func invokeHTTPAPI(m *twiliolambda.Middleware, e events.LambdaFunctionURLRequest) (reached bool) {
	path, err := url.PathUnescape(e.RawPath)
	if err != nil {
		return false
	}
	event := events.APIGatewayV2HTTPRequest{
		RawPath: path, RawQueryString: e.RawQueryString, Headers: e.Headers, Body: e.Body, IsBase64Encoded: e.IsBase64Encoded,
	}
	event.RequestContext.DomainName = e.RequestContext.DomainName
	event.RequestContext.HTTP.Method = e.RequestContext.HTTP.Method
	event.RequestContext.HTTP.SourceIP = e.RequestContext.HTTP.SourceIP
	_, _ = m.HTTPAPI(func(context.Context, events.APIGatewayV2HTTPRequest) (response events.APIGatewayV2HTTPResponse, err error) {
		reached = true
		return response, nil
	})(context.Background(), event)
	return reached
}

func invokeRESTAPI(m *twiliolambda.Middleware, e events.LambdaFunctionURLRequest) (reached bool) {
	query, err := url.ParseQuery(e.RawQueryString)
	if err != nil {
		return false
	}
	event := events.APIGatewayProxyRequest{
		HTTPMethod: e.RequestContext.HTTP.Method, Headers: e.Headers, Body: e.Body, IsBase64Encoded: e.IsBase64Encoded,
		QueryStringParameters: lastOf(query), MultiValueQueryStringParameters: query,
	}
	event.RequestContext.Path = e.RawPath
	event.RequestContext.DomainName = e.RequestContext.DomainName
	event.RequestContext.Identity.SourceIP = e.RequestContext.HTTP.SourceIP
	_, _ = m.RESTAPI(func(context.Context, events.APIGatewayProxyRequest) (response events.APIGatewayProxyResponse, err error) {
		reached = true
		return response, nil
	})(context.Background(), event)
	return reached
}

func invokeALB(m *twiliolambda.Middleware, e events.LambdaFunctionURLRequest) (reached bool) {
	query := make(url.Values)
	for _, pair := range strings.Split(e.RawQueryString, "&") {
		if name, value, _ := strings.Cut(pair, "="); pair != "" {
			query.Add(name, value)
		}
	}
	event := events.ALBTargetGroupRequest{
		HTTPMethod: e.RequestContext.HTTP.Method, Path: e.RawPath, Headers: e.Headers, Body: e.Body, IsBase64Encoded: e.IsBase64Encoded,
		QueryStringParameters: lastOf(query),
	}
	_, _ = m.ALB(func(context.Context, events.ALBTargetGroupRequest) (response events.ALBTargetGroupResponse, err error) {
		reached = true
		return response, nil
	})(context.Background(), event)
	return reached
}

func lastOf(values url.Values) map[string]string {
	single := make(map[string]string)
	for name, list := range values {
		single[name] = list[len(list)-1]
	}
	return single
}

// What an event has lost may make a genuine webhook be refused, never another one accepted.
func TestALossyEventIsAcceptedForTheSignedOneAlone(t *testing.T) {
	for name, kind := range lossyKinds {
		t.Run(name, func(t *testing.T) {
			spelling := make(map[string]bool)
			for _, id := range kind.otherSpellings {
				spelling[id] = true
			}
			genuine := 0
			for _, c := range append(golden.Mutations(), golden.Hostile()...) {
				if c.Repeat > 1 || c.DigestFlow != nil {
					continue // what is refused of these is so for another reason
				}
				reached := reaches(t, kind, c)
				switch {
				case c.Expect == golden.Refuse && reached != spelling[c.ID]:
					t.Errorf("%s: reached the handler: %v", c.ID, reached)
				case c.Expect == golden.Accept && reached:
					genuine++
				}
			}
			if genuine < 60 {
				t.Errorf("only %d genuine webhooks are accepted", genuine)
			}
		})
	}
}

// reaches reports whether an event of the case's request reaches the handler. One that net/http cannot read is no event.
func reaches(t *testing.T, kind lossyKind, c golden.Case) bool {
	t.Helper()
	v, err := c.Config.Validator(nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(c.Bytes())))
	if err != nil {
		return false
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	r.RemoteAddr = "127.0.0.1:1"
	return kind.invoke(twiliolambda.New(v), eventOf(r, body))
}
