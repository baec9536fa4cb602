// Command playground serves ringfence's Lambda adapter with a configuration of yours: see golden.Playground for its flags. It stands
// where AWS does before a function with a Function URL, the one kind of event that loses nothing of the URL.
package main

import (
	"context"
	"encoding/base64"
	"net"

	"github.com/aws/aws-lambda-go/events"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliolambda"
	"github.com/ringfence-go/ringfence/golden"
)

func main() { golden.Playground(serve) }

func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	handler := func(_ context.Context, event events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
		response := events.LambdaFunctionURLResponse{Headers: map[string]string{}}
		body, err := base64.StdEncoding.DecodeString(event.Body)
		response.StatusCode, response.Body = h.Answer(body, func(name, value string) { response.Headers[name] = value })
		return response, err
	}
	return golden.ServeHTTP(ln, functionURL{twiliolambda.New(v).FunctionURL(handler)})
}
