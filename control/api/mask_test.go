package api

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// TestMaskParts holds the list of parts against the message: what is not output
// can be updated.
func TestMaskParts(t *testing.T) {
	t.Parallel()
	output := map[string]bool{
		"name": true, "revision": true, "create_time": true, "update_time": true, "expire_time": true, "state": true, "warnings": true, "use": true,
		"nodes": true,
	}
	var want []string
	fields := (&pb.Fault{}).ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if name := string(fields.Get(i).Name()); !output[name] {
			want = append(want, name)
		}
	}
	sorted := cmp.Transformer("set", func(names []string) map[string]bool {
		set := make(map[string]bool)
		for _, name := range names {
			set[name] = true
		}
		return set
	})
	if diff := cmp.Diff(want, inputFields, sorted); diff != "" {
		t.Errorf("parts (-of the message +listed):\n%s", diff)
	}
}

func TestMaskOfEverything(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if _, err := s.faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: &pb.Fault{
		Name: "one", Share: new(0.1), Limit: 3, Match: &pb.Match{Methods: []string{"GET"}}, Answer: &pb.Answer{Status: 503}, Ttl: durationpb.New(1e9),
	}}); err != nil {
		t.Fatal(err)
	}
	want := &pb.Fault{Name: "one", First: 2, Delay: &pb.Delay{Fixed: durationpb.New(1e9)}}
	for range 2 {
		got, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{Fault: want, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"*"}}})
		if err != nil {
			t.Fatal(err)
		}
		ignore := protocmp.IgnoreFields(&pb.Fault{}, "revision", "create_time", "update_time", "state", "use")
		if diff := cmp.Diff(want, got, protocmp.Transform(), ignore); diff != "" {
			t.Errorf("updated (-want +got):\n%s", diff)
		}
	}
	for _, paths := range [][]string{{"*", "shares"}, {"shares", "*"}, {""}, {"*."}, {"."}, {"match."}} {
		_, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{Fault: want, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
		wantInvalid(t, err, "update_mask")
	}
}

// TestRefusedUpdateChangesNothing holds that an update works on a copy: neither
// the store nor the engine sees what was refused.
func TestRefusedUpdateChangesNothing(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.create(t, "one", 0.25)
	s.create(t, "two", 0.5)
	strikes := func() (count int) {
		for i := range uint64(1000) {
			place := faults.Place{Fingerprint: i, Sequence: 1, Call: 1, Attempt: 1}
			if d := s.engine.Decide(&faults.Exchange{Method: "GET", Place: place, Now: epoch}); d.Terminal != nil && d.Terminal.Fault.Name == "one" {
				count++
			}
		}
		return count
	}
	before := strikes()
	for _, share := range []float64{0.6, 1.5} {
		_, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{Fault: &pb.Fault{Name: "one", Share: new(share)}})
		wantInvalid(t, err, "fault.share")
	}
	_, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{Fault: &pb.Fault{Name: "one", Share: new(0.4), Revision: 77}})
	if status.Code(err) != codes.Aborted {
		t.Errorf("got %v, want %v", err, codes.Aborted)
	}
	got, err := s.faults.GetFault(t.Context(), &pb.GetFaultRequest{Name: "one"})
	if err != nil || got.GetShare() != 0.25 || got.GetRevision() != 1 {
		t.Errorf("got share %v at revision %d, %v, want 0.25 at 1", got.GetShare(), got.GetRevision(), err)
	}
	if after := strikes(); after != before || after == 0 {
		t.Errorf("the engine strikes %d of 1000 exchanges, want %d as before", after, before)
	}
}

// TestConcurrentUpdates holds that updates of different parts of one fault do
// not lose one another, and that one at a revision is applied or told the new one.
func TestConcurrentUpdates(t *testing.T) {
	t.Parallel()
	const updates = 1000
	s := serve(t)
	created := s.create(t, "one", 0)
	var (
		group   sync.WaitGroup
		mu      sync.Mutex
		applied int
	)
	for i := range updates {
		group.Go(func() {
			_, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{
				Fault: &pb.Fault{Name: "one", Revision: created.GetRevision(), Share: new(float64(i) / updates)},
			})
			if err == nil {
				mu.Lock()
				applied++
				mu.Unlock()
				return
			}
			if r := refusalOf(err); r.Code != "Aborted" || r.Metadata["revision"] != "2" {
				t.Errorf("got %+v, want Aborted with the revision 2", r)
			}
		})
	}
	group.Wait()
	if applied != 1 {
		t.Errorf("%d updates of one revision were applied, want 1", applied)
	}

	group.Go(func() { s.mustUpdate(t, &pb.Fault{Name: "one", Limit: 5}) })
	group.Go(func() { s.mustUpdate(t, &pb.Fault{Name: "one", Ttl: durationpb.New(1e9)}) })
	group.Go(func() { s.mustUpdate(t, &pb.Fault{Name: "one", Match: &pb.Match{Methods: []string{"GET"}}}) })
	group.Wait()
	got, err := s.faults.GetFault(t.Context(), &pb.GetFaultRequest{Name: "one"})
	if err != nil || got.GetLimit() != 5 || got.GetTtl() == nil || got.GetMatch() == nil {
		t.Errorf("got %v, %v, want all three updates in it", got, err)
	}
}

