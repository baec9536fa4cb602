// Package golden holds the requests that every ringfence adapter must judge alike, and replays them over real sockets.
//
// The data are published signature vectors, hostile requests and constructor configurations (data/*.json), each with its verdict.
// An adapter's module checks itself with one call:
//
//	func TestConformance(t *testing.T) { golden.Conformance(t, golden.NetHTTP, serve) }
//
//	func serve(ln net.Listener, v *core.Validator, h *golden.Handler) error {
//		return golden.ServeHTTP(ln, mymiddleware.New(v)(h))
//	}
//
// serve mounts the adapter before the handler, for all methods and paths, without routing or redirects, and returns once ln is
// closed. The same function is the whole playground, a server to try the adapter with:
//
//	func main() { golden.Playground(serve) }
//
// The expected verdicts and statuses are one file for all adapters, data/verdicts.json, so that two adapters that pass agree on
// every case. What a framework's own HTTP parser answers before any middleware runs is listed there by name, family and reason.
//
// The package needs the standard library and ringfence's core alone; adapters that others wrote use it like our own.
package golden
