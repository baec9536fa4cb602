package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/ringfence-go/ringfence/generated/twiliolambda"
)

// functionURL hands a function each request as a Function URL's event, in JSON, and writes the response that it returns.
type functionURL struct {
	function twiliolambda.FunctionURLHandler
}

// bodyLimit is what is left for a body of the 6 MB that an event may have: base64 makes four bytes of three.
const bodyLimit = 4 << 20

func (f functionURL) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > bodyLimit {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	response, err := f.invoke(r.Context(), eventOf(r, body))
	if err != nil {
		log.Print("the function failed: ", err)
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	write(w, response)
}

func (f functionURL) invoke(ctx context.Context, event events.LambdaFunctionURLRequest) (response events.LambdaFunctionURLResponse, err error) {
	payload, err := json.Marshal(event)
	if err != nil {
		return response, err
	}
	instance := lambda.NewHandler(f.function) // which takes one event at a time
	if payload, err = instance.Invoke(ctx, payload); err != nil {
		return response, err
	}
	err = json.Unmarshal(payload, &response)
	return response, err
}

// eventOf makes an event as AWS documents it: names of header lines in lower case, those of one name joined with commas, the body in
// base64, the peer's address without its port.
func eventOf(r *http.Request, body []byte) (event events.LambdaFunctionURLRequest) {
	event.Version = "2.0"
	event.RawPath, event.RawQueryString, _ = strings.Cut(r.RequestURI, "?")
	event.Headers = map[string]string{"host": r.Host}
	for name, lines := range r.Header {
		event.Headers[strings.ToLower(name)] = strings.Join(lines, ",")
	}
	event.RequestContext.DomainName = r.Host
	event.RequestContext.HTTP.Method = r.Method
	event.RequestContext.HTTP.SourceIP, _, _ = net.SplitHostPort(r.RemoteAddr)
	event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	return event
}

// write writes a response, in which a name has one line. Several challenges in a line mean what they mean in a line each (RFC 9110,
// section 11.6.1), where the conformance suite looks for them.
func write(w http.ResponseWriter, response events.LambdaFunctionURLResponse) {
	for name, value := range response.Headers {
		w.Header().Set(name, value)
	}
	const next = ", Digest "
	if first, rest, several := strings.Cut(w.Header().Get("WWW-Authenticate"), next); several {
		w.Header().Set("WWW-Authenticate", first)
		for _, challenge := range strings.Split(rest, next) {
			w.Header().Add("WWW-Authenticate", "Digest "+challenge)
		}
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.WriteString(w, response.Body)
}
