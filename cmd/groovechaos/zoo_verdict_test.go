//go:build e2e

package main

import (
	"fmt"
	"testing"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// judged logs what is said of a resident.
func (r *resident) judged(t *testing.T, v *verdict.Verdict) {
	t.Helper()
	for _, f := range v.Findings {
		t.Log("says:", findingKey(&f), f.Result, f.Grouping, f.Summary, f.Missing)
	}
}

func findingKey(f *verdict.Finding) string {
	if f.Status == 0 {
		return f.Check
	}
	return fmt.Sprintf("%s %d", f.Check, f.Status)
}
