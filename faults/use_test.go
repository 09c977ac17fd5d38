package faults_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
)

func TestWhatAGoneFaultDidIsRemembered(t *testing.T) {
	t.Parallel()
	e := faults.NewEngine(1)
	made := func(since uint64) faults.Fault {
		return faults.Fault{Name: "down", Answer: &faults.Answer{Status: 503}, Since: since}
	}
	strike := func() {
		e.Decide(&faults.Exchange{Method: "GET", Place: faults.Place{Call: 1, Attempt: 1}}).Terminal.Fire()
	}
	apply(t, e, made(1))
	strike()
	strike()
	apply(t, e)
	apply(t, e, made(2))
	strike()
	want := []faults.Use{
		{Name: "down", Since: 2, Matched: 1, Fired: 1, Armed: true},
		{Name: "down", Since: 1, Matched: 2, Fired: 2, Armed: true, Gone: true},
	}
	if diff := cmp.Diff(want, e.AllUses()); diff != "" {
		t.Errorf("with those that are gone (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[:1], e.Uses()); diff != "" {
		t.Errorf("of the set (-want +got):\n%s", diff)
	}
}

// An engine that never heard that a fault was taken away and made again counts anew all the same, and its trigger begins anew.
func TestAFaultThatWasMadeAgainCountsAnew(t *testing.T) {
	t.Parallel()
	e := faults.NewEngine(1)
	first := faults.Fault{Name: "down", Answer: &faults.Answer{Status: 503}, Trigger: faults.Trigger{First: 1}, Since: 1}
	struck := func() bool {
		return e.Decide(&faults.Exchange{Method: "GET", Place: faults.Place{Call: 1, Attempt: 1}}).Terminal != nil
	}
	apply(t, e, first)
	if one, two := struck(), struck(); !one || two {
		t.Fatalf("the first two are struck %v, %v, want the first alone", one, two)
	}
	again := first
	again.Since = 2
	apply(t, e, again)
	if !struck() {
		t.Error("made again, it does not strike the first: it counts on from before")
	}
}

func TestWhatIsRememberedOfGoneFaultsIsBounded(t *testing.T) {
	t.Parallel()
	e := faults.NewEngine(1)
	for i := range uint64(faults.MaxFaults + 10) {
		apply(t, e, faults.Fault{Name: "down", Answer: &faults.Answer{Status: 503}, Since: i + 1})
		e.Decide(&faults.Exchange{Method: "GET", Place: faults.Place{Call: 1, Attempt: 1}})
	}
	all := e.AllUses()
	if last := all[len(all)-1].Since; len(all) != faults.MaxFaults+1 || last != faults.MaxFaults+9 {
		t.Errorf("%d are known, the last since %d, want the newest", len(all), last)
	}
}

func apply(t *testing.T, e *faults.Engine, set ...faults.Fault) {
	t.Helper()
	if err := e.Apply(set); err != nil {
		t.Fatal(err)
	}
}
