package backoff_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/backoff/simulate"
)

// repeated are so many calls, each late by a little more than the one before.
func repeated(n int, milliseconds ...float64) []backoff.Call {
	var calls []backoff.Call
	for i := range n {
		late := make([]float64, len(milliseconds))
		for j, ms := range milliseconds {
			late[j] = ms + 1 + 0.7*float64((3*i+2*j)%7)
		}
		calls = append(calls, callWith(late...))
	}
	return calls
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		calls          []backoff.Call
		sentence       string
		grows, jitters backoff.Answer
	}{
		"nothing":                         {nil, "no wait of its own was seen", unknown, unknown},
		"a single gap":                    {repeated(1, 1000), "no law to be named: one gap cannot tell", unknown, unknown},
		"many first gaps":                 {repeated(20, 1000), "no law to be named: one gap cannot tell", unknown, no},
		"1, 2":                            {repeated(8, 1000, 2000), "exponential ×2 from 1 s or linear 1 s: two gaps cannot tell", yes, no},
		"1, 2, 4 once":                    {repeated(1, 1000, 2000, 4000), "exponential ×2 from 1 s, no jitter", yes, no},
		"1, 2, 3 once":                    {repeated(1, 1000, 2000, 3000), "linear 1 s", yes, no},
		"1, 1, 1 once":                    {repeated(1, 1000, 1000, 1000), "constant 1 s", no, no},
		"at once, once":                   {repeated(1, 0, 0, 0, 0), "no delay", no, no},
		"0, 1, 2, 4":                      {repeated(3, 0, 1000, 2000, 4000), "at once, then exponential ×2 from 1 s, no jitter", yes, no},
		"a factor of 1.7":                 {repeated(3, 1000, 1700, 2890, 4913), "exponential ×1.7 from 1 s, no jitter", yes, no},
		"a factor of 1.05":                {repeated(8, 1000, 1050, 1102, 1158), "no law to be named: 8 calls of up to 4 gaps cannot tell", unknown, unknown},
		"1, 2, 4, 8, 8":                   {repeated(2, 1000, 2000, 4000, 8000, 8000, 8000), "exponential ×2 from 1 s, capped at 8 s, no jitter", yes, no},
		"1, 2, 4, 5, 5":                   {repeated(2, 1000, 2000, 4000, 5000, 5000, 5000), "exponential ×2 from 1 s, capped at 5 s, no jitter", yes, no},
		"a table of waits, of no law":     {repeated(5, 1000, 5000, 30000, 31000), "no law to be named: 5 calls of up to 4 gaps cannot tell", unknown, unknown},
		"waits that shrink":               {repeated(5, 4000, 2000, 1000), "no law to be named: 5 calls of up to 3 gaps cannot tell", unknown, unknown},
		"hours":                           {repeated(3, 3.6e6, 7.2e6, 14.4e6), "exponential ×2 from 3600 s, no jitter", yes, no},
		"centuries":                       {repeated(3, 9e12, 9e12, 9e12), "no law to be named: three calls of up to 3 gaps cannot tell", unknown, unknown},
		"a wait that is late among many":  {append(repeated(5, 1000, 2000, 4000), callWith(3900, 2002, 4001)), "exponential ×2 from 1 s, no jitter", yes, no},
		"a wait that is early among many": {append(repeated(12, 1000, 2000, 4000), callWith(400, 2002, 4001)), "exponential ×2 from 1 s, no jitter", yes, no},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fit := backoff.Classify(tt.calls, backoff.Options{})
			if got := fit.String(); got != tt.sentence {
				t.Errorf("got %q, want %q", got, tt.sentence)
			}
			if fit.Grows != tt.grows || fit.Jitters != tt.jitters {
				t.Errorf("got grows %q, jitters %q, want %q, %q", fit.Grows, fit.Jitters, tt.grows, tt.jitters)
			}
		})
	}
}

// TestRetryAfterIsLeftOut has a client wait as it is told now and then, which is not its law.
func TestRetryAfterIsLeftOut(t *testing.T) {
	t.Parallel()
	calls := repeated(6, 1000, 2000, 4000)
	for i := range calls {
		g := &calls[i].Gaps[i%3]
		g.Wait, g.AfterRetryAfter = 7*second, true
	}
	fit := backoff.Classify(calls, backoff.Options{})
	if got, want := fit.String(), "exponential ×2 from 1 s, no jitter"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if fit.LeftOut.RetryAfter != 6 || fit.Gaps != 12 {
		t.Errorf("got %d gaps left out and %d used, want 6 and 12", fit.LeftOut.RetryAfter, fit.Gaps)
	}
}

// TestFullJitterIsRefused holds full jitter to the rule that the least wait over the greatest is near 0 for it: of 12 gaps a ratio above 0.34
// would come less than once in a hundred times.
func TestFullJitterIsRefused(t *testing.T) {
	t.Parallel()
	source := simulate.NewSource(11)
	named := 0
	for range 40 {
		client := simulate.Client{Law: simulate.Kinds[7].Based(second), Noise: simulate.Measured} // equal jitter
		fit := backoff.Classify(client.Calls(12, 3, source), backoff.Options{})
		if math.Pow(1-fit.Measured.Ratio, 11) > 0.01 {
			continue
		}
		named++
		for _, l := range fit.Laws {
			if l.Jitter == backoff.Full {
				t.Errorf("got %v with a ratio of %v, want anything but full jitter", fit, fit.Measured.Ratio)
			}
		}
	}
	if named < 30 {
		t.Errorf("got %d clients whose ratio tells, want 30 of 40", named)
	}
}

