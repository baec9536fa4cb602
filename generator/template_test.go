package generator

import "github.com/dave/jennifer/jen"

// fake returns a template that emits one function and uses an import of either group.
func fake(name string) Template {
	return Template{
		Name:    name,
		Doc:     "the framework " + name,
		Module:  "example.com/" + name,
		Imports: map[string]string{"example.com/" + name + "/v2": name, "context": "context", "net/http": "http"},
		Emit: func(f *File, _ Spec) {
			f.Handshake()
			f.Doc("New returns nothing.", "", "It is here for the tests.")
			f.Func().Id("New").Params(
				jen.Id("w").Qual("net/http", "ResponseWriter"),
				jen.Id("ctx").Qual("context", "Context"),
				jen.Id("c").Qual("example.com/"+name+"/v2", "Context"),
			).Block()
		},
		EmitTest: func(f *File, _ Spec) {
			f.ServeTest().Block(jen.Id("New").Call(jen.Nil(), jen.Nil(), jen.Id("v")), jen.Return(jen.Lit(0)))
		},
	}
}

func fakes(names ...string) []Template {
	var all []Template
	for _, name := range names {
		all = append(all, fake(name))
	}
	return all
}
