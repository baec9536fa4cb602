// Package twiliogozero is middleware for go-zero that lets only requests signed by Twilio through:
//
//	server.AddRoutes(rest.WithMiddleware(twiliogozero.New(validator).Handle, routes...))
//
// In a service made by goctl, twiliogozero.New(validator).Handle is what the ServiceContext holds as a rest.Middleware. The handler
// gets the verified webhook from [FromContext].
package twiliogozero

//go:generate go -C ../.. run ./cmd/ringfence generate -framework gozero -output generated/twiliogozero/twilio_gozero.go
