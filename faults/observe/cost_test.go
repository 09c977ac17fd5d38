package observe

import (
	"fmt"
	"iter"
	"runtime"
	"testing"
)

// typical yields the attempts of a journal as they may come: calls of two failures and a success on many targets, by several clients,
// some of the attempts a little out of order.
func typical(n int) iter.Seq[*Attempt] {
	return func(yield func(*Attempt) bool) {
		targets := make([]string, 5000)
		for i := range targets {
			targets[i] = fmt.Sprint("/1/content/music.track.", i, "/lookup?language=en")
		}
		clients := []string{"credential:4711", "credential:4712", "credential:4713", "agent@10.0.0.1"}
		for i := range n {
			at := i
			if i/2%7 == 0 {
				at = i ^ 1
			}
			call := at / 3
			status := 503
			if at%3 == 2 {
				status = 200
			}
			a := try(float64(at)*0.001+float64(at%3)*0.5, status, to(targets[call%len(targets)]), from(clients[call%4]), took(0.0001))
			a.Sequence = uint64(at + 1)
			if !yield(&a) {
				return
			}
		}
	}
}

// listed keeps what is yielded, so that a benchmark measures no making of attempts.
func listed(attempts iter.Seq[*Attempt]) []*Attempt {
	var list []*Attempt
	for a := range attempts {
		list = append(list, a)
	}
	return list
}

func report(b *testing.B, n int) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*b.N), "ns/attempt")
}

func BenchmarkLearn(b *testing.B) {
	const n = 300_000
	attempts := listed(typical(n))
	b.ReportAllocs()
	for b.Loop() {
		Learn(func(yield func(*Attempt) bool) {
			for _, a := range attempts {
				if !yield(a) {
					return
				}
			}
		})
	}
	report(b, n)
}

func BenchmarkGrouper(b *testing.B) {
	const n = 300_000
	attempts := listed(typical(n))
	known := Learn(typical(n))
	b.ReportAllocs()
	for b.Loop() {
		g := NewGrouper(Options{Known: known})
		for _, a := range attempts {
			g.Add(a)
		}
		g.Close(true)
	}
	report(b, n)
}

// BenchmarkMemory shows how much is alive at most while a journal is grouped, whatever its length.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{100_000, 300_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(peak(b, n)/(1<<20), "MiB-alive")
			}
		})
	}
}

// peak is how many bytes are alive at most, measured after each pass and at each chapter.
func peak(b *testing.B, n int) float64 {
	b.Helper()
	highest := uint64(0)
	measure := func() {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		highest = max(highest, m.HeapAlloc)
	}
	known := Learn(typical(n))
	measure()
	calls := 0
	g := NewGrouper(Options{Known: known, Chapter: func(c *Chapter) {
		measure()
		for i := range c.Calls {
			calls += len(c.Calls[i].Attempts)
		}
	}})
	for a := range typical(n) {
		g.Add(a)
	}
	counts := g.Close(true)
	if calls != n || counts.Late+counts.Torn > 0 {
		b.Fatalf("got %d attempts in calls and %+v, want %d and nothing late or torn", calls, counts, n)
	}
	return float64(highest)
}