// TestALeadOfNoughtNamesTheBest shows that the lead is what keeps a name back.
func TestALeadOfNoughtNamesTheBest(t *testing.T) {
	t.Parallel()
	calls := repeated(8, 1000, 2000)
	if fit := backoff.Classify(calls, backoff.Options{Lead: 1e-9}); len(fit.Laws) != 1 || fit.Laws[0].Curve != backoff.Exponential {
		t.Errorf("got %v, want ×2 alone", fit)
	}
	if fit := backoff.Classify(repeated(8, 1000, 2000, 4000), backoff.Options{Lead: 1000}); len(fit.Laws) != 0 || fit.Best == nil {
		t.Errorf("got %v, want nothing named and a best law", fit)
	}
}

// TestCapOfJitter finds the cap of laws with jitter, to a tenth.
func TestCapOfJitter(t *testing.T) {
	t.Parallel()
	for _, k := range simulate.Kinds[4:10] {
		law := k.Based(second)
		law.Cap = 4500 * time.Millisecond
		fit := backoff.Classify(simulate.Client{Law: law, Noise: simulate.Measured}.Calls(20, 7, simulate.NewSource(2)), backoff.Options{})
		if !fit.CapSeen || math.Abs(fit.Laws[0].Cap.Seconds()-4.5) > 0.45 {
			t.Errorf("%s: got %v, want a cap of 4.5 s", k.Name, fit)
		}
	}
}

func TestPoints(t *testing.T) {
	t.Parallel()
	law := jittered(backoff.Exponential, backoff.Equal, second, 2)
	fit := backoff.Classify(simulate.Client{Law: law, Noise: simulate.Measured}.Calls(200, 3, simulate.NewSource(4)), backoff.Options{})
	if len(fit.Points) != 3 {
		t.Fatalf("got %d points, want 3", len(fit.Points))
	}
	for i, p := range fit.Points {
		low, high := law.Window(i+1, 0)
		if p.Index != i+1 || len(p.Waits) != 64 {
			t.Errorf("got index %d with %d waits, want %d with 64", p.Index, len(p.Waits), i+1)
		}
		for name, pair := range map[string][2]time.Duration{"low": {p.Low, low}, "median": {p.Median, (low + high) / 2}, "high": {p.High, high}} {
			if math.Abs(pair[0].Seconds()/pair[1].Seconds()-1) > 0.05 {
				t.Errorf("index %d: got a %s of %v, want %v within 5 %%", p.Index, name, pair[0], pair[1])
			}
		}
	}
}

// TestJSON pins the names under which a fit is written; -update writes the file anew.
func TestJSON(t *testing.T) {
	t.Parallel()
	calls := repeated(3, 0, 1000, 2000, 4000, 5000, 5000)
	for i := range calls {
		calls[i].GaveUp = true
	}
	calls[0].Gaps[0].AfterRetryAfter = true
	got, err := json.MarshalIndent(backoff.Classify(calls, backoff.Options{}), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "fit.json")
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got)+"\n" {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestNarrowSpreads has waits that timers alone may spread so: a law with jitter may be likelier, but nobody is told that there is jitter.
func TestNarrowSpreads(t *testing.T) {
	t.Parallel()
	tiny := simulate.Client{Law: jittered(backoff.Constant, backoff.Full, 40*time.Millisecond, 0), Noise: simulate.Noise{Least: second / 2000}}
	fit := backoff.Classify(tiny.Calls(30, 3, simulate.NewSource(1)), backoff.Options{})
	if len(fit.Laws) == 0 || fit.Laws[0].Jitter != backoff.Full || fit.Jitters != unknown {
		t.Errorf("full jitter up to 40 ms: got %v, jitters %q, want its name and %q", fit, fit.Jitters, unknown)
	}
	var calls []backoff.Call
	for i := range 8 {
		calls = append(calls, callWith(101+3*float64(i), 201+3*float64((3*i)%8)))
	}
	if fit := backoff.Classify(calls, backoff.Options{}); fit.Jitters != no {
		t.Errorf("waits within 24 ms: got %v, jitters %q, want %q", fit, fit.Jitters, no)
	}
}

// TestAStrayGapIsForgiven mixes gaps into a client's that are none of its own: attempts that were taken for repeats.
func TestAStrayGapIsForgiven(t *testing.T) {
	t.Parallel()
	client := simulate.Client{Law: jittered(backoff.Exponential, backoff.Equal, second, 2), Noise: simulate.Measured}
	calls := client.Calls(20, 4, simulate.NewSource(1))
	calls[3].Gaps[1].Wait = time.Millisecond
	calls[7].Gaps[2].Wait = 100 * time.Millisecond
	fit := backoff.Classify(calls, backoff.Options{})
	if len(fit.Laws) != 1 || fit.Laws[0].Jitter != backoff.Equal {
		t.Errorf("got %v, want equal jitter", fit)
	}
}
