package twiliofiberv3_test

import (
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v3"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofiberv3"
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

	app := fiber.New()
	app.Post("/sms", twiliofiberv3.New(twiliofiberv3.Config{Validator: validator}), func(c fiber.Ctx) error {
		webhook, _ := twiliofiberv3.FromContext(c)
		return c.SendString(fmt.Sprintf("%s says %s\n", webhook.Param("From"), c.FormValue("Body")))
	})

	// Twilio signs the URL that it was given and the parameters that it sends.
	params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
	signature, err := core.Sign(token, "https://example.com/sms", params)
	if err != nil {
		log.Fatal(err)
	}

	wrong := "A" + signature[1:]
	for _, signature := range []string{signature, wrong} {
		r := httptest.NewRequest(fiber.MethodPost, "/sms", strings.NewReader(params.Encode()))
		r.Header.Set(fiber.HeaderContentType, fiber.MIMEApplicationForm)
		r.Header.Set("X-Twilio-Signature", signature)
		response, err := app.Test(r)
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(response.StatusCode, " ", string(body))
	}
	// Output:
	// 200 +15550100 says Ahoy
	// 403 Forbidden
}
