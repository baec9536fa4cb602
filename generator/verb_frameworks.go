package generator

import (
	"flag"
	"fmt"
	"sort"
	"text/tabwriter"
)

const frameworksUsage = `Usage: ringfence frameworks

Lists the frameworks that ringfence generate -framework knows, each with its module, its status and what it is. The status says how the
output was proven:

  tested VERSION    by the whole conformance suite over real sockets, with this version of the framework
  bridged VERSION   by the same over a bridge that makes the framework's events of requests
  unproven          by nothing that ringfence knows of
`

func frameworksVerb(templates []Template) Verb {
	return Verb{
		Name:  "frameworks",
		Doc:   "list the frameworks",
		Usage: frameworksUsage,
		Run:   func(c Call) (int, error) { return 0, frameworks(c, templates) },
	}
}

// frameworks prints the table of templates, ordered by name.
func frameworks(c Call, templates []Template) error {
	if err := checkAll(templates); err != nil {
		return err
	}
	if err := c.ParseFlags(flag.NewFlagSet("frameworks", flag.ContinueOnError)); err != nil {
		return err
	}
	sorted := append([]Template(nil), templates...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Name < sorted[j].Name })

	w := tabwriter.NewWriter(c.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "FRAMEWORK\tMODULE\tSTATUS\tDOC")
	for _, t := range sorted {
		status := t.Status
		if status == "" {
			status = "unproven"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.Name, t.Module, status, t.Doc)
	}
	return w.Flush()
}
