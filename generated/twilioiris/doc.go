// Package twilioiris is middleware for Iris v12 that lets only requests signed by Twilio through:
//
//	app.Post("/sms", twilioiris.New(twilioiris.Options{Validator: validator}), sms)
//
// The handler gets the verified webhook from [Get].
package twilioiris

//go:generate go -C ../.. run ./cmd/ringfence generate -framework iris -output generated/twilioiris/twilio_iris.go
