package sweep

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Peace says what the judge finds against a workload in its runs in peace, a sentence each: it is not for the sake of any fault.
func (h *Habits) Peace(runs []Ran, p verdict.Policy) []string {
	report := verdict.Judge(verdict.Journal{Attempts: h.named(&Case{}, runs, ""), Ended: true}, verdict.Options{Policy: p})
	var list []string
	for _, f := range findings(&report) {
		if f.Result == verdict.Fail {
			list = append(list, fmt.Sprintf("without any fault already: %s: %s", f.Check, f.Summary))
		}
	}
	return list
}
