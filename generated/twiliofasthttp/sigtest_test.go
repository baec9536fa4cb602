package twiliofasthttp_test

import (
	"fmt"
	"log"

	"github.com/valyala/fasthttp"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
	"github.com/ringfence-go/ringfence/generated/twiliofasthttp"
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

	handler := twiliofasthttp.New(validator)(func(ctx *fasthttp.RequestCtx) {
		fmt.Fprintf(ctx, "%s texted", ctx.FormValue("From"))
	})

	request := sigtest.NewFormRequest(token, "https://example.com/sms", sigtest.SMS())
	for _, mutation := range sigtest.Mutations(request) {
		if status, _ := exchange(mutation.Apply(request), handler); status != core.AnswerTo(mutation.Reason()).Status {
			fmt.Println(mutation, "is answered with", status)
		}
	}
	fmt.Println(exchange(request, handler))
	// Output: 200 +14155550100 texted
}
