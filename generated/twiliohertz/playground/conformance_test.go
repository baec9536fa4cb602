package main

import (
	"net"
	"testing"

	"github.com/cloudwego/hertz/pkg/app/server"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

func serveStreaming(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return serveWith(ln, v, h, server.WithStreamBody(true))
}

func serveNamesAsSent(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return serveWith(ln, v, h, server.WithDisableHeaderNamesNormalizing(true))
}

func TestConformance(t *testing.T) { golden.Conformance(t, golden.Hertz, serve) }

func TestConformanceStreaming(t *testing.T) {
	golden.Conformance(t, golden.HertzStreaming, serveStreaming)
}

func TestConformanceWithHeaderNamesAsSent(t *testing.T) {
	golden.Conformance(t, golden.Hertz, serveNamesAsSent)
}

func TestLoad(t *testing.T) { golden.Load(t, serve) }

func TestLoadStreaming(t *testing.T) { golden.Load(t, serveStreaming) }

func TestResources(t *testing.T) { golden.Resources(t, golden.Hertz, serve) }

func TestResourcesStreaming(t *testing.T) {
	golden.Resources(t, golden.HertzStreaming, serveStreaming)
}
