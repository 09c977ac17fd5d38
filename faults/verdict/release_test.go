package verdict

import (
	"encoding/json"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// lent gives copies of attempts, and counts those that come back, which it writes over.
func lent(attempts iter.Seq[*observe.Attempt], back *atomic.Int64) Journal {
	each := func(yield func(*observe.Attempt) bool) {
		for a := range attempts {
			copied := *a
			if !yield(&copied) {
				return
			}
		}
	}
	release := func(a *observe.Attempt) {
		back.Add(1)
		*a = observe.Attempt{Client: "gone", Method: "GONE", Target: "/gone", Received: 1, Answered: 1 << 60, Status: 418, Class: "failure", Origin: observe.OriginInjected}
	}
	return Journal{Attempts: each, Release: release, Ended: true}
}

// What is given back is needed for nothing any more: the report is the same to the byte, also where chapters are cut.
func TestJudgeGivesAttemptsBack(t *testing.T) {
	t.Parallel()
	for name, attempts := range map[string]iter.Seq[*observe.Attempt]{"recordings": Of(loadRecordings(t)), "several chapters": traffic(110_000)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := int64(0)
			for range attempts {
				count++
			}
			want, err := json.Marshal(Judge(Journal{Attempts: attempts, Ended: true}, Options{}))
			if err != nil {
				t.Fatal(err)
			}
			var back atomic.Int64
			got, err := json.Marshal(Judge(lent(attempts, &back), Options{}))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Error("the report is another when attempts are given back")
			}
			if back.Load() != 2*count {
				t.Errorf("%d attempts came back from two passes over %d", back.Load(), count)
			}
		})
	}
}
