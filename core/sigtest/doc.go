// Package sigtest makes the requests that Twilio sends, signed, for tests of handlers behind ringfence. It is to webhooks what
// net/http/httptest is to requests, which it builds on: the requests suit an [net/http.Handler] with httptest's recorder, Gin and Echo,
// and Fiber's app.Test.
//
// [NewFormRequest], [NewJSONRequest], [NewGetRequest] and [NewUpgradeRequest] make requests, and [SMS], [Call], [StatusCallback],
// [ConversationsEvent] and [EventStreams] what is in them. A [Mutation] makes a request invalid in one named way, and says with which
// reason ringfence refuses it.
//
// The requests are those that reach a server which Twilio calls directly: the URL's path is the target that the server sees. A validator
// in a test therefore needs no path prefix in its PublicURL.
//
// Like httptest, the functions panic where they cannot do what they are asked: they are for tests, with arguments that are constants.
package sigtest
