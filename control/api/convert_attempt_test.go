package api

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// TestAttemptsComeBackAsTheyWere holds the two directions of the conversion together.
func TestAttemptsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Make[observe.Attempt]().Draw(t, "attempt")
		want.Time = time.Unix(rapid.Int64Range(0, 1e10).Draw(t, "second"), 5).UTC()
		want.Status, want.UpstreamStatus = want.Status&0xfff, want.UpstreamStatus&0xfff
		want.Counter = rapid.IntRange(-1, 1_000_000).Draw(t, "counter")
		if len(want.DelayedBy) == 0 {
			want.DelayedBy = nil
		}
		if len(want.SpoiledBy) == 0 {
			want.SpoiledBy = nil
		}
		if diff := cmp.Diff(want, AttemptOf(attemptMessage(&want))); diff != "" {
			t.Fatalf("the attempt came back changed (-want +got):\n%s", diff)
		}
	})
}
