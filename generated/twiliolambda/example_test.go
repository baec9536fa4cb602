package twiliolambda_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log"
	"net/http"
	"net/url"

	"github.com/aws/aws-lambda-go/events"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliolambda"
)

func Example() {
	token := core.AuthToken("primary", "12345")
	validator, err := core.NewValidator(core.Config{
		PublicURL: "https://example.com",
		Tokens:    []core.Token{token},
	})
	if err != nil {
		log.Fatal(err)
	}

	// lambda.Start takes the decorated handler.
	sms := twiliolambda.New(validator).FunctionURL(
		func(ctx context.Context, _ events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
			webhook, _ := twiliolambda.FromContext(ctx)
			text := fmt.Sprintf("%s says %s\n", webhook.Param("From"), webhook.Param("Body"))
			return events.LambdaFunctionURLResponse{StatusCode: http.StatusOK, Body: text}, nil
		},
	)

	// Twilio signs the URL that it was given and the parameters that it sends.
	params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
	signature, err := core.Sign(token, "https://example.com/sms", params)
	if err != nil {
		log.Fatal(err)
	}

	wrong := "A" + signature[1:]
	for _, signature := range []string{signature, wrong} {
		event := events.LambdaFunctionURLRequest{
			RawPath: "/sms",
			Headers: map[string]string{
				"content-type":       "application/x-www-form-urlencoded",
				"x-twilio-signature": signature,
			},
			Body:            base64.StdEncoding.EncodeToString([]byte(params.Encode())),
			IsBase64Encoded: true,
		}
		event.RequestContext.HTTP.Method = http.MethodPost
		response, err := sms(context.Background(), event)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(response.StatusCode, " ", response.Body)
	}
	// Output:
	// 200 +15550100 says Ahoy
	// 403 Forbidden
}
