// Command bench measures ringfence beside what it cannot do without (the HMAC), beside the bare handler, and beside Twilio's own Go
// library, in turn within one run. make bench runs it: it prints its tables as Markdown, and writes them with a chart to docs/.
//
// Times are medians of 15 interleaved rounds. Compare the ratios: the times are this machine's.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

func main() {
	root := flag.String("root", "../..", "the repository's `DIR`")
	flag.Parse()
	t := new(table)
	validation(t)
	refusal(t)
	protection(t)
	throughput(t)
	growth(t)
	generation(t, *root)
	text := fmt.Sprintf("%s, %s/%s. Medians of %d interleaved rounds.\n\n%s", runtime.Version(), runtime.GOOS, runtime.GOARCH, rounds, t)
	fmt.Print(text)
	must(os.WriteFile(filepath.Join(*root, "docs", "bench.svg"), []byte(t.svg()), 0o644))
	must(os.WriteFile(filepath.Join(*root, "docs", "BENCHMARKS.md"), []byte(
		"# Benchmarks\n\nThe output of `make bench`.\n\n![Times of validation and of handlers](bench.svg)\n\n"+text), 0o644))
}
