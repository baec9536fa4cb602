package main

import (
	"net"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

func serveStreaming(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return serveWith(&fasthttp.Server{StreamRequestBody: true}, ln, v, h)
}

func serveNamesAsSent(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return serveWith(&fasthttp.Server{DisableHeaderNamesNormalizing: true}, ln, v, h)
}

func TestConformance(t *testing.T) { golden.Conformance(t, golden.FastHTTP, serve) }

func TestConformanceStreaming(t *testing.T) {
	golden.Conformance(t, golden.FastHTTPStreaming, serveStreaming)
}

func TestConformanceWithHeaderNamesAsSent(t *testing.T) {
	golden.Conformance(t, golden.FastHTTP, serveNamesAsSent)
}

func TestLoad(t *testing.T) { golden.Load(t, serve) }

func TestLoadStreaming(t *testing.T) { golden.Load(t, serveStreaming) }

func TestResources(t *testing.T) { golden.Resources(t, golden.FastHTTP, serve) }

func TestResourcesStreaming(t *testing.T) {
	golden.Resources(t, golden.FastHTTPStreaming, serveStreaming)
}
