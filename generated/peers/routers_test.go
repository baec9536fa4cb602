package peers_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"github.com/flamego/flamego"
	"github.com/go-chi/chi/v5"
	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"github.com/gorilla/mux"
	"github.com/julienschmidt/httprouter"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generated/twiliohttp"
	"github.com/ringfence-go/ringfence/golden"
)

// The middleware for net/http serves all of these as it is: each router holds the whole conformance suite. Those that redirect paths
// which they clean are told not to, or get them cleaned after the middleware. readme_test.go has them as an application has them.
func TestRoutersOfNetHTTPTakeTheMiddlewareAsItIs(t *testing.T) {
	for name, router := range map[string]func(v *core.Validator, h http.Handler) http.Handler{
		"chi":           chiRouter,
		"gorilla mux":   gorillaMux,
		"httprouter":    httpRouter,
		"Kratos":        kratosServer,
		"Flamego":       flamegoApp,
		"http.ServeMux": serveMux,
	} {
		t.Run(name, func(t *testing.T) {
			golden.Conformance(t, golden.NetHTTP, func(ln net.Listener, v *core.Validator, h *golden.Handler) error {
				return golden.ServeHTTP(ln, router(v, h))
			})
		})
	}
}

func chiRouter(v *core.Validator, h http.Handler) http.Handler {
	r := chi.NewRouter()
	r.Use(twiliohttp.New(v))
	r.Handle("/*", h)
	return r
}

// gorillaMux runs its middleware for matched routes alone.
func gorillaMux(v *core.Validator, h http.Handler) http.Handler {
	r := mux.NewRouter().SkipClean(true).UseEncodedPath()
	r.Use(twiliohttp.New(v))
	r.MatcherFunc(func(*http.Request, *mux.RouteMatch) bool { return true }).Handler(h)
	return r
}

func httpRouter(v *core.Validator, h http.Handler) http.Handler {
	protected := twiliohttp.New(v)(h)
	r := httprouter.New()
	r.RedirectTrailingSlash, r.RedirectFixedPath, r.HandleOPTIONS = false, false, false
	r.Handler(http.MethodGet, "/*path", protected)
	r.Handler(http.MethodPost, "/*path", protected)
	r.NotFound, r.MethodNotAllowed = protected, protected
	return r
}

// kratosServer has the middleware as a filter: Kratos's own middleware runs after the body was decoded.
func kratosServer(v *core.Validator, h http.Handler) http.Handler {
	server := khttp.NewServer(khttp.Filter(twiliohttp.New(v), cleaned), khttp.StrictSlash(false))
	server.HandlePrefix("/", h)
	return server
}

// flamegoApp stands behind the middleware: Flamego's own middleware hides the request's body.
func flamegoApp(v *core.Validator, h http.Handler) http.Handler {
	app := flamego.New()
	app.Any("/{**}", h.ServeHTTP)
	return twiliohttp.New(v)(app)
}

func serveMux(v *core.Validator, h http.Handler) http.Handler {
	m := http.NewServeMux()
	m.Handle("/", h)
	return twiliohttp.New(v)(cleaned(m))
}

// cleaned gives a router paths that it need not redirect. Validation before it has looked at the target as it was received.
func cleaned(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path, r.URL.RawPath = path.Clean(r.URL.Path), ""
		next.ServeHTTP(w, r)
	})
}

// The framework of Google Cloud Functions owns its listener, so that it gets one configuration: that of most hostile requests.
func TestGoogleCloudFunctionsTakeTheMiddlewareAsItIs(t *testing.T) {
	cases := mostAlike()
	v, err := cases[0].Config.Validator(slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	onCloudFunctions(twiliohttp.New(v), new(golden.Handler))
	t.Setenv("FUNCTION_TARGET", "Sms")

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(addr)
	failed := make(chan error, 1)
	go func() { failed <- funcframework.StartHostPort("127.0.0.1", port) }()
	awaitListener(t, addr, failed)

	if figure := fmt.Sprintf("the %d hostile requests", len(cases)); !strings.Contains(readmeRouters(t), figure) {
		t.Errorf("README.md does not say %q", figure)
	}
	for _, result := range golden.Replay(addr, cases) {
		if result.Err != nil {
			t.Error(result)
		}
	}
	select {
	case err := <-failed:
		t.Fatal(err)
	default:
	}
}

// awaitListener returns when a server listens on addr, which nobody else can tell, and ends the test if it fails to.
func awaitListener(t *testing.T, addr string, failed <-chan error) {
	t.Helper()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	late := time.After(golden.Timeout)
	for {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case err := <-failed:
			t.Fatal(err)
		case <-late:
			t.Fatal(err)
		case <-again.C:
		}
	}
}

// mostAlike returns the hostile requests with the configuration that most of them have.
func mostAlike() (most []golden.Case) {
	for _, c := range golden.Hostile() {
		like := slices.DeleteFunc(golden.Hostile(), func(other golden.Case) bool { return !reflect.DeepEqual(other.Config, c.Config) })
		if len(like) > len(most) {
			most = like
		}
	}
	return most
}
