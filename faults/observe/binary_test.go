package observe

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// whole is an attempt with every field set.
func whole() Attempt {
	return Attempt{
		Sequence: 7, Time: time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC), Received: time.Second, Answered: 2 * time.Second,
		Conn: 3, ConnUse: 4, Client: "credential:0123abcd", Credential: "0123abcd", UserAgent: "python-requests/2.31.0",
		Endpoint: groove.CollectionAdd, Method: "POST", Host: "api.media.microsoft.com", Target: "/1/x?q=daft+punk&maxitems=5",
		BodyLength: 9, BodyDigest: "0123456789abcdef", BodyComplete: true, CallID: "c", CallIDHeader: CallHeader, Counter: 2,
		IdempotencyKey: "fedc", RequestID: "r", Status: 502, Class: groove.ClassFailure, ErrorCode: groove.CodeCatalogUnavailable,
		Origin: OriginInjected, End: EndComplete, RetryAfter: "3", Fault: "storm", DelayedBy: []string{"slow", "slower"}, Delay: time.Minute,
		SpoiledBy: []string{"cut"}, Break: faults.BreakHang, BreakAt: faults.BreakMidBody, Forwarded: true, UpstreamStatus: 201,
		Reason:  "storm: share 0.1, draw 0.0432",
		Address: "127.0.0.1", Node: "n1", Trace: "0af7651916cd43dd8448eb211c80319c", Headers: "accept=1a2b3c4d", Marker: "mark-1", SingleFlight: true,
		TraceParent: "b7ad6b7169203331-01", Multiplexed: true,
	}
}

// TestWholeAttemptIsWhole keeps the tests honest when a field is added.
func TestWholeAttemptIsWhole(t *testing.T) {
	t.Parallel()
	v := reflect.ValueOf(whole())
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("field %s is not set", v.Type().Field(i).Name)
		}
	}
}

func TestBinaryKeepsEveryField(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]Attempt{"everything": whole(), "nothing": {}, "other words": {
		Class: "odd", Origin: "Injected", End: "never", Break: "x", BreakAt: "y", Counter: NoCounter, Received: -1, Time: time.Unix(-1, 5).UTC(),
	}} {
		b := a.AppendBinary([]byte("before"))
		got, rest, err := ParseAttempt(append(b[len("before"):], "after"...))
		if err != nil || string(rest) != "after" {
			t.Errorf("%s: got %q and %v, want %q", name, rest, err, "after")
		}
		if diff := cmp.Diff(a, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func drawAttempt(t *rapid.T) Attempt {
	var a Attempt
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "GET", "\xff\x00", strings.Repeat("long ", 60)}))
	for i, field := range a.texts() {
		*field = text.Draw(t, textNames[i])
	}
	for i, field := range a.words() {
		*field = rapid.OneOf(rapid.SampledFrom(wordSets[i]), text).Draw(t, wordNames[i])
	}
	signed := rapid.Int64()
	a.Sequence, a.Conn, a.ConnUse = rapid.Uint64().Draw(t, "sequence"), rapid.Uint64().Draw(t, "conn"), rapid.Uint64().Draw(t, "use")
	a.Time = time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanosecond")).UTC()
	a.Received, a.Answered, a.Delay = time.Duration(signed.Draw(t, "received")), time.Duration(signed.Draw(t, "answered")), time.Duration(signed.Draw(t, "delay"))
	a.BodyLength, a.Counter = signed.Draw(t, "length"), rapid.Int().Draw(t, "counter")
	a.Status, a.UpstreamStatus = rapid.Int().Draw(t, "status"), rapid.Int().Draw(t, "upstream")
	a.BodyComplete, a.Forwarded = rapid.Bool().Draw(t, "complete"), rapid.Bool().Draw(t, "forwarded")
	a.SingleFlight = rapid.Bool().Draw(t, "single_flight")
	a.Multiplexed = rapid.Bool().Draw(t, "multiplexed")
	for _, list := range []*[]string{&a.DelayedBy, &a.SpoiledBy} {
		if drawn := rapid.SliceOfN(text, 0, 3).Draw(t, "list"); len(drawn) > 0 {
			*list = drawn
		}
	}
	return a
}

func TestBinaryGoesThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(drawAttempt), 1, 3).Draw(t, "attempts")
		var b []byte
		for i := range want {
			b = want[i].AppendBinary(b)
		}
		for i := range want {
			a, rest, err := ParseAttempt(b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want[i], a); diff != "" {
				t.Fatalf("attempt %d (-want +got):\n%s", i, diff)
			}
			b = rest
		}
		if len(b) > 0 {
			t.Fatalf("%d bytes are left over", len(b))
		}
	})
}

