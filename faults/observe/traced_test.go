package observe

import "testing"

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
