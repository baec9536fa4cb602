// Package twilioecho is middleware for Echo v4 that lets only requests signed by Twilio through:
//
//	e.POST("/sms", sms, twilioecho.New(validator))
//
// The handler gets the verified webhook from [Get].
package twilioecho

//go:generate go -C ../.. run ./cmd/ringfence generate -framework echo -output generated/twilioecho/twilio_echo.go
