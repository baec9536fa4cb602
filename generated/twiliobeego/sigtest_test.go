package twiliobeego_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/beego/beego/v2/server/web"
	"github.com/beego/beego/v2/server/web/context"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
	"github.com/ringfence-go/ringfence/generated/twiliobeego"
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

	register := web.NewControllerRegister()
	register.InsertFilterChain("/sms", twiliobeego.New(validator))
	register.Any("/sms", func(ctx *context.Context) {
		ctx.WriteString(ctx.Input.Query("From") + " texted")
	})
	register.Init()
	send := func(r *http.Request) (int, string) {
		w := httptest.NewRecorder()
		register.ServeHTTP(w, r)
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
