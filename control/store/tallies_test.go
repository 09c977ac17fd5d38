package store

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// counting is a node that tells what its faults did.
type counting struct {
	node
	*Tallies
	// vanish ends it without a last word.
	vanish func()
}

func openCounting(t *testing.T, n node, process string, deaf bool) *counting {
	t.Helper()
	tallies, err := n.hub.Tallies(t.Context(), TalliesOptions{Process: process, Engine: n.engine, Deaf: deaf})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- tallies.Tell(ctx) }()
	stop := func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	c := &counting{node: n, Tallies: tallies}
	stopped := false
	c.vanish = func() {
		n.hub.conn.Close()
		stop()
		stopped = true
	}
	t.Cleanup(func() {
		if !stopped {
			stop()
		}
	})
	return c
}

// strike has so many exchanges decided, each of which the fault strikes.
func (c *counting) strike(t *testing.T, count int) {
	t.Helper()
	for range count {
		d := c.node.engine.Decide(&faults.Exchange{Method: "GET", Place: faults.Place{Call: 1, Attempt: 1}, Now: time.Now()})
		if d.Terminal == nil {
			t.Fatal("nothing was struck")
		}
		d.Terminal.Fire()
	}
}

// counts are those of a fault that is there, and of one that is gone.
func (c *counting) counts(name string) (now, gone uint64) {
	for _, use := range c.Tallies.AllUses() {
		switch {
		case use.Name != name:
		case use.Gone:
			gone += min(use.Matched, use.Fired)
		default:
			now += min(use.Matched, use.Fired)
		}
	}
	return now, gone
}

func TestAFleetAddsUpWhatItsFaultsDid(t *testing.T) {
	t.Parallel()
	url, fleet := startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, newFleet()
	nodes := openNodes(t, url, fleet, 3, 1)
	control, first, second := openCounting(t, nodes[0], "same#1", false), openCounting(t, nodes[1], "same#2", true), openCounting(t, nodes[2], "other#3", true)
	write := func() {
		t.Helper()
		made, err := control.Write(t.Context(), []Write{{Fault: fault("down", 1), Create: true}})
		if err != nil {
			t.Fatal(err)
		}
		await(t, "the fault everywhere", func() bool {
			return first.Applied() >= made[0].Revision && second.Applied() >= made[0].Revision
		})
	}
	write()
	first.strike(t, 3)
	second.strike(t, 4)
	control.strike(t, 2)
	await(t, "the sum of three nodes", func() bool { now, _ := control.counts("down"); return now == 9 })
	if uses := control.Tallies.Uses(); len(uses) != 1 || uses[0].Fired != 9 || !uses[0].Armed {
		t.Errorf("the set did %+v, want one fault that fired 9 times", uses)
	}
	second.vanish()
	first.strike(t, 1)
	await(t, "the sum with a node that is gone", func() bool { now, _ := control.counts("down"); return now == 10 })

	// What is made again inherits nothing, of nobody.
	if err := control.Delete(t.Context(), "down", 0); err != nil {
		t.Fatal(err)
	}
	await(t, "what the gone fault did", func() bool { now, gone := control.counts("down"); return now == 0 && gone == 10 })
	second = first // Which is left.
	write()
	first.strike(t, 2)
	await(t, "the sum anew", func() bool { now, gone := control.counts("down"); return now == 2 && gone == 10 })

	// A node that opens it later knows of all.
	late := openCounting(t, openNodes(t, url, fleet, 1, 1)[0], "late#4", false)
	if now, gone := late.counts("down"); now != 2 || gone != 10 {
		t.Errorf("a node that came later counts %d and %d, want 2 and 10", now, gone)
	}
}

// What a node holds back is told anew as long as it does, and counts for nobody who is not heard of.
func TestWhatIsHeldBackEndsWithItsNode(t *testing.T) {
	t.Parallel()
	one := []tally{{Name: "slow", Since: 1, Matched: 2, Held: 2}}
	there, gone := map[making]tally{}, map[making]tally{}
	addTo(there, &one[0], true)
	addTo(gone, &one[0], false)
	if got := there[making{"slow", 1}].Held; got != 2 {
		t.Errorf("a node that is there holds %d back, want 2", got)
	}
	if got := gone[making{"slow", 1}]; got.Held != 0 || got.Matched != 2 {
		t.Errorf("a node that is gone counts %+v, want its 2 matches and nothing held back", got)
	}
}

// With as many faults as there can be, in the set and gone, what is told fits into messages.
func TestTheTalliesOfTheMostFaultsFit(t *testing.T) {
	t.Parallel()
	var uses []faults.Use
	for i := range uint64(2 * faults.MaxFaults) {
		name := "a-name-as-long-as-there-can-be-for-a-fault-in-any-set-" + string(rune('a'+i%20)) + "-000000"
		uses = append(uses, faults.Use{Name: name, Since: 1<<63 + i, Matched: 1 << 63, Fired: 1 << 63, Overflow: 1 << 63, Gone: i >= faults.MaxFaults})
	}
	h := openHub(t, HubOptions{})
	told, err := h.Tallies(t.Context(), TalliesOptions{Process: "one#1", Engine: fixedUses(uses)})
	if err != nil {
		t.Fatal(err)
	}
	if err := told.tell(t.Context()); err != nil {
		t.Fatalf("tell: %v", err)
	}
	other, err := h.Tallies(t.Context(), TalliesOptions{Process: "two#2", Engine: fixedUses(nil)})
	if err != nil {
		t.Fatal(err)
	}
	newest := uses[len(uses)-1].Since
	all := other.AllUses()
	if !slices.ContainsFunc(all, func(u faults.Use) bool { return u.Since == newest }) || len(all) < mostTold {
		t.Errorf("%d are known, want those of the set and those that went last", len(all))
	}
}

// fixedUses is an engine that did this.
type fixedUses []faults.Use

func (f fixedUses) Uses() []faults.Use    { return slices.Clone(f) }
func (f fixedUses) AllUses() []faults.Use { return slices.Clone(f) }
