package observe

import (
	"fmt"
	"testing"
)

func traced(id string) change { return func(a *Attempt) { a.Trace = id } }

// A trace id tells calls apart once it is seen to repeat on a fingerprint. It may be on other requests too, as those of one operation share it, and is for
// nothing where it stands for more than a call.
func TestGroupByTrace(t *testing.T) {
	t.Parallel()
	checkGrouping(t, map[string]grouping{
		"calls that cross": {
			[]Attempt{try(0, 503, traced("r")), try(0.5, 503, traced("s")), try(1, 503, traced("r")), try(2, 200, traced("s")), try(3, 200, traced("r"))},
			"1+3+5 inferred, 2+4 inferred",
		},
		"of an operation with several requests": {
			[]Attempt{
				try(0, 503, traced("r")), try(0.2, 200, to("/b"), traced("r")), try(0.5, 503, traced("s")), try(0.6, 200, to("/b"), traced("s")),
				try(1, 200, traced("r")), try(2, 200, traced("s")),
			},
			"1+5 inferred, 2 inferred, 3+6 inferred, 4 inferred",
		},
		"one for all that the client does": {
			[]Attempt{try(0, 503, traced("r")), try(1, 200, traced("r")), try(0, 200, to("/b"), traced("r"))}, "1+2 inferred, 3 inferred",
		},
		"one for all, of calls that cross": {
			[]Attempt{try(0, 503, traced("r")), try(0.0005, 503, traced("r")), try(1, 503, traced("r")), try(2, 200, traced("r"))},
			"1+3 ambiguous, 2+4 ambiguous",
		},
		"that came again after a success": {
			[]Attempt{
				try(-9, 200, to("/b"), traced("q")), try(-8, 200, to("/b"), traced("q")),
				try(0, 503, traced("r")), try(1, 503, traced("s")), try(2, 503, traced("r")), try(3, 200, traced("s")),
			},
			"1 inferred, 2 inferred, 3+4+5+6 inferred",
		},
		"another for each attempt": {
			[]Attempt{try(0, 503, traced("r")), try(1, 503, traced("s")), try(2, 200, traced("t"))}, "1+2+3 inferred",
		},
		"beside a request id for each attempt": {
			[]Attempt{
				try(0, 503, traced("r"), requested("1")), try(1, 503, traced("r"), requested("2")), try(2, 200, traced("r"), requested("3")),
			},
			"1+2+3 inferred",
		},
		"of a page that asks again when the wait is over": {
			[]Attempt{
				try(0, 503, traced("r")), try(1, 503, traced("r")), try(92, 503, traced("r")), try(93, 200, traced("r")),
				try(94, 503, to("/b"), traced("s")), try(600, 200, to("/b"), traced("s")),
			},
			"1+2 ambiguous, 3+4 ambiguous, 5 inferred, 6 inferred",
		},
		"after as long as it was told to wait": {
			[]Attempt{try(0, 429, traced("r"), after("60")), try(61, 503, traced("r")), try(62, 200, traced("s"), to("/b"))}, "1+2 inferred, 3 inferred",
		},
		"beside an identifier": {
			[]Attempt{try(0, 503, traced("r"), named("x")), try(1, 503, traced("r"), named("y")), try(2, 503, traced("r"), named("x"))},
			"1+3 explicit, 2 explicit",
		},
		"of two clients": {
			[]Attempt{
				try(0, 503, traced("r")), try(1, 503, traced("r"), from("d")), try(2, 503, traced("r")), try(3, 503, traced("s")),
				try(4, 503, traced("r"), from("d")), try(5, 200, traced("s"), from("d")),
			},
			"1+3 inferred, 2+5 inferred, 4 inferred, 6 inferred",
		},
	})
}

// Parts of a page that ask for the same in one trace look like one long call, also of a client that is known to leave alone what has succeeded.
func TestATraceOfManyAttemptsIsInDoubt(t *testing.T) {
	t.Parallel()
	var attempts []Attempt
	for i := range 20 {
		attempts = append(attempts, try(float64(i)-40, 200, to(fmt.Sprintf("/well/%d", i)), traced(fmt.Sprintf("well %d", i))))
	}
	calls := Group(journal(attempts, widgets("r", 0, 3, 1.5, 6.5)), true)
	last := calls[len(calls)-1]
	if len(calls) != 21 || len(last.Attempts) != 12 || last.Grouping != GroupingAmbiguous {
		t.Errorf("got %d calls, the last of %d attempts and %s", len(calls), len(last.Attempts), last.Grouping)
	}
}

// widgets are the attempts in one trace of parts of a page that each ask for the same four times, one part after the other.
func widgets(trace string, start float64, parts int, wait, next float64) []Attempt {
	var attempts []Attempt
	for part := range parts {
		for k := range 4 {
			attempts = append(attempts, try(start+float64(part)*next+float64(k)*wait, 503, traced(trace)))
		}
	}
	return attempts
}

// Parts of a page that ask for the same in one trace, one after the other, are calls of their own where it is known after how many attempts the client
// gives up.
func TestATraceHoldsNoMoreThanTheCap(t *testing.T) {
	t.Parallel()
	d := &draft{name: 1}
	failed := []Attempt{try(0, 503), try(1, 503), try(2, 503), try(3, 503)}
	c := newCaller("c", Options{Window: defaultWindow}, &spares{})
	c.known = &ClientKnowledge{study: &study{}}
	for range leastCapped {
		c.known.study.givesUp(3, 503)
	}
	c.known.study.runs(3)
	for i := range 3 {
		d.add(&failed[i], 1, defaultWindow)
	}
	if !c.startsOver(d, &failed[3]) {
		t.Error("a fourth attempt goes on with a call of a client that gives up after three")
	}
	c.known.study.runs(4)
	if c.startsOver(d, &failed[3]) {
		t.Error("a fourth attempt starts over though the client was seen to make four")
	}
}
