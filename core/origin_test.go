package core_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

const (
	untrusted = "192.0.2.1"
	proxy     = "10.1.2.3"
)

func tcpPeer(address string) core.Peer {
	return core.PeerOf(&net.TCPAddr{IP: net.ParseIP(address), Port: 40000})
}

func TestU1PublicURLIsTheOrigin(t *testing.T) {
	tests := []struct{ name, publicURL, target, signed string }{
		{"host alone", "https://example.com", "/x", "https://example.com/x"},
		{"one slash at the end is dropped", "https://example.com/", "/x", "https://example.com/x"},
		{"only one", "https://example.com//", "/x", "https://example.com//x"},
		{"port", "https://example.com:8443", "/x", "https://example.com:8443/x"},
		{"http", "http://example.com", "/x", "http://example.com/x"},
		{"the path prefix that a proxy strips", "https://example.com/twilio", "/x", "https://example.com/twilio/x"},
		{"a prefix with a slash at its end", "https://example.com/twilio/v%201/", "/x", "https://example.com/twilio/v%201/x"},
		{"the host is kept as typed", "https://MyCompany.Example", "/x", "https://MyCompany.Example/x"},
		{"IPv4", "https://192.0.2.7:8443", "/x", "https://192.0.2.7:8443/x"},
		{"IPv6", "https://[2001:DB8::1]", "/x", "https://[2001:DB8::1]/x"},
		{"IPv6 with port", "https://[2001:db8::1]:8443", "/x", "https://[2001:db8::1]:8443/x"},
		{"every kind of character in a host", "https://azAZ-09.example", "/x", "https://azAZ-09.example/x"},
		{"an underscore in the host", "https://my_host.example", "/x", "https://my_host.example/x"},
		{"the lowest port", "http://example.com:1", "/x", "http://example.com:1/x"},
		{"the highest port", "http://example.com:65535", "/x", "http://example.com:65535/x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := validatorFor(t, core.Config{PublicURL: test.publicURL})
			webhook := accepted(t, v, signedGet(test.target, test.signed))
			if webhook.Candidate != 0 || webhook.URL() != test.signed {
				t.Errorf("matched %q, %s", webhook.URL(), webhook.Candidate)
			}
		})
	}
}

func TestU1PublicURLBeatsEveryHeader(t *testing.T) {
	v := validatorFor(t, core.Config{TrustedProxies: []string{proxy}})
	for _, peer := range []string{untrusted, proxy} {
		const header1, header2, header3 = "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: http", "X-Forwarded-Port: 81"
		r := signedGet("/x", "https://example.com/x", header1, header2, header3)
		r.Host, r.Peer = "internal:8080", tcpPeer(peer)
		accepted(t, v, r)

		r = signedGet("/x", "http://evil.example:81/x", header1, header2, header3)
		r.Host, r.Peer = "evil.example:81", tcpPeer(peer)
		refused(t, v, r, core.ErrSignature)
	}
}

func TestU1UpToFourPublicURLs(t *testing.T) {
	v := validatorFor(t, core.Config{
		PublicURL:      "https://a.example",
		MorePublicURLs: []string{"https://b.example:8443", "http://c.example", "https://d.example/p"},
	})
	for _, origin := range []string{"https://a.example", "https://b.example:8443", "http://c.example", "https://d.example/p"} {
		if got := accepted(t, v, signedGet("/x", origin+"/x")).URL(); got != origin+"/x" {
			t.Errorf("signed for %s, matched %s", origin, got)
		}
	}
	refused(t, v, signedGet("/x", "https://e.example/x"), core.ErrSignature)
}

// derived is a request in derive mode.
type derived struct {
	name    string
	host    string
	tls     bool
	peer    core.Peer
	headers []string
	signed  string // the origin that is signed
	want    core.Reason
}

