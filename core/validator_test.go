package core_test

import (
	"testing"
	"time"

	"github.com/ringfence-go/ringfence/core"
)

func TestC2Configurations(t *testing.T) {
	const https = "https://example.com"
	with := func(change func(*core.Config)) core.Config {
		cfg := core.Config{PublicURL: https, Tokens: []core.Token{primaryToken()}}
		change(&cfg)
		return cfg
	}
	tests := []struct {
		name   string
		config core.Config
		word   string
	}{
		{"no origin (U1)", with(func(c *core.Config) { c.PublicURL = "" }), "no origin"},
		{"derive mode without hosts", with(func(c *core.Config) { c.PublicURL, c.AllowedHosts = "", []string{} }), "no origin"},
		{"trusted proxies alone", with(func(c *core.Config) { c.PublicURL, c.TrustedProxies = "", []string{proxy} }), "no origin"},
		{"both origins", with(func(c *core.Config) { c.AllowedHosts = []string{"example.com"} }), "both"},
		{"more origins without the first", with(func(c *core.Config) { c.PublicURL, c.MorePublicURLs = "", []string{https} }), "without PublicURL"},
		{"more origins and hosts", with(func(c *core.Config) {
			c.PublicURL, c.MorePublicURLs, c.AllowedHosts = "", []string{https}, []string{"example.com"}
		}), "both"},
		{"five origins", with(func(c *core.Config) { c.MorePublicURLs = []string{https, https, https, https} }), "at most 4"},
		{"a negative body limit", with(func(c *core.Config) { c.MaxBodyBytes = -1 }), "negative"},
		{"a negative parameter limit", with(func(c *core.Config) { c.MaxParams = -1 }), "negative"},
		{"a negative window", with(func(c *core.Config) { c.Replay = &core.ReplayGuard{Window: -time.Second} }), "negative"},
		{"another method", with(func(c *core.Config) { c.Methods = []string{"POST", "PUT"} }), "PUT"},
		{"a method in lower case", with(func(c *core.Config) { c.Methods = []string{"post"} }), "post"},
		{"an empty method", with(func(c *core.Config) { c.Methods = []string{""} }), "method"},
		{"an account that is none", with(func(c *core.Config) { c.AccountSid = "AC1" }), "32 hex"},
		{"an empty required parameter", with(func(c *core.Config) { c.RequiredParams = []string{"From", ""} }), "empty"},
		{"an exact URL that is none", with(func(c *core.Config) { c.ExactURL = "/x" }), "URL"},
		{"an exact URL with userinfo", with(func(c *core.Config) { c.ExactURL = "https://u@example.com/x" }), "user"},
		{"an exact URL with a fragment", with(func(c *core.Config) { c.ExactURL = https + "/x#f" }), "escaped"},
		{"an exact URL with a fragment and no path", with(func(c *core.Config) { c.ExactURL = https + "#f" }), "origin-form"},
		{"an exact URL with a malformed escape", with(func(c *core.Config) { c.ExactURL = https + "/%zz" }), "escape"},
		{"an exact URL with a query and no path", with(func(c *core.Config) { c.ExactURL = https + "?a" }), "origin-form"},
		{"an exact URL of another host", with(func(c *core.Config) { c.ExactURL = "https://b.example/x" }), "ExactURL"},
		{"an exact URL of another scheme", with(func(c *core.Config) { c.ExactURL = "http://example.com/x" }), "ExactURL"},
		{"an exact URL of another port", with(func(c *core.Config) { c.ExactURL = https + ":444/x" }), "ExactURL"},
		{"an exact URL beside the prefix", with(func(c *core.Config) { c.PublicURL, c.ExactURL = https+"/p", https+"/px" }), "ExactURL"},
		{"an exact URL of a host that is not allowed", with(func(c *core.Config) {
			c.PublicURL, c.AllowedHosts, c.ExactURL = "", []string{"example.com"}, https+":444/x"
		}), "ExactURL"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { configRefused(t, test.config, test.word) })
	}
}

func TestAValidatorKeepsNothingOfItsConfig(t *testing.T) {
	cfg := core.Config{
		PublicURL:      publicURL,
		MorePublicURLs: []string{"https://b.example"},
		Tokens:         []core.Token{primaryToken()},
		Methods:        []string{"GET"},
		RequiredParams: []string{"a"},
		Replay:         &core.ReplayGuard{},
	}
	v := validatorFor(t, cfg)
	cfg.MorePublicURLs[0] = "https://evil.example"
	cfg.Tokens[0] = core.AuthToken("changed", "changed")
	cfg.Methods[0] = "POST"
	cfg.RequiredParams[0] = "b"
	cfg.Replay.Refuse = true
	for range 2 {
		accepted(t, v, signedGet("/x?a", "https://b.example/x?a"))
	}
}
