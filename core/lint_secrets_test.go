package core_test

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// secretLint finds comparisons of secrets that take a different time for different secrets. It decides so:
//
// A text is a string, bytes, or one byte. A text is secret if
//   - the variable, field or parameter that holds it has one of secretWords in its name, or the constant key of the map element that it is;
//   - or it is the result of a hash's Sum, of reveal, or of a function of the package with such a word in its name;
//   - or it is made of a secret: by conversion, slicing, indexing, concatenation, as a field of a secret, by a function of textPackages or
//     append that takes one, or by a function of the package that returns one;
//   - or it is a variable that such a text is assigned to, or a parameter that such a text is passed for, anywhere in the package.
//
// What is stored in a map or a field and taken out again is followed by the names alone. A constant is no secret. What only Explain
// reaches is left out.
//
// A comparison is ==, != or an order, a switch, the lookup of a map's key, or a call of one of comparers. It is a finding where an operand is
// secret, unless every other operand is a constant that says nothing of it: the empty string, one character, and any constant that a comparer
// takes, which looks for a prefix or a separator. hmac.Equal and subtle.ConstantTimeCompare are no comparers, and nothing else is allowed.
type secretLint struct {
	*corePackage
	secret  map[types.Object]bool
	changed bool
}

var (
	secretWords  = []string{"signature", "mac", "hmac", "tag", "token", "secret", "password", "username", "response", "credentials", "authorization"}
	textPackages = []string{"strings", "bytes", "slices", "encoding/base64", "encoding/hex", "crypto/sha256", "crypto/sha1", "crypto/md5", "fmt"}
	comparers    = map[string]string{
		"bytes":   "Equal EqualFold Compare HasPrefix HasSuffix Contains ContainsAny Index IndexAny LastIndex Count Cut CutPrefix CutSuffix",
		"strings": "EqualFold Compare HasPrefix HasSuffix Contains ContainsAny Index IndexAny LastIndex Count Cut CutPrefix CutSuffix",
		"slices":  "Equal Compare Contains Index", "reflect": "DeepEqual", "cmp": "Compare", "maps": "Equal",
	}
	camelWord = regexp.MustCompile(`[A-Z]?[a-z0-9]+|[A-Z]+(?:[A-Z][a-z0-9]+)?`)
)

func hasSecretWord(name string) bool {
	for _, word := range camelWord.FindAllString(name, -1) {
		if slices.Contains(secretWords, strings.ToLower(word)) {
			return true
		}
	}
	return false
}

// isText reports whether t is a string, a byte, or bytes.
func isText(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&types.IsString != 0 || t.Kind() == types.Uint8
	case *types.Slice:
		return types.Identical(t.Elem().Underlying(), types.Typ[types.Uint8])
	case *types.Array:
		return types.Identical(t.Elem().Underlying(), types.Typ[types.Uint8])
	case *types.Pointer:
		_, isArray := t.Elem().Underlying().(*types.Array)
		return isArray && isText(t.Elem())
	case *types.Interface: // a type parameter's constraint, string or bytes
		return !t.IsMethodSet()
	}
	return false
}

func (l *secretLint) isSecret(e ast.Expr) bool {
	if tv := l.info.Types[e]; tv.Value != nil {
		return false
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.isSecret(e.X)
	case *ast.StarExpr:
		return l.isSecret(e.X)
	case *ast.UnaryExpr:
		return l.isSecret(e.X)
	case *ast.SliceExpr:
		return l.isSecret(e.X)
	case *ast.BinaryExpr:
		return e.Op == token.ADD && (l.isSecret(e.X) || l.isSecret(e.Y))
	case *ast.IndexExpr:
		if key := l.info.Types[e.Index].Value; key != nil && key.Kind() == constant.String {
			return hasSecretWord(constant.StringVal(key))
		}
		return l.isSecret(e.X)
	case *ast.Ident:
		object, ok := l.info.ObjectOf(e).(*types.Var)
		return ok && (hasSecretWord(e.Name) || l.secret[object])
	case *ast.SelectorExpr:
		object, ok := l.info.ObjectOf(e.Sel).(*types.Var)
		return ok && (hasSecretWord(e.Sel.Name) || l.secret[object] || l.isSecret(e.X))
	case *ast.CallExpr:
		return l.makesSecret(e)
	}
	return false
}

func (l *secretLint) makesSecret(call *ast.CallExpr) bool {
	anySecret := slices.ContainsFunc(call.Args, l.isSecret)
	if l.info.Types[call.Fun].IsType() {
		return anySecret
	}
	switch callee := l.callee(call).(type) {
	case *types.Builtin:
		return callee.Name() == "append" && anySecret
	case *types.Func:
		if callee.Pkg() != nil && slices.Contains(textPackages, callee.Pkg().Path()) {
			return anySecret || callee.Name() == "Sum"
		}
		return callee.Name() == "Sum" || callee.Name() == "reveal" || hasSecretWord(callee.Name()) || l.returnsSecret(callee, 0)
	}
	return false
}

