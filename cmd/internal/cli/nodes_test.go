package cli

import (
	"strings"
	"testing"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// A node that refuses newer faults is named below the table with the reason, and no other is.
func TestNodesTellWhatIsRefused(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	r := &root{Streams: Streams{Out: &out}}
	nodes := []*pb.Node{{Name: "here"}, {Name: "edge", RefusedRevision: 9, Problem: "they are in format 2\n, want 1"}}
	if err := r.printRefusals(nodes); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "edge refuses newer faults: they are in format 2") || strings.Count(got, "\n") != 1 {
		t.Errorf("got %q, want one line about edge", got)
	}
}
