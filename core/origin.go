package core

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// origin is scheme, host and port of a URL, with the path prefix that a proxy strips (U1).
type origin struct {
	scheme string // "http" or "https"
	host   string // as typed or received; an IPv6 address with its brackets
	port   string // ":8443", or "" where none is named
	prefix string // "/twilio", or ""
}

// defaultPort returns ":443" or ":80".
func (o *origin) defaultPort() string {
	if o.scheme == "https" {
		return ":443"
	}
	return ":80"
}

// sameServer reports whether two origins are equal but for a default port that only one of them names.
func (o *origin) sameServer(other *origin) bool {
	return o.scheme == other.scheme && o.host == other.host && o.explicitPort() == other.explicitPort()
}

func (o *origin) explicitPort() string {
	if o.port == "" {
		return o.defaultPort()
	}
	return o.port
}

func (o *origin) String() string { return o.scheme + "://" + o.host + o.port + o.prefix }

// parseOrigin parses a public URL (C2): scheme, host, optional port, optional path prefix.
func parseOrigin(text string) (origin, error) {
	var o origin
	if strings.Contains(text, "@") {
		return o, configError("the URL has an @ in it: Twilio drops user name and password before signing; use Basic or Digest for them")
	}
	for i := 0; i < len(text); i++ {
		if c := text[i]; c <= ' ' || c >= 0x7f {
			return o, configError("URL %q: white space, control and non-ASCII characters are not allowed; write the host in its ASCII form", text)
		}
	}
	scheme, rest, found := strings.Cut(text, "://")
	switch {
	case !found:
		return o, configError("URL %q: want https://HOST, or http://HOST for tests", text)
	case scheme != "https" && scheme != "http":
		return o, configError("URL %q: the scheme must be https or http in lower case; ws and wss follow from them", text)
	case strings.ContainsAny(rest, "?#"):
		return o, configError("URL %q: an origin has no query and no fragment", text)
	}
	end := strings.IndexByte(rest, '/')
	if end < 0 {
		end = len(rest)
	}
	host, port, err := splitHost(rest[:end])
	if err != nil {
		return o, configError("URL %q: %w", text, err)
	}
	prefix := strings.TrimSuffix(rest[end:], "/")
	if _, problem := parseTarget(prefix + "/"); problem != "" {
		return o, configError("URL %q: in its path, %s", text, problem)
	}
	return origin{scheme: scheme, host: host, port: port, prefix: prefix}, nil
}

// splitHost splits host[:port] and checks both. port keeps its colon.
func splitHost(hostport string) (host, port string, err error) {
	host = hostport
	if colon := strings.LastIndexByte(hostport, ':'); colon > strings.LastIndexByte(hostport, ']') {
		host, port = hostport[:colon], hostport[colon:]
		n, err := strconv.Atoi(port[1:])
		if err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port[1:] {
			return "", "", errors.New("the port must be a number from 1 to 65535")
		}
	}
	if !isHost(host) {
		return "", "", fmt.Errorf("not a host name or IP address: %q", host)
	}
	return host, port, nil
}

// isHost reports whether s is a host name, an IPv4 address, or an IPv6 address in brackets.
func isHost(s string) bool {
	if inner, ok := strings.CutPrefix(s, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return ok && err == nil && addr.Is6() && addr.Zone() == ""
	}
	if len(s) > 253 {
		return false
	}
	for _, label := range strings.Split(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for i := 0; i < len(label); i++ {
			if c := label[i] | 0x20; (c < 'a' || c > 'z') && (label[i] < '0' || label[i] > '9') && label[i] != '-' && label[i] != '_' {
				return false
			}
		}
	}
	return true
}

// shown quotes a part of the configuration for an error, unless a password may be in it.
func shown(text string) string {
	if strings.Contains(text, "@") {
		return "with an @ in it"
	}
	return strconv.Quote(text)
}

// proxies are the peers whose X-Forwarded headers count (U3).
type proxies struct {
	ranges []netip.Prefix
	unix   bool
}

