// Command mutate changes one operator of core at a time and runs core's tests: `go run ./.ci/mutate -n 145`, from the repository's
// root. It prints the mutants that the tests let live, and how many they killed.
//
// It leaves out Explain, which decides nothing. The mutants are drawn at random, with the same seed each time.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// operators are what each operator is replaced by.
var operators = map[token.Token][]string{
	token.EQL: {"!="}, token.NEQ: {"=="}, token.LSS: {">=", "<="}, token.GEQ: {"<", ">"}, token.GTR: {"<=", ">="}, token.LEQ: {">", "<"},
	token.LAND: {"||"}, token.LOR: {"&&"}, token.NOT: {""},
	token.ADD: {"-"}, token.SUB: {"+"}, token.MUL: {"/"}, token.QUO: {"*"}, token.REM: {"*"},
	token.SHL: {">>"}, token.SHR: {"<<"}, token.AND: {"|"}, token.OR: {"&"}, token.XOR: {"&"}, token.AND_NOT: {"&"},
	token.INC: {"--"}, token.DEC: {"++"}, token.BREAK: {"continue"}, token.CONTINUE: {"break"},
}

// skipped are tests that look at the source, or take long and decide nothing.
const skipped = "TestSecretsAreCompared|TestExplainNamesNoCauseForAThousand"

// timeout is far above what core's tests take.
const timeout = 5 * time.Minute

// mutant is a file with the bytes from start to end replaced.
type mutant struct {
	path       string
	start, end int
	text       string
	name       string
}

func main() {
	n := flag.Int("n", 100, "how many mutants to draw")
	flag.Parse()
	all := mutants()
	rand.New(rand.NewSource(7)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	drawn := all[:min(*n, len(all))]
	scratch, err := os.MkdirTemp("", "mutate-")
	check(err)
	defer os.RemoveAll(scratch)
	count := map[string]int{}
	for _, m := range drawn {
		verdict := m.run(scratch)
		count[verdict]++
		if verdict != "killed" && verdict != "does not compile" {
			fmt.Println(verdict, m.name)
		}
	}
	fmt.Printf("%d of %d mutants: %v\n", len(drawn), len(all), count)
}

// mutants lists those of core.
func mutants() []mutant {
	var all []mutant
	paths, err := filepath.Glob("core/*.go")
	check(err)
	for _, path := range paths {
		if name := filepath.Base(path); !strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, "explain") {
			all = append(all, mutantsOf(path)...)
		}
	}
	return all
}

func mutantsOf(path string) []mutant {
	source, err := os.ReadFile(path)
	check(err)
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, source, 0)
	check(err)
	var all []mutant
	replace := func(pos token.Pos, old, text string) {
		place := fset.Position(pos)
		all = append(all, mutant{path, place.Offset, place.Offset + len(old), text, fmt.Sprintf("%v: %q for %q", place, text, old)})
	}
	operator := func(pos token.Pos, op token.Token) {
		for _, text := range operators[op] {
			replace(pos, op.String(), text)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			operator(n.OpPos, n.Op)
		case *ast.UnaryExpr:
			if n.Op == token.NOT || n.Op == token.SUB {
				operator(n.OpPos, n.Op)
			}
		case *ast.IncDecStmt:
			operator(n.TokPos, n.Tok)
		case *ast.BranchStmt:
			if n.Label == nil {
				operator(n.TokPos, n.Tok)
			}
		case *ast.Ident:
			switch n.Name {
			case "true":
				replace(n.NamePos, "true", "false")
			case "false":
				replace(n.NamePos, "false", "true")
			}
		}
		return true
	})
	return all
}

// run builds core's tests with the mutant in place of its file, and runs them.
func (m mutant) run(scratch string) (verdict string) {
	source, err := os.ReadFile(m.path)
	check(err)
	changed, overlay, binary := filepath.Join(scratch, "mutant.go"), filepath.Join(scratch, "overlay.json"), filepath.Join(scratch, "core.test")
	check(os.WriteFile(changed, []byte(string(source[:m.start])+m.text+string(source[m.end:])), 0o600))
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {m.path: changed}})
	check(err)
	check(os.WriteFile(overlay, replace, 0o600))
	if exec.Command("go", "test", "-vet=off", "-c", "-overlay", overlay, "-o", binary, "./core").Run() != nil {
		return "does not compile"
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	test := exec.CommandContext(ctx, binary, "-test.failfast", "-test.skip", skipped)
	test.Dir = "core"
	switch err := test.Run(); {
	case ctx.Err() != nil:
		return "timed out"
	case err != nil:
		return "killed"
	}
	return "LIVED"
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
