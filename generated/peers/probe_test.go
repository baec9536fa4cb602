package peers_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/golden"
)

// runProbe runs the built ringfence probe with additional environment variables and returns its exit code and output.
func runProbe(t *testing.T, env []string, args ...string) (code int, output string) {
	t.Helper()
	cmd := exec.Command(build(t, "../..", "./cmd/ringfence"), append([]string{"probe"}, args...)...)
	cmd.Env = append(append(os.Environ(), "TWILIO_AUTH_TOKEN="+secret), env...)
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if strings.Contains(string(text), secret) {
		t.Errorf("the token is in the output:\n%s", text)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

func TestProbeFindsEveryPlaygroundProtected(t *testing.T) {
	eachPlayground(t, config(), func(t *testing.T, addr string) {
		if code, output := runProbe(t, nil, "-public-url", origin, "http://"+addr+"/sms?a=1"); code != 0 {
			t.Errorf("exit %d\n%s", code, output)
		}
	})
}

func TestProbeFindsEveryPlaygroundProtectedBehindDigest(t *testing.T) {
	c := config()
	c.Digest = &golden.Credentials{Realm: "peers", Username: "twilio", Password: "p4ssword"}
	eachPlayground(t, c, func(t *testing.T, addr string) {
		env := []string{"RINGFENCE_PROBE_USER=twilio", "RINGFENCE_PROBE_PASSWORD=p4ssword"}
		if code, output := runProbe(t, env, "-public-url", origin, "http://"+addr+"/sms"); code != 0 {
			t.Errorf("exit %d\n%s", code, output)
		}
	})
}
