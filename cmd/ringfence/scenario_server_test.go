package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ringfence-go/ringfence/core"
)

// scenarioServers are what ringfence probe meets. Those with a validator have the public URL https://example.com and the token that
// the scenarios set.
var scenarioServers = map[string]func(t *testing.T) http.Handler{
	"protected": func(t *testing.T) http.Handler { return scenarioGuard(t, core.Config{}) },
	"basic": func(t *testing.T) http.Handler {
		return scenarioGuard(t, core.Config{Basic: &core.BasicAuth{Realm: "sms", Username: "twilio", Password: core.NewSecret("open-sesame")}})
	},
	"open":    func(*testing.T) http.Handler { return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}) },
	"missing": func(*testing.T) http.Handler { return http.NotFoundHandler() },
	"moved":   func(*testing.T) http.Handler { return http.RedirectHandler("/elsewhere", http.StatusMovedPermanently) },
	"broken": func(*testing.T) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	},
}

func scenarioGuard(t *testing.T, cfg core.Config) http.Handler {
	t.Helper()
	cfg.PublicURL, cfg.Tokens = "https://example.com", []core.Token{core.AuthToken("test", verbSecret)}
	v, err := core.NewValidator(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &guarded{validator: v}
}

// startScenarioServer serves until the end of the test, and returns host:port. The server "nobody" is an address without one.
func startScenarioServer(t *testing.T, name string) string {
	t.Helper()
	newHandler := scenarioServers[name]
	if newHandler == nil && name != "nobody" {
		t.Fatalf("no server %q", name)
	}
	var handler http.Handler
	if newHandler != nil {
		handler = newHandler(t)
	}
	server := httptest.NewServer(handler)
	if name == "nobody" {
		server.Close()
	}
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}
