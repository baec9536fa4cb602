// Command bench measures ringfence beside what it cannot do without (the HMAC), beside the bare handler, and beside Twilio's own Go
// library, in turn within one run. make bench runs it: it prints its tables as Markdown, and writes them with a chart to docs/.
//
// Times are medians of interleaved rounds, ratios the medians of the ratios within a round. Compare the ratios: the times are this
// machine's.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

func main() {
	root := flag.String("root", "../..", "the repository's `DIR`")
	flag.Parse()
	t := new(table)
	core := validation(t)
	profiled(t)
	refusal(t)
	handlers := protection(t)
	throughput(t)
	growth(t)
	generation(t, *root)
	head := fmt.Sprintf("%s, %s/%s. Medians of %d interleaved rounds.\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, rounds)
	text := head + t.String()
	fmt.Print(text)
	must(os.WriteFile(filepath.Join(*root, "docs", "bench.svg"), []byte(t.svg()), 0o644))
	must(os.WriteFile(filepath.Join(*root, "docs", "BENCHMARKS.md"), []byte(
		"# Benchmarks\n\nThe output of `make bench`.\n\n![Times of validation and of handlers](bench.svg)\n\n"+text), 0o644))
	writeReadme(filepath.Join(*root, "README.md"), head+markdown([]*section{core, handlers}))
}

// writeReadme replaces what stands between the README's two bench marks.
func writeReadme(name, text string) {
	const begin, end = "<!-- bench -->\n", "<!-- /bench -->\n"
	readme, err := os.ReadFile(name)
	must(err)
	before, rest, began := strings.Cut(string(readme), begin)
	_, after, ended := strings.Cut(rest, end)
	if !began || !ended {
		panic("README.md has no bench marks")
	}
	must(os.WriteFile(name, []byte(before+begin+text+end+after), 0o644))
}
