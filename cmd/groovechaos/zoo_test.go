//go:build e2e

package main

import (
	"flag"
	"os"
	"sync"
	"testing"
)

var zooJournal = flag.String("zoo.journal", "", "write the attempts of the zoo to this file, as JSON lines")

// TestZoo sends clients whose source is known through the real proxy, each as a process of its own and all side by side,
// and compares what they did with their source, and what is said of them with both.
func TestZoo(t *testing.T) {
	t.Parallel()
	k := newKeeper(t)
	top, faults := zooConfig()
	s := serve(t, top, "", faults)
	k.house(t, s)
	journal, _ := s.command(t, "attempts", "--json")
	if *zooJournal != "" {
		if err := os.WriteFile(*zooJournal, []byte(journal), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	truths, says := readTruth(t, journal), s.verdict(t)
	for i := range residents {
		r := &residents[i]
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if lack := k.lacks(r); lack != "" {
				lacks(t, lack)
			}
			r.confirm(t, truths[r.name])
			for j := range r.scenarios {
				t.Log(summary(&r.scenarios[j], truths[r.name][r.scenarios[j].name]))
			}
			for _, v := range says.Clients {
				if v.Client == r.name {
					r.judged(t, &v)
				}
			}
		})
	}
}

// house lets the residents go through their scenarios side by side. They come in one after the other, as programs that start all at
// once are slow at first.
func (k *keeper) house(t *testing.T, s *served) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range residents {
		r := &residents[i]
		if k.lacks(r) != "" {
			continue
		}
		d := k.drive(t, r, s.Proxy)
		r.undergo(t, d, &baseline)
		wg.Go(func() { r.endure(t, d) })
	}
	wg.Wait()
}
