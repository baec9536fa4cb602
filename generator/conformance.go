package generator

import "github.com/dave/jennifer/jen"

// ServeTest is the name of the function that EmitTest emits:
//
//	func serveTwilio(v *core.Validator, r *http.Request, handle func(body []byte, webhook *core.Webhook)) (status int)
//
// It mounts the middleware around v before a handler for all methods and paths, which passes what it read of the body and what the
// accessor returned to handle, sends r, and returns the status.
const ServeTest = "serveTwilio"

// testImports are the import paths of what newTestFile emits.
var testImports = map[string]string{
	"net/http":          "http",
	"net/http/httptest": "httptest",
	"strings":           "strings",
	"testing":           "testing",
	"unicode":           "unicode",
}

// testNames are the names that newTestFile declares.
var testNames = []string{"TestTwilioExamples", "twilioExample", "twilioExamples", ServeTest}

func testLimits(t Template, s Spec) limits {
	imports := map[string]string{}
	for _, m := range []map[string]string{t.Imports, testImports} {
		for path, name := range m {
			imports[path] = name
		}
	}
	return limits{spec: s, imports: imports, names: testNames, must: "TestTwilioExamples"}
}

// newTestFile returns the test file of -tests: documented examples, and every one of their bytes changed.
func newTestFile(t Template, s Spec) *File {
	f := newFile(s, t.Imports)
	f.ImportNames(testImports)
	exampleType(f)
	examples(f)
	exampleTest(f)
	exampleChange(f)
	exampleSend(f)
	t.EmitTest(f, s)
	return f
}

// ServeTest begins the function of that name; the template adds its Block.
func (f *File) ServeTest() *jen.Statement {
	f.Doc(ServeTest + " sends r through the middleware to a handler that calls handle.")
	return f.Func().Id(ServeTest).Params(
		jen.Id("v").Op("*").Add(Core("Validator")),
		jen.Id("r").Op("*").Qual("net/http", "Request"),
		jen.Id("handle").Func().Params(handleParams()...),
	).Params(jen.Id("status").Int())
}

// exampleType emits the type of the examples:
//
//	type twilioExample struct {
//		name, origin, target, contentType, body, token, signature string
//	}
func exampleType(f *File) {
	f.Doc("twilioExample is a POST request that Twilio documents.")
	f.Type().Id("twilioExample").Struct(
		jen.List(jen.Id("name"), jen.Id("origin"), jen.Id("target"), jen.Id("contentType"), jen.Id("body"), jen.Id("token"),
			jen.Id("signature")).String(),
	)
	f.Line()
}

// documented are the examples, each with the fields of twilioExample.
var documented = [][7]string{
	{
		"a form", "https://mycompany.com", "/myapp.php?foo=1&bar=2", "application/x-www-form-urlencoded",
		"CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212",
		"12345", "GvWf1cFY/Q7PnoempGyD5oXAezc=",
	},
	{
		"JSON", "https://mycompany.com",
		"/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620", "application/json",
		`{"property": "value", "boolean": true}`, "12345", "a9nBmqA0ju/hNViExpshrM61xv4=",
	},
}

// elements is a composite literal with a line for each element, in the order given.
var elements = jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}

// examples emits the documented examples:
//
//	var twilioExamples = []twilioExample{
//		{name: …, origin: …, …},
//	}
func examples(f *File) {
	fields := []string{"name", "origin", "target", "contentType", "body", "token", "signature"}
	var literals []jen.Code
	for _, example := range documented {
		var pairs []jen.Code
		for i, field := range fields {
			pairs = append(pairs, jen.Id(field).Op(":").Lit(example[i]))
		}
		literals = append(literals, jen.Custom(elements, pairs...))
	}
	f.Doc("twilioExamples are from Twilio's documents and from the tests of its libraries.")
	f.Var().Id("twilioExamples").Op("=").Index().Id("twilioExample").Custom(elements, literals...)
	f.Line()
}

// exampleTest emits the test:
//
//	func TestTwilioExamples(t *testing.T) {
//		for _, example := range twilioExamples {
//			t.Run(example.name, func(t *testing.T) {
//				if status, calls := example.send(t); status != http.StatusOK || calls != 1 {
//					t.Errorf("as documented: status %d, %d calls of the handler", status, calls)
//				}
//				example.change(func(changed twilioExample) {
//					if status, calls := changed.send(t); status < http.StatusBadRequest || calls != 0 {
//						t.Errorf("changed to %+v: status %d, %d calls of the handler", changed, status, calls)
//					}
//				})
//			})
//		}
//	}
func exampleTest(f *File) {
	f.Doc(
		"TestTwilioExamples sends the documented requests through the middleware: as they are, which",
		"must reach the handler, and with each letter and digit changed, which must not.",
	)
	f.Func().Id("TestTwilioExamples").Params(testingT()).Block(
		jen.For(jen.List(jen.Id("_"), jen.Id("example")).Op(":=").Range().Id("twilioExamples")).Block(
			jen.Id("t.Run").Call(jen.Id("example.name"), jen.Func().Params(testingT()).Block(
				ifSent("example", jen.Id("status").Op("!=").Qual("net/http", "StatusOK").Op("||").Id("calls").Op("!=").Lit(1)).Block(
					jen.Id("t.Errorf").Call(jen.Lit("as documented: status %d, %d calls of the handler"), jen.Id("status"), jen.Id("calls")),
				),
				jen.Id("example.change").Call(jen.Func().Params(jen.Id("changed").Id("twilioExample")).Block(
					ifSent("changed", jen.Id("status").Op("<").Qual("net/http", "StatusBadRequest").Op("||").Id("calls").Op("!=").Lit(0)).Block(
						jen.Id("t.Errorf").Call(jen.Lit("changed to %+v: status %d, %d calls of the handler"), jen.Id("changed"),
							jen.Id("status"), jen.Id("calls")),
					),
				)),
			)),
		),
	)
	f.Line()
}

