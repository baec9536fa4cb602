package peers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/icholy/digest"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigtest"
	"github.com/ringfence-go/ringfence/golden"
)

// newPost returns a signed SMS for origin+"/sms", addressed to a server at addr.
func newPost(t *testing.T, addr string) *http.Request {
	t.Helper()
	signature, err := core.Sign(token(), origin+"/sms", sigtest.SMS())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, "http://"+addr+"/sms", strings.NewReader(sigtest.SMS().Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", signature)
	return r
}

// A digest client that nobody of us wrote completes the challenge (H3), again and again with one nonce, and is refused with a wrong
// password or a wrong signature.
func TestDigestClient(t *testing.T) {
	c := config()
	c.Digest = &golden.Credentials{Realm: `the "realm"`, Username: "twilio", Password: "p4ssword"}
	eachPlayground(t, c, func(t *testing.T, addr string) {
		right := &http.Client{Transport: &digest.Transport{Username: "twilio", Password: "p4ssword"}}
		wrong := &http.Client{Transport: &digest.Transport{Username: "twilio", Password: "password"}}
		forged := newPost(t, addr)
		forged.Header.Set("X-Twilio-Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
		for _, test := range []struct {
			name    string
			client  *http.Client
			request *http.Request
			status  int
		}{
			{"no credentials", http.DefaultClient, newPost(t, addr), 401},
			{"right", right, newPost(t, addr), 200},
			{"right, a second time", right, newPost(t, addr), 200},
			{"a wrong password", wrong, newPost(t, addr), 401},
			{"a wrong signature", right, forged, 403},
		} {
			t.Run(test.name, func(t *testing.T) {
				response, err := test.client.Do(test.request)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				if response.StatusCode != test.status {
					t.Errorf("answered with %d, want %d", response.StatusCode, test.status)
				}
			})
		}
	})
}
