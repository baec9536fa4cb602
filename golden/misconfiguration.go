package golden

import (
	"net"
	"strconv"
	"sync"

	"github.com/ringfence-go/ringfence/core"
)

// Misconfiguration is a request that is refused because something is set up wrongly, with what core's Explain must make of it. At
// the end of the list are forged requests, whose cause is "unexplained".
type Misconfiguration struct {
	// ID is unique among the misconfigurations, About a sentence about what went wrong.
	ID    string `json:"id"`
	About string `json:"about"`
	// Raw is the request as it was on the wire.
	Raw string `json:"request"`
	// Peer is the IP address of the socket's other end, where it matters, and TLS says whether the socket was TLS.
	Peer   string `json:"peer"`
	TLS    bool   `json:"tls"`
	Config Config `json:"config"`
	// URLs, OtherTokens and APIKeys, secrets by label, are what Explain is told besides.
	URLs        []string          `json:"urls"`
	OtherTokens map[string]string `json:"other_tokens"`
	APIKeys     map[string]string `json:"api_keys"`

	// Cause is what must be named first, More what must be named after it.
	Cause core.Cause   `json:"cause"`
	More  []core.Cause `json:"more"`
	// Fix is a part of the fix that must be suggested.
	Fix string `json:"fix"`
	// Fixed is the configuration after the fix, where a configuration can be it: under it the same request is accepted.
	Fixed *Config `json:"fixed"`
}

var misconfigurations = sync.OnceValue(func() []Misconfiguration {
	var file struct {
		About string             `json:"about"`
		Cases []Misconfiguration `json:"cases"`
	}
	mustDecode("misconfigurations.json", &file)
	return file.Cases
})

// Misconfigurations returns the misconfigurations, in the order of data/misconfigurations.json.
func Misconfigurations() []Misconfiguration {
	return append([]Misconfiguration(nil), misconfigurations()...)
}

// Request returns the request for a validator.
func (m Misconfiguration) Request() (*core.Request, error) {
	r, err := core.ParseCapture([]byte(m.Raw))
	if err != nil {
		return nil, err
	}
	r.TLS = m.TLS
	if ip := net.ParseIP(m.Peer); ip != nil {
		r.Peer = core.PeerOf(&net.TCPAddr{IP: ip})
	}
	return r, nil
}

// Options returns what Explain is told besides the configuration.
func (m Misconfiguration) Options() core.ExplainOptions {
	o := core.ExplainOptions{URLs: m.URLs}
	for label, secret := range m.OtherTokens {
		o.OtherTokens = append(o.OtherTokens, core.AuthToken(label, secret))
	}
	for label, secret := range m.APIKeys {
		o.APIKeys = append(o.APIKeys, core.AuthToken(label, secret))
	}
	return o
}

// Secrets are those that nothing that Explain says may contain: tokens, other secrets, and the signature, which for the explained
// text is the expected one.
func (m Misconfiguration) Secrets() []string {
	secrets := append([]string(nil), m.Config.Tokens...)
	for _, tokens := range m.Config.Accounts {
		secrets = append(secrets, tokens...)
	}
	for _, more := range []map[string]string{m.OtherTokens, m.APIKeys} {
		for _, secret := range more {
			secrets = append(secrets, secret)
		}
	}
	if r, err := m.Request(); err == nil {
		if header, err := core.ParseRawHeader(r.RawHeader); err == nil {
			secrets = append(secrets, header.Values(signatureHeader)...)
		}
	}
	return secrets
}

// String names the misconfiguration without its secrets.
func (m Misconfiguration) String() string {
	return "golden.Misconfiguration(" + strconv.Quote(m.ID) + ")"
}