func (d derived) test(t *testing.T, v *core.Validator) {
	t.Run(d.name, func(t *testing.T) {
		r := signedGet("/x", d.signed+"/x", d.headers...)
		r.Host, r.TLS, r.Peer = d.host, d.tls, d.peer
		for _, r := range []*core.Request{r, asRaw(r)} {
			want := d.want
			if r.RawHeader != nil && strings.Contains(d.host, "@") {
				want = core.ErrMalformedRequest // which a server of net/http answers itself
			}
			if want != "" {
				refused(t, v, r, want)
			} else if webhook := accepted(t, v, r); webhook.Candidate != 0 || webhook.URL() != d.signed+"/x" {
				t.Errorf("matched %q, %s", webhook.URL(), webhook.Candidate)
			}
		}
	})
}

func TestU1DeriveModeTakesSchemeAndHostOfTheSocket(t *testing.T) {
	v := validatorFor(t, core.Config{AllowedHosts: []string{"example.com", "example.com:8443", "other.example:443", "[2001:db8::1]"}})
	for _, d := range []derived{
		{name: "plain HTTP", host: "example.com", signed: "http://example.com"},
		{name: "TLS", host: "example.com", tls: true, signed: "https://example.com"},
		{name: "an allowed port", host: "example.com:8443", tls: true, signed: "https://example.com:8443"},
		{name: "IPv6", host: "[2001:db8::1]", signed: "http://[2001:db8::1]"},
		{name: "the default port of HTTPS is dropped for the comparison", host: "example.com:443", tls: true, signed: "https://example.com:443"},
		{name: "the default port of HTTP is, too", host: "example.com:80", signed: "http://example.com:80"},
		{name: "the default port of an allowed host is, too", host: "other.example", tls: true, signed: "https://other.example"},
		{name: "443 is not HTTP's default", host: "example.com:443", signed: "http://example.com:443", want: core.ErrHost},
		{name: "80 is not HTTPS's default", host: "example.com:80", tls: true, signed: "https://example.com:80", want: core.ErrHost},
		{name: "an allowed 443 is not 80", host: "other.example", signed: "http://other.example", want: core.ErrHost},
		{name: "another port", host: "example.com:8444", tls: true, signed: "https://example.com:8444", want: core.ErrHost},
		{name: "another host", host: "evil.example", signed: "http://evil.example", want: core.ErrHost},
		{name: "a subdomain", host: "evil.example.com", signed: "http://evil.example.com", want: core.ErrHost},
		{name: "an allowed name as a prefix", host: "example.com.evil.example", signed: "http://example.com.evil.example", want: core.ErrHost},
		{name: "upper case", host: "EXAMPLE.COM", signed: "http://EXAMPLE.COM", want: core.ErrHost},
		{name: "a dot at the end", host: "example.com.", signed: "http://example.com.", want: core.ErrHost},
		{name: "userinfo", host: "a@example.com", signed: "http://a@example.com", want: core.ErrHost},
		{name: "a port of five digits and a half", host: "example.com:65536", signed: "http://example.com:65536", want: core.ErrHost},
		{name: "an empty port", host: "example.com:", signed: "http://example.com:", want: core.ErrHost},
		{name: "no host", host: "", signed: "http://", want: core.ErrHost},
		{name: "another scheme than the socket's", host: "example.com", signed: "https://example.com", want: core.ErrSignature},
		{name: "another allowed host than the request's", host: "example.com", signed: "http://other.example", want: core.ErrSignature},
	} {
		d.test(t, v)
	}
}