func TestParseAttemptRefuses(t *testing.T) {
	t.Parallel()
	a := whole()
	sound := a.AppendBinary(nil)
	var empty Attempt
	bare := empty.AppendBinary(nil)
	altered := func(b []byte, at int, octets ...byte) []byte {
		b = slices.Replace(slices.Clone(b), at, at+1, octets...)
		binary.LittleEndian.PutUint32(b[1:], uint32(len(b)-binaryHead))
		return b
	}
	shorter := slices.Clone(sound)
	shorter[1]--
	for name, tt := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":              {nil, "head is incomplete"},
		"half a head":          {sound[:4], "head is incomplete"},
		"another version":      {altered(sound, 0, 1), "version is 1, want 2 or 3"},
		"version nought":       {altered(sound, 0, 0), "version is 0, want 2 or 3"},
		"half an attempt":      {sound[:40], "35 bytes are there"},
		"a wrong length":       {shorter, "spoiled_by: is longer than what is there"},
		"a long number":        {altered(bare, 5, 0x80, 0), "sequence: is no number in its shortest form"},
		"a huge number":        {altered(bare, 5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2), "sequence: is no number"},
		"too many nanoseconds": {altered(bare, 6, 0x80, 0x94, 0xeb, 0xdc, 0x03), "time: the nanoseconds"},
		"unknown flags":        {altered(bare, len(bare)-2-oldTextCount-wordCount-1, 16), "flags: there are unknown ones"},
		"an unknown word":      {altered(bare, len(bare)-2-oldTextCount-wordCount, 4), "class: has an unknown number"},
		"a known word in full": {altered(bare, len(bare)-2-oldTextCount-wordCount+1, otherWord, 4, 'o', 'u', 'r', 's'), "origin: is known"},
		"a text past the end":  {altered(bare, len(bare)-2-oldTextCount, 200, 1), "client: is longer"},
		"a list past the end":  {altered(bare, len(bare)-1, 9), "spoiled_by: is longer"},
		"a list without texts": {altered(bare, len(bare)-2, 1), "spoiled_by: is missing"},
		"an octet too many":    {altered(bare, len(bare)-1, 0, 0), "end: 1 bytes are left over"},
		"an octet too few":     {altered(bare, len(bare)-1), "spoiled_by: is missing"},
		"a traced one without": {altered(slices.Replace(slices.Clone(bare), 0, 1, 3), len(bare)-2, 0, 0), "trace_parent: is empty"},
	} {
		got, rest, err := ParseAttempt(tt.b)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q in it", name, err, tt.want)
		}
		if !reflect.ValueOf(got).IsZero() || !bytes.Equal(rest, tt.b) {
			t.Errorf("%s: got %+v and %d bytes beside the error, want none and all", name, got, len(rest))
		}
	}
}

func TestParsedAttemptHoldsNothingOfItsSource(t *testing.T) {
	t.Parallel()
	want := whole()
	b := want.AppendBinary(nil)
	got, _, err := ParseAttempt(b)
	if err != nil {
		t.Fatal(err)
	}
	clear(b)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the attempt changed with its source:\n%s", diff)
	}
}

func FuzzParseAttempt(f *testing.F) {
	a, empty := whole(), Attempt{Class: "odd"}
	f.Add(a.AppendBinary(nil))
	f.Add(empty.AppendBinary([]byte{1}))
	f.Add(append(a.AppendBinary(nil), 1, 0, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, rest, err := ParseAttempt(b)
		if err != nil {
			if !bytes.Equal(rest, b) {
				t.Fatalf("%v, and yet %d of %d bytes were taken", err, len(b)-len(rest), len(b))
			}
			return
		}
		if again := a.AppendBinary(nil); !bytes.Equal(again, b[:len(b)-len(rest)]) {
			t.Fatalf("%x was read, and is written as %x", b[:len(b)-len(rest)], again)
		}
	})
}

// TestBinaryIsFixed reads what an earlier version wrote: exports outlive the program.
func TestBinaryIsFixed(t *testing.T) {
	t.Parallel()
	traced := whole()
	traced.Multiplexed = false // of which they knew nothing
	plain := traced
	plain.TraceParent = ""
	for file, a := range map[string]Attempt{"testdata/attempt-v2.bin": plain, "testdata/attempt-v3.bin": traced} {
		written, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.AppendBinary(nil); !bytes.Equal(got, written) {
			t.Errorf("got %x, want what %s holds, %x", got, file, written)
		}
		if got, _, err := ParseAttempt(written); err != nil || cmp.Diff(a, got) != "" {
			t.Errorf("%s was read as %+v, %v", file, got, err)
		}
	}
}

func TestCloneHasNothingInCommon(t *testing.T) {
	t.Parallel()
	a := whole()
	c := a.Clone()
	if diff := cmp.Diff(a, c); diff != "" {
		t.Fatalf("the clone differs:\n%s", diff)
	}
	var seen []string
	v, w := reflect.ValueOf(a), reflect.ValueOf(c)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch one, other := v.Field(i).Interface(), w.Field(i).Interface(); one := one.(type) {
		case string:
			seen = append(seen, name)
			if unsafe.StringData(one) == unsafe.StringData(other.(string)) {
				t.Errorf("%s is shared", name)
			}
		case []string:
			for j := range one {
				if unsafe.StringData(one[j]) == unsafe.StringData(other.([]string)[j]) || &one[j] == &other.([]string)[j] {
					t.Errorf("%s is shared", name)
				}
			}
		}
	}
	if len(seen) < 15 {
		t.Errorf("looked at %v only", seen)
	}
	var none Attempt
	if diff := cmp.Diff(none, none.Clone()); diff != "" {
		t.Errorf("the clone of nothing:\n%s", diff)
	}
}

// TestJSONKeepsEveryField holds the journal to the same law.
func TestJSONKeepsEveryField(t *testing.T) {
	t.Parallel()
	want := whole()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Attempt
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAppendBinaryAllocatesNothing(t *testing.T) { //nolint:paralleltest // other tests would allocate in between
	a := whole()
	room := make([]byte, 0, 1024)
	if got := testing.AllocsPerRun(100, func() { a.AppendBinary(room) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

func BenchmarkBinary(b *testing.B) {
	a := whole()
	room := a.AppendBinary(nil)
	b.Run(fmt.Sprintf("append %d bytes", len(room)), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			room = a.AppendBinary(room[:0])
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _, _ = ParseAttempt(room)
		}
	})
	b.Run("clone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			a.Clone()
		}
	})
}
