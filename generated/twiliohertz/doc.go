// Package twiliohertz is middleware for Hertz that lets only requests signed by Twilio through:
//
//	h.POST("/sms", twiliohertz.New(validator), sms)
//
// The handler gets the verified webhook from [Get].
package twiliohertz

//go:generate go -C ../.. run ./cmd/ringfence generate -framework hertz -output generated/twiliohertz/twilio_hertz.go
