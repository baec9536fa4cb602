package main

import (
	"testing"

	"github.com/ringfence-go/ringfence/golden"
)

func TestConformance(t *testing.T) { golden.Conformance(t, golden.Lambda, serve) }

func TestLoad(t *testing.T) { golden.Load(t, serve) }

func TestResources(t *testing.T) { golden.Resources(t, golden.Lambda, serve) }
