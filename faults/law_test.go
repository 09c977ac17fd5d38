package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
)

// drawFault draws a fault of any effect that fires by drawing, so that what it
// does depends on nothing but the exchange.
func drawFault(t *rapid.T, i int) faults.Fault {
	f := faults.Fault{Name: fmt.Sprintf("f%d", i)}
	f.Trigger.Share = new(rapid.Float64Range(0, 0.11).Draw(t, "share"))
	f.Trigger.Attempts = rapid.Uint64Range(0, 2).Draw(t, "attempts")
	switch rapid.IntRange(0, 7).Draw(t, "effect") {
	case 0:
		f.Answer = &faults.Answer{Status: 503, At: rapid.SampledFrom([]faults.Side{"", faults.SideAfter}).Draw(t, "side")}
	case 1:
		points := []faults.BreakPoint{"", faults.BreakAfter, faults.BreakAfterHead, faults.BreakMidBody}
		f.Break = &faults.Break{How: faults.BreakHang, At: rapid.SampledFrom(points).Draw(t, "point")}
	case 2:
		f.Delay = &faults.Delay{Exponential: &faults.Exponential{Mean: time.Second}}
	case 3:
		f.Delay = &faults.Delay{At: faults.SideAfter, Fixed: new(time.Second)}
	case 4:
		f.SoftError = &faults.SoftError{}
	case 5:
		f.Throttle = &faults.Throttle{BytesPerSecond: 1}
	case 6:
		f.Truncate = &faults.Truncate{Share: new(0.5)}
	default:
		f.Corrupt = &faults.Corrupt{How: rapid.SampledFrom([]faults.CorruptKind{faults.CorruptBits, faults.CorruptJSON, faults.CorruptLength}).Draw(t, "how")}
	}
	return f
}

func drawSet(t *rapid.T) []faults.Fault {
	set := make([]faults.Fault, rapid.IntRange(1, 8).Draw(t, "faults"))
	for i := range set {
		set[i] = drawFault(t, i)
	}
	return set
}

func engineOf(t *rapid.T, set []faults.Fault) *faults.Engine {
	e := faults.NewEngine(rapid.Uint64().Draw(t, "seed"))
	if err := e.Apply(set); err != nil {
		t.Fatal(err)
	}
	return e
}

// words tells everything about a decision that is to repeat.
func words(d *faults.Decision) string {
	text := told(d) + " because " + d.Reason
	for _, spoil := range d.Spoils {
		text += fmt.Sprint(" ", spoil.Key)
	}
	for _, hold := range d.Holds {
		text += fmt.Sprint(" ", hold.Wait)
	}
	return text
}

// somePlace is a place of one of a few calls with up to three attempts.
func somePlace(i int) faults.Place {
	return faults.Place{Fingerprint: uint64(i / 3), Sequence: uint64(1 + i%3), Call: 1, Attempt: uint64(1 + i%3)}
}

func TestNothingIsSpoiltWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := engineOf(t, drawSet(t))
		for i := range 60 {
			d := e.Decide(exchange(somePlace(i)))
			if d.Terminal == nil {
				continue
			}
			answer, broken := d.Terminal.Fault.Answer, d.Terminal.Fault.Break
			heard := broken != nil && (broken.At == faults.BreakAfterHead || broken.At == faults.BreakMidBody)
			asked := heard || broken != nil && broken.At == faults.BreakAfter || answer != nil && answer.At == faults.SideAfter
			if !heard && len(d.Spoils) > 0 {
				t.Fatalf("%q spoils an answer that nobody hears", told(&d))
			}
			for _, hold := range d.Holds {
				if hold.Fault.Fault.Delay.At == faults.SideAfter && !asked {
					t.Fatalf("%q delays an answer that nobody asks for", told(&d))
				}
			}
		}
	})
}

