// Package twiliohuma is middleware for Huma v2 that lets only requests signed by Twilio through:
//
//	twilio := huma.NewGroup(api, "/twilio")
//	twilio.UseMiddleware(twiliohuma.New(validator))
//
// The operation gets the verified webhook from [FromContext].
package twiliohuma

//go:generate go -C ../.. run ./cmd/ringfence generate -framework huma -output generated/twiliohuma/twilio_huma.go