func TestU3ForwardedHeadersOfATrustedProxy(t *testing.T) {
	v := validatorFor(t, core.Config{
		AllowedHosts:   []string{"example.com", "example.com:8443", "example.com:8080"},
		TrustedProxies: []string{"10.0.0.0/8"},
	})
	const https = "X-Forwarded-Proto: https"
	for _, d := range []derived{
		{name: "proto and host", host: "internal", headers: []string{https, "X-Forwarded-Host: example.com"}, signed: "https://example.com"},
		{name: "proto alone", host: "example.com", headers: []string{https}, signed: "https://example.com"},
		{name: "http behind a TLS socket", host: "example.com", tls: true, headers: []string{"X-Forwarded-Proto: http"}, signed: "http://example.com"},
		{name: "host alone", host: "internal", headers: []string{"X-Forwarded-Host: example.com"}, signed: "http://example.com"},
		{name: "none", host: "example.com", signed: "http://example.com"},
		{name: "a port is added", host: "example.com", headers: []string{https, "X-Forwarded-Port: 8443"}, signed: "https://example.com:8443"},
		{name: "the default port is not", host: "example.com", headers: []string{https, "X-Forwarded-Port: 443"}, signed: "https://example.com"},
		{name: "nor is HTTP's", host: "example.com", headers: []string{"X-Forwarded-Port: 80"}, signed: "http://example.com"},
		{name: "a port that the host has already", host: "internal", headers: []string{https, "X-Forwarded-Host: example.com:8443", "X-Forwarded-Port: 8443"}, signed: "https://example.com:8443"},
		{name: "a port that contradicts the forwarded host's", host: "internal", headers: []string{https, "X-Forwarded-Host: example.com:8443", "X-Forwarded-Port: 8080"}, signed: "https://example.com:8443", want: core.ErrForwarded},
		{name: "a port that contradicts the Host header's", host: "example.com:8080", headers: []string{https, "X-Forwarded-Port: 443"}, signed: "https://example.com:8080", want: core.ErrForwarded},
		{name: "a port that makes a host that is not allowed", host: "example.com", headers: []string{https, "X-Forwarded-Port: 8444"}, signed: "https://example.com:8444", want: core.ErrHost},
		{name: "80 for https", host: "example.com", headers: []string{https, "X-Forwarded-Port: 80"}, signed: "https://example.com:80", want: core.ErrHost},
		{name: "a host that is not allowed", host: "example.com", headers: []string{"X-Forwarded-Host: evil.example"}, signed: "http://evil.example", want: core.ErrHost},
		{name: "the Host header that a forwarded host replaces", host: "example.com", headers: []string{"X-Forwarded-Host: example.com:8080"}, signed: "http://example.com:8080"},
		{name: "proto with another scheme", host: "example.com", headers: []string{"X-Forwarded-Proto: wss"}, signed: "http://example.com", want: core.ErrForwarded},
		{name: "proto in upper case", host: "example.com", headers: []string{"X-Forwarded-Proto: HTTPS"}, signed: "https://example.com", want: core.ErrForwarded},
		{name: "an empty proto", host: "example.com", headers: []string{"X-Forwarded-Proto: "}, signed: "http://example.com", want: core.ErrForwarded},
		{name: "proto with two elements", host: "example.com", headers: []string{"X-Forwarded-Proto: https, http"}, signed: "https://example.com", want: core.ErrForwarded},
		{name: "two proto lines", host: "example.com", headers: []string{https, https}, signed: "https://example.com", want: core.ErrForwarded},
		{name: "a host list", host: "example.com", headers: []string{"X-Forwarded-Host: evil.example, example.com"}, signed: "http://example.com", want: core.ErrForwarded},
		{name: "two host lines", host: "example.com", headers: []string{"X-Forwarded-Host: example.com", "X-Forwarded-Host: example.com"}, signed: "http://example.com", want: core.ErrForwarded},
		{name: "an empty host", host: "example.com", headers: []string{"X-Forwarded-Host: "}, signed: "http://example.com", want: core.ErrForwarded},
		{name: "a URL as host", host: "example.com", headers: []string{"X-Forwarded-Host: http://example.com"}, signed: "http://example.com", want: core.ErrForwarded},
		{name: "a port list", host: "example.com", headers: []string{https, "X-Forwarded-Port: 443,443"}, signed: "https://example.com", want: core.ErrForwarded},
		{name: "two port lines", host: "example.com", headers: []string{https, "X-Forwarded-Port: 443", "X-Forwarded-Port: 443"}, signed: "https://example.com", want: core.ErrForwarded},
		{name: "a port that is no number", host: "example.com", headers: []string{https, "X-Forwarded-Port: https"}, signed: "https://example.com", want: core.ErrForwarded},
		{name: "a port with a leading zero", host: "example.com", headers: []string{https, "X-Forwarded-Port: 0443"}, signed: "https://example.com", want: core.ErrForwarded},
		{name: "an empty port", host: "example.com", headers: []string{https, "X-Forwarded-Port: "}, signed: "https://example.com", want: core.ErrForwarded},
	} {
		d.peer = tcpPeer(proxy)
		d.test(t, v)
	}
}

