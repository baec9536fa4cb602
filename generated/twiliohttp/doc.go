// Package twiliohttp is middleware for net/http that lets only requests signed by Twilio through:
//
//	mux.Handle("POST /sms", twiliohttp.New(validator)(sms))
//
// The handler gets the verified webhook from [FromContext]. The same middleware serves every router that takes
// func(http.Handler) http.Handler.
package twiliohttp

//go:generate go -C ../.. run ./cmd/ringfence generate -framework nethttp -output generated/twiliohttp/twilio_nethttp.go
