//go:build e2e

package main

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

var zooDraws = flag.Int("zoo.draws", 3, "how often each client of the zoo is played in each weather: 1000 say how often the zoo is red by chance")

var zooOnly = flag.String("zoo.only", "", "play this client of the zoo alone")

// teller is told what is wrong with a client: a test, or one that counts.
type teller interface {
	Helper()
	Errorf(format string, values ...any)
	Logf(format string, values ...any)
}

// accountant counts what is wrong.
type accountant struct{ wrong []string }

func (*accountant) Helper() {}

func (*accountant) Logf(string, ...any) {}

func (a *accountant) Errorf(format string, values ...any) {
	a.wrong = append(a.wrong, fmt.Sprintf(format, values...))
}

// playable are the clients whose source is a policy and no more, and who draw their waits or may be late with them.
func playable(r *resident) bool {
	return !strings.HasPrefix(r.name, "token-") && r.policy.attempts != 1 && (*zooOnly == "" || *zooOnly == r.name)
}

// TestZooByChance plays the clients of the zoo by their source alone, and asks of them what TestZoo asks: what they draw, and how late they are, may
// not make it red. With -v it prints how often each client was.
func TestZooByChance(t *testing.T) {
	t.Parallel()
	pinned := readPins(t)
	for _, w := range weathers {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			red := make(map[string]int)
			for i := range residents {
				r := &residents[i]
				if !playable(r) {
					continue
				}
				for seed := range *zooDraws {
					wrong := r.audition(w, uint64(seed), pinned)
					mu.Lock()
					for _, what := range wrong {
						red[r.name+": "+what]++
					}
					if len(wrong) > 0 {
						red[r.name]++
						red["the zoo"]++
					}
					mu.Unlock()
				}
			}
			for _, what := range slices.SortedFunc(maps.Keys(red), func(a, b string) int { return cmp.Compare(red[b], red[a]) }) {
				t.Logf("%4d of %d: %s", red[what], *zooDraws, what)
			}
			if most := *zooDraws / 1000; red["the zoo"] > most {
				t.Errorf("%d of %d times some client is red, want %d at most", red["the zoo"], *zooDraws, most)
			}
		})
	}
}

// audition plays a client once and returns what TestZoo would find wrong.
func (r *resident) audition(w weather, seed uint64, pinned pins) []string {
	attempts, stood := playful(r, w, seed)
	var book accountant
	all := truthOf(attempts)
	r.confirm(&book, all)
	r.isNamed(&book, all, stood)
	report := verdict.Judge(verdict.Journal{Attempts: verdict.Of(attempts), Ended: true}, verdict.Options{})
	found := saidOf(&report, r.name)
	r.faces(&book, found, stood)
	r.ownWay(&book, found, stood)
	pinned.compare(&book, r, found, stood)
	return book.wrong
}
