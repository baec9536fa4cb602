// Package twiliobeego is a filter chain for Beego v2 that lets only requests signed by Twilio through:
//
//	web.InsertFilterChain("/twilio/*", twiliobeego.New(validator))
//
// The controller gets the verified webhook from [Get]. Where RouterCaseSensitive is switched off, write the pattern in lower case:
// Beego then lowers the paths before it compares them, but not the patterns of filter chains.
package twiliobeego

//go:generate go -C ../.. run ./cmd/ringfence generate -framework beego -output generated/twiliobeego/twilio_beego.go
