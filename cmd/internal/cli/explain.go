package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

func newExplain(r *root) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CHECK]",
		Short: "Explain a check: its rule, the evidence it wants and how to fix a caller",
		Long: `Explain a check: its rule, the evidence it wants, the norm behind it, an
example, and how to fix a caller that breaks it. Without CHECK it lists all.`,
		Example: "  groovechaos explain backs-off",
		Args: func(command *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%s wants one CHECK at most, got %d arguments", name(command), len(args))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return checkNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return r.listChecks()
			}
			return r.explain(args[0])
		},
	}
}

func checkNames() []string {
	var names []string
	for _, check := range verdict.Checks() {
		names = append(names, check.Name)
	}
	return names
}

// knownChecks returns an error for the first name that no check has, with the check that is most likely meant.
func knownChecks(names []string) error {
	known := checkNames()
	for _, name := range names {
		if !slices.Contains(known, name) {
			return errors.New(config.Suggest(name, known))
		}
	}
	return nil
}

// explanation is a check in JSON.
type explanation struct {
	Name    string         `json:"name"`
	Family  verdict.Family `json:"family"`
	Rule    string         `json:"rule"`
	Needs   string         `json:"needs"`
	Norm    string         `json:"norm"`
	Example string         `json:"example"`
	Advice  string         `json:"advice"`
}

func explanationOf(c *verdict.Check) explanation {
	return explanation{c.Name, c.Family, c.Rule, c.Needs, c.Norm, c.Example, c.Advice}
}

func (r *root) listChecks() error {
	rows := [][]string{{"check", "family", "fails_when"}}
	list := []explanation{}
	for _, c := range verdict.Checks() {
		rows = append(rows, []string{c.Name, string(c.Family), c.Rule})
		list = append(list, explanationOf(&c))
	}
	if r.json {
		return r.printJSON(list)
	}
	return r.printTable(rows, "")
}

func (r *root) explain(name string) error {
	checks := verdict.Checks()
	i := slices.IndexFunc(checks, func(c verdict.Check) bool { return c.Name == name })
	if i < 0 {
		return usage("check %w", knownChecks([]string{name}))
	}
	e := explanationOf(&checks[i])
	if r.json {
		return r.printJSON(e)
	}
	fields := [][2]string{{"check", e.Name}, {"fails when", e.Rule}, {"evidence", e.Needs}, {"norm", e.Norm}}
	if e.Example != "" {
		fields = append(fields, [2]string{"example", e.Example})
	}
	return r.printFields(append(fields, [2]string{"what to do", e.Advice}))
}
