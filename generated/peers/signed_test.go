package peers_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigclient"
	"github.com/ringfence-go/ringfence/core/sigtest"
)

// signed is a request that somebody of ours has signed, as its receiver would hand it to a library.
type signed struct {
	Name      string
	URL       string
	Params    url.Values // of a form
	Body      string     // of any other POST
	Signature string
}

// signedRequests returns requests of every kind, signed by core, by the signing client and by ringfence sign.
func signedRequests(t *testing.T) []signed {
	t.Helper()
	var all []signed
	for _, endpoint := range []string{origin + "/sms", origin + ":8443/sms?a=1&b=%2F'", "http://example.com/"} {
		for name, params := range map[string]url.Values{
			"an SMS": sigtest.SMS(), "a call": sigtest.Call(), "a status callback": sigtest.StatusCallback(), "no parameters": nil,
		} {
			all = append(all, signedForm(t, name, endpoint, params), clientForm(t, name, endpoint, params), commandForm(t, name, endpoint, params))
		}
		all = append(all, signedJSON(t, endpoint), clientJSON(t, endpoint), commandJSON(t, endpoint))
	}
	return all
}

func signedForm(t *testing.T, name, endpoint string, params url.Values) signed {
	t.Helper()
	signature, err := core.Sign(token(), endpoint, params)
	if err != nil {
		t.Fatal(err)
	}
	return signed{Name: name + " by core", URL: endpoint, Params: params, Signature: signature}
}

func signedJSON(t *testing.T, endpoint string) signed {
	t.Helper()
	body := sigtest.EventStreams()
	u, signature, err := core.SignBody(token(), endpoint, body)
	if err != nil {
		t.Fatal(err)
	}
	return signed{Name: "JSON by core", URL: u, Body: string(body), Signature: signature}
}

// outbox keeps the request that would be sent.
type outbox struct{ sent *http.Request }

func (o *outbox) RoundTrip(r *http.Request) (*http.Response, error) {
	o.sent = r
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

// send posts a body through the signing client and returns what left it.
func send(t *testing.T, endpoint, contentType string, body []byte) *http.Request {
	t.Helper()
	u, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	below := new(outbox)
	signer, err := sigclient.NewSigner(sigclient.SignerConfig{Token: token(), Origins: []string{u.Scheme + "://" + u.Host}, Base: below})
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: signer}).Post(endpoint, contentType, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return below.sent
}

func clientForm(t *testing.T, name, endpoint string, params url.Values) signed {
	t.Helper()
	r := send(t, endpoint, "application/x-www-form-urlencoded", []byte(params.Encode()))
	return signed{Name: name + " by the client", URL: r.URL.String(), Params: params, Signature: r.Header.Get("X-Twilio-Signature")}
}

func clientJSON(t *testing.T, endpoint string) signed {
	t.Helper()
	r := send(t, endpoint, "application/json", sigtest.EventStreams())
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return signed{Name: "JSON by the client", URL: r.URL.String(), Body: string(body), Signature: r.Header.Get("X-Twilio-Signature")}
}

// runSign runs the built ringfence sign and returns the lines that it prints.
func runSign(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command(build(t, "../..", "./cmd/ringfence"), append([]string{"sign"}, args...)...)
	cmd.Env = append(os.Environ(), "TWILIO_AUTH_TOKEN="+secret)
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("ringfence sign: %v\n%s", err, output)
	}
	return strings.Split(strings.TrimSpace(string(output)), "\n")
}

func commandForm(t *testing.T, name, endpoint string, params url.Values) signed {
	t.Helper()
	args := []string{"-url", endpoint}
	for name, values := range params {
		for _, value := range values {
			args = append(args, "-data", name+"="+value)
		}
	}
	return signed{Name: name + " by the command", URL: endpoint, Params: params, Signature: runSign(t, args...)[0]}
}

func commandJSON(t *testing.T, endpoint string) signed {
	t.Helper()
	lines := runSign(t, "-url", endpoint, "-json", string(sigtest.EventStreams()))
	if len(lines) != 2 {
		t.Fatalf("ringfence sign printed %q", lines)
	}
	return signed{Name: "JSON by the command", URL: lines[1], Body: string(sigtest.EventStreams()), Signature: lines[0]}
}
