package core_test

import (
	"net"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

// otherAddr is an address of a network that is neither TCP nor Unix.
type otherAddr string

func (otherAddr) Network() string  { return "other" }
func (a otherAddr) String() string { return string(a) }

func TestU3PeerOfASocket(t *testing.T) {
	var noTCP *net.TCPAddr
	for want, addr := range map[string]net.Addr{
		"192.0.2.1":   &net.TCPAddr{IP: net.ParseIP("192.0.2.1"), Port: 1},
		"10.1.2.3":    &net.TCPAddr{IP: net.ParseIP("::ffff:10.1.2.3"), Port: 1},
		"2001:db8::1": &net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 1},
		"unix":        &net.UnixAddr{Name: "/run/s", Net: "unix"},
	} {
		if got := core.PeerOf(addr).String(); got != want {
			t.Errorf("%v: peer %q, want %q", addr, got, want)
		}
	}
	for _, addr := range []net.Addr{nil, noTCP, &net.TCPAddr{}, otherAddr("10.1.2.3:1"), otherAddr("unix")} {
		if got := core.PeerOf(addr); got != (core.Peer{}) || got.String() != "unknown" {
			t.Errorf("%v: peer %q, want an unknown one", addr, got)
		}
	}
}
