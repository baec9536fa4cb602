package twiliogozero_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/zeromicro/go-zero/rest"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
	"github.com/ringfence-go/ringfence/generated/twiliogozero"
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

	server := rest.MustNewServer(rest.RestConf{})
	server.AddRoutes(rest.WithMiddleware(twiliogozero.New(validator).Handle,
		rest.Route{Method: http.MethodPost, Path: "/sms", Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.FormValue("From"), " texted")
		}},
	))
	serverless, err := rest.NewServerless(server)
	if err != nil {
		log.Fatal(err)
	}
	send := func(r *http.Request) (int, string) {
		w := httptest.NewRecorder()
		serverless.Serve(w, r)
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
