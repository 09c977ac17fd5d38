package config

import (
	"bytes"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// TestEncodeIsReadBack holds the two directions of the conversion together. The
// faults need not make sense: it is not for the conversion to judge.
func TestEncodeIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(drawFault), 0, 4).Draw(t, "faults")
		var text bytes.Buffer
		if err := Encode(&text, want); err != nil {
			t.Fatal(err)
		}
		document, _, broken := parse(text.Bytes())
		if len(broken) > 0 {
			t.Fatalf("%v in\n%s", broken, &text)
		}
		c := Default()
		if problems, _ := c.take(document); len(problems) > 0 {
			t.Fatalf("%v in\n%s", problems, &text)
		}
		if len(want) == 0 {
			want = nil
		}
		if diff := cmp.Diff(want, c.Faults); diff != "" {
			t.Fatalf("read back (-want +got):\n%s\nfrom\n%s", diff, &text)
		}
	})
}

func TestEncodeOfTheExampleIsReadBack(t *testing.T) {
	t.Parallel()
	want, err := Load(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := Encode(&text, want.Faults); err != nil {
		t.Fatal(err)
	}
	got, err := Parse("encoded", text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Faults, got.Faults); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestEncodeLeavesTheEndOut(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	set := []faults.Fault{{
		Name: "one", Answer: &faults.Answer{Status: 503}, TTL: time.Minute,
		ExpiresAt: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}}
	if err := Encode(&text, set); err != nil {
		t.Fatal(err)
	}
	want := "[[faults]]\nname = \"one\"\nttl = \"1m0s\"\n[faults.answer]\nstatus = 503\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("encoded (-want +got):\n%s", diff)
	}
}

func TestEncodeReportsTheWriter(t *testing.T) {
	t.Parallel()
	if err := Encode(brokenWriter{}, []faults.Fault{{Name: "one"}}); !errors.Is(err, errBroken) {
		t.Errorf("Encode: %v, want the writer's error", err)
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func drawFault(t *rapid.T) faults.Fault {
	f := faults.Fault{
		Name:     text(t, "name"),
		Disabled: rapid.Bool().Draw(t, "disabled"),
		Match: faults.Match{
			Endpoints: list(t, "endpoints"),
			Methods:   list(t, "methods"),
			Hosts:     list(t, "hosts"),
			Path:      text(t, "path"),
			Query:     pairs(t, "query"),
			Headers:   pairs(t, "headers"),
			Clients:   list(t, "clients"),
		},
		Trigger: faults.Trigger{
			Share:     rapid.Ptr(rapid.Float64Range(0, 1), true).Draw(t, "share"),
			First:     rapid.Uint64().Draw(t, "first"),
			Every:     rapid.Uint64().Draw(t, "every"),
			Attempts:  rapid.Uint64().Draw(t, "attempts"),
			Limit:     rapid.Uint64().Draw(t, "limit"),
			Quota:     rapid.Ptr(rapid.Custom(drawQuota), true).Draw(t, "quota"),
			MaxActive: rapid.Uint64().Draw(t, "max active"),
		},
		SoftError: rapid.Ptr(rapid.Custom(drawSoftError), true).Draw(t, "soft error"),
		Break:     rapid.Ptr(rapid.Custom(drawBreak), true).Draw(t, "break"),
		Throttle:  rapid.Ptr(rapid.Custom(drawThrottle), true).Draw(t, "throttle"),
		Truncate:  rapid.Ptr(rapid.Custom(drawTruncate), true).Draw(t, "truncate"),
		Corrupt:   rapid.Ptr(rapid.Custom(drawCorrupt), true).Draw(t, "corrupt"),
		TTL:       span(t, "ttl"),
	}
	if rapid.Bool().Draw(t, "answers") {
		f.Answer = drawAnswer(t)
	}
	if rapid.Bool().Draw(t, "delays") {
		f.Delay = drawDelay(t)
	}
	return f
}

func drawQuota(t *rapid.T) faults.Quota {
	return faults.Quota{
		Requests: rapid.Uint64().Draw(t, "requests"), Per: span(t, "per"),
		Burst: rapid.Uint64().Draw(t, "burst"), All: rapid.Bool().Draw(t, "all"),
	}
}

func drawSoftError(t *rapid.T) faults.SoftError {
	return faults.SoftError{
		ErrorCode: groove.ErrorCode(text(t, "code")), Message: text(t, "message"),
		Items: rapid.Ptr(rapid.Float64(), true).Draw(t, "items"), ItemCode: groove.ErrorCode(text(t, "item code")),
	}
}

func drawBreak(t *rapid.T) faults.Break {
	return faults.Break{How: faults.BreakKind(text(t, "how")), At: faults.BreakPoint(text(t, "at"))}
}

func drawThrottle(t *rapid.T) faults.Throttle {
	return faults.Throttle{BytesPerSecond: rapid.Uint64().Draw(t, "rate"), Chunk: rapid.Uint64().Draw(t, "chunk")}
}

func drawTruncate(t *rapid.T) faults.Truncate {
	return faults.Truncate{
		Bytes: rapid.Ptr(rapid.Uint64(), true).Draw(t, "bytes"), Share: rapid.Ptr(rapid.Float64(), true).Draw(t, "share"),
	}
}

func drawCorrupt(t *rapid.T) faults.Corrupt {
	return faults.Corrupt{How: faults.CorruptKind(text(t, "how")), Share: rapid.Float64().Draw(t, "share")}
}

func drawAnswer(t *rapid.T) *faults.Answer {
	a := &faults.Answer{
		At:        faults.Side(text(t, "at")),
		Status:    rapid.IntRange(-1, 999).Draw(t, "status"),
		ErrorCode: groove.ErrorCode(text(t, "code")),
		Message:   text(t, "message"),
		Headers:   pairs(t, "answer headers"),
		Body:      rapid.Ptr(rapid.String(), true).Draw(t, "body"),
	}
	if rapid.Bool().Draw(t, "retry after") {
		a.RetryAfter = &faults.RetryAfter{
			Seconds: rapid.Ptr(rapid.OneOf(rapid.Uint64(), rapid.Just[uint64](math.MaxUint64)), true).Draw(t, "seconds"),
			DateIn:  rapid.Ptr(rapid.Custom(anySpan), true).Draw(t, "date in"),
			Raw:     rapid.Ptr(rapid.String(), true).Draw(t, "raw"),
		}
	}
	return a
}

func drawDelay(t *rapid.T) *faults.Delay {
	d := &faults.Delay{
		At:    faults.Side(text(t, "at")),
		Fixed: rapid.Ptr(rapid.Custom(anySpan), true).Draw(t, "fixed"),
		Max:   span(t, "max"),
	}
	if rapid.Bool().Draw(t, "uniform") {
		d.Uniform = &faults.Uniform{Min: span(t, "min"), Max: span(t, "max")}
	}
	if rapid.Bool().Draw(t, "normal") {
		d.Normal = &faults.Normal{Mean: span(t, "mean"), Stddev: span(t, "stddev")}
	}
	if rapid.Bool().Draw(t, "log normal") {
		d.LogNormal = &faults.LogNormal{P50: span(t, "p50"), P99: span(t, "p99")}
	}
	if rapid.Bool().Draw(t, "exponential") {
		d.Exponential = &faults.Exponential{Mean: span(t, "mean")}
	}
	if rapid.Bool().Draw(t, "pareto") {
		d.Pareto = &faults.Pareto{Min: span(t, "min"), Shape: rapid.Float64().Draw(t, "shape")}
	}
	return d
}

func text(t *rapid.T, label string) string { return rapid.String().Draw(t, label) }

// list draws nil for an empty list, which the file cannot tell from an absent one.
func list(t *rapid.T, label string) []string {
	if l := rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, label); len(l) > 0 {
		return l
	}
	return nil
}

func pairs(t *rapid.T, label string) map[string]string {
	if m := rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(t, label); len(m) > 0 {
		return m
	}
	return nil
}

func span(t *rapid.T, label string) time.Duration {
	return time.Duration(rapid.Int64().Draw(t, label))
}

func anySpan(t *rapid.T) time.Duration { return span(t, "span") }
