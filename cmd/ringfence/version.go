package main

import (
	"flag"
	"fmt"

	"github.com/ringfence-go/ringfence/core"
	"github.com/ringfence-go/ringfence/generator"
)

var versionVerb = generator.Verb{
	Name: "version",
	Doc:  "print the version",
	Usage: `Usage: ringfence version

Prints the version of ringfence.
`,
	Run: version,
}

func version(c generator.Call) (int, error) {
	if err := c.ParseFlags(flag.NewFlagSet("version", flag.ContinueOnError)); err != nil {
		return 0, err
	}
	_, err := fmt.Fprintln(c.Stdout, core.Version)
	return 0, err
}
