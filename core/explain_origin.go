package core

import (
	"fmt"
	"strings"
)

// commonPorts are those that development servers and proxies listen on.
var commonPorts = []string{":443", ":80", ":8080", ":8443", ":3000", ":5000", ":8000"}

// commonPrefixes are path prefixes that gateways strip, the names of an API gateway's stages among them.
var commonPrefixes = []string{
	"/api", "/v1", "/api/v1", "/app", "/twilio", "/webhook", "/webhooks", "/hooks", "/prod", "/dev", "/stage", "/staging", "/test", "/default",
}

// originChanges are the other schemes, hosts, ports and prefixes that the sender may have used (U1).
func (q *inquiry) originChanges(o origin) []change {
	changes := q.schemeChanges(o)
	known := map[string]bool{o.host + o.port: true}
	for _, clue := range q.hostClues() {
		host, port := looseHost(clue.text)
		for _, p := range []string{port, "", o.port} {
			if host != "" && !known[host+p] {
				known[host+p] = true
				changes = append(changes, hostChange(o, host, p, clue.source))
			}
		}
	}
	for _, port := range q.portClues() {
		if !known[o.host+port] {
			known[o.host+port] = true
			changes = append(changes, hostChange(o, o.host, port, ""))
		}
	}
	return append(changes, q.prefixChanges(o)...)
}

func (q *inquiry) schemeChanges(o origin) []change {
	other, why := "https", "https:// was signed, http:// checked: TLS ends at a proxy in front of the server"
	if o.scheme == "https" {
		other, why = "http", "http:// was signed, https:// checked: Twilio is configured with an http:// URL"
	}
	changes := []change{{cause: CauseScheme, parts: partScheme, why: why, apply: func(r *reading) { r.origin.scheme = other }}}
	if q.method == "GET" && !(q.headers.upgrade && q.headers.connection) {
		changes = append(changes, change{
			cause: CauseUpgrade, parts: partScheme, apply: func(r *reading) { r.upgrade = true },
			why: "a WebSocket URL was signed, but the request arrived without the header lines Connection: upgrade and Upgrade: websocket",
			fix: "let every proxy pass Connection and Upgrade on, as for any WebSocket",
		})
	}
	return changes
}

// clue is a text that may be what was signed, and where it stands.
type clue struct{ text, source string }

// hostClues are the hosts that the request and the configuration name. Untrusted headers serve as well as others: what counts is
// whether the signature matches.
func (q *inquiry) hostClues() []clue {
	clues := []clue{{q.headers.host.value, "the Host header"}}
	for _, name := range []string{"X-Forwarded-Host", "X-Original-Host", "X-Forwarded-Server", "X-Host"} {
		for _, line := range q.lines[name] {
			for _, element := range strings.Split(line, ",") {
				clues = append(clues, clue{trimOWS(element), name})
			}
		}
	}
	for _, line := range q.lines["Forwarded"] {
		for _, element := range strings.FieldsFunc(line, func(r rune) bool { return r == ';' || r == ',' }) {
			if name, value, _ := strings.Cut(trimOWS(element), "="); foldEqual(name, "host") {
				clues = append(clues, clue{strings.Trim(value, `"`), "Forwarded"})
			}
		}
	}
	for _, raw := range q.options.URLs {
		if o, _, ok := splitURL(raw); ok {
			clues = append(clues, clue{o.host + o.port, "a URL that you gave"})
		}
	}
	for _, list := range [][]origin{q.v.origins, q.v.allowed} {
		for _, o := range list {
			clues = append(clues, clue{o.host + o.port, "the configuration"}, clue{lower(o.host) + o.port, "the configuration in lower case"})
		}
	}
	if len(clues) > maxClues {
		clues = clues[:maxClues]
	}
	return clues
}

// maxClues bounds what a request can make Explain try.
const maxClues = 24

func lower(s string) string { return strings.ToLower(s) }

func (q *inquiry) portClues() []string {
	var ports []string
	for _, text := range []string{q.headers.forwardedPort.value} {
		if _, port, err := splitHost("x:" + text); err == nil {
			ports = append(ports, port)
		}
	}
	if _, port := looseHost(q.headers.host.value); port != "" {
		ports = append(ports, port)
	}
	return append(ports, commonPorts...)
}

func hostChange(o origin, host, port, source string) change {
	c := change{cause: CauseHost, parts: partHost | partPort, apply: func(r *reading) { r.origin.host, r.origin.port = host, port }}
	switch {
	case host == o.host:
		c.cause, c.parts = CausePort, partPort
		c.why = fmt.Sprintf("the URL was signed with %s, checked with %s", portName(port), portName(o.port))
	default:
		c.why = fmt.Sprintf("the host %s was signed, %s checked", show(host+port), show(o.host+o.port))
		if source != "" {
			c.why += " (the signed one is that of " + source + ": make sure that it is yours)"
		}
	}
	return c
}

