package faults_test

import (
	"fmt"
	"testing"

	"github.com/groovechaos/groovechaos/faults"
)

//nolint:paralleltest // It counts allocations.
func TestABrakeThatIsSoAlreadyMakesNoNewSet(t *testing.T) {
	e := faults.NewEngine(1)
	set := make([]faults.Fault, 1000)
	for i := range set {
		set[i] = faults.Fault{Name: fmt.Sprint("f", i), Answer: &faults.Answer{Status: 503}, Trigger: faults.Trigger{First: 1}}
	}
	apply(t, e, set...)
	if n := testing.AllocsPerRun(5, func() { e.Brake(false) }); n > 0 {
		t.Errorf("releasing a brake that is not pulled allocates %v times, want nothing to be compiled", n)
	}
}
