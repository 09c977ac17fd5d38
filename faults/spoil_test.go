package faults_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
)

func breaking(name string, at faults.BreakPoint, t faults.Trigger) faults.Fault {
	return faults.Fault{Name: name, Trigger: t, Break: &faults.Break{How: faults.BreakReset, At: at}}
}

func throttling(name string, t faults.Trigger) faults.Fault {
	return faults.Fault{Name: name, Trigger: t, Throttle: &faults.Throttle{BytesPerSecond: 1}}
}

func late(name string, t faults.Trigger) faults.Fault {
	return faults.Fault{Name: name, Trigger: t, Delay: &faults.Delay{At: faults.SideAfter, Fixed: new(time.Second)}}
}

// told is a decision in words: "break hold:slow spoil:soft".
func told(d *faults.Decision) string {
	var words []string
	if d.Terminal != nil {
		words = append(words, d.Terminal.Fault.Name)
	}
	for _, hold := range d.Holds {
		words = append(words, "hold:"+hold.Fault.Fault.Name)
	}
	for _, spoil := range d.Spoils {
		words = append(words, "spoil:"+spoil.Fault.Fault.Name)
	}
	return strings.Join(words, " ")
}

// TestWhatNeedsAnAnswerOfTheUpstream holds each terminal effect against what
// it leaves of the upstream's answer.
func TestWhatNeedsAnAnswerOfTheUpstream(t *testing.T) {
	t.Parallel()
	after := answering("t", 503, faults.Trigger{})
	after.Answer.At = faults.SideAfter
	for what, test := range map[string]struct {
		terminal faults.Fault
		want     string
	}{
		"relayed":                  {answering("t", 503, faults.Trigger{Share: new(0.0)}), "hold:early hold:late spoil:slow"},
		"answered before":          {answering("t", 503, faults.Trigger{}), "t hold:early"},
		"answered before, counted": {answering("t", 503, faults.Trigger{First: 9}), "t hold:early"},
		"answered after":           {after, "t hold:early hold:late"},
		"broken before":            {breaking("t", "", faults.Trigger{}), "t hold:early"},
		"broken before, named":     {breaking("t", faults.BreakBefore, faults.Trigger{}), "t hold:early"},
		"broken after":             {breaking("t", faults.BreakAfter, faults.Trigger{}), "t hold:early hold:late"},
		"broken after the head":    {breaking("t", faults.BreakAfterHead, faults.Trigger{}), "t hold:early hold:late spoil:slow"},
		"broken in mid-body":       {breaking("t", faults.BreakMidBody, faults.Trigger{}), "t hold:early hold:late spoil:slow"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			early := slow("early")
			// The terminal fault is the last, so that the others have to wait for it.
			e := newEngine(t, 1, late("late", faults.Trigger{First: 1}), throttling("slow", faults.Trigger{First: 1}), early, test.terminal)
			d := e.Decide(exchange(nth(1)))
			if got := told(&d); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			for _, use := range e.Uses() {
				want := uint64(0)
				if use.Name == "t" || strings.Contains(test.want, ":"+use.Name) {
					want = 1
				}
				if use.Matched != want {
					t.Errorf("%s matched %d, want %d", use.Name, use.Matched, want)
				}
			}
		})
	}
}

func TestAnExchangeWithoutAnAnswerUsesUpNoSpoil(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		trigger faults.Trigger
		want    string
	}{
		"first": {faults.Trigger{First: 2}, "...xx..."},
		"every": {faults.Trigger{Every: 2}, "....x.x."},
		"limit": {faults.Trigger{Limit: 2}, "...xx..."},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for _, f := range []faults.Fault{throttling("f", test.trigger), late("f", test.trigger)} {
				e := newEngine(t, 1, f, answering("down", 503, faults.Trigger{First: 3}))
				var got strings.Builder
				for i := range 8 {
					d := e.Decide(exchange(nth(i)))
					if len(d.Spoils)+len(d.Holds) > 0 {
						got.WriteByte('x')
					} else {
						got.WriteByte('.')
					}
				}
				if got.String() != test.want {
					t.Errorf("struck %s, want %s", got.String(), test.want)
				}
				if matched := e.Uses()[0].Matched; matched != 5 {
					t.Errorf("matched %d of 8 exchanges of which 3 had no answer, want 5", matched)
				}
			}
		})
	}
}

func TestSpoilsApplyInTheirOrder(t *testing.T) {
	t.Parallel()
	bits := func(name string) faults.Fault {
		return faults.Fault{Name: name, Corrupt: &faults.Corrupt{How: faults.CorruptBits}}
	}
	set := []faults.Fault{
		throttling("throttle", faults.Trigger{}),
		{Name: "truncate", Truncate: &faults.Truncate{Share: new(0.5)}},
		{Name: "length", Corrupt: &faults.Corrupt{How: faults.CorruptLength}},
		bits("bits"),
		{Name: "json", Corrupt: &faults.Corrupt{How: faults.CorruptJSON}},
		bits("more-bits"),
		{Name: "soft", SoftError: &faults.SoftError{}},
	}
	d := newEngine(t, 1, set...).Decide(exchange(nth(1)))
	want := "spoil:soft spoil:json spoil:bits spoil:more-bits spoil:length spoil:truncate spoil:throttle"
	if got := told(&d); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if want := "throttle: share 1; "; !strings.HasPrefix(d.Reason, want) || strings.Count(d.Reason, "; ") != len(set)-1 {
		t.Errorf("got the reason %q, want one for each of %d that begins with %q", d.Reason, len(set), want)
	}
}

