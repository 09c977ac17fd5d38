//go:build unix

package store

import (
	"syscall"
	"testing"
	"time"
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
				g.Record(&attempt)
				if n%mostInBatch == 0 {
					if err := g.sendAll(b.Context(), hub); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}
