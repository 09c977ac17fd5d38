package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// TestCoverageSurvivesTheWire holds the two directions of the conversion together.
func TestCoverageSurvivesTheWire(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := coverage.New(coverage.Options{})
		for range rapid.IntRange(0, 20).Draw(t, "attempts") {
			info := rapid.SampledFrom(groove.ErrorCodes()).Draw(t, "code")
			c.Add(&observe.Attempt{
				Endpoint: rapid.SampledFrom([]string{groove.Search, groove.Stream, groove.CollectionAdd, ""}).Draw(t, "endpoint"),
				Origin:   rapid.SampledFrom([]observe.Origin{observe.OriginInjected, observe.OriginUpstream, observe.OriginOurs}).Draw(t, "origin"),
				Status:   info.Status, ErrorCode: info.Code, Class: groove.ClassFailure, End: observe.EndComplete,
			})
		}
		want := c.Matrix()
		if diff := cmp.Diff(want, Coverage(coverageMessage(want))); diff != "" {
			t.Fatalf("coverage (-sent +read):\n%s", diff)
		}
	})
}
