// Package generator turns a framework's [Template] into a Go file with middleware that lets only requests signed by Twilio
// through, and writes that file.
//
// [Generate] is pure: the same template and [Spec] give the same bytes, with no version, time or path in them. Everything that
// touches files, arguments or the environment is in the verbs, which [Main] runs:
//
//	package main
//
//	import (
//		"github.com/ringfence-go/ringfence/generator"
//		"github.com/ringfence-go/ringfence/templates"
//	)
//
//	func main() {
//		generator.Main(append(templates.All(), mine)...)
//	}
//
// A template of one's own is an ordinary value; docs/ADD-A-FRAMEWORK.md adds one step by step, and the package templates shows how the
// built-in ones are written. A template emits the middleware and how its tests send a request. All other choices of the [Spec] are
// made for it after rendering: names, standalone output, the formatting, and a comparison of the output with what the template
// declares that it emits.
package generator
