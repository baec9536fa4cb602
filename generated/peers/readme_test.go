package peers_test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"
	"github.com/flamego/flamego"
	"github.com/go-chi/chi/v5"
	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"github.com/gorilla/mux"
	"github.com/julienschmidt/httprouter"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohttp"
)

// The functions of the README's section on routers, word for word.

func onServeMux(guard func(http.Handler) http.Handler, sms http.Handler) http.Handler {
	m := http.NewServeMux()
	m.Handle("POST /sms", guard(sms))
	return m
}

func onChi(guard func(http.Handler) http.Handler, sms http.Handler) http.Handler {
	r := chi.NewRouter()
	r.With(guard).Method("POST", "/sms", sms)
	return r
}

func onGorillaMux(guard func(http.Handler) http.Handler, sms http.Handler) http.Handler {
	r := mux.NewRouter().SkipClean(true).UseEncodedPath()
	r.Use(guard)
	r.Handle("/sms", sms).Methods("POST")
	return r
}

func onHTTPRouter(guard func(http.Handler) http.Handler, sms http.Handler) http.Handler {
	r := httprouter.New()
	r.RedirectTrailingSlash = false
	r.RedirectFixedPath = false
	r.Handler("POST", "/sms", guard(sms))
	return r
}

func onKratos(guard func(http.Handler) http.Handler, sms http.Handler) http.Handler {
	s := khttp.NewServer(khttp.Filter(guard), khttp.StrictSlash(false))
	s.Handle("/sms", sms)
	return s
}

func onFlamego(guard func(http.Handler) http.Handler, sms http.Handler) http.Handler {
	app := flamego.New()
	app.Post("/sms", sms.ServeHTTP)
	return guard(app)
}

func onCloudFunctions(guard func(http.Handler) http.Handler, sms http.Handler) {
	functions.HTTP("Sms", guard(sms).ServeHTTP)
}

// readmeRouters is that section: a paragraph for each router, and its function.
func readmeRouters(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	section := regexp.MustCompile(`(?s)\n## Routers on net/http\n(.*?)\n## `).FindSubmatch(readme)
	if section == nil {
		t.Fatal("README.md has no section on routers")
	}
	return string(section[1])
}

func TestREADMEShowsTheseRouters(t *testing.T) {
	section := readmeRouters(t)
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	files := gotoken.NewFileSet()
	file, err := parser.ParseFile(files, "", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, declaration := range file.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(f.Name.Name, "on") {
			continue
		}
		shown++
		text := source[files.Position(f.Pos()).Offset:files.Position(f.End()).Offset]
		if block := "```go\n" + string(text) + "\n```\n"; !strings.Contains(section, block) {
			t.Errorf("README.md does not show\n%s", text)
		}
	}
	if blocks := strings.Count(section, "```go\n"); shown != blocks {
		t.Errorf("%d functions here, %d in README.md", shown, blocks)
	}
}

// routerTest is a function of the README's, and how what it returns answers signed requests.
type routerTest struct {
	router         func(guard func(http.Handler) http.Handler, sms http.Handler) http.Handler
	slash, unclean int // the answers to /sms/ and //sms
}

// What the README says about redirects: a request signed for its own URL reaches the handler, or is told that there is none, and is
// sent elsewhere only where the README says so.
func TestREADMERoutersServeTheSignedURL(t *testing.T) {
	for name, test := range map[string]routerTest{
		"ServeMux":              {onServeMux, 404, 307},
		"chi":                   {onChi, 404, 404},
		"gorilla/mux":           {onGorillaMux, 404, 404},
		"httprouter":            {onHTTPRouter, 404, 404},
		"Kratos":                {onKratos, 404, 301},
		"Kratos with one route": {kratosWithOneRoute, 301, 301},
		"Flamego":               {onFlamego, 404, 200},
		"gorilla/mux as it is":  {bareGorillaMux, 404, 301},
		"httprouter as it is":   {bareHTTPRouter, 307, 307},
	} {
		t.Run(name, test.run)
	}
}

func kratosWithOneRoute(guard func(http.Handler) http.Handler, sms http.Handler) http.Handler {
	s := khttp.NewServer()
	s.Handle("/sms", guard(sms))
	return s
}

func bareGorillaMux(guard func(http.Handler) http.Handler, sms http.Handler) http.Handler {
	r := mux.NewRouter()
	r.Handle("/sms", guard(sms))
	return r
}

func bareHTTPRouter(guard func(http.Handler) http.Handler, sms http.Handler) http.Handler {
	r := httprouter.New()
	r.Handler("POST", "/sms", guard(sms))
	return r
}

func (test routerTest) run(t *testing.T) {
	v, err := core.NewValidator(core.Config{PublicURL: origin, Tokens: []core.Token{token()}})
	if err != nil {
		t.Fatal(err)
	}
	handler := test.router(twiliohttp.New(v), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.FormValue("Body")))
	}))
	for _, send := range []struct {
		target, signed string
		status         int
	}{
		{"/sms", "/sms", http.StatusOK},
		{"/sms", "/other", http.StatusForbidden},
		{"/sms/", "/sms/", test.slash},
		{"//sms", "//sms", test.unclean},
	} {
		params := url.Values{"Body": {"Ahoy"}}
		signature, err := core.Sign(token(), origin+send.signed, params)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, origin+send.target, strings.NewReader(params.Encode()))
		r.RequestURI = send.target // as a server has it
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", signature)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if ok := w.Code == http.StatusOK; w.Code != send.status || ok != (w.Body.String() == "Ahoy") {
			t.Errorf("%s signed for %s: %d %q, want %d", send.target, send.signed, w.Code, w.Body, send.status)
		}
	}
}
