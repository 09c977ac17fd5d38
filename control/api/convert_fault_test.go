package api

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// TestFaultsSurviveTheWire holds the two directions of the conversion together,
// with the bytes between them, over every part that a valid fault can have.
func TestFaultsSurviveTheWire(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawFault(t)
		if err := faults.ValidateAlone(want).Err(); err != nil {
			t.Fatalf("the fault drawn is not valid: %v", err)
		}
		wire, err := proto.Marshal(Fault(&want))
		if err != nil {
			t.Fatal(err)
		}
		var message pb.Fault
		if err := proto.Unmarshal(wire, &message); err != nil {
			t.Fatal(err)
		}
		got, problems := readFault(&message)
		if diff := cmp.Diff(want, got); diff != "" || len(problems) > 0 {
			t.Fatalf("read back with problems %v (-want +got):\n%s", problems, diff)
		}
		if diff := cmp.Diff(want, FaultOf(Fault(&want))); diff != "" {
			t.Fatalf("converted there and back (-want +got):\n%s", diff)
		}
	})
}

func drawFault(t *rapid.T) faults.Fault {
	f := faults.Fault{
		Name:     rapid.StringMatching(`[a-z0-9][a-z0-9._-]{0,62}`).Draw(t, "name"),
		Disabled: rapid.Bool().Draw(t, "disabled"),
		Match: faults.Match{
			Endpoints: drawList(t, "endpoints", rapid.Just("search")),
			Methods:   drawList(t, "methods", rapid.SampledFrom([]string{"GET", "HEAD"})),
			Hosts:     drawList(t, "hosts", rapid.StringMatching(`[a-z*]{1,5}\.[a-z]{1,3}`)),
			Path:      rapid.SampledFrom([]string{"", "/1/content/{namespace}/search", "/{rest...}"}).Draw(t, "path"),
			Query:     drawMap(t, "query"),
			Headers:   drawMap(t, "headers"),
			Clients:   drawList(t, "clients", rapid.StringN(1, 9, -1)),
		},
		Trigger: drawTrigger(t),
		TTL:     time.Duration(rapid.Int64Range(0, int64(faults.MaxTTL)).Draw(t, "ttl")),
	}
	drawEffect(t, &f)
	return f
}

// drawEffect gives a fault one effect.
func drawEffect(t *rapid.T, f *faults.Fault) {
	if f.Trigger.Quota != nil {
		f.Answer = rapid.SampledFrom([]*faults.Answer{nil, {}, {At: faults.SideAfter, Status: 503}}).Draw(t, "answer")
		return
	}
	switch rapid.IntRange(0, 6).Draw(t, "effect") {
	case 0:
		f.Answer = drawAnswer(t)
	case 1:
		f.Delay = drawDelay(t)
	case 2:
		f.SoftError = drawSoftError(t)
	case 3:
		f.Break = drawBreak(t)
		if f.Break.At == faults.BreakAccept {
			f.Match = faults.Match{}
			f.Trigger.Attempts = 0
		}
	case 4:
		f.Throttle = &faults.Throttle{
			BytesPerSecond: rapid.Uint64Range(1, math.MaxUint64).Draw(t, "rate"),
			Chunk:          rapid.Uint64Range(0, faults.MaxThrottleChunk).Draw(t, "chunk"),
		}
	case 5:
		f.Truncate = drawTruncate(t)
	default:
		f.Corrupt = drawCorrupt(t)
	}
}

func drawSoftError(t *rapid.T) *faults.SoftError {
	e := &faults.SoftError{
		ErrorCode: rapid.SampledFrom([]groove.ErrorCode{"", "CATALOG_NO_RESULT"}).Draw(t, "error code"),
		Message:   rapid.StringN(0, 20, 200).Draw(t, "message"),
	}
	if rapid.Bool().Draw(t, "has items") {
		e.Items = new(rapid.Float64Range(0x1p-60, 1).Draw(t, "items"))
		e.ItemCode = rapid.SampledFrom([]groove.ErrorCode{"", "COLLECTION_INVALID_ID"}).Draw(t, "item code")
	}
	return e
}

func drawBreak(t *rapid.T) *faults.Break {
	return &faults.Break{
		How: rapid.SampledFrom([]faults.BreakKind{faults.BreakReset, faults.BreakClose, faults.BreakHang}).Draw(t, "how"),
		At: rapid.SampledFrom([]faults.BreakPoint{
			"", faults.BreakAccept, faults.BreakBefore, faults.BreakAfter, faults.BreakAfterHead, faults.BreakMidBody,
		}).Draw(t, "at"),
	}
}

