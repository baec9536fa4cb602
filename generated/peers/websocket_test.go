package peers_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/ringfence-go/ringfence/core"
)

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
	if conn, err := new(gorilla.Upgrader).Upgrade(w, r, nil); err == nil {
		echoOnce(conn)
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
// client is told 403, and the handler does not run.
func TestWebSocketUpgrade(t *testing.T) {
	for framework, serve := range streams {
		for name, library := range webSockets {
			t.Run(framework+" "+name, func(t *testing.T) { testUpgrade(t, serve, library) })
		}
	}
}

func testUpgrade(t *testing.T, serve stream, library webSocket) {
	var runs atomic.Int32
	origin, client := serveTLS(t, func(ln net.Listener, v *core.Validator) error {
		return serve(ln, v, library, func(_ *core.Webhook, ok bool) {
			runs.Add(1)
			if !ok {
				t.Error("the handler has no webhook")
			}
		})
	})
	url := "wss" + strings.TrimPrefix(origin, "https") + "/stream"
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
			reply, status := library.client(ctx, client, url, test.signature, "Ahoy!")
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			accept := test.status == http.StatusSwitchingProtocols
			if accepted := reply == "Ahoy!"; accepted != accept {
				t.Errorf("the reply is %q", reply)
			}
			if ran := runs.Swap(0) > 0; ran != accept {
				t.Errorf("the handler ran: %t, want %t", ran, accept)
			}
		})
	}
}

// serveTLS has serve answer requests to origin, for which it has a validator and client the certificate, until the test ends.
func serveTLS(t *testing.T, serve func(net.Listener, *core.Validator) error) (origin string, client *http.Client) {
	t.Helper()
	certified := httptest.NewTLSServer(nil)
	certified.Close() // it has a certificate, and a client that trusts it
	ln, err := tls.Listen("tcp", "127.0.0.1:0", certified.TLS)
	if err != nil {
		t.Fatal(err)
	}
	origin = "https://" + ln.Addr().String()
	v, err := core.NewValidator(core.Config{PublicURL: origin, Tokens: []core.Token{token()}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- serve(ln, v) }()
	t.Cleanup(func() {
		_ = ln.Close()
		if err := <-done; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return origin, certified.Client()
}
