package generator

import (
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"
)

func TestFlagsAreCanonical(t *testing.T) {
	for _, test := range []struct {
		spec Spec
		want string
	}{
		{Spec{Framework: "gin", Package: "hooks"}, "-framework gin -package hooks"},
		{Spec{Framework: "gin", Package: "hooks", Func: "Verify", Minimal: true, Reject: RejectTwiML, Tests: true, Standalone: true},
			"-framework gin -package hooks -func Verify -minimal -reject twiml -tests -standalone"},
		{Spec{Framework: "gin", Package: "hooks", Together: []string{"echo", "gin"}}, "-framework echo,gin -package hooks"},
	} {
		if got := test.spec.Flags(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func TestASpecThatNoFlagsGiveIsRefused(t *testing.T) {
	for _, test := range []struct {
		name string
		spec Spec
		want string
	}{
		{"a rejection of one's own", Spec{Framework: "gin", Package: "a", Reject: "json"}, `unknown rejection "json"`},
		{"frameworks out of order", Spec{Framework: "gin", Package: "a", Together: []string{"gin", "echo"}},
			`frameworks ["gin" "echo"] are not the ordered names of templates`},
		{"a framework twice", Spec{Framework: "gin", Package: "a", Together: []string{"gin", "gin"}},
			`frameworks ["gin" "gin"] are not the ordered names of templates`},
		{"a framework that is no name", Spec{Framework: "gin", Package: "a", Together: []string{"a\n//go:build x", "gin"}},
			`frameworks ["a\n//go:build x" "gin"] are not the ordered names of templates`},
		{"frameworks without this one", Spec{Framework: "gin", Package: "a", Together: []string{"echo", "fiber"}},
			`framework "gin" is none of ["echo" "fiber"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Generate(fake("gin"), test.spec); err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestNamesFollowTheSpec(t *testing.T) {
	template := fake("gin")
	emit := template.Emit
	template.Names = []string{"request", "Config"}
	template.Emit = func(f *File, s Spec) {
		emit(f, s)
		f.Line()
		f.Doc("request is a request of New's. New and Config and core.Config are named, a request is not.")
		f.Func().Id("request").Params().Block()
		f.Line()
		f.Doc("Config is a type.")
		f.Type().Id("Config").StructFunc(func(g *jen.Group) { g.Id("New").Int(); g.Id("request").String() })
	}
	for _, test := range []struct {
		name string
		spec Spec
		want []string
	}{
		{"-func", Spec{Func: "Verify"}, []string{
			"// Verify returns nothing.", "func Verify(",
			"// request is a request of Verify's. Verify and Config and core.Config are named, a request is not.\nfunc request()",
			"\tNew     int\n",
		}},
		{"several frameworks", Spec{Together: []string{"echo", "gin"}}, []string{
			"// NewGin returns nothing.", "func NewGin(",
			"// requestGin is a request of NewGin's. NewGin and ConfigGin and core.Config are named, a request is not.\nfunc requestGin()",
			"// ConfigGin is a type.\ntype ConfigGin struct {\n\tNew     int\n\trequest string\n",
		}},
		{"standalone", Spec{Standalone: true}, []string{
			"const _ = RingfenceGeneratedV1\n",
			"New and Config and RingfenceConfig are named",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.spec.Framework, test.spec.Package = "gin", "hooks"
			content, err := Generate(template, test.spec)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(string(content), want) {
					t.Errorf("no %q in:\n%s", want, content)
				}
			}
			if strings.Contains(string(content), CorePath) == test.spec.Standalone {
				t.Errorf("the import of the core is wrong:\n%s", content)
			}
		})
	}
}