func drawTruncate(t *rapid.T) *faults.Truncate {
	if rapid.Bool().Draw(t, "by share") {
		return &faults.Truncate{Share: new(rapid.Float64Range(0, 1).Draw(t, "share of the body"))}
	}
	return &faults.Truncate{Bytes: new(rapid.Uint64().Draw(t, "bytes"))}
}

func drawCorrupt(t *rapid.T) *faults.Corrupt {
	kind := rapid.SampledFrom([]faults.CorruptKind{faults.CorruptBits, faults.CorruptJSON, faults.CorruptLength}).Draw(t, "how")
	c := &faults.Corrupt{How: kind}
	if kind == faults.CorruptBits {
		c.Share = rapid.Float64Range(0, 1).Draw(t, "share of the bytes")
	}
	return c
}

// drawSide draws where an effect lies.
func drawSide(t *rapid.T) faults.Side {
	return rapid.SampledFrom([]faults.Side{"", faults.SideBefore, faults.SideAfter}).Draw(t, "side")
}

// drawList draws a list, nil for an empty one as on the wire.
func drawList(t *rapid.T, label string, of *rapid.Generator[string]) []string {
	list := rapid.SliceOfN(of, 0, 3).Draw(t, label)
	if len(list) == 0 {
		return nil
	}
	return list
}

func drawMap(t *rapid.T, label string) map[string]string {
	entries := rapid.MapOfN(rapid.StringMatching(`x-[a-z]{1,6}`), rapid.StringMatching(`[ -~]{0,5}x`), 0, 3).Draw(t, label)
	if len(entries) == 0 {
		return nil
	}
	for name, value := range entries {
		entries[name] = strings.TrimSpace(value)
	}
	return entries
}

func drawTrigger(t *rapid.T) faults.Trigger {
	trigger := drawTurn(t)
	trigger.MaxActive = rapid.Uint64().Draw(t, "max active")
	return trigger
}

func drawTurn(t *rapid.T) faults.Trigger {
	count := rapid.Uint64Range(1, math.MaxUint64)
	switch rapid.IntRange(0, 5).Draw(t, "trigger") {
	case 0:
		return faults.Trigger{Share: new(rapid.Float64Range(0, 1).Draw(t, "share")), Attempts: rapid.Uint64().Draw(t, "attempts"), Limit: rapid.Uint64().Draw(t, "limit")}
	case 1:
		return faults.Trigger{First: count.Draw(t, "first")}
	case 2:
		return faults.Trigger{Every: count.Draw(t, "every"), Limit: rapid.Uint64().Draw(t, "limit")}
	case 3:
		return faults.Trigger{Attempts: count.Draw(t, "attempts")}
	case 4:
		return faults.Trigger{Quota: &faults.Quota{
			Requests: rapid.Uint64Range(1, 1000).Draw(t, "requests"),
			Per:      time.Duration(rapid.Int64Range(int64(time.Second), int64(time.Hour)).Draw(t, "per")),
			Burst:    rapid.Uint64Range(0, 1000).Draw(t, "burst"), All: rapid.Bool().Draw(t, "all"),
		}}
	default:
		return faults.Trigger{}
	}
}

func drawAnswer(t *rapid.T) *faults.Answer {
	a := &faults.Answer{
		At:        drawSide(t),
		Status:    rapid.SampledFrom([]int{0, 200, 429, 503}).Draw(t, "status"),
		ErrorCode: rapid.SampledFrom([]groove.ErrorCode{"", "CATALOG_NO_RESULT"}).Draw(t, "error code"),
		Message:   rapid.StringN(0, 20, 200).Draw(t, "message"),
		Headers:   drawMap(t, "answer headers"),
	}
	if a.ErrorCode == "" && a.Status == 0 {
		a.Status = 500
	}
	if rapid.Bool().Draw(t, "has body") || a.Status == 200 && a.ErrorCode == "" {
		a.Body = new(rapid.String().Draw(t, "body"))
	}
	switch rapid.IntRange(0, 3).Draw(t, "retry after") {
	case 1:
		a.RetryAfter = &faults.RetryAfter{Seconds: new(rapid.Uint64().Draw(t, "seconds"))}
	case 2:
		a.RetryAfter = &faults.RetryAfter{DateIn: new(time.Duration(rapid.Int64Range(-int64(faults.MaxTTL), int64(faults.MaxTTL)).Draw(t, "date in")))}
	case 3:
		a.RetryAfter = &faults.RetryAfter{Raw: new(rapid.StringMatching(`[!-~]{0,9}`).Draw(t, "raw"))}
	}
	return a
}

