//go:build e2e

package main

import (
	"context"
	"flag"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
)

var zooJournal = flag.String("zoo.journal", "", "write the attempts of the zoo to this file, as JSON lines")

// TestZoo sends clients whose source is known through the real proxy, each as a process of its own and all side by side,
// and compares what they did with their source, and what is said of them with both.
func TestZoo(t *testing.T) { //nolint:tparallel // the subtests only compare, and write down together
	t.Parallel()
	k := newKeeper(t)
	top, faults := zooConfig()
	s := serve(t, top, "", faults)
	stood := standing(t.Context(), func() { k.house(t, s) })
	t.Logf("the machine stood still for %s at most", stood)
	journal, _ := s.command(t, "attempts", "--json")
	if *zooJournal != "" {
		if err := os.WriteFile(*zooJournal, []byte(journal), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	truths, report := readTruth(t, journal), s.verdict(t)
	pinned := readPins(t)
	for i := range residents {
		r := &residents[i]
		t.Run(r.name, func(t *testing.T) {
			if lack := k.lacks(r); lack != "" {
				lacks(t, lack)
			}
			r.confirm(t, truths[r.name])
			r.isNamed(t, truths[r.name], stood)
			all := saidOf(&report, r.name)
			r.faces(t, all, stood)
			r.ownWay(t, all, stood)
			if *zooUpdate {
				pinned.learn(r.name, all, stood)
			} else {
				pinned.compare(t, r, all, stood)
			}
			r.explain(t, truths[r.name], all)
		})
	}
	if *zooUpdate {
		pinned.write(t)
	} else if text, err := os.ReadFile(zooFile("verdicts.md")); err != nil || string(text) != pinned.table() {
		t.Errorf("verdicts.md does not show verdicts.json (%v): see -zoo.update", err)
	}
}

// explain logs what a client did and what is said of it.
func (r *resident) explain(t *testing.T, all truth, findings said) {
	t.Helper()
	for i := range r.scenarios {
		s := &r.scenarios[i]
		t.Log("did", summary(s, all[s.name]))
	}
	for _, key := range slices.Sorted(maps.Keys(findings)) {
		f := findings[key]
		t.Logf("said %s: %s, %s: %s %s", key, f.Result, f.Grouping, f.Summary, f.Missing)
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

// standing returns for how long the machine stood still at most while something was done: how late a timer came.
func standing(ctx context.Context, do func()) time.Duration {
	const glance = 5 * time.Millisecond
	ctx, stop := context.WithCancel(ctx)
	var longest time.Duration
	var wg sync.WaitGroup
	wg.Go(func() {
		ticks := time.NewTimer(glance)
		defer ticks.Stop()
		for {
			began := time.Now()
			select {
			case <-ticks.C:
				longest = max(longest, time.Since(began)-glance)
				ticks.Reset(glance)
			case <-ctx.Done():
				return
			}
		}
	})
	do()
	stop()
	wg.Wait()
	return longest
}
