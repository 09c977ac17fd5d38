package observe

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// change alters an attempt of a test.
type change func(*Attempt)

// try makes a GET of /a that arrives at so many seconds and is answered 1 ms later: 0 is no answer.
func try(at float64, status int, changes ...change) Attempt {
	a := Attempt{
		Received: seconds(at), Answered: seconds(at) + time.Millisecond, Client: "c", Method: "GET", Target: "/a",
		Counter: NoCounter, Status: status, Class: groove.ClassFailure, Origin: OriginInjected, End: EndComplete, BodyComplete: true,
	}
	if status == 200 {
		a.Class = groove.ClassSuccess
	}
	for _, change := range changes {
		change(&a)
	}
	return a
}

// tries makes attempts with one status, each so many seconds after the answer before.
func tries(start float64, status int, gaps ...float64) []Attempt {
	attempts := []Attempt{try(start, status)}
	for _, gap := range gaps {
		start += 0.001 + gap
		attempts = append(attempts, try(start, status))
	}
	return attempts
}

func took(s float64) change      { return func(a *Attempt) { a.Answered = a.Received + seconds(s) } }
func from(client string) change  { return func(a *Attempt) { a.Client = client } }
func to(target string) change    { return func(a *Attempt) { a.Target = target } }
func after(value string) change  { return func(a *Attempt) { a.RetryAfter = value } }
func named(id string) change     { return func(a *Attempt) { a.CallID, a.CallIDHeader = id, CallHeader } }
func keyed(key string) change    { return func(a *Attempt) { a.IdempotencyKey = key } }
func requested(id string) change { return func(a *Attempt) { a.RequestID = id } }
func counted(n int) change {
	return func(a *Attempt) { a.CallIDHeader, a.Counter = "Retry-Attempt", n }
}
func count(n int) change { return func(a *Attempt) { a.Counter = n } }
func field(a *Attempt)   { a.CallIDHeader = "X-Transaction" }
func softly(a *Attempt)  { a.Class = groove.ClassSoftError }
func ours(a *Attempt)    { a.Origin = OriginOurs }
func broken(a *Attempt)  { a.Status, a.End = 0, EndBroken }
func conn(number, use uint64) change {
	return func(a *Attempt) { a.Conn, a.ConnUse = number, use }
}

func posting(body string) change {
	return func(a *Attempt) { a.Method, a.BodyDigest, a.BodyLength = "POST", body, int64(len(body)) }
}

// journal numbers attempts in the order given.
func journal(parts ...[]Attempt) []Attempt {
	attempts := slices.Concat(parts...)
	for i := range attempts {
		attempts[i].Sequence = uint64(i + 1)
	}
	return attempts
}

// show writes calls as "1+2 inferred, 3 ambiguous polling": the attempts and what is said of them.
func show(calls []Call) string {
	var shown []string
	for _, c := range calls {
		var numbers []string
		for _, a := range c.Attempts {
			numbers = append(numbers, fmt.Sprint(a.Sequence))
		}
		text := strings.Join(numbers, "+") + " " + string(c.Grouping)
		if c.Polling {
			text += " polling"
		}
		if c.Censored {
			text += " censored"
		}
		for _, sequence := range c.Transport {
			text += fmt.Sprintf(" transport:%d", sequence)
		}
		shown = append(shown, text)
	}
	return strings.Join(shown, ", ")
}

// grouping is one case of grouping a journal that has ended.
type grouping struct {
	attempts []Attempt
	want     string
}

