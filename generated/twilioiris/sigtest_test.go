package twilioiris_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/kataras/iris/v12"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
	"github.com/ringfence-go/ringfence/generated/twilioiris"
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

	app := iris.New()
	app.Post("/sms", twilioiris.New(twilioiris.Options{Validator: validator}), func(ctx iris.Context) {
		_, _ = ctx.Writef("%s texted", ctx.PostValue("From"))
	})
	if err := app.Build(); err != nil {
		log.Fatal(err)
	}
	send := func(r *http.Request) (int, string) {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
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
