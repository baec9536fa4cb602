package twiliolambda_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliolambda"
	"github.com/ringfence-go/ringfence/golden"
)

// bridge is a server that turns requests into Function URL events, as AWS documents them: header names in lower case, lines of one
// name joined with commas, the body in base64.
func bridge(v *core.Validator, h *golden.Handler) http.Handler {
	handle := twiliolambda.New(v).FunctionURL(
		func(_ context.Context, event events.LambdaFunctionURLRequest) (response events.LambdaFunctionURLResponse, err error) {
			body, err := base64.StdEncoding.DecodeString(event.Body)
			response.Headers = make(map[string]string)
			response.StatusCode, response.Body = h.Answer(body, func(name, value string) { response.Headers[name] = value })
			return response, err
		},
	)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, err := functionURLEvent(r)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		response, err := handle(r.Context(), event)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		for name, value := range response.Headers {
			w.Header().Set(name, value)
		}
		// The suite's client looks for each challenge in a line of its own.
		if challenges := strings.Split(w.Header().Get("WWW-Authenticate"), ", Digest "); len(challenges) == 2 {
			w.Header()["Www-Authenticate"] = []string{challenges[0], "Digest " + challenges[1]}
		}
		w.WriteHeader(response.StatusCode)
		_, _ = io.WriteString(w, response.Body)
	})
}

func functionURLEvent(r *http.Request) (event events.LambdaFunctionURLRequest, err error) {
	event.RawPath, event.RawQueryString, _ = strings.Cut(r.RequestURI, "?")
	event.Headers = make(map[string]string)
	for name, lines := range r.Header {
		event.Headers[strings.ToLower(name)] = strings.Join(lines, ",")
	}
	event.RequestContext.DomainName = r.Host
	event.RequestContext.HTTP.Method = r.Method
	body, err := io.ReadAll(r.Body)
	event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	return event, err
}

// replay sends the cases to a bridge for each configuration, and returns those that went wrong.
func replay(t *testing.T, cases []golden.Case) map[string]error {
	t.Helper()
	byConfig := make(map[string][]golden.Case)
	for _, c := range cases {
		key, err := json.Marshal(c.Config)
		if err != nil {
			t.Fatal(err)
		}
		byConfig[string(key)] = append(byConfig[string(key)], c)
	}
	wrong := make(map[string]error)
	for _, group := range byConfig {
		v, err := group[0].Config.Validator(slog.New(slog.NewTextHandler(io.Discard, nil)))
		if err != nil {
			t.Fatal(err)
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = golden.ServeHTTP(ln, bridge(v, new(golden.Handler)))
		}()
		for _, result := range golden.Replay(ln.Addr().String(), group) {
			if result.Err != nil {
				wrong[result.Case.ID] = result.Err
			}
		}
		_ = ln.Close()
		<-done
	}
	return wrong
}

// notAnEvent names the hostile cases whose requests a Function URL event cannot hold, and why.
var notAnEvent = map[string]string{
	"ctl-query-empty":                 "an empty query is none",
	"url-query-emptymark":             "an empty query is none",
	"ctl-derive-direct":               "a Function URL is never http",
	"ctl-derive-direct-port":          "a Function URL is never http",
	"ctl-proxy-untrusted-ignored":     "a Function URL is never http",
	"host-alt-front-end-https":        "a Function URL is never http",
	"ctl-proxy-trusted":               "an event has no peer that could be a trusted proxy",
	"ctl-proxy-trusted-xfh-has-port":  "an event has no peer that could be a trusted proxy",
	"ctl-proxy-trusted-xfport-custom": "an event has no peer that could be a trusted proxy",
}

func TestPublishedVectorsAndChangedBytes(t *testing.T) {
	cases := golden.Mutations()
	for _, v := range golden.Vectors() {
		if c, err := v.Case(); err == nil {
			cases = append(cases, c)
		}
	}
	for id, err := range replay(t, cases) {
		t.Errorf("%s: %v", id, err)
	}
}

func TestHostileRequests(t *testing.T) {
	cases := golden.Hostile()
	wrong := replay(t, cases)
	for id, err := range wrong {
		if notAnEvent[id] == "" {
			t.Errorf("%s: %v", id, err)
		}
	}
	for id := range notAnEvent {
		if wrong[id] == nil {
			t.Errorf("%s: an event can hold it", id)
		}
	}
}