func checkGrouping(t *testing.T, tests map[string]grouping) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := numbered(test.want)
			if got := show(Group(journal(test.attempts), true)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// numbered writes 1, 2, 3 and so on for each %d.
func numbered(text string) string {
	for n := 1; strings.Contains(text, "%d"); n++ {
		text = strings.Replace(text, "%d", fmt.Sprint(n), 1)
	}
	return text
}

func TestGroupByFingerprint(t *testing.T) {
	t.Parallel()
	checkGrouping(t, map[string]grouping{
		"nothing":                                 {nil, ""},
		"a failure goes on":                       {[]Attempt{try(0, 503), try(1, 503), try(3, 200)}, "1+2+3 inferred"},
		"a success ends it":                       {[]Attempt{try(0, 503), try(1, 200), try(2, 503)}, "1+2 inferred, 3 inferred"},
		"a soft error ends it":                    {[]Attempt{try(0, 200, softly), try(1, 200)}, "1 inferred, 2 inferred"},
		"a failure of our own counts":             {[]Attempt{try(0, 502, ours), try(1, 200)}, "1+2 inferred"},
		"within the window":                       {[]Attempt{try(0, 503), try(30, 503)}, "1+2 inferred"},
		"after the window":                        {[]Attempt{try(0, 503), try(30.1, 503)}, "1 ambiguous, 2 ambiguous"},
		"retry-after widens it":                   {[]Attempt{try(0, 503, after("60")), try(75, 503)}, "1+2 inferred"},
		"but not without end":                     {[]Attempt{try(0, 503, after("60")), try(75.1, 503)}, "1 ambiguous, 2 ambiguous"},
		"a growing gap lets expect a greater one": {tries(0, 503, 2, 6, 36), "1+2+3+4 inferred"},
		"the window is over and long past":        {[]Attempt{try(0, 503), try(331, 503)}, "1 inferred, 2 inferred"},
		"a slow retrier":                          {tries(0, 503, 40, 40), "1 ambiguous, 2 ambiguous, 3 ambiguous"},
		"a slow retrier that succeeds":            {[]Attempt{try(0, 503), try(40, 200), try(80, 200)}, "1 ambiguous, 2 ambiguous, 3 inferred"},
		"a slow one of two":                       {[]Attempt{try(0, 503, took(1)), try(0.5, 503, took(1)), try(40, 200)}, "1 ambiguous, 2 ambiguous, 3 ambiguous"},
		"a slow retrier of another target":        {[]Attempt{try(0, 503), try(40, 503, to("/b"))}, "1 inferred, 2 inferred"},
		"a call of more attempts had its chance":  {[]Attempt{try(0, 503), try(1, 503), try(40, 503)}, "1+2 inferred, 3 inferred"},
		"growing gaps widen it":                   {tries(0, 503, 1, 2, 4, 8, 16, 32, 60), "1+2+3+4+5+6+7+8 inferred"},
		"overlapping attempts are two calls": {
			[]Attempt{try(0, 503, took(2)), try(1, 503, took(2))}, "1 inferred, 2 inferred",
		},
		"another client, target, method, body": {
			[]Attempt{
				try(0, 503), try(1, 503, from("d")), try(2, 503, to("/b")), try(3, 503, posting("x")), try(4, 503, posting("y")),
			},
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5 inferred",
		},
		"two that wait are ambiguous": {
			[]Attempt{try(0, 503, took(1)), try(0.5, 503, took(1)), try(2, 503), try(3, 200), try(4, 200)},
			"1+3+5 ambiguous, 2+4 ambiguous",
		},
		"one in flight does not stand in the way": {
			[]Attempt{try(0, 503, took(1)), try(0.5, 200, took(9)), try(2, 200)}, "1+3 inferred, 2 inferred",
		},
	})
}

func TestGroupByIdentifier(t *testing.T) {
	t.Parallel()
	checkGrouping(t, map[string]grouping{
		"whatever else differs": {
			[]Attempt{try(0, 503, named("x")), try(99, 200, named("x"), to("/b")), try(100, 503, named("x"), posting("y"))},
			"1+2+3 explicit",
		},
		"another identifier is another call": {
			[]Attempt{try(0, 503, named("x")), try(1, 503, named("y")), try(2, 503, named("x"))}, "1+3 explicit, 2 explicit",
		},
		"clients do not share them": {
			[]Attempt{try(0, 503, named("x")), try(1, 503, named("x"), from("d"))}, "1 explicit, 2 explicit",
		},
		"an attempt without one stays out": {
			[]Attempt{try(0, 503, named("x")), try(1, 503)}, "1 explicit, 2 inferred",
		},
		"an idempotency key": {
			[]Attempt{try(0, 503, posting("x"), keyed("k")), try(1, 503, posting("y"), keyed("k")), try(2, 503, posting("x"), keyed("l"))},
			"1+2 explicit, 3 explicit",
		},
		"a request id that repeats": {
			[]Attempt{try(0, 503, requested("r")), try(0.5, 503, requested("s")), try(1, 503, requested("r")), try(2, 200, requested("s"))},
			"1+3 inferred, 2+4 inferred",
		},
		"a request id that never changes": {
			[]Attempt{try(0, 503, requested("r")), try(1, 503, requested("r")), try(2, 503), try(99, 503, requested("r"))},
			"1+2+3 inferred, 4 inferred",
		},
		"a request id on parallel requests": {
			[]Attempt{
				try(0, 503, took(2), requested("r")), try(1, 503, took(2), requested("r")), try(4, 200, requested("s")),
			},
			"1+3 ambiguous, 2 ambiguous",
		},
		"a request id on several targets": {
			[]Attempt{
				try(0, 503, requested("r")), try(1, 503, to("/b"), requested("r")), try(2, 503, requested("r")), try(3, 200, requested("s")),
			},
			"1+3+4 inferred, 2 inferred",
		},
		"a request id on several bodies": {
			[]Attempt{
				try(0, 503, posting("x"), requested("r")), try(1, 503, posting("y"), requested("r")),
				try(2, 503, posting("x"), requested("r")), try(3, 200, posting("x"), requested("s")),
			},
			"1+3+4 inferred, 2 inferred",
		},
		"a request id of which the body was lost": {
			[]Attempt{
				try(0, 503, posting("x"), requested("r")), try(1, 503, posting(""), requested("r")), try(2, 503, posting("x"), requested("r")),
				try(3, 503, posting("x"), requested("s")),
			},
			"1+3 inferred, 2 inferred, 4 inferred",
		},
		"a request id that came without a body first": {
			[]Attempt{
				try(0, 503, posting(""), requested("r")), try(1, 503, posting("x"), requested("r")), try(2, 503, posting("x"), requested("s")),
				try(3, 503, posting("x"), requested("r")), try(4, 200, posting("x"), requested("s")),
			},
			"1 inferred, 2+4 inferred, 3+5 inferred",
		},
		"a long one that a success ended": {
			[]Attempt{
				try(0, 503, requested("r")), try(1, 503, requested("r")), try(1.1, 503, requested("r")), try(2, 503, requested("r")),
				try(2.1, 200, requested("r")), try(3, 503, requested("s")),
			},
			"1+2+3+4+5 inferred, 6 inferred",
		},
		"a long one of a client that leaves others alone": {
			[]Attempt{
				try(-3, 200, to("/x")), try(-2, 200, to("/y")), try(-1, 200, to("/z")),
				try(0, 503, requested("r")), try(1, 503, requested("r")), try(1.1, 503, requested("r")), try(2, 503, requested("r")),
				try(2.1, 503, requested("r")), try(3, 503, requested("s")),
			},
			"1 inferred, 2 inferred, 3 inferred, 4+5+6+7+8 inferred, 9 inferred",
		},
		"a request id of each poll of a session": {
			[]Attempt{
				try(0, 503, requested("r")), try(1, 503, requested("r")), try(1.1, 503, requested("r")), try(2, 503, requested("r")),
				try(2.1, 503, requested("r")), try(3, 503, requested("s")),
			},
			"1+2+3+4+5 ambiguous, 6 inferred",
		},
		"an identifier from another field": {
			[]Attempt{try(0, 503, named("r"), field), try(1, 503, named("s"), field), try(2, 200, named("t"), field)}, "1+2+3 inferred",
		},
		"such an identifier that repeats": {
			[]Attempt{
				try(0, 503, named("r"), field), try(1, 503, named("s"), field), try(2, 200, named("r"), field), try(3, 200, named("s"), field),
			},
			"1+3 inferred, 2+4 inferred",
		},
		"such an identifier beside a key": {
			[]Attempt{try(0, 503, named("r"), field, keyed("k")), try(99, 503, named("s"), field, keyed("k"))}, "1+2 explicit",
		},
		"a counter beside such an identifier": {
			[]Attempt{
				try(0, 503, named("r"), field, count(0)), try(1, 503, named("s"), field, count(1)), try(2, 503, named("t"), field, count(0)),
			},
			"1+2 inferred, 3 inferred",
		},
		"a request id made anew each time": {
			[]Attempt{try(0, 503, requested("r")), try(1, 503, requested("s")), try(2, 200, requested("t"))}, "1+2+3 inferred",
		},
		"a request id kept over several calls": {
			[]Attempt{try(0, 503, requested("r")), try(1, 200, requested("r")), try(2, 503, requested("r"))}, "1+2 inferred, 3 inferred",
		},
		"a request id repeated elsewhere": {
			[]Attempt{
				try(0, 503, to("/b"), requested("r")), try(1, 503, to("/b"), requested("r")),
				try(2, 503, requested("s")), try(3, 200, requested("t")),
			},
			"1+2 inferred, 3+4 inferred",
		},
		"an attempt without the request id": {
			[]Attempt{try(0, 503, requested("r")), try(1, 503, requested("r")), try(2, 503), try(3, 200, requested("s"))},
			"1+2 inferred, 3 inferred, 4 inferred",
		},
	})
}

func TestGroupByCounter(t *testing.T) {
	t.Parallel()
	checkGrouping(t, map[string]grouping{
		"0 opens, n goes on": {
			[]Attempt{try(0, 503, counted(0)), try(1, 503, counted(1)), try(2, 503, counted(0)), try(3, 200, counted(1))},
			"1+2 inferred, 3+4 inferred",
		},
		"none opens where others count": {
			[]Attempt{try(0, 503), try(1, 503, counted(1)), try(2, 503), try(3, 200, counted(1))}, "1+2 inferred, 3+4 inferred",
		},
		"each goes on with its own": {
			[]Attempt{try(0, 503, counted(0)), try(1, 503, counted(1)), try(2, 503, counted(0)), try(3, 200, counted(2)), try(4, 200, counted(1))},
			"1+2+4 inferred, 3+5 inferred",
		},
		"two alike are ambiguous": {
			[]Attempt{try(0, 503, counted(0)), try(1, 503, counted(0)), try(2, 200, counted(1))}, "1+3 ambiguous, 2 ambiguous",
		},
		"a client that did not wait for the answer": {
			[]Attempt{try(0, 503, counted(0), took(5)), try(1, 200, counted(1))}, "1+2 inferred",
		},
		"another body's count is another's": {
			[]Attempt{try(0, 503, posting("x"), counted(0)), try(1, 200, posting("y"), counted(1))}, "1 inferred, 2 ambiguous",
		},
		"a slow retrier that counts": {
			[]Attempt{try(0, 503, counted(0)), try(40, 503, counted(1))}, "1 ambiguous, 2 ambiguous",
		},
		"one that opens another is not slow": {
			[]Attempt{try(0, 503, counted(0)), try(40, 503, counted(0))}, "1 inferred, 2 inferred",
		},
		"what came before was not seen": {
			[]Attempt{try(0, 503, counted(3)), try(1, 200, counted(4))}, "1+2 ambiguous",
		},
		"a counter without a field says nothing": {
			[]Attempt{try(0, 503, func(a *Attempt) { a.Counter = 0 }), try(1, 200, func(a *Attempt) { a.Counter = 0 })}, "1+2 inferred",
		},
	})
}

func TestGroupLostBodies(t *testing.T) {
	t.Parallel()
	checkGrouping(t, map[string]grouping{
		"an empty body after one": {
			[]Attempt{try(0, 503, posting("x")), try(1, 503, posting("")), try(2, 200, posting(""))}, "1+2+3 inferred",
		},
		"and back again": {
			[]Attempt{try(0, 503, posting("x")), try(1, 503, posting("")), try(2, 200, posting("x"))}, "1+2+3 inferred",
		},
		"two could have lost theirs": {
			[]Attempt{try(0, 503, posting("x")), try(1, 503, posting("y")), try(2, 200, posting(""))}, "1+3 ambiguous, 2 ambiguous",
		},
		"a client that also sends none": {
			[]Attempt{try(0, 200, posting("")), try(1, 503, posting("x")), try(2, 200, posting(""))}, "1 inferred, 2 inferred, 3 inferred",
		},
		"a body after none": {
			[]Attempt{try(0, 503, posting("")), try(1, 503, posting("x"))}, "1 inferred, 2 inferred",
		},
	})
}

func TestGroupTransportRepeats(t *testing.T) {
	t.Parallel()
	dead := try(0, 0, broken, conn(1, 2))
	checkGrouping(t, map[string]grouping{
		"at once on another connection": {[]Attempt{dead, try(0.003, 200, conn(2, 1))}, "1+2 inferred transport:2"},
		"as a part of more":             {[]Attempt{dead, try(0.003, 503, conn(2, 1)), try(1, 200, conn(2, 2))}, "1+2+3 inferred transport:2"},
		"on the same number elsewhere":  {[]Attempt{dead, try(0.003, 200, conn(1, 1), func(a *Attempt) { a.Node = "other" })}, "1+2 inferred transport:2"},
		"too late":                      {[]Attempt{dead, try(0.0061, 200, conn(2, 1))}, "1+2 inferred"},
		"the same connection":           {[]Attempt{dead, try(0.003, 200, conn(1, 3))}, "1+2 inferred"},
		"a fresh connection died":       {[]Attempt{try(0, 0, broken, conn(1, 1)), try(0.003, 200, conn(2, 1))}, "1+2 inferred"},
		"after an answer":               {[]Attempt{try(0, 503, conn(1, 2)), try(0.003, 200, conn(2, 1))}, "1+2 inferred"},
		"after part of an answer":       {[]Attempt{try(0, 200, func(a *Attempt) { a.End, a.Class = EndBroken, groove.ClassFailure }, conn(1, 2)), try(0.003, 200, conn(2, 1))}, "1+2 inferred"},
		"told apart from another that waits": {
			[]Attempt{try(-1, 503, conn(3, 1)), try(-1.0005, 503, conn(4, 1)), dead, try(0.003, 200, conn(2, 1))},
			"2+3+4 ambiguous transport:4, 1 ambiguous",
		},
		"with an identifier": {
			[]Attempt{try(0, 0, broken, conn(1, 2), named("x")), try(0.003, 200, conn(2, 1), named("x"))}, "1+2 explicit transport:2",
		},
		"of a poller": {
			slices.Concat(tries(-3, 200, 1, 1), []Attempt{dead, try(0.003, 503, conn(2, 1)), try(1, 503)}),
			"1 ambiguous polling, 2 ambiguous polling, 3 ambiguous polling, 4+5 ambiguous polling transport:5, 6 ambiguous polling",
		},
	})
}

// Answers that a fault broke or spoiled: the former failed whatever their status, the latter say nothing.
func TestGroupBrokenAndSpoiledAnswers(t *testing.T) {
	t.Parallel()
	reset := func(a *Attempt) { a.Status, a.End, a.Break = 0, EndBroken, faults.BreakReset }
	hang := func(a *Attempt) { a.End, a.Break = EndClientLeft, faults.BreakHang }
	spoiled := func(a *Attempt) { a.SpoiledBy = []string{"garble"} }
	checkGrouping(t, map[string]grouping{
		"a reset goes on":                {[]Attempt{try(0, 0, reset), try(1, 0, reset), try(3, 200)}, "1+2+3 inferred"},
		"the stack repeats after one":    {[]Attempt{try(0, 0, reset, conn(1, 2)), try(0.004, 200, conn(2, 1))}, "1+2 inferred transport:2"},
		"a hang within a success":        {[]Attempt{try(0, 200, hang), try(1, 200)}, "1+2 inferred"},
		"a spoiled success is an end":    {[]Attempt{try(0, 200, spoiled), try(1, 200)}, "1 inferred, 2 inferred"},
		"a spoiled failure goes on":      {[]Attempt{try(0, 503, spoiled), try(1, 200)}, "1+2 inferred"},
		"returns after spoiled no habit": {slices.Concat([]Attempt{try(0, 200, spoiled), try(1, 200, spoiled), try(2, 200, spoiled), try(3, 200)}, tries(100, 503, 1, 2)), "1 inferred, 2 inferred, 3 inferred, 4 inferred, 5+6+7 inferred"},
		"returns after success are":      {slices.Concat(tries(0, 200, 1, 1, 1), tries(100, 503, 1, 2)), "%d ambiguous polling, %d ambiguous polling, %d ambiguous polling, %d ambiguous polling, %d ambiguous polling, %d ambiguous polling, %d ambiguous polling"},
		"a client that leaves successes alone": {
			slices.Concat([]Attempt{try(0, 200, to("/b")), try(1, 200, to("/c")), try(2, 200, to("/d")), try(3, 200, to("/e"), spoiled), try(4, 200, to("/e"))}, tries(100, 503, 10, 1, 10, 1)),
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5 inferred, 6+7+8+9+10 inferred",
		},
		"a request id after a spoiled one": {
			[]Attempt{try(0, 200, spoiled, requested("x")), try(1, 200, requested("x")), try(2, 200, to("/b"), requested("y"))}, "1+2 inferred, 3 inferred",
		},
		"a request id after a success": {
			[]Attempt{try(0, 200, requested("x")), try(1, 200, requested("x")), try(2, 200, to("/b"), requested("y"))}, "1 inferred, 2 inferred, 3 inferred",
		},
	})
}

func TestGroupAgainstABaseline(t *testing.T) {
	t.Parallel()
	steady := tries(0, 200, 1, 1, 1)
	checkGrouping(t, map[string]grouping{
		"gaps after failure like those after success": {
			slices.Concat(steady, tries(4.004, 503, 1.2), tries(6.3, 200)),
			strings.TrimSuffix(strings.Repeat("%d ambiguous polling, ", 7), ", "),
		},
		"gaps clearly shorter": {
			slices.Concat(steady, tries(4.004, 503, 0.05, 0.1), tries(4.4, 200)),
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5+6+7+8 inferred",
		},
		"gaps clearly longer": {
			slices.Concat(steady, tries(4.004, 503, 8, 8), tries(28.2, 200)),
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5+6+7+8 inferred",
		},
		"one gap in three clearly shorter": {
			slices.Concat(tries(0, 200, 1, 1, 1)[1:], tries(4.004, 503, 1.2, 1.2, 0.05)),
			strings.TrimSuffix(strings.Repeat("%d ambiguous polling, ", 7), ", "),
		},
		"a small baseline is taken with care": {
			slices.Concat(steady, tries(4.004, 503, 0.4)),
			strings.TrimSuffix(strings.Repeat("%d ambiguous polling, ", 6), ", "),
		},
		"a good baseline is sharper": {
			slices.Concat(tries(0, 200, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), tries(11.1, 503, 0.4)),
			strings.Repeat("%d inferred, ", 11) + "12+13 inferred",
		},
		"very short gaps are noise": {
			slices.Concat(tries(0, 200, 0.0005, 0.0005, 0.0005), tries(0.007, 503, 0.004)),
			strings.TrimSuffix(strings.Repeat("%d ambiguous polling, ", 6), ", "),
		},
		"answers in no time": {
			[]Attempt{try(0, 200, took(0)), try(1, 200, took(0)), try(2, 200, took(0)), try(3, 200, took(0)), try(4, 503, took(0)), try(4.05, 200, took(0))},
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5+6 inferred",
		},
		"a baseline proves a long call": {
			slices.Concat(tries(0, 200, 0.01, 0.01, 0.01), tries(0.054, 503, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)),
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5+6+7+8+9+10+11+12+13+14+15 inferred",
		},
		"a client that comes back to others": {
			[]Attempt{
				try(0, 200, to("/b")), try(1, 200, to("/b")), try(2, 200, to("/c")), try(3, 200, to("/c")),
				try(4, 200, to("/c")), try(5, 503), try(6, 503), try(7, 503, to("/d")), try(7.01, 200, to("/d")),
			},
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5 inferred, 6 ambiguous polling, 7 ambiguous polling, 8+9 inferred",
		},
		"too small a baseline": {
			slices.Concat(tries(0, 200, 1, 1), tries(2.5, 503, 1.2)[1:]),
			"1 inferred, 2 inferred, 3 inferred, 4 inferred",
		},
		"a call that gave up and a new one": {
			slices.Concat(tries(0, 200, 0.01, 0.01, 0.01), tries(0.054, 503, 1, 2, 0.01, 1, 2)),
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5+6+7 ambiguous, 8+9+10 ambiguous",
		},
		"calls that all give up alike": {
			slices.Concat(tries(0, 200, 0.01, 0.01, 0.01), tries(0.054, 503, 1, 2, 0.01, 1, 2, 0.01, 1, 2, 0.01, 1, 2)),
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5+6+7 inferred, 8+9+10 inferred, 11+12+13 inferred, 14+15+16 inferred",
		},
		"calls that give up alike but for the last": {
			slices.Concat(tries(0, 200, 0.01, 0.01, 0.01), tries(0.054, 503, 1, 2, 0.01, 1, 2, 0.01, 1, 2, 0.01, 1, 2, 4)),
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5+6+7 ambiguous, 8+9+10 ambiguous, 11+12+13 ambiguous, 14+15+16+17 ambiguous",
		},
		"an immediate first retry is not a new call for sure": {
			slices.Concat(tries(0, 200, 0.01, 0.01, 0.01), tries(0.054, 503, 0.01, 1, 2, 0.01, 0.01, 1, 2)),
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5 ambiguous, 6+7+8 ambiguous, 9 ambiguous, 10+11+12 ambiguous",
		},
	})
}

func TestGroupWithoutABaseline(t *testing.T) {
	t.Parallel()
	constant := []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	growing := []float64{.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5}
	all := "1+2+3+4+5+6+7+8+9+10+11"
	content := slices.Concat(
		[]Attempt{try(-9, 200, to("/x")), try(-8, 200, to("/y")), try(-7, 503, to("/z")), try(-6, 200, to("/z"))},
		tries(0, 503, constant...),
	)
	checkGrouping(t, map[string]grouping{
		"ten attempts are believed":            {tries(0, 503, constant[1:]...), "1+2+3+4+5+6+7+8+9+10 inferred"},
		"more could be a loop of many calls":   {tries(0, 503, constant...), all + " ambiguous"},
		"but not with growing gaps":            {tries(0, 503, growing...), all + " inferred"},
		"nor when a success ended it":          {slices.Concat(tries(0, 503, constant...), tries(12, 200)), all + "+12 inferred"},
		"unless the client came back after it": {slices.Concat(tries(0, 503, constant...), tries(12, 200, 1)), all + "+12 ambiguous, 13 inferred"},
		"nor when the client leaves others alone": {
			content, "1 inferred, 2 inferred, 3+4 inferred, 5+6+7+8+9+10+11+12+13+14+15 inferred",
		},
		"unless it came back to as many": {
			slices.Concat([]Attempt{try(-20, 200, to("/w")), try(-15, 200, to("/w"))}, content),
			"1 inferred, 2 inferred, 3 inferred, 4 inferred, 5+6 inferred, 7+8+9+10+11+12+13+14+15+16+17 ambiguous",
		},
		"one fall may be a stall":   {tries(0, 503, .5, .2, .4), "1+2+3+4 inferred"},
		"calls that cross":          {tries(0, 503, .3, .7, .3, 1.7, .3, 3.7), "1+2+3+4+5+6+7 ambiguous"},
		"calls one after the other": {tries(0, 503, 1, 2, 4, 8, 16, .01, 1, 2, 4, 8, 16), all + "+12 ambiguous"},
		"short gaps that vary":      {tries(0, 503, .01, .001, .02, .001), "1+2+3+4+5 inferred"},
		"another retry-after explains a fall": {
			[]Attempt{
				try(0, 503, after("5")), try(5.1, 503, after("1")), try(6.2, 503, after("4")), try(10.3, 503, after("1")), try(11.4, 503),
			},
			"1+2+3+4+5 inferred",
		},
	})
}

func TestGroupCensors(t *testing.T) {
	t.Parallel()
	later := func(at float64) Attempt { return try(at, 200, to("/later")) }
	tests := map[string]struct {
		attempts []Attempt
		ended    bool
		want     string
	}{
		"the wait is not over":          {[]Attempt{try(0, 503), later(29)}, false, "1 inferred censored, 2 inferred"},
		"the wait is over":              {[]Attempt{try(0, 503), later(30.001)}, false, "1 inferred, 2 inferred"},
		"nothing else was seen":         {[]Attempt{try(0, 503)}, false, "1 inferred censored"},
		"an answer shows the time too":  {[]Attempt{try(0, 503), try(1, 200, to("/later"), took(40))}, false, "1 inferred, 2 inferred"},
		"retry-after prolongs it":       {[]Attempt{try(0, 503, after("60")), later(69)}, false, "1 inferred censored, 2 inferred"},
		"by ten seconds":                {[]Attempt{try(0, 503, after("60")), later(70.1)}, false, "1 inferred, 2 inferred"},
		"so do long gaps":               {[]Attempt{try(0, 503), try(20, 503), later(60)}, false, "1+2 inferred censored, 3 inferred"},
		"a success needs no wait":       {[]Attempt{try(0, 503), try(1, 200)}, false, "1+2 inferred"},
		"the workload has ended":        {[]Attempt{try(0, 503, after("3600"))}, true, "1 inferred"},
		"an identifier changes nothing": {[]Attempt{try(0, 503, named("x"))}, false, "1 explicit censored"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := show(Group(journal(test.attempts), test.ended)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestGroupDescribesCalls(t *testing.T) {
	t.Parallel()
	attempts := []Attempt{try(0, 503), try(1, 200)}
	attempts[0].Sequence, attempts[1].Sequence = 41, 42
	attempts[0].Endpoint, attempts[1].Endpoint = "search", "search"
	want := []Call{{
		ID: "41", Client: "c", Endpoint: "search", Method: "GET", Target: "/a", Grouping: GroupingInferred, Attempts: pointers(attempts),
		Content: contentOf(routeOf(&attempts[0]), ""),
	}}
	got := Group(attempts, true)
	if p := got[0].Posteriors; len(p) != 2 || p[0] != 1 || p[1] <= 0.5 || p[1] >= 1 || got[0].Confidence() != p[1] {
		t.Errorf("got posteriors %v and confidence %v, want 1 and one that is likely", p, got[0].Confidence())
	}
	got[0].Posteriors = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// regroup makes both passes over attempts as they come.
func regroup(attempts []Attempt, o Options, ended bool) (chapters []*Chapter, counts Counts) {
	pointers := make([]*Attempt, len(attempts))
	for i := range attempts {
		pointers[i] = &attempts[i]
	}
	o.Known = Learn(slices.Values(pointers))
	o.Chapter = func(c *Chapter) { chapters = append(chapters, c) }
	g := NewGrouper(o)
	for _, a := range pointers {
		g.Add(a)
	}
	return chapters, g.Close(ended)
}

// bound brings the calls of chapters together.
func bound(chapters []*Chapter) []Call {
	var calls []Call
	for _, c := range chapters {
		calls = append(calls, c.Calls...)
	}
	slices.SortStableFunc(calls, func(a, b Call) int { return compareAttempts(a.Attempts[0], b.Attempts[0]) })
	return calls
}

func TestGrouperHasAWindow(t *testing.T) {
	t.Parallel()
	attempts := journal([]Attempt{try(0, 503), try(0.5, 503), try(10, 200)})
	o := Options{Window: 5 * time.Second}
	chapters, counts := regroup([]Attempt{attempts[2], attempts[0], attempts[0]}, o, false)
	if got, want := show(bound(chapters)), "1 ambiguous censored, 3 ambiguous"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if want := (Counts{Attempts: 2, Duplicates: 1}); counts != want {
		t.Errorf("got %+v, want %+v", counts, want)
	}
	chapters, _ = regroup([]Attempt{attempts[2], attempts[0], attempts[1], attempts[1]}, o, true)
	if got, want := show(bound(chapters)), "1+2 inferred, 3 inferred"; got != want {
		t.Errorf("with the attempt between, twice: got %s, want %s", got, want)
	}
}

func TestGrouperKeepsUnnumberedAttempts(t *testing.T) {
	t.Parallel()
	if calls := Group([]Attempt{try(0, 503), try(1, 200)}, true); len(calls) != 1 || len(calls[0].Attempts) != 2 {
		t.Errorf("got %s, want one call of two", show(calls))
	}
}
