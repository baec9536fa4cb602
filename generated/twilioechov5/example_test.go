package twilioechov5_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/labstack/echo/v5"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twilioechov5"
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

	sms := func(c *echo.Context) error {
		webhook, _ := twilioechov5.Get(c)
		return c.String(http.StatusOK, fmt.Sprintf("%s says %s\n", webhook.Param("From"), c.FormValue("Body")))
	}
	e := echo.New()
	e.POST("/sms", sms, twilioechov5.New(validator))

	// Twilio signs the URL that it was given and the parameters that it sends.
	params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
	signature, err := core.Sign(token, "https://example.com/sms", params)
	if err != nil {
		log.Fatal(err)
	}

	wrong := "A" + signature[1:]
	for _, signature := range []string{signature, wrong} {
		r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(params.Encode()))
		r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
		r.Header.Set("X-Twilio-Signature", signature)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 +15550100 says Ahoy
	// 403 Forbidden
}
