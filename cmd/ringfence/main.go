// Command ringfence emits middleware that lets only requests signed by Twilio through.
//
//	ringfence generate -framework gin   writes the middleware for a framework
//	ringfence frameworks                lists the frameworks
//	ringfence explain FILE              says why a captured request's signature does not match
//	ringfence probe URL                 tests whether an endpoint lets only signed requests through
//	ringfence sign -url URL             signs a request
//	ringfence version                   prints the version
//
// ringfence help explains them all.
package main

import (
	"os"

	"github.com/ringfence-go/ringfence/generator"
	"github.com/ringfence-go/ringfence/templates"
)

func main() {
	os.Exit(generator.Run(generator.ThisProcess(), verbs()...))
}

func verbs() []generator.Verb {
	return append(generator.Verbs(templates.All()...), explainVerb, probeVerb, signVerb, versionVerb)
}
