package runner

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// elsewhere are the counters of other nodes, by when they begin.
type elsewhere struct {
	mu     sync.Mutex
	counts map[uint64]faults.Use
}

// strike has a fault do something elsewhere: the one that is in force here.
func (e *elsewhere) strike(p *place, matched, fired uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	use := p.engine.Uses()[0]
	use.Matched, use.Fired = matched, fired
	e.counts[use.Since] = use
}

// uses are those of an engine together with those from elsewhere.
func (e *elsewhere) uses(p *place) []faults.Use {
	e.mu.Lock()
	defer e.mu.Unlock()
	uses := p.engine.Uses()
	for i := range uses {
		uses[i].Matched += e.counts[uses[i].Since].Matched
		uses[i].Fired += e.counts[uses[i].Since].Fired
	}
	for since, use := range e.counts {
		if len(uses) == 0 || uses[0].Since != since {
			use.Gone = true
			uses = append(uses, use)
		}
	}
	return uses
}

// A run counts what its faults did on other nodes, what it hears of that after they are gone too, and nothing of an earlier run.
func TestARunCountsWhatItsFaultsDidElsewhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, others := newPlace(), &elsewhere{counts: map[uint64]faults.Use{}}
		p.Uses = func() []faults.Use { return others.uses(p) }
		for round, late := range []uint64{5, 9} {
			r := newRun(t, Options{Site: p.Site, Experiment: parse(t, busy)})
			done := make(chan struct{})
			go func() {
				defer close(done)
				r.Do(t.Context())
			}()
			time.Sleep(20 * time.Second)
			others.strike(p, 3, 1)
			since := p.engine.Uses()[0].Since
			<-done
			others.mu.Lock()
			others.counts[since] = faults.Use{Name: "busy.down", Since: since, Matched: late, Fired: 2, Armed: true}
			others.mu.Unlock()
			want := []verdict.FaultUse{{Name: "busy.down", Matched: late, Fired: 2}}
			if diff := cmp.Diff(want, r.Judge().Verdict.Faults); diff != "" {
				t.Errorf("run %d: the faults did (-want +got):\n%s", round+1, diff)
			}
		}
	})
}

// What the attempts say of a fault counts before the counters of the other nodes come.
func TestAttemptsTellOfAFaultBeforeItsCounters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace()
		r := newRun(t, Options{Site: p.Site, Experiment: parse(t, busy)})
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.Do(t.Context())
		}()
		time.Sleep(20 * time.Second)
		p.call("/a", "busy.down")
		<-done
		want := []verdict.FaultUse{{Name: "busy.down", Matched: 1, Fired: 1}}
		if diff := cmp.Diff(want, r.Judge().Verdict.Faults); diff != "" {
			t.Errorf("the faults did (-want +got):\n%s", diff)
		}
	})
}
