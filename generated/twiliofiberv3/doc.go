// Package twiliofiberv3 is middleware for Fiber v3 that lets only requests signed by Twilio through:
//
//	app.Post("/sms", twiliofiberv3.New(twiliofiberv3.Config{Validator: validator}), sms)
//
// The handler gets the verified webhook from [FromContext].
package twiliofiberv3

//go:generate go -C ../.. run ./cmd/ringfence generate -framework fiberv3 -output generated/twiliofiberv3/twilio_fiberv3.go
