// Package twiliolambda decorates AWS Lambda handlers of HTTP events, so that only requests signed by Twilio reach them:
//
//	lambda.Start(twiliolambda.New(validator).FunctionURL(sms))
//
// The handler gets the verified webhook from [FromContext]. Function URLs are the events to choose: of the four kinds they alone hold
// the URL as Twilio signed it.
package twiliolambda

//go:generate go -C ../.. run ./cmd/ringfence generate -framework lambda -output generated/twiliolambda/twilio_lambda.go
