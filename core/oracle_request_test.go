package core_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

// oracleRequest is a request as it came over the wire. Its header lines are well-formed: what is not is for ParseRawHeader's tests.
type oracleRequest struct {
	method, target string
	host           string
	lines          []golden.HeaderLine // all but Host
	body           string
	tls            bool
	peer           string // an IP address, or "unix"
}

func (r oracleRequest) values(name string) (values []string) {
	for _, line := range r.lines {
		if oracleLower(line[0]) == oracleLower(name) {
			values = append(values, strings.Trim(line[1], " \t"))
		}
	}
	return values
}

// value returns the value of a line that occurs at most once, or "".
func (r oracleRequest) value(name string) string {
	return strings.Join(r.values(name), "\n")
}

// oracleRequestOf takes a case of the corpus that the oracle can judge: one well-formed message that needs no framing and no state.
func oracleRequestOf(c golden.Case) (r oracleRequest, ok bool) {
	if c.Raw != nil || c.RawParts != nil || c.Config.Digest != nil || c.Config.ReplayGuard || c.Repeat > 1 {
		return r, false
	}
	r = oracleRequest{method: c.Method, target: c.Target, body: string(c.Body), peer: "127.0.0.1"}
	hosts := 0
	for _, line := range c.Headers {
		if oracleLower(line[0]) == "host" {
			r.host = line[1]
			hosts++
			continue
		}
		r.lines = append(r.lines, line)
	}
	return r, hosts == 1 && r.isWellFormed()
}

var (
	oracleToken68   = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	oracleControl   = regexp.MustCompile(`[\x00-\x08\x0a-\x1f\x7f]`)
	oracleHostChars = regexp.MustCompile(`^[A-Za-z0-9!$%&'()*+,.:;=\[\]_~-]*$`)
	oracleDigits    = regexp.MustCompile(`^[0-9]{1,9}$`)
)

// isWellFormed reports whether every HTTP server takes the header block, and by it the whole body, for what it is.
func (r oracleRequest) isWellFormed() bool {
	lengths := r.values("Content-Length")
	if len(lengths) > 1 || len(lengths) == 1 && !oracleDigits.MatchString(lengths[0]) || len(r.values("Transfer-Encoding")) > 0 {
		return false
	}
	return oracleHostChars.MatchString(r.host) && !slices.ContainsFunc(r.lines, func(line golden.HeaderLine) bool {
		return !oracleToken68.MatchString(line[0]) || oracleControl.MatchString(line[1]) || oracleLower(line[0]) == "host"
	})
}

// The three ways into core.

func (r oracleRequest) corePeer() core.Peer {
	if r.peer == "unix" {
		return core.PeerOf(&net.UnixAddr{})
	}
	return core.PeerOf(&net.TCPAddr{IP: net.ParseIP(r.peer), Port: 4711})
}

func (r oracleRequest) header() http.Header {
	header := http.Header{}
	for _, line := range r.lines {
		header.Add(line[0], strings.Trim(line[1], " \t"))
	}
	return header
}

func (r oracleRequest) withHeader() *core.Request {
	return &core.Request{
		Method: r.method, Target: r.target, Host: r.host, Header: r.header(), Peer: r.corePeer(), TLS: r.tls, Body: strings.NewReader(r.body),
	}
}

func (r oracleRequest) withRawHeader() *core.Request {
	block := "Host: " + r.host + "\r\n"
	for _, line := range r.lines {
		block += line[0] + ": " + line[1] + "\r\n"
	}
	return &core.Request{
		Method: r.method, Target: r.target, RawHeader: []byte(block + "\r\n"), Peer: r.corePeer(), TLS: r.tls, Buffered: []byte(r.body),
	}
}

func (r oracleRequest) withHTTP() *http.Request {
	request := &http.Request{
		Method: r.method, RequestURI: r.target, URL: &url.URL{}, Host: r.host, Header: r.header(), ContentLength: -1,
		Body: io.NopCloser(strings.NewReader(r.body)), RemoteAddr: net.JoinHostPort(r.peer, "4711"),
	}
	if length, err := strconv.ParseInt(r.value("Content-Length"), 10, 64); err == nil {
		request.ContentLength = length
	}
	if r.tls {
		request.TLS = &tls.ConnectionState{}
	}
	ctx := context.WithValue(context.Background(), http.ServerContextKey, &http.Server{})
	if r.peer == "unix" {
		ctx = context.WithValue(ctx, http.LocalAddrContextKey, &net.UnixAddr{Net: "unix"})
	}
	return request.WithContext(ctx)
}
