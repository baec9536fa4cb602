package main

import (
	"net"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/golden"
)

func serveStreaming(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return serveWith(fiber.Config{StreamRequestBody: true}, ln, v, h)
}

func serveNamesAsSent(ln net.Listener, v *core.Validator, h *golden.Handler) error {
	return serveWith(fiber.Config{DisableHeaderNormalizing: true}, ln, v, h)
}

func TestConformance(t *testing.T) { golden.Conformance(t, golden.FiberV3, serve) }

func TestConformanceStreaming(t *testing.T) {
	golden.Conformance(t, golden.FiberV3Streaming, serveStreaming)
}

func TestConformanceWithHeaderNamesAsSent(t *testing.T) {
	golden.Conformance(t, golden.FiberV3, serveNamesAsSent)
}

func TestLoad(t *testing.T) { golden.Load(t, serve) }

func TestLoadStreaming(t *testing.T) { golden.Load(t, serveStreaming) }

func TestResources(t *testing.T) { golden.Resources(t, golden.FiberV3, serve) }

func TestResourcesStreaming(t *testing.T) {
	golden.Resources(t, golden.FiberV3Streaming, serveStreaming)
}