// returnsSecret reports whether a function's result number i was marked.
func (l *secretLint) returnsSecret(f *types.Func, i int) bool {
	results := f.Origin().Type().(*types.Signature).Results()
	return i < results.Len() && l.secret[results.At(i)]
}

func (l *secretLint) callee(call *ast.CallExpr) types.Object {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return l.info.Uses[fun]
	case *ast.SelectorExpr:
		return l.info.Uses[fun.Sel]
	}
	return nil
}

// isOurs reports whether a function is of the package, so that its results are known one by one.
func (l *secretLint) isOurs(f *types.Func) bool {
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == "core"
}

func (l *secretLint) mark(object types.Object) {
	if object != nil && object.Pkg() != nil && isText(object.Type()) && !l.secret[object] {
		l.secret[object] = true
		l.changed = true
	}
}

// spread marks what the secrets known so far are assigned to, passed for and returned by.
func (l *secretLint) spread(f *ast.FuncDecl) {
	assign := func(left, right []ast.Expr) {
		for i, to := range left {
			isSecret := false
			if call, ok := right[0].(*ast.CallExpr); ok && len(left) > 1 && len(right) == 1 { // several results
				callee, _ := l.callee(call).(*types.Func)
				isSecret = callee != nil && l.returnsSecret(callee, i) || l.isSecret(call) && !l.isOurs(callee)
			} else if i < len(right) {
				isSecret = l.isSecret(right[i])
			}
			if id, ok := to.(*ast.Ident); ok && isSecret {
				l.mark(l.info.ObjectOf(id))
			}
		}
	}
	inFuncLit := map[ast.Node]bool{} // statements that return from a function within f
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			ast.Inspect(n.Body, func(n ast.Node) bool { inFuncLit[n] = true; return true })
		case *ast.AssignStmt:
			assign(n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			if len(n.Values) > 0 {
				var left []ast.Expr
				for _, name := range n.Names {
					left = append(left, name)
				}
				assign(left, n.Values)
			}
		case *ast.RangeStmt:
			if n.Value != nil {
				assign([]ast.Expr{n.Value}, []ast.Expr{n.X})
			}
		case *ast.ReturnStmt:
			results := l.info.Defs[f.Name].Type().(*types.Signature).Results()
			for i, result := range n.Results {
				if l.isSecret(result) && len(n.Results) == results.Len() && !inFuncLit[n] {
					l.mark(results.At(i))
				}
			}
		case *ast.CallExpr:
			callee, ok := l.callee(n).(*types.Func)
			if !ok {
				break
			}
			params := callee.Origin().Type().(*types.Signature).Params()
			for i, arg := range n.Args {
				if l.isSecret(arg) && params.Len() > 0 {
					l.mark(params.At(min(i, params.Len()-1)))
				}
			}
		}
		return true
	})
}

// findings returns the comparisons, as "function: comparison".
func (p *corePackage) secretComparisons() (findings []string) {
	l := &secretLint{corePackage: p, secret: map[types.Object]bool{}, changed: true}
	functions := p.reachable(func(name string) bool { return ast.IsExported(name) && name != "ExplainHTTP" })
	for l.changed {
		l.changed = false
		for _, f := range functions {
			l.spread(f)
		}
	}
	for _, f := range functions {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if text := l.comparison(n); text != "" {
				findings = append(findings, f.Name.Name+": "+text)
			}
			return true
		})
	}
	return findings
}

// comparison returns the text of a node that compares a secret.
func (l *secretLint) comparison(n ast.Node) string {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		switch n.Op {
		case token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ:
			if l.compares(n.X, n.Y) {
				return types.ExprString(n)
			}
		}
	case *ast.SwitchStmt:
		if n.Tag == nil {
			return ""
		}
		for _, clause := range n.Body.List {
			for _, value := range clause.(*ast.CaseClause).List {
				if l.compares(n.Tag, value) {
					return "switch " + types.ExprString(n.Tag)
				}
			}
		}
	case *ast.IndexExpr:
		if _, isMap := l.info.TypeOf(n.X).Underlying().(*types.Map); isMap && l.isSecret(n.Index) {
			return types.ExprString(n)
		}
	case *ast.CallExpr:
		callee, ok := l.callee(n).(*types.Func)
		if !ok || callee.Pkg() == nil || !slices.Contains(strings.Fields(comparers[callee.Pkg().Path()]), callee.Name()) || !slices.ContainsFunc(n.Args, l.isSecret) {
			return ""
		}
		if !slices.ContainsFunc(n.Args, func(arg ast.Expr) bool { return l.info.Types[arg].Value != nil || isConstantBytes(l.info, arg) }) {
			return types.ExprString(n)
		}
	}
	return ""
}

// isConstantBytes reports whether e is a conversion of a constant, such as []byte("&").
func isConstantBytes(info *types.Info, e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && info.Types[call.Fun].IsType() && len(call.Args) == 1 && info.Types[call.Args[0]].Value != nil
}

