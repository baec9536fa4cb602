package ringfence_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/templates"
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

// What the README shows of testing and of the client is what the Examples run: a function as a whole, or what is in it.
func TestREADMEShowsTheExamples(t *testing.T) {
	for block, example := range map[string]struct{ file, function string }{
		"sigtest request":   {"core/sigtest/example_test.go", "ExampleNewFormRequest"},
		"sigtest mutations": {"core/sigtest/example_test.go", "TestHandlerRefusesForgeries"},
		"signer":            {"core/sigclient/example_test.go", "charge"},
	} {
		whole, body := functionSource(t, example.file, example.function)
		if shown := readmeBlock(t, block); shown != whole && shown != body {
			t.Errorf("block %q of README.md differs from %s in %s:\n%s", block, example.function, example.file, shown)
		}
	}
}

// functionSource returns a function's text with its doc comment, and the text in its braces moved to the left.
func functionSource(t *testing.T, file, name string) (whole, body string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?ms)^(?://[^\n]*\n)*func ` + name + `\([^\n]* \{\n(.*?\n)\}\n`).FindSubmatch(source)
	if text == nil {
		t.Fatalf("%s has no function %s", file, name)
	}
	return string(text[0]), strings.TrimPrefix(strings.ReplaceAll("\n"+string(text[1]), "\n\t", "\n"), "\n")
}

// readmeTable returns the cells of each row of the README's table whose first column has this title, without the title row.
func readmeTable(t *testing.T, title string) (rows [][]string) {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(readme), "\n| "+title+" |")
	table, _, ends := strings.Cut(table, "\n\n")
	if !found || !ends {
		t.Fatalf("README.md has no table that begins with %q", title)
	}
	for _, line := range strings.Split(table, "\n")[2:] {
		rows = append(rows, strings.Split(strings.Trim(line, "| "), " | "))
	}
	return rows
}

// The README's table of frameworks lists every adapter and template and no other, with the template's status. That names the version
// which the adapter requires, so that it is the one that its tests run with.
func TestREADMEListsEveryAdapter(t *testing.T) {
	type row struct{ module, status string }
	listed, want := map[string]row{}, map[string]row{}
	for _, cells := range readmeTable(t, "framework") {
		listed[strings.Trim(cells[1], "`")] = row{strings.Trim(cells[2], "`"), cells[3]}
	}
	for _, template := range templates.All() {
		adapter := "generated/twilio" + strings.TrimPrefix(template.Name, "net")
		want[template.Name] = row{adapter, template.Status}
		proof, version, _ := strings.Cut(template.Status, " ")
		required := ""
		for _, require := range readGoMod(t, adapter).Require {
			if require.Path == template.Module {
				required = require.Version
			}
		}
		if proof != "tested" && proof != "bridged" || version != required {
			t.Errorf("%s: status %q, but %s requires %q", template.Name, template.Status, adapter, required)
		}
	}
	if !reflect.DeepEqual(listed, want) {
		t.Errorf("README.md lists\n%q, want\n%q", listed, want)
	}
	if dirs := adapterDirs(t); len(dirs) != len(want) {
		t.Errorf("%d adapters for %d templates: %q", len(dirs), len(want), dirs)
	}
}

// The README points to an Example in each adapter that tests a handler with core/sigtest.
func TestEveryAdapterShowsHowToTestItsHandlers(t *testing.T) {
	for _, dir := range adapterDirs(t) {
		if source, err := os.ReadFile("generated/" + dir + "/sigtest_test.go"); err != nil || !strings.Contains(string(source), "func Example_sigtest() {") {
			t.Errorf("generated/%s/sigtest_test.go has no Example_sigtest: %v", dir, err)
		}
	}
}

// The README says how long the middleware is.
func TestREADMESaysHowLongTheMiddlewareIs(t *testing.T) {
	shortest, longest, lambda := 1000, 0, 0
	for _, dir := range adapterDirs(t) {
		files, err := filepath.Glob("generated/" + dir + "/twilio_*.go")
		if err != nil || len(files) != 1 {
			t.Fatalf("generated/%s has %q, %v", dir, files, err)
		}
		switch lines := codeLines(t, files[0]); {
		case dir == "twiliolambda":
			lambda = lines
		default:
			shortest, longest = min(shortest, lines), max(longest, lines)
		}
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	tens := func(n int) int { return (n + 5) / 10 * 10 }
	for _, want := range []string{
		fmt.Sprintf("(%d to %d lines, yours)", tens(shortest), tens(longest)),
		fmt.Sprintf("has %d to %d lines of code, comments aside, and\nLambda's, for four kinds of event, %d.", tens(shortest), tens(longest), tens(lambda)),
	} {
		if !strings.Contains(string(readme), want) {
			t.Errorf("%d to %d lines, Lambda %d: README.md does not say %q", shortest, longest, lambda, want)
		}
	}
}

// codeLines counts the lines that are neither empty nor a comment.
func codeLines(t *testing.T, file string) (n int) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(source), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}