func drawDelay(t *rapid.T) *faults.Delay {
	span := func(label string, least time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(int64(least), int64(faults.MaxDelay)).Draw(t, label))
	}
	d := &faults.Delay{At: drawSide(t), Max: span("max", 0)}
	switch rapid.IntRange(0, 5).Draw(t, "distribution") {
	case 0:
		d.Fixed = new(span("fixed", 1))
	case 1:
		least := span("min", 0)
		d.Uniform = &faults.Uniform{Min: least, Max: span("longest", max(least, 1))}
	case 2:
		d.Normal = &faults.Normal{Mean: span("mean", 0), Stddev: span("stddev", 0)}
	case 3:
		median := span("p50", 1)
		d.LogNormal = &faults.LogNormal{P50: median, P99: span("p99", median)}
	case 4:
		d.Exponential = &faults.Exponential{Mean: span("mean", 1)}
	default:
		d.Pareto = &faults.Pareto{Min: span("min", 1), Shape: rapid.Float64Range(0x1p-20, math.MaxFloat64).Draw(t, "shape")}
	}
	return d
}

// TestConversionKeepsApart holds that whoever edits a message does not edit the
// fault behind it.
func TestConversionKeepsApart(t *testing.T) {
	t.Parallel()
	seconds := uint64(1)
	f := faults.Fault{
		Trigger: faults.Trigger{Share: new(0.5)},
		Answer:  &faults.Answer{Body: new("a"), RetryAfter: &faults.RetryAfter{Seconds: &seconds, Raw: new("b")}},
		Delay:   &faults.Delay{Fixed: new(time.Second)},

		SoftError: &faults.SoftError{Items: new(0.5)},
		Truncate:  &faults.Truncate{Bytes: new(uint64(1)), Share: new(0.5)},
	}
	message := Fault(&f)
	*message.SoftError.Items, *message.Truncate.Bytes, *message.Truncate.Share = 0.1, 2, 0.1
	*message.Share, *message.Answer.Body, *message.Answer.RetryAfter.Seconds, *message.Answer.RetryAfter.Raw = 0.1, "x", 2, "y"
	message.Delay.Fixed.Seconds = 9
	read := FaultOf(message)
	*message.Share, *message.Answer.Body, *message.Answer.RetryAfter.Seconds, *message.Answer.RetryAfter.Raw = 0.2, "z", 3, "z"
	*message.SoftError.Items, *message.Truncate.Bytes, *message.Truncate.Share = 0.2, 3, 0.2
	for name, tt := range map[string]struct{ got, want any }{
		"items":             {*f.SoftError.Items, 0.5},
		"bytes":             {*f.Truncate.Bytes, uint64(1)},
		"share of the body": {*f.Truncate.Share, 0.5},
		"items, read":       {*read.SoftError.Items, 0.1},
		"bytes, read":       {*read.Truncate.Bytes, uint64(2)},
		"body, share, read": {*read.Truncate.Share, 0.1},
		"share":             {*f.Trigger.Share, 0.5},
		"body":              {*f.Answer.Body, "a"},
		"seconds":           {seconds, uint64(1)},
		"raw":               {*f.Answer.RetryAfter.Raw, "b"},
		"fixed":             {*f.Delay.Fixed, time.Second},
		"share, read":       {*read.Trigger.Share, 0.1},
		"body, read":        {*read.Answer.Body, "x"},
		"retry after, read": {*read.Answer.RetryAfter.Seconds, uint64(2)},
		"raw, read":         {*read.Answer.RetryAfter.Raw, "y"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %v, want %v", name, tt.got, tt.want)
		}
	}
}

func TestReadNothing(t *testing.T) {
	t.Parallel()
	if got, problems := readFault(nil); len(problems) > 0 || !cmp.Equal(got, faults.Fault{}) {
		t.Errorf("got %+v, %v, want the zero fault", got, problems)
	}
}

