package twiliohuma_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
	"github.com/ringfence-go/ringfence/generated/twiliohuma"
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

	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("Messages", "1.0.0"))
	api.UseMiddleware(twiliohuma.New(validator))
	huma.Register(api, huma.Operation{
		OperationID: "sms", Method: http.MethodPost, Path: "/sms", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, _ *message) (*reply, error) {
		webhook, _ := twiliohuma.FromContext(ctx)
		return &reply{ContentType: "text/plain", Body: []byte(webhook.Param("From") + " texted")}, nil
	})
	send := func(r *http.Request) (int, string) {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Code, w.Body.String()
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
