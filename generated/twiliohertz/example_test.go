package twiliohertz_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/test/mock"
	"github.com/cloudwego/hertz/pkg/protocol"
	"github.com/cloudwego/hertz/pkg/protocol/http1/resp"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohertz"
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

	h := server.New()
	h.POST("/sms", twiliohertz.New(validator), func(_ context.Context, c *app.RequestContext) {
		webhook, _ := twiliohertz.Get(c)
		c.String(http.StatusOK, "%s says %s\n", webhook.Param("From"), c.PostForm("Body"))
	})
	if err := h.Init(); err != nil {
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
		r, err := http.NewRequest(http.MethodPost, "https://example.com/sms", strings.NewReader(params.Encode()))
		if err != nil {
			log.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", signature)
		status, body := exchange(r, h)
		fmt.Print(status, " ", body)
	}
	// Output:
	// 200 +15550100 says Ahoy
	// 403 Forbidden
}

// exchange sends r over a connection to the server: the middleware reads the header lines as they came over the wire, which a request
// of ut.PerformRequest does not have.
func exchange(r *http.Request, h *server.Hertz) (status int, body string) {
	var wire strings.Builder
	if err := r.Write(&wire); err != nil {
		log.Fatal(err)
	}
	conn := mock.NewConn(wire.String())
	_ = h.Serve(context.Background(), conn) // the end of the connection is an error
	var answer protocol.Response
	if err := resp.Read(&answer, conn.WriterRecorder()); err != nil {
		log.Fatal(err)
	}
	return answer.StatusCode(), string(answer.Body())
}
