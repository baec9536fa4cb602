package peers_test

import (
	"testing"

	"github.com/twilio/twilio-go/client"
)

// Twilio's Go library accepts what we sign, and nothing else.
func TestTwilioGoAccepts(t *testing.T) {
	library := client.NewRequestValidator(secret)
	another := client.NewRequestValidator("another" + secret)
	for _, s := range signedRequests(t) {
		t.Run(s.Name+" "+s.URL, func(t *testing.T) {
			body := s.Body
			if body == "" {
				body = s.Params.Encode()
			}
			if !library.ValidateBody(s.URL, []byte(body), s.Signature) {
				t.Error("refused")
			}
			if another.ValidateBody(s.URL, []byte(body), s.Signature) || library.ValidateBody(s.URL+"x", []byte(body), s.Signature) {
				t.Error("the library accepts anything")
			}
		})
	}
}
