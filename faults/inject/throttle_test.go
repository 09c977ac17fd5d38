package inject_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/inject"
)

func TestPaceChunk(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		throttle faults.Throttle
		chunk    int
	}{
		"given":                     {faults.Throttle{BytesPerSecond: 5, Chunk: 100}, 100},
		"a tenth of a second":       {faults.Throttle{BytesPerSecond: 1000}, 100},
		"never nothing":             {faults.Throttle{BytesPerSecond: 9}, 1},
		"never over the bound":      {faults.Throttle{BytesPerSecond: 1 << 63}, 64 << 10},
		"not given over the bounds": {faults.Throttle{BytesPerSecond: 1, Chunk: 1 << 40}, 64 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := inject.NewPace(&test.throttle).Chunk(); got != test.chunk {
				t.Errorf("got %d, want %d", got, test.chunk)
			}
		})
	}
}

func TestPaceWait(t *testing.T) {
	t.Parallel()
	pace := inject.NewPace(&faults.Throttle{BytesPerSecond: 3, Chunk: 2})
	for _, step := range []struct{ elapsed, wait time.Duration }{
		{0, 0},
		{0, 666666667},
		{600 * time.Millisecond, 66666667},
		{666666667, 0},
		{666666667, 666666667},
		{5 * time.Second, 0},
		{5 * time.Second, 666666667},
	} {
		wait := pace.Wait(step.elapsed)
		if wait != step.wait {
			t.Fatalf("at %v: got a wait of %v, want %v", step.elapsed, wait, step.wait)
		}
		if wait == 0 {
			pace.Sent(2, step.elapsed)
		}
	}
}

// Between any two chunks no more than the rate passes, counted from the first
// of them up to the second.
func TestPaceNeverPassesTheRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		throttle := faults.Throttle{
			BytesPerSecond: rapid.Uint64Range(1, 1<<50).Draw(t, "rate"),
			Chunk:          rapid.Uint64Range(0, faults.MaxThrottleChunk).Draw(t, "chunk"),
		}
		pace := inject.NewPace(&throttle)
		type sent struct {
			at     time.Duration
			before float64
		}
		var elapsed time.Duration
		var total float64
		var chunks []sent
		for range rapid.IntRange(2, 30).Draw(t, "chunks") {
			elapsed += pace.Wait(elapsed)
			if pace.Wait(elapsed) != 0 {
				t.Fatal("still has to wait after the wait")
			}
			n := rapid.IntRange(1, pace.Chunk()).Draw(t, "bytes")
			pace.Sent(n, elapsed)
			chunks = append(chunks, sent{elapsed, total})
			total += float64(n)
			elapsed += time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "late"))
		}
		for i, from := range chunks {
			for _, to := range chunks[i+1:] {
				most := (to.at - from.at).Seconds() * float64(throttle.BytesPerSecond)
				if passed := to.before - from.before; passed > most*(1+1e-9) {
					t.Fatalf("got %v bytes in %v, want at most %v", passed, to.at-from.at, most)
				}
			}
		}
	})
}

// Whoever comes in time is as fast as the rate allows.
func TestPaceReachesTheRate(t *testing.T) {
	t.Parallel()
	pace := inject.NewPace(&faults.Throttle{BytesPerSecond: 100_000})
	var elapsed time.Duration
	sent := 0
	for ; elapsed < 10*time.Second; elapsed += pace.Wait(elapsed) {
		pace.Sent(pace.Chunk(), elapsed)
		sent += pace.Chunk()
	}
	if sent != 1_000_000 {
		t.Errorf("got %d bytes in 10 s, want 1000000", sent)
	}
}
