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
// A template of one's own is an ordinary value; the package templates shows how the built-in ones are written.
package generator
