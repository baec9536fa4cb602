package core_test

import (
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The oracle's rules about the URL (U).

var oracleTarget = regexp.MustCompile(`^(/(?:[^%?#\x00-\x20\x7f]|%[0-9A-Fa-f]{2})*)(\?([^#\x00-\x20\x7f]*))?$`)

// ruleTarget is U2: origin-form; a malformed escape in the path is 400, in the query it is signed as sent.
func (c oracleConfig) ruleTarget(o *oracleRuling, r oracleRequest) (path, query string, hasQuery bool) {
	m := oracleTarget.FindStringSubmatch(strings.ToValidUTF8(r.target, "\uFFFD")) // regular expressions take text
	if m == nil {
		o.fault("U2: the target", 3, 400)
		return "", "", false
	}
	return strings.Cut(r.target, "?")
}

var (
	oracleOrigin = regexp.MustCompile(`^(https?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[1-9][0-9]*)?(/.*)?$`)
	oraclePort   = map[string]string{"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}
)

// ruleOrigin is U1, U3 and H4: the origins that may have been signed, with their prefixes.
func (c oracleConfig) ruleOrigin(o *oracleRuling, r oracleRequest) (origins []string) {
	trusted := oracleTrusted(c.TrustedProxies, r.peer)
	scheme, host, problem := "", "", ""
	if trusted {
		scheme, host, problem = oracleForwarded(r)
	}
	if c.PublicURL != "" {
		for _, publicURL := range append([]string{c.PublicURL}, c.morePublicURLs...) {
			origins = append(origins, strings.TrimSuffix(publicURL, "/"))
		}
		https := slices.ContainsFunc(origins, func(s string) bool { return strings.HasPrefix(s, "https:") })
		if c.RequireHTTPS && (!https || problem != "" || scheme == "http") {
			o.fault("H4: https is required", 3, 403)
		}
		return origins
	}
	if scheme == "" {
		scheme = "http"
		if r.tls {
			scheme = "https"
		}
	}
	if host == "" {
		host = r.host
	}
	if ports := r.values("X-Forwarded-Port"); trusted && problem == "" && len(ports) == 1 {
		m := oracleOrigin.FindStringSubmatch("http://" + host)
		switch {
		case m == nil || m[3] != "" && m[3] != ":"+ports[0]:
			problem = "X-Forwarded-Port contradicts the host"
		case m[3] == "" && ":"+ports[0] != oraclePort[scheme]:
			host += ":" + ports[0]
		}
	}
	if problem != "" {
		o.fault("U3: "+problem, 3, 403)
	}
	if !slices.ContainsFunc(c.AllowedHosts, func(allowed string) bool {
		return strings.TrimSuffix(allowed, oraclePort[scheme]) == strings.TrimSuffix(host, oraclePort[scheme])
	}) {
		o.fault("U1: the host is not allowed", 3, 403)
		return nil
	}
	if c.RequireHTTPS && scheme != "https" {
		o.fault("H4: https is required", 3, 403)
	}
	return []string{scheme + "://" + host}
}

// oracleTrusted compares IPv4-mapped peers as IPv4 (U3).
func oracleTrusted(proxies []string, peer string) bool {
	for _, proxy := range proxies {
		if proxy == "unix" || peer == "unix" {
			if proxy == peer {
				return true
			}
			continue
		}
		if !strings.Contains(proxy, "/") && net.ParseIP(proxy).Equal(net.ParseIP(peer)) {
			return true
		}
		if _, network, err := net.ParseCIDR(proxy); err == nil && network.Contains(net.ParseIP(peer)) {
			return true
		}
	}
	return false
}

// oracleForwarded reads what a trusted proxy says: each at most one line and one element (U3).
func oracleForwarded(r oracleRequest) (scheme, host, problem string) {
	for name, isValid := range map[string]func(string) bool{
		"X-Forwarded-Proto": func(s string) bool { return s == "http" || s == "https" },
		"X-Forwarded-Host":  oracleIsHost,
		"X-Forwarded-Port":  func(s string) bool { return oracleIsHost("x:" + s) },
	} {
		if values := r.values(name); len(values) > 1 || len(values) == 1 && !isValid(values[0]) {
			problem = name + " is malformed"
		}
	}
	return r.value("X-Forwarded-Proto"), r.value("X-Forwarded-Host"), problem
}

var (
	oracleName    = regexp.MustCompile(`^([A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*)(?::([1-9][0-9]{0,4}))?$`)
	oracleAddress = regexp.MustCompile(`^\[([0-9A-Fa-f:.]+)\](?::([1-9][0-9]{0,4}))?$`)
)

// oracleIsHost reports whether s is a host name or an address, with or without a port.
func oracleIsHost(s string) bool {
	m := oracleName.FindStringSubmatch(s)
	if m == nil {
		m = oracleAddress.FindStringSubmatch(s)
		if m == nil || !strings.Contains(m[1], ":") || net.ParseIP(m[1]) == nil {
			return false
		}
	}
	port, _ := strconv.Atoi(m[2])
	return len(m[1]) <= 253 && port <= 65535
}

// ruleTexts is U4 for one origin: every text that Twilio may have signed for the request, the text of the URL as received first.
func (c oracleConfig) ruleTexts(o *oracleRuling, origin, path, query string, hasQuery bool, bodyHash string) (texts []oracleText) {
	m := oracleOrigin.FindStringSubmatch(origin)
	if m == nil {
		return nil
	}
	scheme, host, port, prefix := m[1], m[2], m[3], strings.TrimSuffix(m[4], "/")
	form := ""
	if o.isForm && bodyHash == "" {
		form = oracleSigned(o.params)
	}
	raw := ""
	if hasQuery {
		raw = "?" + query
	}
	spellings := []string{raw}
	if !c.StrictURL {
		spellings = append(spellings,
			strings.NewReplacer("%27", "'", "%40", "@", "%3A", ":", "%3a", ":").Replace(raw),
			strings.NewReplacer("'", "%27", "@", "%40", ":", "%3A", "%3a", "%3A").Replace(raw))
	}
	otherPort := oraclePort[scheme]
	if port != "" {
		otherPort = ""
	}
	schemes := []string{scheme}
	if o.upgrade {
		schemes = append(schemes, map[string]string{"http": "ws", "https": "wss"}[scheme])
	}
	for _, s := range schemes {
		paths := []string{path}
		if path == "/" {
			paths = append(paths, "")
		} else if s != scheme && strings.HasSuffix(path, "/") {
			paths = append(paths, strings.TrimSuffix(path, "/"))
		} else if s != scheme {
			paths = append(paths, path+"/")
		}
		for i, p := range []string{port, otherPort} {
			for j, q := range paths {
				before := s + "://" + host + p + prefix + q
				for k, spelling := range spellings {
					texts = append(texts, oracleText{before + spelling, form, !o.upgrade || k == 0 || i+j == 0})
				}
				if pairs, malformed := oracleForm(query); s != scheme && !malformed && bodyHash == "" {
					texts = append(texts, oracleText{before, oracleSigned(pairs), true})
				}
			}
		}
	}
	return texts
}

// oracleSameURL compares two URLs, bodySHA256 and a default port apart (U5).
func oracleSameURL(a, b string) bool {
	withoutHash := regexp.MustCompile(`bodySHA256=[^&]*&|[?&]bodySHA256=[^&]*$`)
	normal := func(s string) string {
		s = withoutHash.ReplaceAllString(s, "")
		s = regexp.MustCompile(`^(https://[^/]*):443(/|$)`).ReplaceAllString(s, "$1$2")
		return regexp.MustCompile(`^(http://[^/]*):80(/|$)`).ReplaceAllString(s, "$1$2")
	}
	return normal(a) == normal(b)
}