func (p *proxies) trust(peer Peer) bool {
	if peer.unix {
		return p.unix
	}
	for _, r := range p.ranges {
		if r.Contains(peer.addr) {
			return true
		}
	}
	return false
}

// parseProxies parses trusted proxies: CIDR ranges, single addresses, or "unix" (C2).
func parseProxies(list []string) (proxies, error) {
	var p proxies
	for _, text := range list {
		if text == "unix" {
			p.unix = true
			continue
		}
		prefix, err := parsePrefix(text)
		if err != nil {
			return p, configError("trusted proxy %s: want a CIDR range, an IP address, or unix", shown(text))
		}
		if prefix.Bits() == 0 {
			return p, configError("trusted proxy %q covers every address: name the proxy's own", text)
		}
		p.ranges = append(p.ranges, prefix)
	}
	return p, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, err
		}
		if addr.Zone() != "" {
			return netip.Prefix{}, errors.New("an address with a zone")
		}
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	// U3: peers are compared as IPv4 where they are IPv4-mapped, so ranges must be, too.
	if addr := prefix.Addr(); addr.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked(), nil
}

// forwarded is what a trusted proxy says about the request that it received.
type forwarded struct {
	scheme string // "", "http" or "https"
	host   string // "" or host[:port]
	port   string // "" or ":8443"
}

// parseForwarded reads X-Forwarded-Proto, -Host and -Port: each at most one line and one element (U3). It returns what is wrong.
func parseForwarded(h *headers) (f forwarded, problem string) {
	if h.forwardedProto.lines > 1 || h.forwardedHost.lines > 1 || h.forwardedPort.lines > 1 {
		return f, "more than one line"
	}
	if h.forwardedProto.lines == 1 {
		switch h.forwardedProto.value {
		case "http":
			f.scheme = "http" // not the request's memory
		case "https":
			f.scheme = "https"
		default:
			return f, "X-Forwarded-Proto must be http or https"
		}
	}
	if h.forwardedHost.lines == 1 {
		f.host = h.forwardedHost.value
		if _, _, err := splitHost(f.host); err != nil {
			return f, "X-Forwarded-Host must be one host"
		}
	}
	if h.forwardedPort.lines == 1 {
		_, port, err := splitHost("x:" + h.forwardedPort.value)
		if err != nil {
			return f, "X-Forwarded-Port must be one port"
		}
		f.port = port
	}
	return f, ""
}

// derive returns the origin of a request in derive mode (U1, U3): scheme and host of the socket and the Host header, or of a trusted
// proxy's headers. The host must be allowed.
func (v *Validator) derive(r *Request, h *headers) (origin, *Error) {
	o := origin{scheme: "http"}
	if r.TLS {
		o.scheme = "https"
	}
	hostport := h.host.value
	var f forwarded
	if v.proxies.trust(r.Peer) {
		var problem string
		if f, problem = parseForwarded(h); problem != "" {
			return o, v.refuse(ErrForwarded, problem)
		}
		if f.scheme != "" {
			o.scheme = f.scheme
		}
		if f.host != "" {
			hostport = f.host
		}
	}
	var err error
	if o.host, o.port, err = splitHost(hostport); err != nil {
		return o, v.refuse(ErrHost, "the host is not well-formed")
	}
	switch {
	case f.port == "" || f.port == o.port:
	case o.port != "":
		return o, v.refuse(ErrForwarded, "X-Forwarded-Port contradicts the host's port")
	case f.port != o.defaultPort():
		o.port = f.port
	}
	for i := range v.allowed {
		allowed := origin{scheme: o.scheme, host: v.allowed[i].host, port: v.allowed[i].port}
		if allowed.sameServer(&o) {
			return o, nil
		}
	}
	return o, v.refuse(ErrHost, "the host is not one of AllowedHosts")
}

// insecure reports whether a trusted proxy says that the request reached it over plain HTTP, or says it in a malformed way: the one
// thing that X-Forwarded headers inform where the origin is configured (U3, H4).
func (v *Validator) insecure(r *Request, h *headers) bool {
	if !v.proxies.trust(r.Peer) {
		return false
	}
	f, problem := parseForwarded(h)
	return problem != "" || f.scheme == "http"
}
