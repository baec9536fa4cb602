package golden

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

func TestMisconfigurationsAreManyAndEachIsRefused(t *testing.T) {
	ids := make(map[string]bool)
	forged, explained := 0, 0
	for _, m := range Misconfigurations() {
		if m.ID == "" || m.About == "" || m.Cause == "" || ids[m.ID] {
			t.Errorf("%q: without ID, About or Cause, or twice", m.ID)
		}
		ids[m.ID] = true
		if m.Cause == core.CauseUnexplained {
			forged++
		} else {
			explained++
		}
		v, err := m.Config.Validator(nil)
		if err != nil {
			t.Fatalf("%s: %v", m.ID, err)
		}
		r, err := m.Request()
		if err != nil {
			t.Fatalf("%s: %v", m.ID, err)
		}
		if v.Check(r) == nil {
			t.Errorf("%s is accepted", m.ID)
		}
	}
	if explained < 25 || forged < 5 {
		t.Errorf("%d misconfigurations and %d forged requests", explained, forged)
	}
}

func TestMisconfigurationTellsItsSecretsAndPrintsNone(t *testing.T) {
	for _, m := range Misconfigurations() {
		secrets := m.Secrets()
		for i, secret := range secrets {
			if secret == "" || strings.Contains(fmt.Sprint(m), secret) {
				t.Errorf("%s: secret %d is empty or printed", m.ID, i)
			}
		}
		want := len(m.Config.Tokens) + len(m.Config.Accounts) + len(m.OtherTokens) + len(m.APIKeys) + strings.Count(m.Raw, "\r\n"+signatureHeader+":")
		if len(secrets) != want {
			t.Errorf("%s: %d secrets, want %d", m.ID, len(secrets), want)
		}
	}
}

func TestMisconfigurationsRequestHasItsPeer(t *testing.T) {
	r, err := Misconfiguration{Raw: "GET / HTTP/1.1\r\nHost: h\r\n\r\n", Peer: "10.1.2.3", TLS: true}.Request()
	if err != nil || r.Peer.String() != "10.1.2.3" || !r.TLS {
		t.Errorf("got %v, %v", r, err)
	}
	if _, err := (Misconfiguration{Raw: "x"}).Request(); err == nil {
		t.Error("a text that is no request is one")
	}
}