func portName(port string) string {
	if port == "" {
		return "no port"
	}
	return "port " + show(port[1:])
}

// prefixChanges are the path prefixes that a proxy may have stripped, and the configured one where it strips none.
func (q *inquiry) prefixChanges(o origin) []change {
	var changes []change
	add := func(prefix, why string) {
		changes = append(changes, change{cause: CausePathPrefix, parts: partPath, why: why, apply: func(r *reading) { r.origin.prefix = prefix }})
	}
	if o.prefix != "" {
		add("", "the path was signed without the prefix "+show(o.prefix)+": no proxy strips it")
	}
	for _, prefix := range q.prefixClues() {
		add(prefix, "the path was signed with the prefix "+show(prefix)+", which a proxy strips")
	}
	return changes
}

// prefixClues are the prefixes that the request's header, the given URLs and common practice name.
func (q *inquiry) prefixClues() []string {
	var prefixes []string
	for _, name := range []string{"X-Forwarded-Prefix", "X-Script-Name"} {
		for _, line := range q.lines[name] {
			prefixes = append(prefixes, strings.TrimSuffix(trimOWS(line), "/"))
		}
	}
	for _, clue := range q.targetClues() {
		t, problem := parseTarget(clue.text)
		if prefix, ok := strings.CutSuffix(t.path, q.target.path); ok && problem == "" && prefix != "" && t.query == q.target.query {
			prefixes = append(prefixes, prefix)
		}
	}
	prefixes = append(prefixes, commonPrefixes...)
	valid := prefixes[:0]
	for _, prefix := range prefixes {
		if _, problem := parseTarget(prefix + "/"); problem == "" && prefix != "" && len(valid) < maxClues {
			valid = append(valid, prefix)
		}
	}
	return valid
}

// splitURL splits an absolute URL into its origin and its target. ws and wss count as http and https.
func splitURL(raw string) (o origin, target string, ok bool) {
	signed, err := signedURL(raw)
	if err != nil {
		return o, "", false
	}
	scheme, rest, _ := strings.Cut(signed, "://")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		rest, end = rest+"/", len(rest)
	}
	o.scheme = strings.Replace(scheme, "ws", "http", 1)
	o.host, o.port = looseHost(rest[:end])
	if target = rest[end:]; target[0] == '?' {
		target = "/" + target
	}
	return o, target, true
}

// originFix is the line of Go that makes o the origin that is checked.
func (q *inquiry) originFix(o origin) string {
	if _, err := parseOrigin(o.String()); err != nil {
		return "the webhook's URL in Twilio's console has a host that cannot be configured: correct it there"
	}
	public := fmt.Sprintf("PublicURL: %q,", o.String())
	switch {
	case len(q.v.origins) > 1:
		return "one of PublicURL and MorePublicURLs: " + fmt.Sprintf("%q,", o.String())
	case q.v.origins != nil:
		return public
	}
	if line, ok := q.trustFix(o); ok {
		return line
	}
	return public + " // instead of AllowedHosts"
}

// trustFix is the line that lets derive mode find o: the proxy's address, or the host.
func (q *inquiry) trustFix(o origin) (line string, ok bool) {
	hosts := *q.v
	hosts.allowed = append([]origin{{host: o.host, port: o.port}}, q.v.allowed...)
	missing := fmt.Sprintf("AllowedHosts: []string{%q},", o.host+o.port)
	request := Request{Peer: q.peer, TLS: q.tls}
	if got, e := hosts.derive(&request, &q.headers); e == nil && got == o {
		return missing, true
	}
	if q.peer == (Peer{}) {
		return "", false
	}
	hosts.proxies = proxies{unix: q.peer.unix}
	if q.peer.addr.IsValid() {
		prefix, err := q.peer.addr.Prefix(q.peer.addr.BitLen())
		if err != nil {
			return "", false
		}
		hosts.proxies.ranges = append(hosts.proxies.ranges, prefix)
	}
	trusted := fmt.Sprintf("TrustedProxies: []string{%q},", q.peer)
	own := *q.v
	own.proxies = hosts.proxies
	if got, e := own.derive(&request, &q.headers); e == nil && got == o {
		return trusted, true
	}
	if got, e := hosts.derive(&request, &q.headers); e == nil && got == o {
		return trusted + "\n" + missing, true
	}
	return "", false
}
