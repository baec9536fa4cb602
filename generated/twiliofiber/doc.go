// Package twiliofiber is middleware for Fiber v2 that lets only requests signed by Twilio through:
//
//	app.Post("/sms", twiliofiber.New(twiliofiber.Config{Validator: validator}), sms)
//
// The handler gets the verified webhook from [FromCtx].
package twiliofiber

//go:generate go -C ../.. run ./cmd/ringfence generate -framework fiber -output generated/twiliofiber/twilio_fiber.go