func TestU3ForwardedHeadersOfAnybodyElseAreIgnored(t *testing.T) {
	v := validatorFor(t, core.Config{AllowedHosts: []string{"example.com"}, TrustedProxies: []string{"10.0.0.0/8"}})
	forwarded := []string{"X-Forwarded-Proto: https", "X-Forwarded-Host: example.com", "X-Forwarded-Port: 443"}
	for _, d := range []derived{
		{name: "from an untrusted peer", host: "example.com", headers: forwarded, signed: "http://example.com"},
		{name: "and they are not fatal when malformed", host: "example.com", headers: []string{"X-Forwarded-Proto: junk", "X-Forwarded-Host: a,b", "X-Forwarded-Port: x"}, signed: "http://example.com"},
		{name: "nor do they change the scheme", host: "example.com", headers: forwarded, signed: "https://example.com", want: core.ErrSignature},
		{name: "nor do they make a host allowed", host: "evil.example", headers: forwarded, signed: "https://example.com", want: core.ErrHost},
	} {
		d.peer = tcpPeer(untrusted)
		d.test(t, v)
	}
}

func TestU3NoOtherHeaderIsRead(t *testing.T) {
	v := validatorFor(t, core.Config{AllowedHosts: []string{"example.com"}, TrustedProxies: []string{proxy}})
	for _, line := range []string{
		"Forwarded: proto=https;host=evil.example", "X-Original-URL: /admin", "X-Rewrite-URL: /admin", "X-Forwarded-Prefix: /admin",
		"X-Host: evil.example", "X-Forwarded-Server: evil.example", "X-HTTP-Host-Override: evil.example", "Front-End-Https: on",
		"X-Forwarded-Ssl: on", "X-Url-Scheme: https", "X-Forwarded-Protocol: https", "X-Forwarded-For: 192.0.2.9", "X-HTTP-Method-Override: PUT",
	} {
		r := signedGet("/x", "http://example.com/x", line)
		r.Peer = tcpPeer(proxy)
		if got := accepted(t, v, r).URL(); got != "http://example.com/x" {
			t.Errorf("%s: matched %s", line, got)
		}
	}
}

