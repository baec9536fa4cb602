package sigclient

import (
	"net/http"
	"net/url"
	"strings"
)

// origin is the scheme and the host:port of a URL in lower case, the scheme's default port left out.
type origin struct{ scheme, host string }

func originOf(scheme, host string) origin {
	scheme, host = strings.ToLower(scheme), strings.ToLower(host)
	defaultPort := map[string]string{"http": ":80", "https": ":443"}[scheme]
	return origin{scheme, strings.TrimSuffix(host, defaultPort)}
}

// parseOrigin parses "https://HOST[:PORT]". An error does not repeat the text: a password may be in it.
func parseOrigin(text string) (origin, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Hostname() == "", u.Scheme != "https" && u.Scheme != "http":
		return origin{}, configError("an origin must be https://HOST[:PORT], or http:// for tests")
	case u.User != nil, strings.Trim(u.Path, "/") != "", strings.ContainsAny(text, "?#"):
		return origin{}, configError("origin %s://%s: leave out what is not scheme, host and port", u.Scheme, u.Host)
	}
	return originOf(u.Scheme, u.Host), nil
}

// destinations returns where a request goes: the origin that is dialled, and the one that the server is told in the Host header.
func destinations(r *http.Request) (dialled, told origin) {
	dialled = originOf(r.URL.Scheme, r.URL.Host)
	if r.Host == "" {
		return dialled, dialled
	}
	return dialled, originOf(r.URL.Scheme, r.Host)
}
