package peers_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	"github.com/gin-gonic/gin"
	gorilla "github.com/gorilla/websocket"
	"github.com/labstack/echo/v4"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twilioecho"
	"github.com/ringfence-go/ringfence/generated/twiliogin"
	"github.com/ringfence-go/ringfence/generated/twiliohttp"
)

// The middleware of each framework, mounted before a handler that takes the connection over.
var upgradeMounts = map[string]func(v *core.Validator, h http.Handler) http.Handler{
	"net/http": func(v *core.Validator, h http.Handler) http.Handler { return twiliohttp.New(v)(h) },
	"Gin": func(v *core.Validator, h http.Handler) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		router := gin.New()
		router.GET("/stream", twiliogin.New(v), gin.WrapH(h))
		return router
	},
	"Echo": func(v *core.Validator, h http.Handler) http.Handler {
		e := echo.New()
		e.GET("/stream", echo.WrapHandler(h), twilioecho.New(v))
		return e
	},
}

// A webSocket library has a server that echoes one message, and a client that sends one and returns what comes back, or the status of
// the refusal.
type webSocket struct {
	echo   http.HandlerFunc
	client func(ctx context.Context, client *http.Client, url, signature, message string) (reply string, status int)
}

var webSockets = map[string]webSocket{
	"gorilla": {gorillaEcho, gorillaClient},
	"coder":   {coderEcho, coderClient},
}

func gorillaEcho(w http.ResponseWriter, r *http.Request) {
	conn, err := new(gorilla.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	if kind, message, err := conn.ReadMessage(); err == nil {
		_ = conn.WriteMessage(kind, message)
	}
}

func gorillaClient(ctx context.Context, client *http.Client, url, signature, message string) (reply string, status int) {
	dialer := gorilla.Dialer{TLSClientConfig: client.Transport.(*http.Transport).TLSClientConfig.Clone()}
	dialer.TLSClientConfig.NextProtos = nil // no HTTP/2
	conn, response, err := dialer.DialContext(ctx, url, http.Header{"X-Twilio-Signature": {signature}})
	if err != nil {
		return "", statusOf(response)
	}
	defer conn.Close()
	if err := conn.WriteMessage(gorilla.TextMessage, []byte(message)); err != nil {
		return err.Error(), 0
	}
	_, text, err := conn.ReadMessage()
	if err != nil {
		return err.Error(), 0
	}
	return string(text), response.StatusCode
}

func coderEcho(w http.ResponseWriter, r *http.Request) {
	conn, err := coder.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	if kind, message, err := conn.Read(r.Context()); err == nil {
		_ = conn.Write(r.Context(), kind, message)
	}
}

func coderClient(ctx context.Context, client *http.Client, url, signature, message string) (reply string, status int) {
	options := &coder.DialOptions{HTTPClient: client, HTTPHeader: http.Header{"X-Twilio-Signature": {signature}}}
	conn, response, err := coder.Dial(ctx, url, options)
	if err != nil {
		return "", statusOf(response)
	}
	defer conn.CloseNow()
	if err := conn.Write(ctx, coder.MessageText, []byte(message)); err != nil {
		return err.Error(), 0
	}
	_, text, err := conn.Read(ctx)
	if err != nil {
		return err.Error(), 0
	}
	return string(text), response.StatusCode
}

func statusOf(response *http.Response) int {
	if response == nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// A Media Stream is signed over its wss URL (S6): with that signature the connection is opened and carries messages, without it the
// client is told 403.
func TestWebSocketUpgrade(t *testing.T) {
	for framework, mount := range upgradeMounts {
		for name, library := range webSockets {
			t.Run(framework+" "+name, func(t *testing.T) { testUpgrade(t, mount, library) })
		}
	}
}

func testUpgrade(t *testing.T, mount func(*core.Validator, http.Handler) http.Handler, library webSocket) {
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	defer server.Close()
	v, err := core.NewValidator(core.Config{PublicURL: server.URL, Tokens: []core.Token{token()}})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = mount(v, library.echo)
	url := "wss" + strings.TrimPrefix(server.URL, "https") + "/stream"
	sign := func(token core.Token, url string) string {
		signature, err := core.Sign(token, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		return signature
	}
	for _, test := range []struct {
		name, signature string
		status          int
	}{
		{"signed", sign(token(), url), http.StatusSwitchingProtocols},
		{"signed with a slash at the end", sign(token(), url+"/"), http.StatusSwitchingProtocols},
		{"signed with another token", sign(core.AuthToken("another", "another"+secret), url), http.StatusForbidden},
		{"signed for another stream", sign(token(), url+"2"), http.StatusForbidden},
		{"not signed", "", http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			reply, status := library.client(ctx, server.Client(), url, test.signature, "Ahoy!")
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			if accepted := reply == "Ahoy!"; accepted != (test.status == http.StatusSwitchingProtocols) {
				t.Errorf("the reply is %q", reply)
			}
		})
	}
}
