// Package twiliofasthttp is middleware for fasthttp that lets only requests signed by Twilio through:
//
//	protect := twiliofasthttp.New(validator)
//	log.Fatal(fasthttp.ListenAndServe(":8080", protect(sms)))
//
// The handler gets the verified webhook from [FromContext].
package twiliofasthttp

//go:generate go -C ../.. run ./cmd/ringfence generate -framework fasthttp -output generated/twiliofasthttp/twilio_fasthttp.go
