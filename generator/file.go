package generator

import (
	"bytes"

	"github.com/dave/jennifer/jen"
)

// CorePath is the import path of the package that decides about requests. Standalone output has what it names in its own package.
const CorePath = "github.com/ringfence-go/ringfence/core"

// File is the file that a template emits: a jennifer file with the few things that all templates need.
type File struct {
	*jen.File
	spec Spec
}

func newFile(s Spec, imports map[string]string) *File {
	f := &File{jen.NewFile(s.Package), s}
	f.NoFormat = true // Generate formats, and reports source that does not parse in one line.
	f.HeaderComment(header(s))
	f.ImportName(CorePath, "core")
	f.ImportNames(imports)
	return f
}

// Handshake emits the declaration that keeps a file from compiling with a core that does not understand it.
func (f *File) Handshake() {
	if f.spec.Standalone {
		f.Doc(
			"If this line does not compile, this file and "+standaloneFile+" are of different",
			"generations: run go generate again.",
		)
	} else {
		f.Doc(
			"If this line does not compile, this file and the ringfence module are of different",
			"generations: run go generate again, with the ringfence version that go.mod requires.",
		)
	}
	f.Const().Id("_").Op("=").Add(Core("GeneratedV1"))
	f.Line()
}

// Doc emits a comment, one line for each of lines.
func (f *File) Doc(lines ...string) { Doc(f.Group, lines...) }

// Doc adds a comment to g, one line for each of lines: jennifer would make a block comment of a text with newlines.
func Doc(g *jen.Group, lines ...string) {
	for _, line := range lines {
		g.Comment(line)
	}
}

// Core names an identifier of the core.
func Core(name string) *jen.Statement { return jen.Qual(CorePath, name) }

// Answer is the answer to the error err that s.Reject asks for: core.AnswerTo(err), or core.AnswerTo(err).TwiML().
func (s Spec) Answer() *jen.Statement {
	answer := Core("AnswerTo").Call(jen.Err())
	if s.Reject == RejectTwiML {
		answer.Dot("TwiML").Call()
	}
	return answer
}

// source returns the file as jennifer writes it: unformatted, its imports in one block.
func (f *File) source() ([]byte, error) {
	var b bytes.Buffer
	if err := f.Render(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
