// Package sigclient holds HTTP transports for calling what Twilio protects.
//
// [Signer] signs requests the way Twilio does, for a protected Function or an endpoint that ringfence guards: whoever runs the
// Function asks for an X-Twilio-Signature made with the account's auth token. [Media] adds the HTTP Basic credentials that Twilio asks
// for when recordings and the media of messages are downloaded.
//
// Both are an [http.RoundTripper] for http.Client.Transport. They act for the hosts that they were made for and pass every other
// request on as it is, and they never act for a request that a redirect caused, so that no answer can make them sign or authenticate
// a URL that their caller did not ask for (S8, H5).
package sigclient

import (
	"fmt"
	"net/http"

	"github.com/ringfence-go/ringfence/core"
)

func configError(format string, args ...any) error {
	return fmt.Errorf("%w: %w", core.ErrConfig, fmt.Errorf(format, args...))
}

// isRedirected reports whether an [http.Client] made the request to follow a redirect.
func isRedirected(r *http.Request) bool { return r.Response != nil }

func orDefault(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		return http.DefaultTransport
	}
	return base
}
