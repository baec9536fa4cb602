package sigclient_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/core/sigclient"
)

const keySid, keySecret = "SK00112233445566778899aabbccddeeff", "s3cr3t-of-the-key"

func newMedia(t *testing.T, base http.RoundTripper) *sigclient.Media {
	t.Helper()
	media, err := sigclient.NewMedia(sigclient.MediaConfig{Username: keySid, Password: keySecret, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	return media
}

func TestH5CredentialsForTwiliosHostsOnly(t *testing.T) {
	const path = "/2010-04-01/Accounts/AC00112233445566778899aabbccddeeff/Recordings/RE1.mp3"
	tests := []struct {
		name, method, url, host string
		authenticated           bool
	}{
		{"a recording", "GET", "https://api.twilio.com" + path, "", true},
		{"its length", "HEAD", "https://api.twilio.com" + path, "", true},
		{"the standard port, named", "GET", "https://api.twilio.com:443" + path, "", true},
		{"in capitals", "GET", "https://API.Twilio.COM" + path, "", true},
		{"in another region", "GET", "https://api.dublin.ie1.twilio.com" + path, "", true},
		{"the media of a conversation", "GET", "https://mcs.us1.twilio.com/v1/Services/IS1/Media/ME1", "", true},
		{"a room's recording", "GET", "https://video.twilio.com/v1/Recordings/RT1/Media", "", true},
		{"without TLS", "GET", "http://api.twilio.com" + path, "", false},
		{"another port", "GET", "https://api.twilio.com:8443" + path, "", false},
		{"another method", "DELETE", "https://api.twilio.com" + path, "", false},
		{"the host that messages' media are redirected to", "GET", "https://mms.twiliocdn.com/x", "", false},
		{"another product", "GET", "https://accounts.twilio.com/v1", "", false},
		{"a customer's Function", "GET", "https://api-1234.twil.io/x", "", false},
		{"a host that ends so", "GET", "https://api.nottwilio.com/x", "", false},
		{"a host that begins so", "GET", "https://api.twilio.com.example.org/x", "", false},
		{"a host that ends so after a dot", "GET", "https://example.org.twilio.com/x", "", false},
		{"too many labels", "GET", "https://api.a.b.c.twilio.com/x", "", false},
		{"an empty label", "GET", "https://api..ie1.twilio.com/x", "", false},
		{"a trailing dot", "GET", "https://api.twilio.com./x", "", false},
		{"userinfo that looks like it", "GET", "https://api.twilio.com:x@example.org/x", "", false},
		{"another Host header", "GET", "https://api.twilio.com/x", "example.org", false},
		{"another server with its Host header", "GET", "https://example.org/x", "api.twilio.com", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			below := new(wire)
			r := newRequest(t, test.method, test.url, "", "")
			if test.host != "" {
				r.Host = test.host
			}
			r.URL.User = nil // net/http adds it by itself
			if _, err := newMedia(t, below).RoundTrip(r); err != nil {
				t.Fatal(err)
			}
			username, password, ok := below.sent[0].BasicAuth()
			if ok != test.authenticated || ok && (username != keySid || password != keySecret) {
				t.Errorf("authenticated: %v, as %q", ok, username)
			}
			if _, _, changed := r.BasicAuth(); changed {
				t.Error("the caller's request was changed")
			}
		})
	}
}

// redirecting answers every host of Twilio's API with a redirect.
type redirecting struct {
	wire
	location string
}

func (w *redirecting) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := w.wire.RoundTrip(r)
	if err == nil && len(w.sent) == 1 {
		response.StatusCode = http.StatusTemporaryRedirect
		response.Header.Set("Location", w.location)
	}
	return response, err
}

func TestH5NoCredentialsAcrossARedirect(t *testing.T) {
	for name, location := range map[string]string{
		"to the host of the media":    "https://mms.twiliocdn.com/x",
		"to another host of Twilio's": "https://mcs.us1.twilio.com/x",
		"to the same host":            "/2010-04-01/Accounts.json",
		"to plain HTTP":               "http://api.twilio.com/x",
	} {
		t.Run(name, func(t *testing.T) {
			below := &redirecting{location: location}
			client := &http.Client{Transport: newMedia(t, below)}
			response, err := client.Get("https://api.twilio.com/x")
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if _, _, ok := below.sent[0].BasicAuth(); !ok || len(below.sent) != 2 {
				t.Fatalf("%d requests were sent", len(below.sent))
			}
			if _, _, ok := below.sent[1].BasicAuth(); ok {
				t.Errorf("%s got the credentials", below.sent[1].URL)
			}
		})
	}
}

func TestH5CredentialsOfTheRequestAreLeftAlone(t *testing.T) {
	below := new(wire)
	r := newRequest(t, "GET", "https://api.twilio.com/x", "", "")
	r.Header.Set("Authorization", "Bearer mine")
	if _, err := newMedia(t, below).RoundTrip(r); err != nil {
		t.Fatal(err)
	}
	if got := below.sent[0].Header.Get("Authorization"); got != "Bearer mine" {
		t.Errorf("sent %q", got)
	}
}

func TestNewMediaRefuses(t *testing.T) {
	for name, cfg := range map[string]sigclient.MediaConfig{
		"no user name":                       {Password: keySecret},
		"no password":                        {Username: keySid},
		"a user name with a colon":           {Username: keySid + ":x", Password: keySecret},
		"a password with its file's newline": {Username: keySid, Password: keySecret + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := sigclient.NewMedia(cfg); !errors.Is(err, core.ErrConfig) || strings.Contains(err.Error(), keySecret) {
				t.Errorf("error %v, want ErrConfig without the secret", err)
			}
		})
	}
}

func TestR2MediaPrintsNoSecret(t *testing.T) {
	media := newMedia(t, nil)
	config := sigclient.MediaConfig{Username: keySid, Password: keySecret}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{media, *media, http.Client{Transport: media}, config} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, keySecret) {
				t.Errorf("%s of %T shows the secret: %s", verb, value, text)
			}
		}
	}
}
