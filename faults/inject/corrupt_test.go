package inject_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/inject"
)

func TestBitsDoNotDependOnTheCut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOfN(rapid.Byte(), 1, 2000).Draw(t, "body")
		key := rapid.Uint64().Draw(t, "key")
		share := rapid.SampledFrom([]float64{0, 1e-300, 0.01, 0.3, 1}).Draw(t, "share")
		whole := slices.Clone(body)
		inject.NewBits(key, share).Flip(whole)
		pieces := slices.Clone(body)
		flip := inject.NewBits(key, share)
		for rest := pieces; len(rest) > 0; {
			n := rapid.IntRange(0, len(rest)).Draw(t, "cut")
			flip.Flip(rest[:n])
			rest = rest[n:]
		}
		if !bytes.Equal(whole, pieces) {
			t.Fatal("got another body in pieces than in one")
		}
		flipped := 0
		for i := range body {
			n := bits.OnesCount8(body[i] ^ whole[i])
			flipped += n
			if n > 1 || i == 0 && n == 0 {
				t.Fatalf("got %d bits flipped in byte %d, want at most 1, and 1 in the first", n, i)
			}
		}
		if share == 1 && flipped != len(body) || share == 1e-300 && flipped != 1 {
			t.Fatalf("got %d of %d bytes flipped at the share %v", flipped, len(body), share)
		}
	})
}

func TestBitsKeepTheShare(t *testing.T) {
	t.Parallel()
	const n = 1 << 20
	for _, share := range []float64{0, 0.001, 0.01, 0.25, 0.9} {
		body := make([]byte, n)
		inject.NewBits(3, share).Flip(body)
		var flipped int
		var which [8]int
		for _, b := range body {
			flipped += bits.OnesCount8(b)
			which[bits.TrailingZeros8(b)&7]++
		}
		want := share
		if share == 0 {
			want = 0.01
		}
		got := float64(flipped) / n
		if off := 5 * math.Sqrt(want*(1-want)/n); math.Abs(got-want) > off+1./n {
			t.Errorf("got the share %v, want %v ± %v", got, want, off)
		}
		// Bit 0 also counts the bytes that stayed.
		for bit := 1; bit < 8; bit++ {
			if one := float64(which[bit]) / float64(flipped); one < 0.1 || one > 0.15 {
				t.Errorf("share %v: got bit %d in %v of the flips, want an eighth", share, bit, one)
			}
		}
	}
}

func TestBitsOfAnotherKeyAreOthers(t *testing.T) {
	t.Parallel()
	one, other := make([]byte, 10_000), make([]byte, 10_000)
	inject.NewBits(1, 0.5).Flip(one)
	inject.NewBits(2, 0.5).Flip(other)
	if bytes.Equal(one, other) {
		t.Error("got the same flips for two keys")
	}
}

func TestInvalidJSONIsInvalid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, _ := drawObject(t)
		if rapid.Bool().Draw(t, "no object") {
			text = []byte(rapid.SampledFrom([]string{`[1]`, "[ ]\n", ` ""`, `"\""`, `1`, `-0.5e7`, `true`, `null`, `[{}]`, `"]"`}).Draw(t, "value"))
		}
		if !json.Valid(text) {
			t.Fatalf("%q is no JSON to begin with", text)
		}
		before := slices.Clone(text)
		got, err := inject.InvalidJSON("", text)
		if err != nil || json.Valid(got) || len(got) != len(text) || !bytes.Equal(text, before) {
			t.Fatalf("got %q, %v of %q, want invalid JSON of the same length", got, err, before)
		}
		zipped, err := inject.InvalidJSON("gzip", packed(text))
		if err != nil || !bytes.Equal(unpacked(t, zipped), got) {
			t.Fatalf("under gzip: got %q, %v, want %q", zipped, err, got)
		}
	})
}

