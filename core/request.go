package core

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
)

// Request holds the facts that an adapter reads off its framework's wire. Nothing of it is kept after Validate returns, so its
// strings and bytes may alias buffers that the framework reuses.
type Request struct {
	// Context is handed to the token source, the replay store and the observer. Default: context.Background().
	Context context.Context
	// Method is the request line's method, never an override.
	Method string
	// Target is the raw request target, as received: path and query, undecoded (U2).
	Target string

	// RawHeader is the header block as received, without the request line, for frameworks that hide what was in it (fasthttp and
	// those built on it). Host and Header are ignored when it is set; it is taken for set, and empty, where Header is nil as well.
	RawHeader []byte
	// Proto is the request line's version beside RawHeader: "HTTP/1.0" or "HTTP/1.1". Default: HTTP/1.1.
	Proto string
	// Host is the Host header or :authority, and Header the other header lines, for frameworks whose parser refuses what
	// [ParseRawHeader] refuses.
	Host   string
	Header http.Header

	// Peer is the other end of the socket, never an address out of a header.
	Peer Peer
	// TLS says whether the socket itself is TLS.
	TLS bool

	// Body is read up to the limit, and only after the cheap checks. Body and Buffered may both be nil: an empty body.
	Body io.Reader
	// Buffered is the body where the framework has read it before any middleware.
	Buffered []byte

	// Verified is the webhook that an outer middleware verified for this same request, if there was one: a group and a route may both
	// validate. The request is validated again, but is not taken for a repetition of itself (V8).
	Verified *Webhook

	// Malformed is set where the framework hides what came over the wire, and says so: the request is refused with
	// ErrMalformedRequest and this Detail, whatever else is in it. It must be a constant, like Hint.
	Malformed string

	// Hint is the Detail of a refusal with ErrSignature: what the framework has lost of the text that Twilio signed, and what to
	// configure. It must be a constant, with nothing of the request in it, since it is logged (R2).
	Hint string

	length int64 // http.Request.ContentLength; 0 means that Header knows
}

// Peer is the other end of a socket.
type Peer struct {
	addr netip.Addr // unmapped; invalid if unknown
	unix bool
}

// PeerOf returns the peer for the remote address of a TCP or Unix socket; of any other it is unknown, and so never trusted.
func PeerOf(addr net.Addr) Peer {
	switch a := addr.(type) {
	case *net.TCPAddr:
		return Peer{addr: a.AddrPort().Addr().Unmap()}
	case *net.UnixAddr:
		return Peer{unix: true}
	default:
		return Peer{}
	}
}

// String returns the IP address, "unix", or "unknown".
func (p Peer) String() string {
	switch {
	case p.unix:
		return "unix"
	case p.addr.IsValid():
		return p.addr.String()
	default:
		return "unknown"
	}
}
