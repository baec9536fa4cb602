package twiliolambda_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliolambda"
)

// goldenEvent is an event of testdata/events.json, with the URL and the parameters that Twilio signed. SIGNATURE stands for the
// signature.
type goldenEvent struct {
	Name     string
	Kind     string
	URL      string
	Params   url.Values
	Accepted bool
	Status   int
	Hint     string // a part of the error
	Event    json.RawMessage
}

func goldenEvents(t *testing.T) (all []goldenEvent) {
	t.Helper()
	content, err := os.ReadFile("testdata/events.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// outcome is what became of an event.
type outcome struct {
	status  int
	headers map[string]string
	webhook *core.Webhook
	refusal error
}

// invoke decodes an event as lambda.Start does, and hands it to the decorated handler of its kind.
func invoke(t *testing.T, v *core.Validator, kind string, event []byte) (o outcome) {
	t.Helper()
	m := twiliolambda.New(v, twiliolambda.WithErrorHandler(func(_ context.Context, err error) core.Answer {
		o.refusal = err
		return core.AnswerTo(err)
	}))
	var err error
	switch kind {
	case "FunctionURL":
		handle := m.FunctionURL(func(ctx context.Context, _ events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
			o.webhook, _ = twiliolambda.FromContext(ctx)
			return events.LambdaFunctionURLResponse{StatusCode: http.StatusOK}, nil
		})
		response, failure := handle(context.Background(), decode[events.LambdaFunctionURLRequest](t, event))
		o.status, o.headers, err = response.StatusCode, response.Headers, failure
	case "HTTPAPI":
		handle := m.HTTPAPI(func(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
			o.webhook, _ = twiliolambda.FromContext(ctx)
			return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK}, nil
		})
		response, failure := handle(context.Background(), decode[events.APIGatewayV2HTTPRequest](t, event))
		o.status, o.headers, err = response.StatusCode, response.Headers, failure
	case "RESTAPI":
		handle := m.RESTAPI(func(ctx context.Context, _ events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
			o.webhook, _ = twiliolambda.FromContext(ctx)
			return events.APIGatewayProxyResponse{StatusCode: http.StatusOK}, nil
		})
		response, failure := handle(context.Background(), decode[events.APIGatewayProxyRequest](t, event))
		o.status, o.headers, err = response.StatusCode, response.Headers, failure
	case "ALB":
		handle := m.ALB(func(ctx context.Context, _ events.ALBTargetGroupRequest) (events.ALBTargetGroupResponse, error) {
			o.webhook, _ = twiliolambda.FromContext(ctx)
			return events.ALBTargetGroupResponse{StatusCode: http.StatusOK}, nil
		})
		response, failure := handle(context.Background(), decode[events.ALBTargetGroupRequest](t, event))
		o.status, o.headers, err = response.StatusCode, response.Headers, failure
	default:
		t.Fatalf("unknown kind %q", kind)
	}
	if err != nil {
		t.Errorf("a refusal is a response, not an error: %v", err)
	}
	return o
}

// functionURLEvent makes a Function URL's event of a request, as AWS documents it.
func functionURLEvent(r *http.Request) (event events.LambdaFunctionURLRequest, err error) {
	event.RawPath, event.RawQueryString = r.URL.EscapedPath(), r.URL.RawQuery
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

func decode[Event any](t *testing.T, text []byte) (event Event) {
	t.Helper()
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	return event
}

func validator(t *testing.T) *core.Validator {
	t.Helper()
	v, err := core.NewValidator(core.Config{
		PublicURL: "https://example.com",
		Tokens:    []core.Token{core.AuthToken("primary", "12345")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestGoldenEvents(t *testing.T) {
	for _, golden := range goldenEvents(t) {
		t.Run(golden.Name, func(t *testing.T) {
			signature, err := core.Sign(core.AuthToken("primary", "12345"), golden.URL, golden.Params)
			if err != nil {
				t.Fatal(err)
			}
			got := invoke(t, validator(t), golden.Kind, []byte(strings.ReplaceAll(string(golden.Event), "SIGNATURE", signature)))
			if golden.Accepted {
				if got.status != http.StatusOK || got.webhook == nil || got.webhook.Params().Encode() != golden.Params.Encode() {
					t.Errorf("status %d, webhook %v: %v", got.status, got.webhook, got.refusal)
				}
				return
			}
			if got.status != golden.Status || got.webhook != nil || got.headers["X-Content-Type-Options"] != "nosniff" {
				t.Fatalf("status %d, header %v, webhook %v", got.status, got.headers, got.webhook)
			}
			if !strings.Contains(got.refusal.Error(), golden.Hint) {
				t.Errorf("the error does not say %q: %v", golden.Hint, got.refusal)
			}
		})
	}
}

func TestEventsWithOneChangedByteAreRefused(t *testing.T) {
	for _, golden := range goldenEvents(t) {
		signature, err := core.Sign(core.AuthToken("primary", "12345"), golden.URL+"x", golden.Params)
		if err != nil {
			t.Fatal(err)
		}
		got := invoke(t, validator(t), golden.Kind, []byte(strings.ReplaceAll(string(golden.Event), "SIGNATURE", signature)))
		if got.status/100 != 4 || got.webhook != nil {
			t.Errorf("%s: status %d, webhook %v", golden.Name, got.status, got.webhook)
		}
	}
}

// What an event lost is said wherever a refusal is: in the log, to the observer and to the error handler.
func TestWhatAnEventLostIsLoggedAndObserved(t *testing.T) {
	hints := 0
	for _, golden := range goldenEvents(t) {
		if golden.Hint == "" {
			continue
		}
		hints++
		var log bytes.Buffer
		var observed *core.Error
		v, err := core.NewValidator(core.Config{
			PublicURL: "https://example.com",
			Tokens:    []core.Token{core.AuthToken("primary", "12345")},
			Logger:    slog.New(slog.NewTextHandler(&log, nil)),
			Observer:  func(_ context.Context, o core.Observation) { observed = o.Err },
		})
		if err != nil {
			t.Fatal(err)
		}
		signature, err := core.Sign(core.AuthToken("primary", "12345"), golden.URL, golden.Params)
		if err != nil {
			t.Fatal(err)
		}
		got := invoke(t, v, golden.Kind, []byte(strings.ReplaceAll(string(golden.Event), "SIGNATURE", signature)))
		if got.refusal != error(observed) || !strings.Contains(observed.Detail, golden.Hint) || !strings.Contains(log.String(), golden.Hint) {
			t.Errorf("%s: the error is %v, the observer was told %v, and the log %s", golden.Name, got.refusal, observed, &log)
		}
	}
	if hints < 3 {
		t.Errorf("%d events have a hint, want one of each kind that loses something", hints)
	}
}

func TestThePeerIsTheSourceOfTheEvent(t *testing.T) {
	for kind, event := range map[string]string{
		"FunctionURL": `{"requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.1"}}}`,
		"HTTPAPI":     `{"requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.1"}}}`,
		"RESTAPI":     `{"httpMethod": "POST", "requestContext": {"identity": {"sourceIp": "192.0.2.1"}}}`,
		"ALB":         `{"httpMethod": "POST", "headers": {"x-forwarded-for": "192.0.2.1"}}`,
	} {
		want, got := "192.0.2.1", ""
		if kind == "ALB" {
			want = "unknown"
		}
		v, err := core.NewValidator(core.Config{
			PublicURL: "https://example.com",
			Tokens:    []core.Token{core.AuthToken("primary", "12345")},
			Observer:  func(_ context.Context, o core.Observation) { got = o.Peer },
		})
		if err != nil {
			t.Fatal(err)
		}
		if invoke(t, v, kind, []byte(event)); got != want {
			t.Errorf("%s: peer %s, want %s", kind, got, want)
		}
	}
}

// Where the host is derived, it is the one that AWS says: of the four, a load balancer's event does not say the scheme.
func TestTheHostIsTheDomainOfTheEvent(t *testing.T) {
	v, err := core.NewValidator(core.Config{
		AllowedHosts: []string{"example.com"},
		Tokens:       []core.Token{core.AuthToken("primary", "12345")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, golden := range goldenEvents(t) {
		if !golden.Accepted {
			continue
		}
		signature, err := core.Sign(core.AuthToken("primary", "12345"), golden.URL, golden.Params)
		if err != nil {
			t.Fatal(err)
		}
		want := http.StatusOK
		if golden.Kind == "ALB" {
			want = http.StatusForbidden
		}
		if got := invoke(t, v, golden.Kind, []byte(strings.ReplaceAll(string(golden.Event), "SIGNATURE", signature))); got.status != want {
			t.Errorf("%s: status %d, want %d: %v", golden.Name, got.status, want, got.refusal)
		}
	}
}

func TestNewPanicsWithoutAValidator(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	twiliolambda.New(nil)
}

func TestTheDefaultAnswerIsAResponseAndANilError(t *testing.T) {
	next := func(context.Context, events.ALBTargetGroupRequest) (events.ALBTargetGroupResponse, error) {
		t.Error("the next handler ran")
		return events.ALBTargetGroupResponse{}, nil
	}
	handle := twiliolambda.New(validator(t), twiliolambda.WithErrorHandler(nil)).ALB(next)
	response, err := handle(context.Background(), events.ALBTargetGroupRequest{HTTPMethod: http.MethodPost, Path: "/sms"})
	if err != nil || response.StatusCode != http.StatusForbidden || response.Body != "Forbidden\n" {
		t.Errorf("%+v, %v", response, err)
	}
	const plain = "text/plain; charset=utf-8"
	if lines := response.MultiValueHeaders["Content-Type"]; response.Headers["Content-Type"] != plain || len(lines) != 1 || lines[0] != plain {
		t.Errorf("headers %v, %v", response.Headers, response.MultiValueHeaders)
	}
}

func TestAnAnswerWithoutAStatusIs403(t *testing.T) {
	next := func(context.Context, events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
		t.Error("the next handler ran")
		return events.LambdaFunctionURLResponse{}, nil
	}
	silent := twiliolambda.WithErrorHandler(func(context.Context, error) core.Answer { return core.Answer{} })
	response, err := twiliolambda.New(validator(t), silent).FunctionURL(next)(context.Background(), events.LambdaFunctionURLRequest{})
	if err != nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("%+v, %v", response, err)
	}
}

func TestAnUnprotectedHandlerHasNoWebhook(t *testing.T) {
	if webhook, ok := twiliolambda.FromContext(context.Background()); ok || webhook != nil {
		t.Errorf("got %v, %v", webhook, ok)
	}
}
