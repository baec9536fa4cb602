package twiliofiberv3_test

import (
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/gofiber/fiber/v3"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
	"github.com/ringfence-go/ringfence/generated/twiliofiberv3"
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

	app := fiber.New()
	app.Post("/sms", twiliofiberv3.New(twiliofiberv3.Config{Validator: validator}), func(c fiber.Ctx) error {
		return c.SendString(c.FormValue("From") + " texted")
	})
	send := func(r *http.Request) (int, string) {
		response, err := app.Test(r)
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			log.Fatal(err)
		}
		return response.StatusCode, string(body)
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
