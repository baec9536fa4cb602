package core_test

import (
	"bytes"
	"net"
	"strings"
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

func TestR2TheHintIsLoggedObservedAndReturned(t *testing.T) {
	const hint = "an event holds the path decoded"
	var log bytes.Buffer
	var o core.Observation
	v := validatorFor(t, core.Config{Logger: loggerInto(&log), Observer: observeInto(&o)})
	for name, validate := range map[string]func(*core.Request) error{
		"Validate": func(r *core.Request) error { _, err := v.Validate(r); return err },
		"Check":    v.Check,
	} {
		log.Reset()
		wrong := signedGet("/x", "")
		wrong.Hint = hint
		e := refusalFor(t, validate(wrong), core.ErrSignature)
		if e.Detail != hint || o.Err != e || !strings.Contains(log.String(), "signature does not match: "+hint) {
			t.Errorf("%s: error %q, observed %v, logged %s", name, e, o.Err, &log)
		}
		if answer := core.AnswerTo(e); answer.Body != "Forbidden\n" {
			t.Errorf("%s: the client is told %q", name, answer.Body)
		}
	}
}

func TestTheHintIsOfASignatureThatDoesNotMatchAlone(t *testing.T) {
	v := validatorFor(t, core.Config{})
	unsigned, signed := signedGet("/x", ""), signedGet("/x", publicURL+"/x")
	unsigned.Header.Del("X-Twilio-Signature")
	unsigned.Hint, signed.Hint = "hint", "hint"
	if e := refused(t, v, unsigned, core.ErrNoSignature); e.Detail != "" {
		t.Errorf("error %q", e)
	}
	accepted(t, v, signed)
}

// R2: what an adapter cannot read is refused by the core, so that the log and the observer know of it.
func TestR2WhatAnAdapterCannotReadIsRefusedLoggedAndObserved(t *testing.T) {
	const hidden = "the router hides the request"
	var log bytes.Buffer
	var o core.Observation
	v := validatorFor(t, core.Config{Logger: loggerInto(&log), Observer: observeInto(&o)})
	signed := signedGet("/x", publicURL+"/x")
	accepted(t, v, signed)
	signed.Malformed = hidden
	e := refused(t, v, signed, core.ErrMalformedRequest)
	if e.Detail != hidden || o.Err != e || o.Path != "/x" || !strings.Contains(log.String(), "malformed request: "+hidden) {
		t.Errorf("error %q, observed %+v, logged %s", e, o, &log)
	}
	if r := (core.Request{Malformed: hidden}); v.Check(&r) == nil {
		t.Error("accepted without anything else")
	}
}
