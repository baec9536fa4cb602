package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// endpoint is what is probed: where requests are sent, and how their URLs are signed.
type endpoint struct {
	address string // scheme://host[:port] that is dialled
	public  string // scheme://host[:port][/prefix] that is signed
	host    string // for the Host header
	target  string // path and query
}

// newEndpoint parses the URL to probe and the -public-url, which may be "". Errors do not quote them: a password may be in them.
func newEndpoint(rawURL, publicURL string) (endpoint, error) {
	u, err := parseHTTP(rawURL)
	if err != nil {
		return endpoint{}, fmt.Errorf("URL: %w", err)
	}
	e := endpoint{address: u.Scheme + "://" + u.Host, host: u.Host, target: u.RequestURI()}
	e.public = e.address
	if publicURL == "" {
		return e, nil
	}
	public, err := parseHTTP(publicURL)
	if err == nil && strings.ContainsAny(publicURL, "?#") {
		err = errors.New("an origin has no query and no fragment")
	}
	if err != nil {
		return endpoint{}, fmt.Errorf("-public-url: %w", err)
	}
	e.host = public.Host
	e.public = public.Scheme + "://" + public.Host + strings.TrimSuffix(public.EscapedPath(), "/")
	return e, nil
}

func parseHTTP(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("malformed: want an absolute https or http URL, escaped")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, errors.New("want an absolute https or http URL")
	case u.User != nil:
		return nil, fmt.Errorf("user name and password do not belong there: set %s and %s", probeUserEnv, probePasswordEnv)
	}
	return u, nil
}

// String leaves out the query, which may have secrets.
func (e endpoint) String() string {
	path, _, _ := strings.Cut(e.target, "?")
	return e.address + path
}
