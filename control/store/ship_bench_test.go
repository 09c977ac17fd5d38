//go:build unix

package store

import (
	"syscall"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// cpuTime is what this process has used so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// inBatch is what 50 ms have at 20 000 attempts a second.
const inBatch = 1000

// next makes the n-th attempt of what was another: numbers and times are never the same.
func next(a *observe.Attempt, n int) {
	apart := time.Duration(30_000 + n*7919%40_009)
	a.Sequence++
	a.Time, a.Received = a.Time.Add(apart), a.Received+apart
	a.Answered = a.Received + time.Duration(200_000+n*104_729%300_007)
	a.Conn, a.ConnUse = uint64(1+n*31%32), uint64(1+n/32)
}

// BenchmarkRecordAndShip is what an attempt costs until the store in this process has it: cpu-ns/op is the processor
// time of recording, of the batch and of the store together.
func BenchmarkRecordAndShip(b *testing.B) {
	for name, dir := range map[string]string{"memory": "", "files": b.TempDir()} {
		b.Run(name, func(b *testing.B) {
			hub := openHub(b, HubOptions{Dir: dir, Sync: time.Second, Attempts: Bounds{Bytes: 256 << 20}})
			g := NewGathered(GatheredOptions{Node: "proxy", Own: 10_000})
			attempt := usual()
			for range 20_000 { // until the ring is warm
				g.Record(&attempt)
			}
			g.shipping.lost.Store(20_000)
			before := cpuTime(b)
			for n := 1; b.Loop(); n++ {
				next(&attempt, n)
				g.Record(&attempt)
				if n%inBatch == 0 {
					if err := g.sendAll(b.Context(), hub); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(stored(b, hub))/float64(b.N), "stored-B/op")
		})
	}
}

// stored is how many bytes the store has of attempts.
func stored(b *testing.B, h *Hub) uint64 {
	b.Helper()
	stream, err := h.js.Stream(b.Context(), h.attemptStream())
	if err != nil {
		b.Fatal(err)
	}
	return stream.CachedInfo().State.Bytes
}