func (s *served) mustUpdate(t *testing.T, f *pb.Fault) {
	t.Helper()
	if _, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{Fault: f}); err != nil {
		t.Errorf("update: %v", err)
	}
}

// TestAnEffectReplacesTheOther updates a fault from each effect to each other.
func TestAnEffectReplacesTheOther(t *testing.T) {
	t.Parallel()
	effects := map[string]*pb.Fault{
		"answer":     {Answer: &pb.Answer{Status: 503, At: "after"}},
		"soft_error": {SoftError: &pb.SoftError{ErrorCode: "CATALOG_NO_RESULT"}},
		"delay":      {Delay: &pb.Delay{Fixed: durationpb.New(1e9), At: "after"}},
		"break":      {Break: &pb.Break{How: "hang", At: "mid_body"}},
		"throttle":   {Throttle: &pb.Throttle{BytesPerSecond: 10}},
		"truncate":   {Truncate: &pb.Truncate{Share: new(0.0)}},
		"corrupt":    {Corrupt: &pb.Corrupt{How: "json"}},
	}
	if len(effects) != len(effectFields) {
		t.Errorf("%d effects, want %d: %q", len(effects), len(effectFields), effectFields)
	}
	for from, before := range effects {
		for to, after := range effects {
			if _, problems := readFault(before); len(problems) > 0 {
				t.Fatal(problems)
			}
			merged := proto.CloneOf(before)
			replaceFields(merged, after, []string{to})
			if diff := cmp.Diff(after, merged, protocmp.Transform()); diff != "" {
				t.Errorf("%s replaced by %s (-want +got):\n%s", from, to, diff)
			}
			cleared := proto.CloneOf(before)
			replaceFields(cleared, &pb.Fault{}, []string{to})
			if kept := !proto.Equal(cleared, &pb.Fault{}); kept != (from != to) {
				t.Errorf("%s is kept by an update that clears %s: %t", from, to, kept)
			}
		}
	}
}

// TestMaskOfTriggers changes what stands beside the effect.
func TestMaskOfTriggers(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.create(t, "one", 0.5)
	got, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{
		Fault:      &pb.Fault{Name: "one", Quota: &pb.Quota{Requests: 5, All: true}, MaxActive: 4},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"share", "quota.requests", "max_active"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Share != nil || got.GetQuota().GetRequests() != 5 || got.GetQuota().GetAll() || got.GetMaxActive() != 4 || got.GetAnswer().GetStatus() != 503 {
		t.Errorf("got %v, want the quota and max_active in place of the share, and the answer as it was", got)
	}
}

// TestMaskWithinAPart holds that a path into a part leaves the rest of it alone.
func TestMaskWithinAPart(t *testing.T) {
	t.Parallel()
	s := serve(t)
	before := &pb.Fault{
		Name: "one", Match: &pb.Match{Endpoints: []string{"search"}, Query: map[string]string{"q": "*", "page": "1"}},
		Answer: &pb.Answer{Status: 503, Message: "busy", Headers: map[string]string{"X-A": "1", "X-B": "2"}},
	}
	if _, err := s.faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: before}); err != nil {
		t.Fatal(err)
	}
	update := func(by *pb.Fault, paths ...string) (*pb.Fault, error) {
		by.Name = "one"
		return s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{Fault: by, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
	}
	by := &pb.Fault{Answer: &pb.Answer{Status: 502, Message: "not named", Headers: map[string]string{"X-A": "3"}}}
	want := proto.CloneOf(before)
	want.Answer.Status, want.Answer.Headers = 502, map[string]string{"X-A": "3"}
	want.Match.Query = map[string]string{"q": "*"}
	for range 2 {
		got, err := update(proto.CloneOf(by), "answer.status", "answer.headers.X-A", "answer.headers.X-B", "match.query.page", "match.path", "quota.per")
		if err != nil {
			t.Fatal(err)
		}
		ignore := protocmp.IgnoreFields(&pb.Fault{}, "revision", "create_time", "update_time", "state", "use")
		if diff := cmp.Diff(want, got, protocmp.Transform(), ignore); diff != "" {
			t.Errorf("updated (-want +got):\n%s", diff)
		}
	}
	_, err := update(&pb.Fault{}, "answer.status")
	wantInvalid(t, err, "fault.answer.status")
	got, err := update(&pb.Fault{Delay: &pb.Delay{Fixed: durationpb.New(1e9), At: "after"}}, "delay.fixed")
	if err != nil || got.GetAnswer() != nil || got.GetDelay().GetFixed().GetSeconds() != 1 || got.GetDelay().GetAt() != "" {
		t.Errorf("got %v, %v, want a delay of 1 s before in place of the answer", got, err)
	}
	_, err = update(&pb.Fault{Delay: &pb.Delay{Uniform: &pb.Delay_Uniform{Min: durationpb.New(1e9)}}}, "delay.uniform.min")
	if err == nil {
		t.Error("a second distribution was taken")
	}
}
