package peers_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core/sigtest"
)

// nodeLibrary is the version of Twilio's Node library that the test installs.
const nodeLibrary = "twilio@6.2.0"

// nodeScript reads signed requests from standard input and prints, as JSON, the library's verdict on each, and on each with another URL.
const nodeScript = `
const twilio = require("twilio");
const { secret, requests } = JSON.parse(require("fs").readFileSync(0));
const check = (r, url) => r.Body
  ? twilio.validateRequestWithBody(secret, r.Signature, url, r.Body)
  : twilio.validateRequest(secret, r.Signature, url, r.Params || {});
console.log(JSON.stringify(requests.map(r => [check(r, r.URL), check(r, r.URL + "x")])));
`

// Twilio's Node library accepts what we sign, repeated parameters included, and nothing else.
func TestTwilioNodeAccepts(t *testing.T) {
	dir := installNodeLibrary(t)
	requests := append(signedRequests(t),
		signedForm(t, "a Conversations event", origin+"/conversation", sigtest.ConversationsEvent()),
		clientForm(t, "a Conversations event", origin+"/conversation", sigtest.ConversationsEvent()))

	input, err := json.Marshal(map[string]any{"secret": secret, "requests": requests})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "-e", nodeScript)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(string(input))
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, output)
	}
	var verdicts [][2]bool
	if err := json.Unmarshal(output, &verdicts); err != nil || len(verdicts) != len(requests) {
		t.Fatalf("node printed %s, %v", output, err)
	}
	for i, r := range requests {
		if verdicts[i] != [2]bool{true, false} {
			t.Errorf("%s %s: accepted and, with another URL, accepted: %v", r.Name, r.URL, verdicts[i])
		}
	}
}

// installNodeLibrary installs the library into a folder of its own, out of npm's cache where it is there already.
func installNodeLibrary(t *testing.T) (dir string) {
	t.Helper()
	if testing.Short() {
		t.Skip("installs a package")
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"private": true}`), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", nodeLibrary)
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("npm cannot install %s: %v\n%s", nodeLibrary, err, output)
	}
	return dir
}
