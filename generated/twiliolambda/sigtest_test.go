package twiliolambda_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
	"github.com/ringfence-go/ringfence/generated/twiliolambda"
)

// Tests of handlers take their requests from sigtest, which signs them, and can forge them in every way.
func Example_sigtest() {
	token := core.AuthToken("test", "12345")
	validator, err := core.NewValidator(core.Config{
		PublicURL: "https://example.com",
		Tokens:    []core.Token{token},
	})
	if err != nil {
		log.Fatal(err)
	}

	sms := twiliolambda.New(validator).FunctionURL(
		func(ctx context.Context, _ events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
			webhook, _ := twiliolambda.FromContext(ctx)
			return events.LambdaFunctionURLResponse{StatusCode: http.StatusOK, Body: webhook.Param("From") + " texted"}, nil
		},
	)
	send := func(r *http.Request) (int, string) {
		event, err := functionURLEvent(r)
		if err != nil {
			log.Fatal(err)
		}
		response, err := sms(r.Context(), event)
		if err != nil {
			log.Fatal(err)
		}
		return response.StatusCode, response.Body
	}

	request := sigtest.NewFormRequest(token, "https://example.com/sms", sigtest.SMS())
	for _, mutation := range sigtest.Mutations(request) {
		if status, _ := send(mutation.Apply(request)); status != core.AnswerTo(mutation.Reason()).Status {
			fmt.Println(mutation, "is answered with", status)
		}
	}
	fmt.Println(send(request))
	// Output: 200 +14155550100 texted
}
