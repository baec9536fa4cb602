package twiliohertz_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
	"github.com/ringfence-go/ringfence/generated/twiliohertz"
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

	h := server.New()
	h.Any("/sms", twiliohertz.New(validator), func(_ context.Context, c *app.RequestContext) {
		c.String(http.StatusOK, "%s texted", c.PostForm("From"))
	})
	if err := h.Init(); err != nil {
		log.Fatal(err)
	}

	request := sigtest.NewFormRequest(token, "https://example.com/sms", sigtest.SMS())
	for _, mutation := range sigtest.Mutations(request) {
		if status, _ := exchange(mutation.Apply(request), h); status != core.AnswerTo(mutation.Reason()).Status {
			fmt.Println(mutation, "is answered with", status)
		}
	}
	fmt.Println(exchange(request, h))
	// Output: 200 +14155550100 texted
}
