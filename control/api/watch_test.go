package api

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/groovechaos/groovechaos/faults/observe"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// news is a response of WatchFaults in short.
type news struct {
	Complete bool
	Faults   []string
	Removed  []string
}

func nextNews(t *testing.T, stream grpc.ServerStreamingClient[pb.WatchFaultsResponse]) (n news, revision uint64) {
	t.Helper()
	r, err := stream.Recv()
	if err != nil {
		t.Fatalf("next of the stream: %v", err)
	}
	n = news{Complete: r.GetComplete(), Removed: r.GetRemoved()}
	for _, f := range r.GetFaults() {
		n.Faults = append(n.Faults, f.GetName()+" "+f.GetState().String())
	}
	return n, r.GetRevision()
}

func wantNews(t *testing.T, stream grpc.ServerStreamingClient[pb.WatchFaultsResponse], want news) (revision uint64) {
	t.Helper()
	got, revision := nextNews(t, stream)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("news (-want +got):\n%s", diff)
	}
	return revision
}

// TestWatchFaultsTellsOfEveryChange goes through all ways in which a set changes, each once the one before was told.
func TestWatchFaultsTellsOfEveryChange(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.create(t, "one", 0.1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := s.faults.WatchFaults(ctx, &pb.WatchFaultsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	wantNews(t, stream, news{Complete: true, Faults: []string{"one STATE_ACTIVE"}})
	s.create(t, "two", 0.1)
	wantNews(t, stream, news{Faults: []string{"two STATE_ACTIVE"}})
	if _, err := s.faults.DisableFault(ctx, &pb.DisableFaultRequest{Name: "one"}); err != nil {
		t.Fatal(err)
	}
	wantNews(t, stream, news{Faults: []string{"one STATE_DISABLED"}})
	if _, err := s.brake.PullBrake(ctx, &pb.PullBrakeRequest{}); err != nil {
		t.Fatal(err)
	}
	wantNews(t, stream, news{Faults: []string{"two STATE_BRAKED"}})
	if _, err := s.faults.DeleteFault(ctx, &pb.DeleteFaultRequest{Name: "two"}); err != nil {
		t.Fatal(err)
	}
	revision := wantNews(t, stream, news{Removed: []string{"two"}})
	cancel()
	if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
		t.Errorf("after the end: %v, want CANCELED", err)
	}

	// Going on there, nothing is told that is known; from before, the whole set is.
	for at, want := range map[uint64]news{revision: {}, revision - 1: {Complete: true, Faults: []string{"one STATE_DISABLED"}}} {
		again, err := s.faults.WatchFaults(t.Context(), &pb.WatchFaultsRequest{Revision: at})
		if err != nil {
			t.Fatal(err)
		}
		if got := wantNews(t, again, want); got != revision {
			t.Errorf("at revision %d got %d, want %d", at, got, revision)
		}
	}
}

func TestWatchFaultsTellsOfAnEnd(t *testing.T) {
	t.Parallel()
	s := serve(t)
	mortal := answering("mortal", 0.1)
	mortal.Ttl = durationpb.New(time.Second)
	if _, err := s.faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: mortal}); err != nil {
		t.Fatal(err)
	}
	stream, err := s.faults.WatchFaults(t.Context(), &pb.WatchFaultsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	wantNews(t, stream, news{Complete: true, Faults: []string{"mortal STATE_ACTIVE"}})
	s.now.Store(new(epoch.Add(time.Second)))
	wantNews(t, stream, news{Faults: []string{"mortal STATE_EXPIRED"}})
}

// TestStreamsEndBeforeTheProcess holds that whoever watches is told, and does not keep the server from ending.
func TestStreamsEndBeforeTheProcess(t *testing.T) {
	t.Parallel()
	ending, end := context.WithCancel(t.Context())
	s := serve(t, func(o *Options) { o.Ending = ending })
	watched, err := s.faults.WatchFaults(t.Context(), &pb.WatchFaultsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	wantNews(t, watched, news{Complete: true})
	attempts, err := s.observation.WatchAttempts(t.Context(), &pb.WatchAttemptsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attempts.Recv(); err != nil {
		t.Fatal(err)
	}
	end()
	if _, err := watched.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("faults: %v, want UNAVAILABLE", err)
	}
	if _, err := attempts.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("attempts: %v, want UNAVAILABLE", err)
	}
}

// record makes attempts, those with an even number answered 503.
func (s *served) record(from, to int) {
	for i := from; i < to; i++ {
		s.attempts.Record(&observe.Attempt{
			Sequence: uint64(i) + 1, Client: fmt.Sprint("c", i%3), Status: 200 + 303*((i+1)%2), Time: epoch, Counter: observe.NoCounter,
		})
	}
}

// TestWatchAttemptsMissesNone holds that the streams of several watchers, one of them narrowed and one begun in the middle,
// have each attempt once and in order, whether it was there before or came meanwhile.
func TestWatchAttemptsMissesNone(t *testing.T) {
	t.Parallel()
	const before, all = 300, 900
	s := serve(t)
	s.record(0, before)
	var meanwhile sync.Once
	for name, tt := range map[string]struct {
		request *pb.WatchAttemptsRequest
		takes   func(sequence uint64) bool
	}{
		"all":           {&pb.WatchAttemptsRequest{}, func(uint64) bool { return true }},
		"of one client": {&pb.WatchAttemptsRequest{Client: "c1"}, func(n uint64) bool { return (n-1)%3 == 1 }},
		"of one status": {&pb.WatchAttemptsRequest{Status: 503, From: 250}, func(n uint64) bool { return n > 250 && n%2 == 1 }},
	} {
		stream, err := s.observation.WatchAttempts(t.Context(), tt.request)
		if err != nil {
			t.Fatal(err)
		}
		meanwhile.Do(func() { s.record(before, all) })
		var want, got []uint64
		for n := uint64(1); n <= all; n++ {
			if tt.takes(n) {
				want = append(want, n)
			}
		}
		for next := uint64(0); next < all; {
			r, err := stream.Recv()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if next = r.GetNext(); r.GetMissed() != 0 {
				t.Errorf("%s: %d were missed", name, r.GetMissed())
			}
			for _, a := range r.GetAttempts() {
				got = append(got, a.GetSequence())
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWatchAttemptsCountsWhatIsForgotten(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.record(0, 1500) // The ring has room for 1000.
	for from, missed := range map[uint64]uint64{0: 0, 200: 300, 600: 0} {
		stream, err := s.observation.WatchAttempts(t.Context(), &pb.WatchAttemptsRequest{From: from})
		if err != nil {
			t.Fatal(err)
		}
		last := &pb.WatchAttemptsResponse{}
		for last.GetNext() < 1500 {
			if last, err = stream.Recv(); err != nil {
				t.Fatal(err)
			}
		}
		if last.GetMissed() != missed {
			t.Errorf("from %d: %d were missed, want %d", from, last.GetMissed(), missed)
		}
	}
	stream, err := s.observation.WatchAttempts(t.Context(), &pb.WatchAttemptsRequest{Endpoint: "nowhere"})
	if err == nil {
		_, err = stream.Recv()
	}
	wantInvalid(t, err, "endpoint")
}
