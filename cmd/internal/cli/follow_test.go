package cli

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// growing is a groovechaos that tells of one attempt after the other, and then of no more.
type growing struct {
	pb.ObservationServiceClient
	asked *pb.WatchAttemptsRequest
	// full is called once there were three.
	full func()
}

func (g *growing) WatchAttempts(ctx context.Context, r *pb.WatchAttemptsRequest, _ ...grpc.CallOption) (grpc.ServerStreamingClient[pb.WatchAttemptsResponse], error) {
	g.asked = r
	return &growingStream{ctx: ctx, growing: g, next: r.GetFrom()}, nil
}

type growingStream struct {
	grpc.ClientStream
	ctx     context.Context //nolint:containedctx // It stands for that of grpc.ClientStream.
	growing *growing
	next    uint64
}

func (s *growingStream) Recv() (*pb.WatchAttemptsResponse, error) {
	if s.next == 3 {
		s.growing.full()
		<-s.ctx.Done()
		return nil, s.ctx.Err()
	}
	s.next++
	return &pb.WatchAttemptsResponse{Next: s.next, Missed: min(s.next/2, 1), Attempts: []*pb.Attempt{{
		Sequence: s.next, Method: "GET", Target: "/1", Class: "success", Origin: "upstream", End: "complete",
	}}}, nil
}

func (g *growing) GetJournal(context.Context, *pb.GetJournalRequest, ...grpc.CallOption) (*pb.Journal, error) {
	return &pb.Journal{Groovechaos: "test"}, nil
}

func (g *growing) ListOutcomes(context.Context, *pb.ListOutcomesRequest, ...grpc.CallOption) (*pb.ListOutcomesResponse, error) {
	return &pb.ListOutcomesResponse{}, nil
}

// TestFollowGoesOnUntilInterrupted holds that each attempt is given once, in every form, that the interruption is no failure
// and says where to go on, and that a journal has its end all the same.
func TestFollowGoesOnUntilInterrupted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		format string
		json   bool
		row    string
		end    string
	}{
		{"table", false, `(?m)^%d +\S+ +GET /1 +`, ""},
		{"table", true, `(?m)^\{"sequence":"%d",`, ""},
		{"ndjson", false, `(?m)^\{"kind":"attempt","sequence":%d,`, `{"kind":"end","attempts":3,"outcomes":0}`},
	} {
		t.Run(fmt.Sprint(test.format, test.json), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			g := &growing{full: cancel}
			var out, errs bytes.Buffer
			o := &attemptsOptions{root: &root{Streams: Streams{Out: &out, Err: &errs}, json: test.json}, format: test.format, follow: true}
			if err := o.run(ctx, &client.Client{Observation: g}); err != nil {
				t.Fatal(err)
			}
			for n := 1; n <= 3; n++ {
				if found := regexp.MustCompile(fmt.Sprintf(test.row, n)).FindAllString(out.String(), -1); len(found) != 1 {
					t.Errorf("attempt %d is given %d times, want once, in\n%s", n, len(found), &out)
				}
			}
			want := "warning: 1 attempts were forgotten before they could be read: see [observe] attempts\nto go on: --from 3\n"
			if errs.String() != want {
				t.Errorf("it says %q, want %q", &errs, want)
			}
			if !strings.HasSuffix(strings.TrimSpace(out.String()), test.end) {
				t.Errorf("it ends in\n%s\nwant %s", &out, test.end)
			}
		})
	}
}

func TestBinaryIsNotForTerminals(t *testing.T) {
	t.Parallel()
	o := &attemptsOptions{root: &root{Streams: Streams{Terminal: true}}, format: "binary"}
	if _, err := o.sink(t.Context(), nil); statusOf(err) != StatusUsage {
		t.Errorf("got %v, want it refused", err)
	}
}
