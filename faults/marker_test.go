package faults_test

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults"
)

func TestMarkerIsKeyed(t *testing.T) {
	t.Parallel()
	place := faults.Place{Fingerprint: 1, Sequence: 1}
	marker := faults.NewEngine(1).Marker(place)
	if again := faults.NewEngine(1).Marker(place); again != marker {
		t.Errorf("the same place has %q and %q", marker, again)
	}
	seen := map[string]bool{marker: true, faults.NewEngine(2).Marker(place): true}
	for sequence := range uint64(1000) {
		place.Sequence = sequence + 2
		seen[faults.NewEngine(1).Marker(place)] = true
	}
	if len(seen) != 1002 {
		t.Errorf("1002 places and seeds have %d markers", len(seen))
	}
}