func (l *secretLint) compares(x, y ast.Expr) bool {
	for _, operand := range []ast.Expr{x, y} {
		tv := l.info.Types[operand]
		if tv.Value != nil && (tv.Value.Kind() != constant.String || constant.StringVal(tv.Value) == "") || tv.IsNil() || !isText(tv.Type) {
			return false
		}
	}
	return l.isSecret(x) || l.isSecret(y)
}

// comparisonsThatTellNothing are findings that are none, each with the reason.
var comparisonsThatTellNothing = map[string]string{
	"matches: base64.StdEncoding.EncodeToString(decoded) != credentials": "the client's own text and what became of it: nothing of ours takes part",
	"parseDigest: params[name]": "the names of parameters, which are the client's own; no value is looked up",
	"foldEqual: c != lower[i]":  "an authentication scheme, a header's name or value with a constant of the protocol",
}

func TestSecretsAreComparedInConstantTimeAlone(t *testing.T) {
	findings := mustCoreSources(t).secretComparisons()
	for _, finding := range findings {
		if comparisonsThatTellNothing[finding] == "" {
			t.Errorf("%s: use hmac.Equal or subtle.ConstantTimeCompare, or say in the table why not", finding)
		}
	}
	for row, reason := range comparisonsThatTellNothing {
		if !slices.Contains(findings, row) {
			t.Errorf("%s (%s) is in the table, but not in the code", row, reason)
		}
	}
}

// The lint fails on bad code: each of these comparisons is found, and none of the good ones.
func TestTheLintOfComparisonsFindsThem(t *testing.T) {
	const frame = `package core
		import ("bytes"; "crypto/hmac"; "crypto/sha1"; "crypto/subtle"; "encoding/base64"; "encoding/hex"; "reflect"; "slices"; "strings")
		var _ = []any{bytes.Equal, hmac.Equal, sha1.New, subtle.ConstantTimeCompare, base64.StdEncoding, hex.EncodeToString, reflect.DeepEqual, strings.EqualFold}
		var _ = slices.Equal[[]byte]
		type request struct { signature, other string; lines map[string]string; sum [20]byte }
		type Secret struct { text *string }
		func (s Secret) reveal() string { return *s.text }
		func same(a, b string) bool { for i := range a { if a[i] != b[i] { return false } }; return true }
		func both(a, b string) (string, string) { return a, b }
		func made(key []byte, s string) []byte { h := hmac.New(sha1.New, key); h.Write([]byte(s)); return h.Sum(nil) }
		func Judge(r request, key, want []byte, s Secret, plain string, header map[string]string, known map[string]bool) bool { `
	bad := []string{
		`return r.signature == plain`,
		`return plain != r.signature`,
		`got := r.signature; return got == plain`,
		`return bytes.Equal(made(key, "x"), want)`,
		`sum := made(key, plain); return string(sum) == string(want)`,
		`return reflect.DeepEqual(made(key, plain), want)`,
		`return slices.Equal(made(key, plain), want)`,
		`return hex.EncodeToString(made(key, plain)) == plain`,
		`text := base64.StdEncoding.EncodeToString(made(key, plain)); return strings.EqualFold(text, plain)`,
		`return strings.HasPrefix(r.signature, plain)`,
		`return s.reveal() == plain`,
		`return s.reveal() == "hunter2"`,
		`return "Bearer " + s.reveal() == plain`,
		`switch r.signature { case plain: return true }; return false`,
		`return header["response"] == plain`,
		`return known[r.signature]`,
		`mac := [20]byte(want); return mac == r.sum`,
		`return same(r.signature, plain)`,
		`var password string = plain; return password == plain`,
		`for _, b := range made(key, plain) { if b != want[0] { return false } }; return true`,
		`return strings.Compare(r.signature, plain) == 0`,
		`text, _ := strings.CutPrefix(r.signature, "sha1="); return text == plain`,
		`one, two := both(r.signature, plain); return two == plain || one == plain`,
	}
	good := []string{
		`return hmac.Equal(made(key, plain), want)`,
		`return subtle.ConstantTimeCompare([]byte(r.signature), []byte(plain)) == 1`,
		`return r.signature == ""`,
		`return len(r.signature) == 28`,
		`return strings.HasPrefix(r.signature, "sha1=")`,
		`return r.signature[0] == '='`,
		`return r.other == plain && header["realm"] == plain`,
		`return known[plain]`,
		`_, two := both(r.signature, plain); return two == plain`,
	}
	for _, snippet := range bad {
		if got := lintSnippet(t, frame+snippet+" }"); len(got) == 0 {
			t.Errorf("nothing is found in: %s", snippet)
		}
	}
	for _, snippet := range good {
		if got := lintSnippet(t, frame+snippet+" }"); len(got) != 0 {
			t.Errorf("%q is found in: %s", got, snippet)
		}
	}
}

func lintSnippet(t *testing.T, source string) []string {
	t.Helper()
	p, err := checkSources(map[string]string{"a.go": source})
	if err != nil {
		t.Fatal(fmt.Errorf("%w in %s", err, source))
	}
	return p.secretComparisons()
}
