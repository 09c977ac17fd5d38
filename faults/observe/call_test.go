package observe

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func TestCallGaps(t *testing.T) {
	t.Parallel()
	call := Call{Transport: []uint64{2}, Attempts: []*Attempt{
		{Sequence: 1, Received: 0, Answered: seconds(1), Class: groove.ClassFailure},
		{Sequence: 2, Received: seconds(1), Answered: seconds(2), Class: groove.ClassFailure, RetryAfter: "3"},
		{Sequence: 3, Received: seconds(6), Answered: seconds(9), Class: groove.ClassFailure, RetryAfter: "soon"},
		{Sequence: 4, Received: seconds(8), Answered: seconds(10), Class: groove.ClassSuccess},
	}}
	gaps := call.Gaps()
	if len(gaps) != 2 {
		t.Fatalf("got %d gaps, want 2", len(gaps))
	}
	first, second := gaps[0], gaps[1]
	if first.Index != 1 || first.Before != call.Attempts[1] || first.After != call.Attempts[2] || first.Wait != 4*time.Second || first.Overlap {
		t.Errorf("first: got %+v, want index 1 from attempt 2 to 3, 4s", first)
	}
	if first.RetryAfter == nil || first.RetryAfter.Wait != 3*time.Second {
		t.Errorf("first: got retry after %v, want 3s", first.RetryAfter)
	}
	if second.Index != 2 || second.Wait != 0 || !second.Overlap || second.RetryAfter != nil {
		t.Errorf("second: got %+v, want index 2, an overlap and no retry after", second)
	}
	if overlaps := call.Overlaps(); len(overlaps) != 1 || overlaps[0].Index != 2 {
		t.Errorf("got overlaps %+v, want the second gap", overlaps)
	}
	if call.Failed() || call.Tries() != 3 {
		t.Errorf("got failed %t, %d tries, want a success after 3", call.Failed(), call.Tries())
	}
}

func TestCallFailed(t *testing.T) {
	t.Parallel()
	for class, want := range map[groove.Class]bool{
		groove.ClassSuccess: false, groove.ClassSoftError: false, groove.ClassFailure: true,
	} {
		call := Call{Attempts: []*Attempt{{Class: class}}}
		if got := call.Failed(); got != want {
			t.Errorf("%s: got %t, want %t", class, got, want)
		}
	}
	if empty := (&Call{}); empty.Failed() || len(empty.Gaps()) != 0 {
		t.Error("a call without attempts failed or has gaps")
	}
}

// pointers are the attempts as a call has them.
func pointers(attempts []Attempt) []*Attempt {
	list := make([]*Attempt, len(attempts))
	for i := range attempts {
		list[i] = &attempts[i]
	}
	return list
}
