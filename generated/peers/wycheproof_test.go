package peers_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/ringfence-go/ringfence/core"
)

// wycheproofVector is one of C2SP's vectors for HMAC-SHA1.
type wycheproofVector struct {
	ID      int      `json:"tcId"`
	Comment string   `json:"comment"`
	Key     hexBytes `json:"key"`
	Message hexBytes `json:"msg"`
	Tag     hexBytes `json:"tag"`
	Result  string   `json:"result"`
}

type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

func wycheproofVectors(t *testing.T) (vectors []wycheproofVector) {
	t.Helper()
	content, err := fs.ReadFile(wycheproof.TestVectors, "hmac_sha1_test.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		NumberOfTests int
		TestGroups    []struct{ Tests []wycheproofVector }
	}
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.TestGroups {
		vectors = append(vectors, group.Tests...)
	}
	if len(vectors) != file.NumberOfTests || len(vectors) < 100 {
		t.Fatalf("%d vectors, the file says %d", len(vectors), file.NumberOfTests)
	}
	return vectors
}

// The MAC that the core computes passes every Wycheproof vector for HMAC-SHA1, wherever the message is cut into URL and parameters.
//
// Through the core's public functions none of them fits: their keys are random bytes, which no auth token is (C1), and their messages
// are no URLs. So the core is built with one more file, which hands its MAC over, as the overlay of a build.
func TestWycheproofHMACSHA1(t *testing.T) {
	vectors := wycheproofVectors(t)
	for _, v := range vectors {
		if _, err := core.Sign(core.AuthToken("vector", string(v.Key)), string(v.Message), nil); err == nil {
			t.Errorf("vector %d fits the public function: test it there", v.ID)
		}
	}
	var questions bytes.Buffer
	for _, v := range vectors {
		fmt.Fprintf(&questions, "%x,%x\n", v.Key, v.Message)
	}
	answers := bufio.NewScanner(bytes.NewReader(runWithCore(t, macOfCore, macQuestions, questions.Bytes())))
	applied := map[string]int{}
	for _, v := range vectors {
		for _, cut := range []string{"all parameters", "half and half", "all URL"} {
			if !answers.Scan() {
				t.Fatal("too few answers")
			}
			mac, err := hex.DecodeString(answers.Text())
			if err != nil || len(mac) != 20 {
				t.Fatalf("%v, %d bytes", err, len(mac))
			}
			if equal := bytes.Equal(mac[:len(v.Tag)], v.Tag); equal != (v.Result == "valid") { // some vectors truncate the tag
				t.Errorf("vector %d (%s), %s: the tag is equal: %v, want %s", v.ID, v.Comment, cut, equal, v.Result)
			}
		}
		applied[v.Result]++
	}
	if applied["valid"] == 0 || applied["invalid"] == 0 || answers.Scan() {
		t.Errorf("applied %v, or too many answers", applied)
	}
	t.Logf("%d vectors applied: %v", len(vectors), applied)
}

// macOfCore is the file that the core is built with, macQuestions a program that uses it: each line is a key and a message in hex, each
// answer the MACs of the message in three cuts, with one key, so that its state is used again.
const (
	macOfCore = `package core

type MACForTest struct{ key *key }

func NewMACForTest(secret string) MACForTest { return MACForTest{newKey(secret, HMACSHA1)} }

func (m MACForTest) Of(url, params []byte) []byte { return m.key.appendMAC(nil, url, params) }
`
	macQuestions = `package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/ringfence-go/ringfence/core"
)

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		left, right, _ := strings.Cut(lines.Text(), ",")
		secret, _ := hex.DecodeString(left)
		message, _ := hex.DecodeString(right)
		mac := core.NewMACForTest(string(secret))
		for _, cut := range []int{0, len(message) / 2, len(message)} {
			fmt.Printf("%x\n", mac.Of(message[:cut], message[cut:]))
		}
	}
}
`
)

// runWithCore runs a program with a core that has one more file, and returns its output.
func runWithCore(t *testing.T, coreFile, program string, input []byte) []byte {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	for name, content := range map[string]string{filepath.Join("core", "peers_mac.go"): coreFile, filepath.Join("cmd", "peersmac", "main.go"): program} {
		real := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(real, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, name)] = real
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "-overlay", file, "./cmd/peersmac")
	cmd.Dir, cmd.Env, cmd.Stdin = root, append(os.Environ(), "GOWORK=off"), bytes.NewReader(input)
	var failure bytes.Buffer
	cmd.Stderr = &failure
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, failure.Bytes())
	}
	return output
}
