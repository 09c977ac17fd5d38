package verdict_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// unrepeated is a journal of failed look-ups that nobody repeated, one a
// minute from the given time on.
func unrepeated(n int, from time.Duration) []observe.Attempt {
	var attempts []observe.Attempt
	for i := range n {
		at := from + time.Duration(i)*time.Minute
		attempts = append(attempts, observe.Attempt{
			Sequence: uint64(i + 1), Received: at, Answered: at + time.Millisecond, Conn: uint64(i + 1), ConnUse: 1,
			Client: "player", Endpoint: groove.Lookup, Method: "GET", Target: "/1/content/" + strings.Repeat("a", i+1) + "/lookup",
			BodyComplete: true, Counter: observe.NoCounter,
			Status: 503, Class: groove.ClassFailure, Origin: observe.OriginInjected, End: observe.EndComplete,
		})
	}
	return attempts
}

func TestWhatLostItsBeginningAccusesNobody(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		attempts int
		dropped  uint64
		want     verdict.Result
	}{
		"whole":                          {5, 0, verdict.Fail},
		"cut, and all at the edge":       {5, 9, verdict.Inconclusive},
		"cut, and enough after the edge": {40, 9, verdict.Fail},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			r := verdict.Judge(verdict.Journal{Attempts: verdict.Of(unrepeated(test.attempts, time.Hour)), Ended: true, Dropped: test.dropped}, verdict.Options{})
			if r.Result != test.want {
				t.Errorf("result %s, want %s: %+v", r.Result, test.want, r)
			}
			told := slices.Contains(r.Reasons, "the journal lost 9 older attempts for want of room ([observe] attempts)")
			if told != (test.dropped > 0) {
				t.Errorf("reasons %q", r.Reasons)
			}
		})
	}
}

// One node has been up for hours, another began anew: the edge of the journal is where its first attempt lies for all of them.
func TestTheEdgeIsOneForAllNodes(t *testing.T) {
	t.Parallel()
	began := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	attempts := unrepeated(5, 10*time.Hour)
	for i := range attempts {
		attempts[i].Node, attempts[i].Time = "a", began.Add(attempts[i].Received)
	}
	anew := unrepeated(1, 2*time.Minute)[0]
	anew.Node, anew.Time, anew.Status, anew.Class, anew.Origin = "b", began.Add(10*time.Hour+2*time.Minute), 200, groove.ClassSuccess, observe.OriginUpstream
	anew.Client = "another"
	r := verdict.Judge(verdict.Journal{Attempts: verdict.Of(append(attempts, anew)), Ended: true, Dropped: 9}, verdict.Options{})
	if r.Result != verdict.Inconclusive {
		t.Errorf("result %s, want inconclusive: %+v", r.Result, r)
	}
}