// TestManySpoils passes the room that a decision has for them.
func TestManySpoils(t *testing.T) {
	t.Parallel()
	for _, n := range []int{8, 9, 40} {
		var set []faults.Fault
		var want []string
		for i := range n {
			name := fmt.Sprintf("s%02d", i)
			set = append(set, throttling(name, faults.Trigger{First: 1}), answering(fmt.Sprintf("a%02d", i), 503, faults.Trigger{Share: new(0.0)}))
			want = append(want, "spoil:"+name)
		}
		e := newEngine(t, 1, set...)
		d := e.Decide(exchange(nth(1)))
		if got := told(&d); got != strings.Join(want, " ") {
			t.Errorf("got %q, want %d in creation order", got, n)
		}
		for _, use := range e.Uses() {
			if use.Matched != 1 {
				t.Errorf("%s matched %d of 1 exchange", use.Name, use.Matched)
			}
		}
	}
}

func TestKeysOfSpoils(t *testing.T) {
	t.Parallel()
	key := func(seed uint64, place faults.Place, spoil int) uint64 {
		e := newEngine(t, seed, throttling("a", faults.Trigger{}), throttling("b", faults.Trigger{}))
		return e.Decide(exchange(place)).Spoils[spoil].Key
	}
	first := key(1, alike(1), 0)
	if again := key(1, alike(1), 0); again != first {
		t.Errorf("got %d, then %d for the same exchange", first, again)
	}
	for what, other := range map[string]uint64{
		"attempt": key(1, faults.Place{Fingerprint: 42, Sequence: 2, Call: 1, Attempt: 2}, 0),
		"seed":    key(2, alike(1), 0), "exchange": key(1, alike(2), 0), "fingerprint": key(1, nth(1), 0), "fault": key(1, alike(1), 1),
	} {
		if other == first {
			t.Errorf("got %d for another %s too", first, what)
		}
	}
}

func TestSpoilsAndBreaksDrawTheirShares(t *testing.T) {
	t.Parallel()
	const n = 50_000
	e := newEngine(t, 3,
		throttling("slow", faults.Trigger{Share: new(0.3)}),
		faults.Fault{Name: "soft", Trigger: faults.Trigger{Share: new(0.3)}, SoftError: &faults.SoftError{}},
		breaking("reset", faults.BreakBefore, faults.Trigger{Share: new(0.2)}),
		breaking("cut", faults.BreakMidBody, faults.Trigger{Share: new(0.1)}),
		answering("busy", 503, faults.Trigger{Share: new(0.1)}),
	)
	counts := make(map[string]int)
	for i := range n {
		d := e.Decide(exchange(nth(i)))
		if d.Terminal != nil {
			counts[d.Terminal.Fault.Name]++
		}
		if len(d.Spoils) == 2 {
			counts["both"]++
		}
		for _, spoil := range d.Spoils {
			counts[spoil.Fault.Fault.Name]++
		}
	}
	// 0.3 of the exchanges have no answer of the upstream.
	for name, share := range map[string]float64{"reset": 0.2, "cut": 0.1, "busy": 0.1, "slow": 0.21, "soft": 0.21, "both": 0.063} {
		checkShare(t, name, counts[name], n, share)
	}
}

func TestOnlyConnectionsAreBrokenAtAccept(t *testing.T) {
	t.Parallel()
	shut := breaking("shut", faults.BreakAccept, faults.Trigger{})
	e := newEngine(t, 1, shut, breaking("reset", faults.BreakBefore, faults.Trigger{}))
	now := exchange(nth(1)).Now
	connection, d := e.DecideConnection(nth(1), now), e.Decide(exchange(nth(1)))
	if got := []string{told(&connection), told(&d)}; !cmp.Equal(got, []string{"shut", "reset"}) {
		t.Errorf("connection and exchange were struck by %q, want by shut and reset", got)
	}
	if connection.Reason != "shut: share 1" {
		t.Errorf("got the reason %q, want the share alone: no draw changes it", connection.Reason)
	}
	for _, use := range e.Uses() {
		if use.Matched != 1 {
			t.Errorf("%s matched %d, want 1", use.Name, use.Matched)
		}
	}
	e.Brake(true)
	if d := e.DecideConnection(nth(2), now); d.Terminal != nil {
		t.Error("struck a connection while braked")
	}
}

func TestConnectionsDrawTheirShares(t *testing.T) {
	t.Parallel()
	const n = 50_000
	now := exchange(nth(1)).Now
	expired := breaking("over", faults.BreakAccept, faults.Trigger{First: n})
	expired.ExpiresAt = now
	e := newEngine(t, 1,
		breaking("a", faults.BreakAccept, faults.Trigger{Share: new(0.2)}),
		breaking("b", faults.BreakAccept, faults.Trigger{Share: new(0.1)}),
		breaking("c", faults.BreakAccept, faults.Trigger{First: 3}),
		expired,
	)
	counts := make(map[string]int)
	for i := range n {
		if d := e.DecideConnection(alike(i), now); d.Terminal != nil {
			counts[d.Terminal.Fault.Name]++
		}
	}
	checkShare(t, "a", counts["a"], n, 0.2)
	checkShare(t, "b", counts["b"], n, 0.1)
	if counts["c"] != 3 || counts["over"] != 0 {
		t.Errorf("first = 3 struck %d connections, the expired fault %d, want 3 and none", counts["c"], counts["over"])
	}
}
