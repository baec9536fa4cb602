// Package twilioechov5 is middleware for Echo v5 that lets only requests signed by Twilio through:
//
//	e.POST("/sms", sms, twilioechov5.New(validator))
//
// The handler gets the verified webhook from [Get].
package twilioechov5

//go:generate go -C ../.. run ./cmd/ringfence generate -framework echov5 -output generated/twilioechov5/twilio_echov5.go
