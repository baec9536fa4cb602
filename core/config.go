package core

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// ErrConfig is what errors.Is finds in every error about a configuration, from [NewValidator], [EnvTokens] and the signers.
const ErrConfig Reason = "configuration"

func configError(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrConfig, fmt.Errorf(format, args...))
}

// Config is what a [Validator] checks requests against. An origin (PublicURL or AllowedHosts) and a source of tokens (one of
// Tokens, Accounts and TokenSource, or SigningKeys) are required; the zero value of everything else is the strict default.
// No field switches checking off.
type Config struct {
	// PublicURL is the origin that Twilio is configured with: scheme, host, optional port, and the path prefix that a proxy
	// strips, if any, for example "https://example.com" or "https://example.com/twilio". The host is kept as typed. It beats every
	// header, so it is the right setting behind load balancers and tunnels (U1).
	PublicURL string
	// MorePublicURLs are up to three further origins, for vanity or blue/green hosts. Each is tried.
	MorePublicURLs []string
	// AllowedHosts switches to derive mode: scheme and host are taken from the socket and the Host header, and the host must be one
	// of these exact host[:port] names. Not together with PublicURL (U1).
	AllowedHosts []string
	// TrustedProxies are the addresses (CIDR ranges, single addresses, or "unix" for Unix-socket peers) whose X-Forwarded-Proto,
	// -Host and -Port count in derive mode. Beside PublicURL they only inform RequireHTTPS (U3).
	TrustedProxies []string

	// Tokens are the auth tokens that may have signed, for one account.
	Tokens []Token
	// Accounts are the auth tokens of many accounts by Account SID; the AccountSid in the signed text selects (T2).
	Accounts map[string][]Token
	// TokenSource is asked for an account's tokens; the AccountSid in the signed text selects (T2).
	TokenSource TokenSource
	// SigningKeys are shared keys that may sign instead of the auth token (T3). Experimental.
	SigningKeys []SigningKey

	// Methods narrows the methods from the default GET and POST (V5).
	Methods []string
	// ExactURL pins the endpoint: origin plus raw request target, bodySHA256 apart, must equal it (U5).
	ExactURL string
	// AccountSid pins the account: the signed AccountSid must equal it (U5).
	AccountSid string
	// RequiredParams must be present in a POST's form or a GET's query (U5).
	RequiredParams []string
	// StrictURL switches off the two additional spellings of the query (U4).
	StrictURL bool
	// RequireHTTPS refuses requests whose derived or configured scheme is not https (H4).
	RequireHTTPS bool

	// MaxBodyBytes is the largest body that is read. Default: 1 MiB. More than 2 GiB counts as that.
	MaxBodyBytes int64
	// MaxParams is the largest number of parameters in a form or a query. Default: 1,000.
	MaxParams int

	// Basic asks for HTTP Basic credentials beside the signature (H2).
	Basic *BasicAuth
	// Digest asks for HTTP Digest credentials beside the signature (H3). With Basic also set, either is enough.
	Digest *DigestAuth

	// Replay notices or refuses webhooks that were verified before (P). Default: accepted, as Twilio retries legitimately.
	Replay *ReplayGuard

	// Logger receives a line for every refusal (level Warn) and acceptance (level Debug). Default: none.
	Logger *slog.Logger
	// Explain adds to the Logger's line of a refusal why the signature does not match and what to change: at most once a second, since
	// it costs up to a tenth of a second of the request's time. For development; it changes no verdict. It requires Logger.
	Explain bool
	// Observer is called with the outcome of every validation, before the handler or the error handler runs (R2). It must be safe
	// for concurrent use; a panic in it goes no further.
	Observer func(ctx context.Context, o Observation)
	// TwiML answers refusals with an empty TwiML document instead of plain text. The status stays.
	TwiML bool
}

// BasicAuth is the user that Twilio authenticates as with HTTP Basic: https://USER:PASSWORD@example.com/ in its console.
type BasicAuth struct {
	// Realm is shown in the challenge.
	Realm string
	// Username must not contain a colon (RFC 7617 section 2).
	Username string
	// Password is compared in constant time.
	Password Secret
}

// DigestAuth is the user that Twilio authenticates as with HTTP Digest (RFC 7616).
type DigestAuth struct {
	// Realm is shown in the challenge and part of the response.
	Realm string
	// Username is compared in constant time.
	Username string
	// Password is never sent.
	Password Secret
	// NonceKey lets several instances behind one load balancer honour each other's nonces: the same 32 or more random bytes in
	// each. Default: a random key of this Validator.
	NonceKey Secret
}

// ReplayGuard notices a webhook that was verified before within Window.
type ReplayGuard struct {
	// Window is how long a verified webhook is remembered. Default: 10 minutes.
	Window time.Duration
	// Refuse answers a repeat with 409 instead of marking it with Webhook.Repeated. It also refuses the retry of a webhook whose
	// handler failed.
	Refuse bool
	// Store remembers. Default: NewMemoryReplayStore(100_000).
	Store ReplayStore
}

// ReplayStore remembers the signatures of verified webhooks. It must be safe for concurrent use.
type ReplayStore interface {
	// Seen reports whether key was recorded within the last window, and records it otherwise, in one atomic step. The key is the
	// decoded signature: 20 bytes, or 32 for an HMAC-SHA256 key. An error refuses the request with 503.
	Seen(ctx context.Context, key string, window time.Duration) (bool, error)
}

// Observation is the outcome of one validation.
type Observation struct {
	// Webhook is the verified webhook, nil for a refusal.
	Webhook *Webhook
	// Err is the refusal, nil for an accepted request.
	Err *Error
	// Method and Path are the request's, Path without the query, each cut at 256 bytes. They are unverified text of the client's when
	// Err is not nil.
	Method, Path string
	// Peer is the address of the socket's other end.
	Peer string
}
