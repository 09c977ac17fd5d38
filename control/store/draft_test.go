package store

import (
	"fmt"
	"testing"

	"github.com/groovechaos/groovechaos/faults"
)

// draftOf is a draft of so many faults.
func draftOf(count int) *draft {
	set := make([]Fault, count)
	for i := range set {
		set[i] = Fault{Fault: faults.Fault{Name: fmt.Sprint("f", i)}, Revision: uint64(i) + 1}
	}
	return newDraft(&draft{now: epoch, revision: uint64(count), set: set})
}

// What stays keeps its order, and is found where it is then.
func TestRemovedFaultsLeaveTheOthersInTheirPlaces(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string][]string{
		"the first": {"f0"}, "the last": {"f9"}, "some": {"f7", "f2", "f3"}, "all": {"f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9"},
	} {
		d := draftOf(10)
		d.removeAll(gone)
		if len(d.set) != 10-len(gone) || len(d.places) != len(d.set) || d.revision != 10+uint64(len(gone)) || !d.touched {
			t.Errorf("%s: %d faults and %d places are left at revision %d", name, len(d.set), len(d.places), d.revision)
		}
		last := uint64(0)
		for i, f := range d.set {
			if place, there := d.places[f.Name]; !there || place != i || f.Revision <= last {
				t.Errorf("%s: %s is at %d, found at %d, %t", name, f.Name, i, place, there)
			}
			last = f.Revision
		}
	}
	d := draftOf(3)
	if d.removeAll(nil); d.touched || d.revision != 3 {
		t.Error("nothing was removed, and the draft is another one")
	}
}

// BenchmarkUnload removes a configuration of 10 000 faults.
func BenchmarkUnload(b *testing.B) {
	was := make(map[string]string)
	for i := range faults.MaxFaults {
		was[fmt.Sprint("f", i)] = ""
	}
	for b.Loop() {
		b.StopTimer()
		d := draftOf(faults.MaxFaults)
		b.StartTimer()
		if removed := d.unload(was, nil); len(removed) != faults.MaxFaults {
			b.Fatalf("%d removed, want all", len(removed))
		}
	}
}
