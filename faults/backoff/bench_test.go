package backoff_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/backoff/simulate"
)

func BenchmarkClassify(b *testing.B) {
	for _, shape := range [][2]int{{12, 3}, {12, 5}, {500, 5}} {
		for _, k := range simulate.Kinds {
			b.Run(fmt.Sprintf("%s/%dx%d", k.Name, shape[0], shape[1]), func(b *testing.B) {
				client := simulate.Client{Law: k.Based(500 * time.Millisecond), Noise: simulate.Measured}
				var g backoff.Gaps
				for _, c := range client.Calls(shape[0], shape[1], simulate.NewSource(1)) {
					g.Add(c)
				}
				for b.Loop() {
					g.Classify(backoff.Options{})
				}
			})
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	client := simulate.Client{Law: simulate.Kinds[8].Based(time.Second), Noise: simulate.Measured}
	calls := client.Calls(4096, 5, simulate.NewSource(1))
	var g backoff.Gaps
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		g.Add(calls[i%len(calls)])
	}
}
