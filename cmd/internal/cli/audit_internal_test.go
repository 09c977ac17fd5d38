package cli

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// TestAuditRowsAreByTime holds that a change which the store got late stands where it was made, and equal times as the store
// has them.
func TestAuditRowsAreByTime(t *testing.T) {
	t.Parallel()
	at := func(sequence uint64, after time.Duration) *pb.AuditEntry {
		return &pb.AuditEntry{Sequence: sequence, Time: timestamppb.New(time.Unix(1_800_000_000, 0).Add(after))}
	}
	rows := auditRows([]*pb.AuditEntry{at(1, 0), at(2, time.Hour), at(3, time.Minute), at(4, time.Minute)})
	for i, want := range []string{"sequence", "1", "3", "4", "2"} {
		if len(rows) != 5 || rows[i][0] != want {
			t.Errorf("row %d of %d is %v, want number %s", i, len(rows), rows[i], want)
		}
	}
}
