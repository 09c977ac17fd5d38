package runner

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/groovechaos/groovechaos/control/store"
)

// lossy is a journal of which another node loses some.
type lossy struct {
	*store.Attempts

	missed uint64
}

func (l *lossy) Missed() uint64 { return l.missed }

// What another node lost while a run went on keeps it from a pass, and what was lost before does not.
func TestARunKnowsWhatOtherNodesLost(t *testing.T) {
	t.Parallel()
	for _, lost := range []uint64{0, 4} {
		synctest.Test(t, func(t *testing.T) {
			p := newPlace()
			journal := &lossy{Attempts: p.attempts, missed: 7}
			p.Site.Attempts = journal
			r := newRun(t, Options{Site: p.Site, Experiment: parse(t, busy)})
			done := make(chan struct{})
			go func() { defer close(done); r.Do(t.Context()) }()
			synctest.Wait()
			journal.missed += lost
			<-done
			report := r.Judge().Verdict
			if said := strings.Contains(strings.Join(report.Reasons, " "), "lost 4 older attempts"); said != (lost > 0) {
				t.Errorf("with %d lost the reasons are %q", lost, report.Reasons)
			}
		})
	}
}
