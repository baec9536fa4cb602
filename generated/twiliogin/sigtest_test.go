package twiliogin_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
	"github.com/ringfence-go/ringfence/generated/twiliogin"
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

	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.POST("/sms", twiliogin.New(validator), func(c *gin.Context) {
		c.String(http.StatusOK, "%s texted", c.PostForm("From"))
	})
	send := func(r *http.Request) (int, string) {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
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