func TestInvalidJSONByteForByte(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, want string }{
		"an object": {"{\"A\":1}\n", "{\"A\":1]\n"},
		"a list":    {`[1,{}]`, `[1,{}}`},
		"JSONP":     {`f({"A":1} );`, `f({"A":1] );`},
		"XML":       {`<A/>`, ""},
		"text":      {`soon`, ""},
		"nothing":   {``, ""},
		"no JSON":   {`{"A":1]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := inject.InvalidJSON("identity", []byte(test.body))
			if string(got) != test.want || (err != nil) != (test.want == "") {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestWrongLengthIsShorter(t *testing.T) {
	t.Parallel()
	for length, want := range map[int64]int64{1: 0, 2: 1, 3: 1, 1000: 500, math.MaxInt64: math.MaxInt64 / 2} {
		if got := inject.WrongLength(length); got != want {
			t.Errorf("got %d of %d, want %d", got, length, want)
		}
	}
}

func TestTruncateAt(t *testing.T) {
	t.Parallel()
	bytes := func(n uint64) *faults.Truncate { return &faults.Truncate{Bytes: &n} }
	share := func(s float64) *faults.Truncate { return &faults.Truncate{Share: &s} }
	for name, test := range map[string]struct {
		truncate *faults.Truncate
		length   int64
		at       int64
		cuts     bool
	}{
		"bytes of a longer body":      {bytes(3), 10, 3, true},
		"no bytes":                    {bytes(0), 10, 0, true},
		"bytes of a shorter body":     {bytes(11), 10, 11, false},
		"bytes of one as long":        {bytes(10), 10, 10, false},
		"bytes of an unknown length":  {bytes(3), -1, 3, true},
		"more bytes than there are":   {bytes(math.MaxUint64), -1, math.MaxInt64, true},
		"bytes of an empty body":      {bytes(0), 0, 0, false},
		"a half":                      {share(0.5), 10, 5, true},
		"a half, rounded down":        {share(0.5), 3, 1, true},
		"nothing":                     {share(0), 10, 0, true},
		"all":                         {share(1), 10, 10, false},
		"nearly all":                  {share(math.Nextafter(1, 0)), 10, 9, true},
		"what binary cannot say":      {share(0.29), 100, 29, true},
		"the longest":                 {share(0.5), 1 << 50, 1 << 49, true},
		"a share of an empty body":    {share(0.5), 0, 0, false},
		"a share of what is not told": {share(0.5), -1, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if at, cuts := inject.TruncateAt(test.truncate, test.length); at != test.at || cuts != test.cuts {
				t.Errorf("got %d %t, want %d %t", at, cuts, test.at, test.cuts)
			}
		})
	}
}

func TestTruncateAtNeverPassesTheShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		length := rapid.Int64Range(1, 1<<40).Draw(t, "length")
		at, cuts := inject.TruncateAt(&faults.Truncate{Share: &share}, length)
		if off := share*float64(length) - float64(at); off < -0.01 || off > 1 || cuts != (at < length) || at == length && share < 1 {
			t.Fatalf("got %d, %t of %d at the share %v", at, cuts, length, share)
		}
	})
}

func TestMidBody(t *testing.T) {
	t.Parallel()
	for length, want := range map[int64]int64{-1: 1, 0: 0, 1: 1, 2: 1, 3: 1, 4: 2, 1001: 500} {
		if got := inject.MidBody(length); got != want {
			t.Errorf("got %d of %d, want %d", got, length, want)
		}
	}
}

func TestDefaultsOfPlaces(t *testing.T) {
	t.Parallel()
	if got := inject.PointOf(&faults.Break{}); got != faults.BreakBefore {
		t.Errorf("got %q, want %q", got, faults.BreakBefore)
	}
	if got := inject.PointOf(&faults.Break{At: faults.BreakMidBody}); got != faults.BreakMidBody {
		t.Errorf("got %q, want %q", got, faults.BreakMidBody)
	}
	for want, answer := range map[faults.Side][]*faults.Answer{
		faults.SideBefore: {nil, {}, {At: faults.SideBefore}},
		faults.SideAfter:  {{At: faults.SideAfter}},
	} {
		for _, a := range answer {
			if got := inject.SideOf(a); got != want {
				t.Errorf("got %q for %+v, want %q", got, a, want)
			}
		}
	}
}

func BenchmarkBits(b *testing.B) {
	piece := []byte(strings.Repeat("a", 32<<10))
	flip := inject.NewBits(1, 0.01)
	b.SetBytes(int64(len(piece)))
	for b.Loop() {
		flip.Flip(piece)
	}
}
