package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// BenchmarkOpen is the start of an embedded store that is empty.
func BenchmarkOpen(b *testing.B) {
	for name, dir := range map[string]func() string{"memory": func() string { return "" }, "files": b.TempDir} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				h, err := OpenHub(b.Context(), HubOptions{Dir: dir(), Sync: time.Second})
				if err != nil {
					b.Fatal(err)
				}
				s, err := h.Shared(b.Context(), SharedOptions{Engine: faults.NewEngine(1), Now: time.Now})
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				s.Close()
				if err := h.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

// BenchmarkWrite changes one fault of many.
func BenchmarkWrite(b *testing.B) {
	for _, count := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("of=%d", count), func(b *testing.B) {
			s := openMany(b, count)
			for i := 0; b.Loop(); i++ {
				if _, err := s.Write(b.Context(), []Write{{Fault: numbered(i%2, float64(i%100)/1e6)}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFaults lists many.
func BenchmarkFaults(b *testing.B) {
	s := openMany(b, 10_000)
	for b.Loop() {
		if set, err := s.Faults(b.Context()); err != nil || len(set) != 10_000 {
			b.Fatalf("got %d faults, %v", len(set), err)
		}
	}
}

func openMany(b *testing.B, count int) *Shared {
	b.Helper()
	s := openShared(b, openHub(b, HubOptions{Dir: b.TempDir(), Sync: time.Second}), SharedOptions{Engine: faults.NewEngine(1), Now: time.Now})
	writes := make([]Write, count)
	for i := range writes {
		writes[i].Fault = numbered(i, 0)
	}
	if _, err := s.Write(b.Context(), writes); err != nil {
		b.Fatal(err)
	}
	return s
}

func numbered(i int, share float64) faults.Fault { return fault(fmt.Sprintf("fault-%d", i), share) }

// BenchmarkFortyNodes is how long a change takes from its writing until it is in force on forty nodes of one cluster.
func BenchmarkFortyNodes(b *testing.B) {
	nodes := openNodes(b, startNATS(b, natsOptions{Name: "one", Dir: b.TempDir()}).url, newFleet(), 40, 1)
	for i := 0; b.Loop(); i++ {
		written, err := nodes[i%len(nodes)].Write(b.Context(), []Write{{Fault: numbered(0, float64(i%100)/100)}})
		if err != nil {
			b.Fatal(err)
		}
		for n := range nodes {
			for nodes[n].Applied() < written[0].Revision {
				time.Sleep(100 * time.Microsecond)
			}
		}
	}
}
