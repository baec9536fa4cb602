//go:build !race

// The race detector makes sync.Pool forget, so that these figures hold without it only.

package core_test

import (
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestAllocations(t *testing.T) {
	v := validatorFor(t, core.Config{})
	const body = "AccountSid=" + accountA + "&From=%2B15005550006&To=%2B15005550007&Body=Hello+World&MediaUrl=&MediaUrl=x"
	const text = publicURL + "/sms?a=1AccountSid" + accountA + "BodyHello WorldFrom+15005550006MediaUrlMediaUrlxTo+15005550007"
	unsigned := signedForm("/sms", body, "")
	unsigned.Header.Del("X-Twilio-Signature")

	for name, r := range map[string]*core.Request{
		"form":    signedForm("/sms?a=1", body, text),
		"GET":     signedGet("/x?AccountSid="+accountA, publicURL+"/x?AccountSid="+accountA),
		"JSON":    signedJSON("/x", `{"a": 1}`),
		"upgrade": signedGet("/ws?a=1", "wss://example.com/wsa1", upgradeLines...),
	} {
		accepted(t, v, r)
		if n := testing.AllocsPerRun(100, func() { _ = v.Check(r) }); n > 0 {
			t.Errorf("%s: Check of an accepted request allocates %v times, want 0", name, n)
		}
		if n := testing.AllocsPerRun(100, func() { _, _ = v.Validate(r) }); n > 2 {
			t.Errorf("%s: Validate of an accepted request allocates %v times, want at most 2", name, n)
		}
	}
	refused(t, v, unsigned, core.ErrNoSignature)
	if n := testing.AllocsPerRun(100, func() { _ = v.Check(unsigned) }); n > 1 {
		t.Errorf("the refusal of an unsigned request allocates %v times, want at most 1", n)
	}
}
