package twiliogozero_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/zeromicro/go-zero/rest"
	"github.com/zeromicro/go-zero/rest/httpx"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliogozero"
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

	sms := func(w http.ResponseWriter, r *http.Request) {
		webhook, _ := twiliogozero.FromContext(r.Context())
		var message struct {
			Body string `form:"Body"`
		}
		if err := httpx.ParseForm(r, &message); err != nil {
			httpx.ErrorCtx(r.Context(), w, err)
			return
		}
		fmt.Fprintf(w, "%s says %s\n", webhook.Param("From"), message.Body)
	}
	server := rest.MustNewServer(rest.RestConf{})
	server.AddRoutes(rest.WithMiddleware(twiliogozero.New(validator).Handle,
		rest.Route{Method: http.MethodPost, Path: "/sms", Handler: sms},
	))
	serverless, err := rest.NewServerless(server)
	if err != nil {
		log.Fatal(err)
	}

	// Twilio signs the URL that it was given and the parameters that it sends.
	params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
	signature, err := core.Sign(token, "https://example.com/sms", params)
	if err != nil {
		log.Fatal(err)
	}

	wrong := "A" + signature[1:]
	for _, signature := range []string{signature, wrong} {
		r := httptest.NewRequest(http.MethodPost, "/sms", strings.NewReader(params.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", signature)
		w := httptest.NewRecorder()
		serverless.Serve(w, r)
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 +15550100 says Ahoy
	// 403 Forbidden
}