// testingT is the parameter t *testing.T.
func testingT() *jen.Statement { return jen.Id("t").Op("*").Qual("testing", "T") }

// ifSent is the beginning of if status, calls := EXAMPLE.send(t); WRONG.
func ifSent(example string, wrong jen.Code) *jen.Statement {
	return jen.If(jen.List(jen.Id("status"), jen.Id("calls")).Op(":=").Id(example+".send").Call(jen.Id("t")), wrong)
}

// exampleChange emits what changes an example:
//
//	func (e twilioExample) change(try func(changed twilioExample)) {
//		for _, part := range []*string{&e.target, &e.body, &e.signature} {
//			text := *part
//			for i, c := range text {
//				if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
//					continue
//				}
//				other := "0"
//				if c == '0' {
//					other = "1"
//				}
//				*part = text[:i] + other + text[i+1:]
//				try(e)
//			}
//			*part = text
//		}
//	}
func exampleChange(f *File) {
	pointer := func(field string) jen.Code { return jen.Op("&").Id(field) }
	f.Doc("change calls try once for each letter and digit of the target, the body and the signature.")
	f.Func().Params(jen.Id("e").Id("twilioExample")).Id("change").Params(
		jen.Id("try").Func().Params(jen.Id("changed").Id("twilioExample")),
	).Block(
		jen.For(jen.List(jen.Id("_"), jen.Id("part")).Op(":=").Range().Index().Op("*").String().
			Values(pointer("e.target"), pointer("e.body"), pointer("e.signature"))).Block(
			jen.Id("text").Op(":=").Op("*").Id("part"),
			jen.For(jen.List(jen.Id("i"), jen.Id("c")).Op(":=").Range().Id("text")).Block(
				jen.If(jen.Op("!").Qual("unicode", "IsLetter").Call(jen.Id("c")).Op("&&").
					Op("!").Qual("unicode", "IsDigit").Call(jen.Id("c"))).Block(jen.Continue()),
				jen.Id("other").Op(":=").Lit("0"),
				jen.If(jen.Id("c").Op("==").LitRune('0')).Block(jen.Id("other").Op("=").Lit("1")),
				jen.Op("*").Id("part").Op("=").Id("text[:i]").Op("+").Id("other").Op("+").Id("text[i+1:]"),
				jen.Id("try").Call(jen.Id("e")),
			),
			jen.Op("*").Id("part").Op("=").Id("text"),
		),
	)
	f.Line()
}

// exampleSend emits what sends an example:
//
//	func (e twilioExample) send(t *testing.T) (status, calls int) {
//		v, err := core.NewValidator(core.Config{
//			PublicURL: e.origin,
//			Tokens:    []core.Token{core.AuthToken("documented", e.token)},
//		})
//		if err != nil {
//			t.Fatal(err)
//		}
//		r := httptest.NewRequest(http.MethodPost, e.target, strings.NewReader(e.body))
//		r.Header.Set("Content-Type", e.contentType)
//		r.Header.Set("X-Twilio-Signature", e.signature)
//		status = serveTwilio(v, r, func(body []byte, webhook *core.Webhook) {
//			calls++
//			if string(body) != e.body || webhook == nil {
//				t.Errorf("the handler read %q, and the webhook is %v", body, webhook)
//			}
//		})
//		return status, calls
//	}
func exampleSend(f *File) {
	f.Doc("send returns the status, and how often the handler was called.")
	f.Func().Params(jen.Id("e").Id("twilioExample")).Id("send").Params(testingT()).
		Params(jen.List(jen.Id("status"), jen.Id("calls")).Int()).Block(
		jen.List(jen.Id("v"), jen.Err()).Op(":=").Add(Core("NewValidator")).Call(Core("Config").Custom(elements,
			jen.Id("PublicURL").Op(":").Id("e.origin"),
			jen.Id("Tokens").Op(":").Index().Add(Core("Token")).Values(Core("AuthToken").Call(jen.Lit("documented"), jen.Id("e.token"))),
		)),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Id("t.Fatal").Call(jen.Err())),
		jen.Id("r").Op(":=").Qual("net/http/httptest", "NewRequest").Call(
			jen.Qual("net/http", "MethodPost"), jen.Id("e.target"), jen.Qual("strings", "NewReader").Call(jen.Id("e.body"))),
		jen.Id("r.Header.Set").Call(jen.Lit("Content-Type"), jen.Id("e.contentType")),
		jen.Id("r.Header.Set").Call(jen.Lit("X-Twilio-Signature"), jen.Id("e.signature")),
		jen.Id("status").Op("=").Id(ServeTest).Call(jen.Id("v"), jen.Id("r"), jen.Func().Params(handleParams()...).Block(
			jen.Id("calls").Op("++"),
			jen.If(jen.String().Call(jen.Id("body")).Op("!=").Id("e.body").Op("||").Id("webhook").Op("==").Nil()).Block(
				jen.Id("t.Errorf").Call(jen.Lit("the handler read %q, and the webhook is %v"), jen.Id("body"), jen.Id("webhook")),
			),
		)),
		jen.Return(jen.Id("status"), jen.Id("calls")),
	)
	f.Line()
}

// handleParams are the parameters body []byte, webhook *core.Webhook.
func handleParams() []jen.Code {
	return []jen.Code{jen.Id("body").Index().Byte(), jen.Id("webhook").Op("*").Add(Core("Webhook"))}
}
