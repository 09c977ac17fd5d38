package sweep

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Complaint is what the judge finds against a workload without any fault, so that it is not for the sake of one.
type Complaint struct {
	Check   string `json:"check"`
	Summary string `json:"summary"`
}

// Text says it in a sentence.
func (c *Complaint) Text() string {
	return fmt.Sprintf("without any fault already: %s: %s", c.Check, c.Summary)
}

// Peace says what the judge finds against a workload in its runs in peace.
func (h *Habits) Peace(runs []Ran, p verdict.Policy) []Complaint {
	report := verdict.Judge(verdict.Journal{Attempts: h.named(&Case{}, runs, ""), Ended: true}, verdict.Options{Policy: p})
	var list []Complaint
	for _, f := range findings(&report) {
		if f.Result == verdict.Fail {
			list = append(list, Complaint{f.Check, f.Summary})
		}
	}
	return list
}
