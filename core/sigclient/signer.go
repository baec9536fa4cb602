package sigclient

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/ringfence-go/ringfence/core"
)

const signatureHeader = "X-Twilio-Signature"

// SignerConfig is what a [Signer] needs. Token and Origins are required.
type SignerConfig struct {
	// Token is the auth token of the account that the endpoint belongs to. API keys never sign (S7).
	Token core.Token
	// Origins are the only servers for which requests are signed, for example "https://my-service-1234.twil.io": scheme, host and port
	// must all be equal.
	Origins []string
	// MaxBodyBytes is the largest body that is signed, since it is held in memory. Default: 1 MiB.
	MaxBodyBytes int64
	// Base sends the signed request. Default: http.DefaultTransport.
	Base http.RoundTripper
}

// Signer is a transport that signs requests to the origins that it was made for. A GET is signed over its URL (S3), a form POST over
// its URL and parameters (S2), and any other body over its hash, which the Signer appends to the URL as bodySHA256 (S4).
//
// Requests to other hosts pass unsigned, and so does a request that a redirect caused, even one within the origin; an
// X-Twilio-Signature that its caller had set is taken off it (S8). It is safe for concurrent use.
type Signer struct {
	token   core.Token
	origins map[origin]bool
	maxBody int64
	base    http.RoundTripper
}

// NewSigner returns a Signer. The error, for a token that cannot be one, no origin or a malformed one, or a negative limit, is
// [core.ErrConfig].
func NewSigner(cfg SignerConfig) (*Signer, error) {
	const defaultMaxBody = 1 << 20
	s := &Signer{token: cfg.Token, origins: make(map[origin]bool), maxBody: cfg.MaxBodyBytes, base: orDefault(cfg.Base)}
	for _, text := range cfg.Origins {
		o, err := parseOrigin(text)
		if err != nil {
			return nil, err
		}
		s.origins[o] = true
		if _, err := core.Sign(cfg.Token, text, nil); err != nil { // a token that cannot be one
			return nil, err
		}
	}
	switch {
	case len(s.origins) == 0:
		return nil, configError("no origin: name the servers that requests are signed for")
	case s.maxBody < 0:
		return nil, configError("MaxBodyBytes is negative")
	case s.maxBody == 0:
		s.maxBody = defaultMaxBody
	}
	return s, nil
}

// RoundTrip sends a signed copy of r, or r itself where it is not to be signed. A body is read up to the limit before anything is
// sent; a larger one is an error, as is a malformed form and a URL that has a bodySHA256 already.
func (s *Signer) RoundTrip(r *http.Request) (*http.Response, error) {
	if isRedirected(r) {
		return s.base.RoundTrip(withoutSignature(r))
	}
	dialled, told := destinations(r)
	if !s.origins[dialled] || !s.origins[told] {
		return s.base.RoundTrip(r)
	}
	body, err := s.readBody(r)
	if err != nil {
		return nil, fmt.Errorf("ringfence: signing: %w", err)
	}
	signed, err := s.sign(r, body)
	if err != nil {
		return nil, fmt.Errorf("ringfence: signing: %w", err)
	}
	return s.base.RoundTrip(signed)
}

func withoutSignature(r *http.Request) *http.Request {
	if r.Header.Get(signatureHeader) == "" {
		return r
	}
	r = r.Clone(r.Context())
	r.Header.Del(signatureHeader)
	return r
}

// readBody reads and closes the body, as every RoundTripper must.
func (s *Signer) readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, s.maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	if int64(len(body)) > s.maxBody {
		return nil, fmt.Errorf("the body is larger than %d bytes: raise MaxBodyBytes", s.maxBody)
	}
	return body, nil
}

// sign returns a copy of r with the signature, and with a body that can be sent again.
func (s *Signer) sign(r *http.Request, body []byte) (*http.Request, error) {
	signed := r.Clone(r.Context())
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	rawURL := r.URL.Scheme + "://" + host + r.URL.RequestURI()
	signature, err := "", error(nil)
	switch {
	case len(body) == 0:
		signature, err = core.Sign(s.token, rawURL, nil)
	case isForm(r):
		params, malformed := url.ParseQuery(string(body))
		if malformed != nil {
			return nil, errors.New("the body is not a well-formed form") // the cause quotes a part of it
		}
		signature, err = core.Sign(s.token, rawURL, params)
	default:
		rawURL, signature, err = core.SignBody(s.token, rawURL, body)
		_, signed.URL.RawQuery, _ = strings.Cut(rawURL, "?")
	}
	if err != nil {
		return nil, err
	}
	signed.Header.Set(signatureHeader, signature)
	setBody(signed, body)
	return signed, nil
}

// isForm reports whether Twilio's scheme signs the body as parameters (V2). Everything else is bound by its hash.
func isForm(r *http.Request) bool {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || r.Method != http.MethodPost || mediaType != "application/x-www-form-urlencoded" {
		return false
	}
	charset, has := params["charset"]
	if !has {
		return len(params) == 0
	}
	return len(params) == 1 && (strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "us-ascii"))
}

func setBody(r *http.Request, body []byte) {
	r.ContentLength = int64(len(body))
	r.TransferEncoding = nil
	if len(body) == 0 {
		r.Body, r.GetBody = http.NoBody, nil
		return
	}
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body = io.NopCloser(bytes.NewReader(body))
}
