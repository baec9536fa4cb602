package twiliohuma_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohuma"
)

// message is the input of an operation that Twilio calls with a form.
type message struct {
	RawBody []byte `contentType:"application/x-www-form-urlencoded"`
}

type reply struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func Example() {
	token := core.AuthToken("primary", "12345")
	validator, err := core.NewValidator(core.Config{
		PublicURL: "https://example.com",
		Tokens:    []core.Token{token},
	})
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("Messages", "1.0.0"))
	api.UseMiddleware(twiliohuma.New(validator))
	huma.Register(api, huma.Operation{
		OperationID: "sms", Method: http.MethodPost, Path: "/sms", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, _ *message) (*reply, error) {
		webhook, _ := twiliohuma.FromContext(ctx)
		text := fmt.Sprintf("%s says %s\n", webhook.Param("From"), webhook.Param("Body"))
		return &reply{ContentType: "text/plain", Body: []byte(text)}, nil
	})

	// Twilio signs the URL that it was given and the parameters that it sends.
	params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
	signature, err := core.Sign(token, "https://example.com/sms", params)
	if err != nil {
		log.Fatal(err)
	}

	wrong := "A" + signature[1:]
	for _, signature := range []string{signature, wrong} {
		r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(params.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", signature)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 +15550100 says Ahoy
	// 403 Forbidden
}
