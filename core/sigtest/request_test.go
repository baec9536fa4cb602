package sigtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
)

func testToken() core.Token { return core.AuthToken("test", "12345") }

// requests are one of each kind, and each fixture.
func requests() map[string]*http.Request {
	const base = "https://example.com"
	return map[string]*http.Request{
		"an SMS":                    sigtest.NewFormRequest(testToken(), base+"/sms", sigtest.SMS()),
		"a call":                    sigtest.NewFormRequest(testToken(), base+"/call?tenant=1", sigtest.Call()),
		"a status callback":         sigtest.NewFormRequest(testToken(), base+"/status/#rc=2", sigtest.StatusCallback()),
		"a Conversations event":     sigtest.NewFormRequest(testToken(), base+"/conversation", sigtest.ConversationsEvent()),
		"a form without parameters": sigtest.NewFormRequest(testToken(), base+"/", nil),
		"an Event Streams batch":    sigtest.NewJSONRequest(testToken(), base+"/events?a=1", sigtest.EventStreams()),
		"an empty JSON body":        sigtest.NewJSONRequest(testToken(), base+"/events", nil),
		"a GET":                     sigtest.NewGetRequest(testToken(), base+"/sms", sigtest.SMS()),
		"a GET with a query of its": sigtest.NewGetRequest(testToken(), base+"/sms?a=1", sigtest.Call()),
		"a GET without parameters":  sigtest.NewGetRequest(testToken(), base+"/", nil),
		"an upgrade":                sigtest.NewUpgradeRequest(testToken(), "wss://example.com/stream"),
		"an upgrade with a query":   sigtest.NewUpgradeRequest(testToken(), "wss://example.com/relay?a=1"),
		"a URL with userinfo":       sigtest.NewGetRequest(testToken(), "https://user:pass@example.com/x?a=%2F'#rc=2", nil),
	}
}

func newValidator(t *testing.T, cfg core.Config) *core.Validator {
	t.Helper()
	cfg.Tokens = []core.Token{testToken()}
	v, err := core.NewValidator(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// In either mode: sigtest tells the server scheme and host as well.
func TestRequestsAreAccepted(t *testing.T) {
	for mode, cfg := range map[string]core.Config{
		"by public URL":   {PublicURL: "https://example.com"},
		"by allowed host": {AllowedHosts: []string{"example.com"}},
	} {
		for name, r := range requests() {
			t.Run(name+" "+mode, func(t *testing.T) {
				_, webhook, err := newValidator(t, cfg).ValidateHTTP(r)
				if err != nil {
					t.Fatal(err)
				}
				if r.Header.Get("Upgrade") == "" && webhook.Candidate != 0 {
					t.Errorf("matched %q", webhook.Candidate)
				}
			})
		}
	}
}

func TestRequestsArriveAtARouter(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST hooks.example.org/sms", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.FormValue("From")+" "+r.UserAgent())
	})
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, sigtest.NewFormRequest(testToken(), "https://hooks.example.org/sms", sigtest.SMS()))
	if got := w.Body.String(); got != sigtest.From+" TwilioProxy/1.1" {
		t.Errorf("got %d %q", w.Code, got)
	}
}

func TestFixturesAreWhatTheyAre(t *testing.T) {
	for name, params := range map[string]url.Values{
		"SMS": sigtest.SMS(), "Call": sigtest.Call(), "StatusCallback": sigtest.StatusCallback(), "ConversationsEvent": sigtest.ConversationsEvent(),
	} {
		if params.Get("AccountSid") != sigtest.AccountSid {
			t.Errorf("%s has the AccountSid %q", name, params.Get("AccountSid"))
		}
	}
	if media := sigtest.ConversationsEvent()["MediaSid"]; len(media) != 3 || media[0] != media[2] || media[0] == media[1] {
		t.Errorf("the repeated parameter has the values %q", media)
	}
	var events []struct{ SpecVersion, ID string }
	if err := json.Unmarshal(sigtest.EventStreams(), &events); err != nil || len(events) != 2 || events[0].ID == events[1].ID {
		t.Errorf("events %v, %v", events, err)
	}
}

// What a fixture returns is its caller's.
func TestFixturesAreFresh(t *testing.T) {
	params := sigtest.SMS()
	params.Set("Body", "mine")
	if sigtest.SMS().Get("Body") == "mine" {
		t.Error("a change of one shows in the next")
	}
}

func TestMisuseSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		name string
		call func()
		word string
	}{
		{"a token that cannot be one", func() { sigtest.NewFormRequest(core.AuthToken("x", ""), "https://example.com", nil) }, "empty"},
		{"the same, for JSON", func() { sigtest.NewJSONRequest(core.AuthToken("x", ""), "https://example.com", nil) }, "empty"},
		{"a relative URL", func() { sigtest.NewGetRequest(testToken(), "/x", nil) }, "absolute"},
		{"a malformed URL", func() { sigtest.NewGetRequest(testToken(), "https://example.com/%zz", nil) }, "malformed"},
		{"an upgrade of an https URL", func() { sigtest.NewUpgradeRequest(testToken(), "https://example.com") }, "wss"},
		{"a mutation of a request of httptest's", func() { sigtest.Mutations(httptest.NewRequest("GET", "/", nil)) }, "this package"},
		{"a mutation that does not apply", func() { sigtest.BodyChanged.Apply(requests()["an SMS"]) }, "bodySHA256"},
		{"a mutation that is none", func() { _ = sigtest.Mutation("x").Reason() }, "x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, test.word) || !strings.HasPrefix(text, "sigtest: ") {
					t.Errorf("panicked with %q, want %q in it", text, test.word)
				}
			}()
			test.call()
		})
	}
}