// TestHostileDurations puts a duration that the domain cannot hold into each
// field that is one.
func TestHostileDurations(t *testing.T) {
	t.Parallel()
	fields := map[string]func(f *pb.Fault, d *durationpb.Duration){
		"ttl":         func(f *pb.Fault, d *durationpb.Duration) { f.Ttl = d },
		"quota.per":   func(f *pb.Fault, d *durationpb.Duration) { f.Quota = &pb.Quota{Requests: 1, Per: d} },
		"delay.fixed": func(f *pb.Fault, d *durationpb.Duration) { f.Delay = &pb.Delay{Fixed: d} },
		"delay.max":   func(f *pb.Fault, d *durationpb.Duration) { f.Delay = &pb.Delay{Fixed: durationpb.New(1), Max: d} },
		"delay.uniform.min": func(f *pb.Fault, d *durationpb.Duration) {
			f.Delay = &pb.Delay{Uniform: &pb.Delay_Uniform{Min: d, Max: durationpb.New(time.Hour)}}
		},
		"delay.uniform.max":    func(f *pb.Fault, d *durationpb.Duration) { f.Delay = &pb.Delay{Uniform: &pb.Delay_Uniform{Max: d}} },
		"delay.normal.mean":    func(f *pb.Fault, d *durationpb.Duration) { f.Delay = &pb.Delay{Normal: &pb.Delay_Normal{Mean: d}} },
		"delay.normal.stddev":  func(f *pb.Fault, d *durationpb.Duration) { f.Delay = &pb.Delay{Normal: &pb.Delay_Normal{Stddev: d}} },
		"delay.log_normal.p50": func(f *pb.Fault, d *durationpb.Duration) { f.Delay = &pb.Delay{LogNormal: &pb.Delay_LogNormal{P50: d}} },
		"delay.log_normal.p99": func(f *pb.Fault, d *durationpb.Duration) { f.Delay = &pb.Delay{LogNormal: &pb.Delay_LogNormal{P99: d}} },
		"delay.exponential.mean": func(f *pb.Fault, d *durationpb.Duration) {
			f.Delay = &pb.Delay{Exponential: &pb.Delay_Exponential{Mean: d}}
		},
		"delay.pareto.min": func(f *pb.Fault, d *durationpb.Duration) {
			f.Delay = &pb.Delay{Pareto: &pb.Delay_Pareto{Min: d, Shape: 1}}
		},
		"answer.retry_after.date_in": func(f *pb.Fault, d *durationpb.Duration) {
			f.Answer = &pb.Answer{Status: 429, RetryAfter: &pb.RetryAfter{DateIn: d}}
		},
	}
	s := serve(t)
	s.create(t, "there", 0.1)
	for form, d := range map[string]*durationpb.Duration{
		"nanoseconds above a second": {Seconds: 1, Nanos: 1_000_000_000},
		"nanoseconds below a second": {Seconds: -1, Nanos: -1_000_000_000},
		"opposite signs":             {Seconds: 1, Nanos: -1},
		"opposite signs, reversed":   {Seconds: -1, Nanos: 1},
		"beyond 292 years":           {Seconds: math.MaxInt64},
		"beyond 292 years ago":       {Seconds: math.MinInt64, Nanos: math.MinInt32},
		"beyond by seconds alone":    {Seconds: math.MaxInt64, Nanos: 854_775_807},
		"a nanosecond beyond":        {Seconds: 9_223_372_036, Nanos: 854_775_808},
	} {
		for field, set := range fields {
			f := &pb.Fault{Name: "there"}
			set(f, d)
			_, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{Fault: f})
			wantInvalid(t, err, "fault."+field)
			_, err = s.faults.ApplyFaults(t.Context(), &pb.ApplyFaultsRequest{Faults: []*pb.Fault{answering("ok", 0.1), f}})
			wantInvalid(t, err, "faults[1]."+field)
			f.Name = "new"
			_, err = s.faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: f})
			wantInvalid(t, err, "fault."+field)
			if t.Failed() {
				t.Fatalf("%s of %s", form, field)
			}
		}
	}
	list, err := s.faults.ListFaults(t.Context(), &pb.ListFaultsRequest{})
	if err != nil || len(list.GetFaults()) != 1 || list.GetFaults()[0].GetRevision() != 1 {
		t.Errorf("got %v, %v, want the one fault at its first revision", list, err)
	}
}

// TestLongestDuration holds that the very ends of the range are read as they are.
func TestLongestDuration(t *testing.T) {
	t.Parallel()
	for _, want := range []time.Duration{math.MaxInt64, math.MinInt64, math.MinInt64 + 1, -1, 0, 1, -time.Second, 1_500_000_000} {
		got, problems := readFault(&pb.Fault{Ttl: durationpb.New(want)})
		if got.TTL != want || len(problems) > 0 {
			t.Errorf("got %v, %v, want %v", got.TTL, problems, want)
		}
	}
}
