package sigclient

import (
	"fmt"
	"net/http"
	"strings"
)

// MediaConfig is what a [Media] transport needs: the Account SID and the auth token, or, as Twilio recommends, an API key's SID and
// its secret. Outside the default region they must be those of the region.
type MediaConfig struct {
	// Username is the Account SID or the API key's SID. Required.
	Username string
	// Password is the auth token or the API key's secret. Required.
	Password string
	// Base sends the request. Default: http.DefaultTransport.
	Base http.RoundTripper
}

// Format shows no credentials, whatever the verb.
func (c MediaConfig) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "MediaConfig([redacted])") }

// Media is a transport that adds HTTP Basic credentials to downloads of recordings and media from Twilio (H5): to GET and HEAD
// requests over HTTPS on its standard port, to
//
//	api.twilio.com     recordings of calls and the media of messages
//	mcs.us1.twilio.com the media of Conversations
//	video.twilio.com   recordings and compositions of video rooms
//
// and their names in other regions, api.EDGE.REGION.twilio.com and mcs.REGION.twilio.com. Twilio answers some of these with a redirect
// to a short-lived URL elsewhere (mms.twiliocdn.com, for one), which needs no credentials and gets none: a request that a redirect
// caused, and one to any other host, passes as it is. Credentials that the request has already are left alone.
//
// Sources: https://www.twilio.com/docs/messaging/api/media-resource, https://www.twilio.com/docs/voice/api/recording,
// https://www.twilio.com/docs/conversations/api/media-resource, https://www.twilio.com/docs/video/api/recordings-resource,
// https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region.
type Media struct {
	authenticate func(*http.Request) // a closure, so that no print of a Media, or of what holds it, shows the password
	base         http.RoundTripper
}

// NewMedia returns a Media transport. The error, for empty or unusable credentials, is [core.ErrConfig].
func NewMedia(cfg MediaConfig) (*Media, error) {
	switch {
	case cfg.Username == "" || cfg.Password == "":
		return nil, configError("media: user name and password are required: an Account SID and its auth token, or an API key and its secret")
	case strings.Contains(cfg.Username, ":"):
		return nil, configError("media: a user name with a colon is no SID")
	case strings.TrimSpace(cfg.Password) != cfg.Password:
		return nil, configError("media: white space around the password: trim the end of its file")
	}
	username, password := cfg.Username, cfg.Password
	return &Media{
		authenticate: func(r *http.Request) { r.SetBasicAuth(username, password) },
		base:         orDefault(cfg.Base),
	}, nil
}

// RoundTrip sends a copy of r with the credentials, or r itself where they are not for it.
func (m *Media) RoundTrip(r *http.Request) (*http.Response, error) {
	if isRedirected(r) || !isMediaDownload(r) || r.Header.Get("Authorization") != "" {
		return m.base.RoundTrip(r)
	}
	r = r.Clone(r.Context())
	m.authenticate(r)
	return m.base.RoundTrip(r)
}

func isMediaDownload(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != "" {
		return false
	}
	dialled, told := destinations(r)
	return dialled == told && dialled.scheme == "https" && isMediaHost(dialled.host)
}

// isMediaHost reports whether host, in lower case, is one of those that Media's comment names. A host with a port is none.
func isMediaHost(host string) bool {
	name, ofTwilio := strings.CutSuffix(host, ".twilio.com")
	if !ofTwilio {
		return false
	}
	labels := strings.Split(name, ".")
	for _, label := range labels[1:] {
		if !isLabel(label) {
			return false
		}
	}
	switch labels[0] {
	case "api":
		return len(labels) == 1 || len(labels) == 3
	case "mcs":
		return len(labels) == 2
	case "video":
		return len(labels) == 1
	}
	return false
}

// isLabel reports whether an edge or a region could be named so: lower-case letters, digits and hyphens.
func isLabel(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
