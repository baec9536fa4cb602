package peers_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/golden"
)

// curl completes both challenges, and is refused with a wrong password.
func TestCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	user := &golden.Credentials{Realm: `the "realm"`, Username: "twilio", Password: "p4ssword"}
	basic, digest, both := config(), config(), config()
	basic.Basic, digest.Digest, both.Basic, both.Digest = user, user, user, user
	for _, test := range []struct {
		name, scheme string
		config       golden.Config
	}{
		{"Basic", "--basic", basic},
		{"Digest", "--digest", digest},
		{"the strongest of both", "--anyauth", both},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachPlayground(t, test.config, func(t *testing.T, addr string) {
				if status := curl(t, addr, test.scheme, "twilio:p4ssword"); status != "200" {
					t.Errorf("answered with %s", status)
				}
				if status := curl(t, addr, test.scheme, "twilio:password"); status != "401" {
					t.Errorf("with a wrong password: answered with %s", status)
				}
			})
		})
	}
}

// curl posts a signed SMS and returns the status.
func curl(t *testing.T, addr, scheme, user string) (status string) {
	t.Helper()
	r := newPost(t, addr)
	body := new(strings.Builder)
	if err := r.Write(body); err != nil {
		t.Fatal(err)
	}
	_, form, _ := strings.Cut(body.String(), "\r\n\r\n")
	output, err := exec.Command("curl", "--silent", "--show-error", "--max-time", "10", "--noproxy", "*", scheme, "--user", user,
		"--header", "X-Twilio-Signature: "+r.Header.Get("X-Twilio-Signature"), "--data", form,
		"--output", "/dev/null", "--write-out", "%{http_code}", r.URL.String()).CombinedOutput()
	if err != nil {
		t.Fatalf("curl: %v\n%s", err, output)
	}
	return string(output)
}
