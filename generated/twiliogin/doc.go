// Package twiliogin is middleware for Gin that lets only requests signed by Twilio through:
//
//	router.POST("/sms", twiliogin.New(validator), sms)
//
// The handler gets the verified webhook from [Get].
package twiliogin

//go:generate go -C ../.. run ./cmd/ringfence generate -framework gin -output generated/twiliogin/twilio_gin.go
