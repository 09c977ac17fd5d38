package api

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// rival is a store in which somebody else is always a little faster.
type rival struct {
	*store.Memory

	// wins is how often it still is.
	wins int
}

func (r *rival) Write(ctx context.Context, writes []store.Write) ([]store.Fault, error) {
	if r.wins > 0 {
		r.wins--
		set, err := r.Memory.Faults(ctx)
		if err != nil {
			return nil, err
		}
		limited := set[0].Fault
		limited.Trigger.Limit++
		if _, err := r.Memory.Write(ctx, []store.Write{{Fault: limited}}); err != nil {
			return nil, err
		}
	}
	return r.Memory.Write(ctx, writes)
}

// TestChangesAreMadeAgain holds that a change without a revision builds on
// whatever came in between, and gives up at last; one with a revision does not
// build on anything else.
func TestChangesAreMadeAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		wins int
		want codes.Code
	}{
		"nobody in between":      {wins: 0, want: codes.OK},
		"three in between":       {wins: 3, want: codes.OK},
		"just few enough":        {wins: tries - 1, want: codes.OK},
		"one more than is tried": {wins: tries, want: codes.Aborted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			others := &rival{}
			s := serve(t, func(o *Options) { o.Faults = others })
			others.Memory = s.store
			s.create(t, "one", 0.1)
			others.wins = tt.wins
			updated, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{Fault: answering("one", 0.2)})
			if status.Code(err) != tt.want {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil && (updated.GetShare() != 0.2 || updated.GetLimit() != uint64(tt.wins)) {
				t.Errorf("got share %v and limit %d, want 0.2 and %d: both changes", updated.GetShare(), updated.GetLimit(), tt.wins)
			}
		})
	}
}

func TestChangeAtARevisionIsMadeOnce(t *testing.T) {
	t.Parallel()
	others := &rival{}
	s := serve(t, func(o *Options) { o.Faults = others })
	others.Memory = s.store
	created := s.create(t, "one", 0.1)
	others.wins = 1
	f := answering("one", 0.2)
	f.Revision = created.GetRevision()
	_, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{Fault: f})
	if r := refusalOf(err); r.Code != "Aborted" || r.Metadata["revision"] != "2" {
		t.Errorf("got %+v, want Aborted with the revision 2", r)
	}
}

// TestWarningsAreTold holds that whoever writes or reads a doubtful fault is
// told, as long as there is something to doubt.
func TestWarningsAreTold(t *testing.T) {
	t.Parallel()
	s := serve(t)
	here, there := answering("here", 0.7), answering("there", 0.7)
	here.Match, there.Match = &pb.Match{Methods: []string{"GET"}}, &pb.Match{Query: map[string]string{"market": "de"}}
	here.Ttl = durationpb.New(time.Minute)
	applied, err := s.faults.ApplyFaults(t.Context(), &pb.ApplyFaultsRequest{Faults: []*pb.Fault{here, there}})
	if err != nil {
		t.Fatal(err)
	}
	read := func() []*pb.Fault {
		list, err := s.faults.ListFaults(t.Context(), &pb.ListFaultsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		one, err := s.faults.GetFault(t.Context(), &pb.GetFaultRequest{Name: "there"})
		if err != nil {
			t.Fatal(err)
		}
		return append(list.GetFaults(), one)
	}
	for _, f := range append(applied.GetFaults(), read()...) {
		if doubtful := f.GetName() == "there"; len(f.GetWarnings()) > 0 != doubtful {
			t.Errorf("%s: warnings are %q, want some: %t", f.GetName(), f.GetWarnings(), doubtful)
		}
	}
	s.now.Store(new(epoch.Add(time.Minute)))
	for _, f := range read() {
		if len(f.GetWarnings()) > 0 {
			t.Errorf("%s, once the other has expired: warnings are %q, want none", f.GetName(), f.GetWarnings())
		}
	}
}

// TestUseIsToldWhole holds every count that the engine keeps against what is told.
func TestUseIsToldWhole(t *testing.T) {
	t.Parallel()
	use := faults.Use{Name: "one", Matched: 7, Fired: 5, Held: 3, Overflow: 2}
	s := serve(t, func(o *Options) { o.Uses = func() []faults.Use { return []faults.Use{use} } })
	s.create(t, "one", 0.5)
	got, err := s.faults.GetFault(t.Context(), &pb.GetFaultRequest{Name: "one"})
	if err != nil {
		t.Fatal(err)
	}
	want := &pb.FaultUse{Name: "one", Matched: 7, Fired: 5, Held: 3, Overflow: 2}
	if diff := cmp.Diff(want, got.GetUse(), protocmp.Transform()); diff != "" {
		t.Errorf("use (-want +got):\n%s", diff)
	}
}
