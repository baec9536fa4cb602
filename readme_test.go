package ringfence_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringfence-go/ringfence/core"
)

// adapterDirs lists the folders of generated/ that hold an adapter.
func adapterDirs(t *testing.T) []string {
	t.Helper()
	mods, err := filepath.Glob("generated/twilio*/go.mod")
	if err != nil || len(mods) == 0 {
		t.Fatalf("no adapters: %v", err)
	}
	var dirs []string
	for _, mod := range mods {
		dirs = append(dirs, filepath.Base(filepath.Dir(mod)))
	}
	return dirs
}

// readmeBlock returns the code block that follows <!-- test: name --> in README.md.
func readmeBlock(t *testing.T, name string) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)<!-- test: " + name + " -->\n```[a-z]*\n(.*?)```\n").FindSubmatch(readme)
	if block == nil {
		t.Fatalf("README.md has no block %q", name)
	}
	return string(block[1])
}

// application is a fresh module beside a clone of the repository, as the README has it.
type application struct {
	t   *testing.T
	dir string
}

func newApplication(t *testing.T, source string) application {
	t.Helper()
	if testing.Short() {
		t.Skip("builds applications with their frameworks")
	}
	parent := t.TempDir()
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(parent, "ringfence")); err != nil {
		t.Fatal(err)
	}
	app := application{t, filepath.Join(parent, "app")}
	if err := os.Mkdir(app.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(app.dir, "main.go"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	app.run("go mod init example.com/app")
	return app
}

// run runs shell commands in the application's folder.
func (a application) run(script string) {
	a.t.Helper()
	cmd := exec.Command("sh", "-e", "-c", script)
	cmd.Dir = a.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	if output, err := cmd.CombinedOutput(); err != nil {
		a.t.Fatalf("%s\n%v\n%s", script, err, output)
	}
}

// start builds and starts the application and waits until it listens.
func (a application) start(addr string) {
	a.t.Helper()
	a.run("go build -o app .")
	cmd := exec.Command("./app")
	cmd.Dir = a.dir
	cmd.Env = append(os.Environ(), "TWILIO_AUTH_TOKEN=12345", "GIN_MODE=release")
	if err := cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	deadline := time.Now().Add(10 * time.Second)
	for {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			a.t.Fatalf("the application does not listen: %v", err)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// freeAddr returns an address that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// listenOn makes a README application listen on addr.
func listenOn(t *testing.T, source, addr string) string {
	t.Helper()
	if !strings.Contains(source, `":8080"`) {
		t.Fatal(`the application does not listen on ":8080"`)
	}
	return strings.Replace(source, `":8080"`, fmt.Sprintf("%q", addr), 1)
}

// expectGuarded sends a signed text message and a forged one: the handler must read the first one's Body, and not run for the other.
func expectGuarded(t *testing.T, addr string) {
	t.Helper()
	params := url.Values{"Body": {"Ahoy!"}, "From": {"+14158675310"}}
	signature, err := core.Sign(core.AuthToken("primary", "12345"), "https://example.com/sms", params)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := post(t, addr, params, signature); status != http.StatusOK || !strings.Contains(body, "You wrote 5 characters.") {
		t.Errorf("signed: got %d %q", status, body)
	}
	params.Set("Body", "Ahoy?")
	if status, body := post(t, addr, params, signature); status != http.StatusForbidden || strings.Contains(body, "You wrote") {
		t.Errorf("forged: got %d %q", status, body)
	}
}

func post(t *testing.T, addr string, params url.Values, signature string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://"+addr+"/sms", strings.NewReader(params.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", signature)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text := new(strings.Builder)
	if err := response.Write(text); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, text.String()
}

// The README's lines, in a fresh module, with nothing else: generated code guards the Gin application.
func TestREADMEGinApplicationWithGeneratedCode(t *testing.T) {
	addr := freeAddr(t)
	source := listenOn(t, readmeBlock(t, "gin"), addr)
	source = strings.Replace(source, `"github.com/ringfence-go/ringfence/generated/twiliogin"`, `twilio "example.com/app/twilio"`, 1)
	source = strings.ReplaceAll(source, "twiliogin.", "twilio.")
	app := newApplication(t, source)
	app.run(readmeBlock(t, "generate"))
	app.start(addr)
	expectGuarded(t, addr)
}

// The same with the checked-in adapters.
func TestREADMEApplicationsWithImportedAdapters(t *testing.T) {
	for _, name := range []string{"gin", "fiber"} {
		t.Run(name, func(t *testing.T) {
			addr := freeAddr(t)
			app := newApplication(t, listenOn(t, readmeBlock(t, name), addr))
			app.run(strings.ReplaceAll(readmeBlock(t, "import"), "twiliogin", "twilio"+name))
			app.start(addr)
			expectGuarded(t, addr)
		})
	}
}

// Every row of the README's table of frameworks names an adapter that exists, and no adapter lacks one.
func TestREADMEListsEveryAdapter(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range adapterDirs(t) {
		if !strings.Contains(string(readme), "| `generated/"+dir+"` |") {
			t.Errorf("README.md does not list generated/%s", dir)
		}
	}
}
