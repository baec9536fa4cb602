package twiliofasthttp_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliofasthttp"
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

	protect := twiliofasthttp.New(validator)
	handler := protect(func(ctx *fasthttp.RequestCtx) {
		webhook, _ := twiliofasthttp.FromContext(ctx)
		fmt.Fprintf(ctx, "%s says %s\n", webhook.Param("From"), ctx.FormValue("Body"))
	})

	// Twilio signs the URL that it was given and the parameters that it sends.
	params := url.Values{"From": {"+15550100"}, "Body": {"Ahoy"}}
	signature, err := core.Sign(token, "https://example.com/sms", params)
	if err != nil {
		log.Fatal(err)
	}

	wrong := "A" + signature[1:]
	for _, signature := range []string{signature, wrong} {
		r, err := http.NewRequest(http.MethodPost, "https://example.com/sms", strings.NewReader(params.Encode()))
		if err != nil {
			log.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", signature)
		status, body := exchange(r, handler)
		fmt.Print(status, " ", body)
	}
	// Output:
	// 200 +15550100 says Ahoy
	// 403 Forbidden
}

// exchange sends r over a connection to the handler: the middleware reads the header lines as they came over the wire, which a
// RequestCtx that was made by hand does not have.
func exchange(r *http.Request, handler fasthttp.RequestHandler) (status int, body string) {
	client, server := net.Pipe()
	defer client.Close()
	go fasthttp.ServeConn(server, handler)
	if err := r.Write(client); err != nil {
		log.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(client), r)
	if err != nil {
		log.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	return response.StatusCode, string(text)
}
