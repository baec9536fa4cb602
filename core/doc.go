// Package core signs webhooks the way Twilio does and decides which requests carry a signature of Twilio's.
//
// It is the only place in ringfence that decides anything about a request. The generated middleware reads the facts off its
// framework's wire (method, raw target, header lines, peer, TLS, body) into a [Request], or hands an [http.Request] to
// [Validator.ValidateHTTP], and does what it is told: pass the request on with its verified [Webhook], or refuse it with the
// [Answer] to the returned [Error].
//
// The scheme is described in Twilio's documents, https://www.twilio.com/docs/usage/webhooks/webhooks-security: the header
// X-Twilio-Signature holds base64(HMAC-SHA1(auth token, text)), where the text is the full URL followed by the decoded form
// parameters of a POST in order of their names, or the URL alone where its query binds the body with bodySHA256.
//
// The rules that the comments cite (S1, U4, V2 …) are those of the project's behaviour contract: S the algorithm, U the URL,
// V what is accepted, R the answers, C configuration, T tokens, H HTTP authentication, P replay.
package core

// Version is the version of this package's sources. Generated standalone output carries it.
const Version = "0.1.0"

// GeneratedV1 is the handshake of generated files: a file that names it needs a core that understands the first generation of
// emitted code. It is removed only when such files no longer work, so that they fail to compile instead of misbehaving.
const GeneratedV1 = true