func TestDecisionsRepeatWhateverTheConcurrency(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := engineOf(t, drawSet(t))
		const n = 48
		var alone, together [n]string
		for i := range n {
			d := e.Decide(exchange(somePlace(i)))
			alone[i] = words(&d)
		}
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := w; i < n; i += 8 {
					d := e.Decide(exchange(somePlace(n - 1 - i)))
					together[n-1-i] = words(&d)
				}
			})
		}
		wg.Wait()
		if alone != together {
			t.Fatalf("alone    %q\ntogether %q", alone, together)
		}
	})
}

// TestAnotherFaultLeavesTheDrawsAlone adds a fault behind the others. A
// terminal one may keep them from an answer of the upstream or, when it draws
// once a call, from exchanges; nothing else may change.
func TestAnotherFaultLeavesTheDrawsAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		set := drawSet(t)
		added := drawFault(t, len(set))
		if added.Terminal() {
			added.Trigger.Attempts = 0
		}
		seed := rapid.Uint64().Draw(t, "seed")
		before, after := faults.NewEngine(seed), faults.NewEngine(seed)
		if err := before.Apply(set); err != nil {
			t.Fatal(err)
		}
		if err := after.Apply(append(slices.Clip(set), added)); err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			a, b := before.Decide(exchange(somePlace(i))), after.Decide(exchange(somePlace(i)))
			if b.Terminal != nil && b.Terminal.Fault.Name == added.Name {
				if a.Terminal != nil {
					t.Fatalf("%q struck in place of %q", told(&b), told(&a))
				}
				continue
			}
			if got, want := without(&b, added.Name), without(&a, added.Name); got != want {
				t.Fatalf("got %q beside %s, want %q", got, added.Name, want)
			}
		}
	})
}

// without tells a decision but for one fault.
func without(d *faults.Decision, name string) string {
	var kept []string
	for reason := range strings.SplitSeq(d.Reason, "; ") {
		if !strings.HasPrefix(reason, name+":") {
			kept = append(kept, reason)
		}
	}
	return strings.Join(kept, "; ")
}

// drawMixed draws faults that count beside such that draw.
func drawMixed(t *rapid.T) []faults.Fault {
	set := drawSet(t)
	for i := range set {
		switch rapid.IntRange(0, 3).Draw(t, "trigger") {
		case 0:
			set[i].Trigger = faults.Trigger{First: rapid.Uint64Range(1, 9).Draw(t, "first")}
		case 1:
			set[i].Trigger = faults.Trigger{Every: rapid.Uint64Range(1, 4).Draw(t, "every"), Limit: rapid.Uint64Range(0, 9).Draw(t, "limit")}
		case 2:
			set[i].Trigger.MaxActive = rapid.Uint64Range(1, 3).Draw(t, "max_active")
		}
	}
	return set
}

// TestEveryReasonIsOfAStrike holds what a decision says against what it does,
// and its slots against the faults' bounds, while exchanges come and go.
func TestEveryReasonIsOfAStrike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		set := drawMixed(t)
		e := engineOf(t, set)
		most := make(map[string]uint64)
		for i := range set {
			most[set[i].Name] = set[i].Trigger.MaxActive
		}
		var running []*faults.Decision
		for i := range 80 {
			d := e.Decide(exchange(somePlace(i)))
			strikes := len(d.Holds) + len(d.Spoils)
			if d.Terminal != nil {
				strikes++
			}
			reasons := 0
			if d.Reason != "" {
				reasons = 1 + strings.Count(d.Reason, "; ")
			}
			if reasons != strikes {
				t.Fatalf("%q says %q, want a reason for each", told(&d), d.Reason)
			}
			running = append(running, &d)
			active := make(map[string]uint64)
			for _, one := range running {
				for name := range strings.FieldsSeq(strings.NewReplacer("hold:", "", "spoil:", "").Replace(told(one))) {
					active[name]++
				}
			}
			for name, n := range active {
				if most[name] > 0 && n > most[name] {
					t.Fatalf("%s strikes %d at the same time, want at most %d", name, n, most[name])
				}
			}
			if rapid.Bool().Draw(t, "one ends") {
				running[0].Release()
				running = running[1:]
			}
		}
	})
}
