package cli

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// growing is a groovechaos that has one attempt more each time it is asked.
type growing struct {
	pb.ObservationServiceClient
	mu    sync.Mutex
	asked []uint64
	seen  uint64
	// full is called once there are three.
	full func()
}

func (g *growing) ListAttempts(_ context.Context, r *pb.ListAttemptsRequest, _ ...grpc.CallOption) (*pb.ListAttemptsResponse, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = append(g.asked, r.GetFrom())
	answer := &pb.ListAttemptsResponse{Next: g.seen}
	for i := r.GetFrom(); i < g.seen; i++ {
		answer.Attempts = append(answer.Attempts, &pb.Attempt{
			Sequence: i + 1, Method: "GET", Target: "/1", Class: "success", Origin: "upstream", End: "complete",
		})
	}
	if g.seen == 3 {
		g.full()
	} else {
		g.seen++
	}
	return answer, nil
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
			if errs.String() != "to go on: --from 3\n" {
				t.Errorf("it says %q, want where to go on", &errs)
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
