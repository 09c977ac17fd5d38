package coverage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestExposures(t *testing.T) {
	t.Parallel()
	const injected, upstream, ours = observe.OriginInjected, observe.OriginUpstream, observe.OriginOurs
	for name, test := range map[string]struct {
		attempt observe.Attempt
		want    []Error
	}{
		"a success": {observe.Attempt{Origin: upstream, End: observe.EndComplete, Status: 200, Class: groove.ClassSuccess, UpstreamStatus: 200}, nil},
		"an answer with a code": {
			observe.Attempt{Origin: injected, End: observe.EndComplete, Status: 429, Class: groove.ClassFailure, ErrorCode: groove.CodeTooManyRequests},
			[]Error{{KindStatus, "429"}, {KindErrorCode, "TOO_MANY_REQUESTS"}},
		},
		"a code of the upstream's": {
			observe.Attempt{Origin: upstream, End: observe.EndComplete, Status: 404, Class: groove.ClassFailure, ErrorCode: groove.CodeCatalogNoResult, UpstreamStatus: 404},
			[]Error{{KindStatus, "404"}, {KindErrorCode, "CATALOG_NO_RESULT"}},
		},
		"a soft error": {
			observe.Attempt{Origin: upstream, End: observe.EndComplete, Status: 200, Class: groove.ClassSoftError, ErrorCode: groove.CodeCatalogInvalidData, SpoiledBy: []string{"soft"}, UpstreamStatus: 200},
			[]Error{{KindSoftError, "CATALOG_INVALID_DATA"}},
		},
		"our own failure": {observe.Attempt{Origin: ours, End: observe.EndComplete, Status: 502, Class: groove.ClassFailure}, nil},
		"an answer that nobody waited for": {
			observe.Attempt{Origin: injected, End: observe.EndClientLeft, Status: 503, Class: groove.ClassFailure}, nil,
		},
		"an answer that was held back, and nobody waited for": {
			observe.Attempt{Origin: injected, End: observe.EndClientLeft, Status: 503, Class: groove.ClassFailure, DelayedBy: []string{"slow"}},
			[]Error{{KindTransport, Delay}},
		},
		"a write that was done, and refused": {
			observe.Attempt{Origin: injected, End: observe.EndComplete, Status: 500, Class: groove.ClassFailure, Forwarded: true, UpstreamStatus: 200},
			[]Error{{KindStatus, "500"}, {KindTransport, LostAnswer}},
		},
		"a write that was refused, and refused": {
			observe.Attempt{Origin: injected, End: observe.EndComplete, Status: 500, Class: groove.ClassFailure, Forwarded: true, UpstreamStatus: 400},
			[]Error{{KindStatus, "500"}},
		},
		"a reset after the work": {
			observe.Attempt{Origin: injected, End: observe.EndBroken, Class: groove.ClassFailure, Break: faults.BreakReset, BreakAt: faults.BreakAfter, Forwarded: true, UpstreamStatus: 201},
			[]Error{{KindTransport, LostAnswer}, {KindTransport, Reset}},
		},
		"a hang before the work, which the client left": {
			observe.Attempt{Origin: injected, End: observe.EndClientLeft, Class: groove.ClassFailure, Break: faults.BreakHang, BreakAt: faults.BreakBefore},
			[]Error{{KindTransport, Hang}},
		},
		"a hang as the proxy records it": {
			observe.Attempt{Origin: injected, End: observe.EndClientLeft, Class: groove.ClassFailure, Break: faults.BreakHang, BreakAt: faults.BreakBefore, Fault: "hang", DelayedBy: []string{"hang"}},
			[]Error{{KindTransport, Hang}},
		},
		"a hang behind a delay": {
			observe.Attempt{Origin: injected, End: observe.EndClientLeft, Class: groove.ClassFailure, Break: faults.BreakHang, BreakAt: faults.BreakBefore, Fault: "hang", DelayedBy: []string{"slow", "hang"}},
			[]Error{{KindTransport, Hang}, {KindTransport, Delay}},
		},
		"a body that was cut short": {
			observe.Attempt{Origin: upstream, End: observe.EndComplete, Status: 200, Class: groove.ClassSuccess, SpoiledBy: []string{"cut"}, UpstreamStatus: 200},
			[]Error{{KindTransport, Spoiled}},
		},
		"a failure of the upstream's that broke off": {
			observe.Attempt{Origin: upstream, End: observe.EndBroken, Status: 200, Class: groove.ClassFailure, UpstreamStatus: 200}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Exposures(&test.attempt)); diff != "" {
				t.Errorf("Exposures (-want +got):\n%s", diff)
			}
		})
	}
}