func TestU3TrustedPeers(t *testing.T) {
	unix := core.PeerOf(&net.UnixAddr{Name: "@", Net: "unix"})
	tests := []struct {
		name    string
		proxies []string
		peer    core.Peer
		trusted bool
	}{
		{"a single address", []string{"10.1.2.3"}, tcpPeer("10.1.2.3"), true},
		{"its neighbour", []string{"10.1.2.3"}, tcpPeer("10.1.2.4"), false},
		{"a range", []string{"192.0.2.0/24", "10.0.0.0/8"}, tcpPeer("10.255.255.255"), true},
		{"the address before a range", []string{"10.1.0.0/16"}, tcpPeer("10.0.255.255"), false},
		{"a range with host bits", []string{"10.1.2.3/8"}, tcpPeer("10.9.9.9"), true},
		{"IPv6", []string{"2001:db8::/32"}, tcpPeer("2001:db8::5"), true},
		{"a range of the last bits of IPv6", []string{"2001:db8::/112"}, tcpPeer("2001:db8::5"), true},
		{"the address behind a range of the last bits of IPv6", []string{"2001:db8::/112"}, tcpPeer("2001:db8::1:5"), false},
		{"a single IPv6 address", []string{"2001:db8::5"}, tcpPeer("2001:db8::5"), true},
		{"an IPv4-mapped peer is IPv4", []string{"10.0.0.0/8"}, core.PeerOf(&net.TCPAddr{IP: net.ParseIP("::ffff:10.1.2.3")}), true},
		{"an IPv4-mapped address is IPv4", []string{"::ffff:10.1.2.3"}, tcpPeer("10.1.2.3"), true},
		{"an IPv4-mapped range is IPv4", []string{"::ffff:10.0.0.0/104"}, tcpPeer("10.1.2.3"), true},
		{"an IPv4-mapped range has an end", []string{"::ffff:10.0.0.0/104"}, tcpPeer("11.1.2.3"), false},
		{"a Unix socket", []string{"unix"}, unix, true},
		{"a Unix socket is no address", []string{"10.0.0.0/8", "127.0.0.1"}, unix, false},
		{"an address is no Unix socket", []string{"unix"}, tcpPeer("127.0.0.1"), false},
		{"an unknown peer", []string{"unix", "10.0.0.0/8", "127.0.0.1"}, core.Peer{}, false},
		{"no proxies", nil, tcpPeer("127.0.0.1"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := validatorFor(t, core.Config{AllowedHosts: []string{"example.com"}, TrustedProxies: test.proxies})
			scheme := map[bool]string{true: "https", false: "http"}[test.trusted]
			r := signedGet("/x", scheme+"://example.com/x", "X-Forwarded-Proto: https")
			r.Peer = test.peer
			accepted(t, v, r)
		})
	}
}

func TestH4RequireHTTPS(t *testing.T) {
	const forwardedHTTP, forwardedHTTPS = "X-Forwarded-Proto: http", "X-Forwarded-Proto: https"
	derive := core.Config{AllowedHosts: []string{"example.com"}, TrustedProxies: []string{proxy, "unix"}}
	public := core.Config{PublicURL: "https://example.com", TrustedProxies: []string{proxy}}
	mixed := core.Config{PublicURL: "http://example.com", MorePublicURLs: []string{"https://example.com"}}
	tests := []struct {
		name    string
		config  core.Config
		tls     bool
		peer    string
		headers []string
		signed  string
		want    core.Reason
	}{
		{"a TLS socket", derive, true, untrusted, nil, "https", ""},
		{"a plain socket", derive, false, untrusted, nil, "http", core.ErrNotHTTPS},
		{"a plain socket behind a trusted proxy with TLS", derive, false, proxy, []string{forwardedHTTPS}, "https", ""},
		{"a TLS socket behind a trusted proxy without", derive, true, proxy, []string{forwardedHTTP}, "http", core.ErrNotHTTPS},
		{"the claim of an untrusted peer", derive, false, untrusted, []string{forwardedHTTPS}, "https", core.ErrNotHTTPS},
		{"an https PublicURL", public, false, untrusted, nil, "https", ""},
		{"an https PublicURL behind a trusted proxy with TLS", public, false, proxy, []string{forwardedHTTPS}, "https", ""},
		{"an https PublicURL behind a trusted proxy without", public, false, proxy, []string{forwardedHTTP}, "https", core.ErrNotHTTPS},
		{"an https PublicURL behind a trusted proxy that is not clear", public, false, proxy, []string{forwardedHTTPS, forwardedHTTP}, "https", core.ErrNotHTTPS},
		{"an https PublicURL and the claim of an untrusted peer", public, false, untrusted, []string{forwardedHTTP}, "https", ""},
		{"an http PublicURL", core.Config{PublicURL: "http://example.com"}, true, untrusted, nil, "http", core.ErrNotHTTPS},
		{"the https one of two PublicURLs", mixed, false, untrusted, nil, "https", ""},
		{"the http one of two PublicURLs", mixed, false, untrusted, nil, "http", core.ErrSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.config.RequireHTTPS = true
			r := signedGet("/x", test.signed+"://example.com/x", test.headers...)
			r.TLS, r.Peer = test.tls, tcpPeer(test.peer)
			v := validatorFor(t, test.config)
			if test.want == "" {
				accepted(t, v, r)
			} else if e := refused(t, v, r, test.want); e.Status() != http.StatusForbidden {
				t.Errorf("status %d", e.Status())
			}
		})
	}
}

