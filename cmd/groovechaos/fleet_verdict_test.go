//go:build e2e && unix

package main

import (
	"slices"
	"strings"
	"testing"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// A control node judges by what the faults did on the proxies, also on one that is gone, and tells of it.
func TestAControlNodeKnowsWhatFaultsDidElsewhere(t *testing.T) {
	t.Parallel()
	nats := startNATS(t, 1)
	control := launch(t, nodeConfig(nats, "control", "tower"))
	one, two := launch(t, nodeConfig(nats, "proxy", "one")), launch(t, nodeConfig(nats, "proxy", "two"))
	_, err := control.Faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: &pb.Fault{
		Name: "down", Match: &pb.Match{Endpoints: []string{"genres"}}, Answer: &pb.Answer{Status: 503},
	}})
	if err != nil {
		t.Fatal(err)
	}
	struck := uint64(0)
	for _, p := range []*process{one, two} {
		c := p.caller(t, 1)
		until(t, "the fault", func() bool {
			if c.get(t, genres) != 503 {
				return false
			}
			struck++
			return true
		})
	}
	use := func() *pb.FaultUse {
		f, err := control.Faults.GetFault(t.Context(), &pb.GetFaultRequest{Name: "down"})
		if err != nil {
			t.Fatal(err)
		}
		return f.GetUse()
	}
	until(t, "what the fault did on both", func() bool { return use().GetFired() == struck })
	two.end(t)
	if got := use(); got.GetFired() != struck || got.GetMatched() != struck {
		t.Errorf("once a proxy has ended the fault matched %d and fired %d, want %d", got.GetMatched(), got.GetFired(), struck)
	}
	verdict, err := control.Observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(verdict.GetReasons(), func(reason string) bool { return strings.Contains(reason, "never") }) {
		t.Errorf("the verdict is %v for %q, want nothing of a fault that never struck", verdict.GetResult(), verdict.GetReasons())
	}
	control.end(t)
	one.end(t)
}