func TestC2Origins(t *testing.T) {
	for url, word := range map[string]string{
		"example.com":                     "https://HOST",
		"//example.com":                   "https://HOST",
		"ftp://example.com":               "scheme",
		"HTTPS://example.com":             "scheme",
		"wss://example.com":               "scheme",
		"https://example.com?a=1":         "query",
		"https://example.com/x?":          "query",
		"https://example.com#f":           "fragment",
		"https://user:pass@example.com":   "user",
		"https://user@example.com/x":      "user",
		"https://b\u00fccher.example":     "ASCII",
		"https://exam ple.com":            "white space",
		"https://example.com\n":           "control",
		"https://example.com\x7f":         "control",
		"https://":                        "host",
		"https:///x":                      "host",
		"https://:8443":                   "host",
		"https://example.com.":            "host",
		"https://.example.com":            "host",
		"https://*.example.com":           "host",
		"https://[::1":                    "host",
		"https://[example]":               "host",
		"https://[fe80::1%25eth0]":        "host",
		"https://[127.0.0.1]":             "host",
		"https://::1":                     "host",
		"https://example.com:":            "port",
		"https://example.com:0":           "port",
		"https://example.com:65536":       "port",
		"https://example.com:-1":          "port",
		"https://example.com:+1":          "port",
		"https://example.com:0443":        "port",
		"https://example.com:https":       "port",
		"https://example.com/%zz":         "escape",
		"https://" + label64 + ".com":     "host",
		"https://" + name254:              "host",
		"https://example.com:99999999999": "port",
	} {
		t.Run(url, func(t *testing.T) {
			tokens := []core.Token{primaryToken()}
			configRefused(t, core.Config{PublicURL: url, Tokens: tokens}, word)
			configRefused(t, core.Config{PublicURL: publicURL, MorePublicURLs: []string{url}, Tokens: tokens}, word)
		})
	}
}

const (
	label63 = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
	label64 = label63 + "g"
	name253 = label63 + "." + label63 + "." + label63 + ".aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg"
	name254 = name253 + "g"
)

func TestC2TheLongestHostIsAHost(t *testing.T) {
	accepted(t, validatorFor(t, core.Config{PublicURL: "https://" + name253}), signedGet("/x", "https://"+name253+"/x"))
}

func TestC2AllowedHosts(t *testing.T) {
	for host, word := range map[string]string{
		"":                    "host",
		"*":                   "wildcard",
		"*.example.com":       "wildcard",
		"example.*":           "wildcard",
		"https://example.com": "scheme",
		"example.com/x":       "path",
		"example.com:*":       "port",
		"example.com:0":       "port",
		"user@example.com":    "host",
		"ex\u00e4mple.com":    "host",
		"example.com\n":       "host",
	} {
		t.Run(host, func(t *testing.T) {
			configRefused(t, core.Config{AllowedHosts: []string{"example.com", host}, Tokens: []core.Token{primaryToken()}}, word)
		})
	}
}

func TestC2TrustedProxies(t *testing.T) {
	for text, word := range map[string]string{
		"":                    "CIDR",
		"proxy.example":       "CIDR",
		"10.0.0.0/33":         "CIDR",
		"10.0.0":              "CIDR",
		"10.0.0.1:80":         "CIDR",
		"Unix":                "CIDR",
		"fe80::1%eth0":        "CIDR",
		"0.0.0.0/0":           "every address",
		"::/0":                "every address",
		"10.0.0.0/0":          "every address",
		"::ffff:0.0.0.0/96":   "every address",
		"::ffff:10.0.0.0/096": "CIDR",
	} {
		t.Run(text, func(t *testing.T) {
			configRefused(t, core.Config{AllowedHosts: []string{"example.com"}, TrustedProxies: []string{proxy, text}, Tokens: []core.Token{primaryToken()}}, word)
		})
	}
}
