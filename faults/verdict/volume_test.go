package verdict

import (
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// every repeats a wait n times.
func every(n int, wait time.Duration) []time.Duration { return slices.Repeat([]time.Duration{wait}, n) }

// linear makes n waits, each 100 ms longer than the one before.
func linear(n int) []time.Duration {
	waits := make([]time.Duration, n)
	for i := range waits {
		waits[i] = time.Duration(i+1) * 100 * ms
	}
	return waits
}

func TestAttemptsCapped(t *testing.T) {
	t.Parallel()
	eleven := op{tries: fails(503, linear(10)...)}
	polled, censored := eleven, op{tries: fails(503, second), censored: true}
	polled.polling = true
	going := op{tries: fails(503, linear(14)...), censored: true}
	recovered := op{tries: append(fails(503, second), try{after: second, status: 200})}
	ours := op{tries: slices.Repeat([]try{{after: second, status: 502, origin: observe.OriginOurs}}, 15)}
	queued := func(waits ...float64) op {
		o := write(fails(503, waitsFor(waits...)...)...).as(observe.GroupingExplicit)
		for i := range o.tries {
			o.tries[i].key = "job"
		}
		o.byKey = true
		return o
	}
	play(t, "attempts-capped", map[string]scene{
		"gave up after 3":          {newTape(10).add(op{tries: fails(503, second, second)}), 0, Pass, "at most 3 attempts in 1 call"},
		"gave up at once":          {newTape(10).add(op{tries: fails(503)}), 0, Pass, "at most 1 attempt "},
		"10 attempts":              {newTape(10).add(op{tries: fails(503, every(9, second)...)}), 0, Pass, "10 attempts"},
		"11 attempts":              {newTape(10).times(3, eleven), 0, Fail, "11 attempts in one call over 5.51 s"},
		"11 attempts, twice":       {newTape(10).times(2, eleven), 0, Inconclusive, "saw 2"},
		"11 and 15 attempts":       {newTape(10).times(2, eleven).add(op{tries: fails(503, linear(14)...)}), 0, Fail, "15 attempts in one call over 10.51 s; more than 10 in 3 of 3"},
		"of a final answer":        {newTape(10).times(3, op{tries: fails(404, linear(10)...)}), 0, Fail, ""},
		"still going":              {newTape(10).times(3, going), 0, Fail, "15 attempts"},
		"a job run anew":           {newTape(0).add(queued(1, 2, 300, 1, 2, 300, 1, 2, 300, 1, 2)), 0, Inconclusive, "more than 10 times"},
		"a job in one run":         {newTape(0).add(queued(1, 2, 30, 1, 2, 30, 1, 2, 30, 1, 2)), 0, Fail, "12 attempts"},
		"a job that waits on":      {newTape(0).add(queued(1, 2, 4, 8, 16, 32, 64, 128, 256, 512)), 0, Fail, "11 attempts"},
		"a job with a long run":    {newTape(0).add(queued(300, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)), 0, Fail, "12 attempts"},
		"without a wait":           {newTape(10).times(3, op{tries: fails(503, every(10, 2*ms)...)}), 0, Fail, "11 attempts"},
		"at equal intervals":       {newTape(10).times(3, op{tries: fails(503, every(10, second)...)}), 0, Inconclusive, "gaps that rise or with none"},
		"rising and falling":       {newTape(10).times(3, op{tries: fails(503, append(linear(9), second/2)...)}), 0, Inconclusive, ""},
		"recovered":                {newTape(10).add(recovered), 0, Inconclusive, "saw none"},
		"still waiting":            {newTape(10).add(censored), 0, Inconclusive, "watched that long"},
		"told to wait for an hour": {newTape(10).add(op{tries: asks(503, "3600")}), 0, Inconclusive, "saw none"},
		"a post left alone":        {newTape(10).add(write(try{status: 503})), 0, Inconclusive, "saw none"},
		"no baseline":              {newTape(2).times(3, op{tries: fails(503, every(10, second)...)}), 0, Inconclusive, "saw 2"},
		"no baseline, explicit":    {newTape(0).add(eleven.as(observe.GroupingExplicit)), 0, Fail, ""},
		"ambiguous":                {newTape(10).add(eleven.as(observe.GroupingAmbiguous)), 0, Inconclusive, "more than 10 times"},
		"ambiguous beside capped":  {newTape(10).times(9, op{tries: fails(503, second)}).add(eleven.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"polling":                  {newTape(10).add(polled), 0, Inconclusive, ""},
		"ours":                     {newTape(10).add(ours), 0, Inconclusive, "saw none"},
	})
}

func TestAmplification(t *testing.T) {
	t.Parallel()
	attempts := func(n int) op { return op{tries: fails(503, every(n-1, second)...)} }
	rising := func(n int) op { return op{tries: fails(503, linear(n-1)...)} }
	bursts := op{tries: fails(503, ms, ms, second, ms, ms, second, ms, ms)}
	ours := op{tries: []try{{status: 502, origin: observe.OriginOurs}, {after: second, status: 503}}}
	crossing := op{tries: fails(503, waitsFor(1, .2, 1.8, .3, 3)...)}
	half := attempts(6)
	half.censored = true
	play(t, "amplification", map[string]scene{
		"1 attempt":                  {newTape(10).times(20, attempts(1)), 0, Pass, "budget"},
		"1.2 attempts":               {newTape(10).times(16, attempts(1)).times(4, attempts(2)), 0, Pass, "1.2 attempts a call in full failure, over 20 calls: no more"},
		"3 attempts":                 {newTape(10).times(20, attempts(3)), 0, Pass, "3.0"},
		"a little more than 3":       {newTape(10).times(19, attempts(3)).times(1, attempts(4)), 0, Warn, ""},
		"5 attempts":                 {newTape(10).times(20, attempts(5)), 0, Warn, ""},
		"6 attempts":                 {newTape(10).times(20, rising(6)), 0, Fail, "6.0 attempts"},
		"19 calls are too few":       {newTape(10).times(19, rising(6)), 0, Inconclusive, "saw 19"},
		"equal waits":                {newTape(10).times(20, attempts(6)), 0, Inconclusive, "waits that rise"},
		"equal waits, named":         {newTape(10).times(20, attempts(6).as(observe.GroupingExplicit)), 0, Fail, "6.0 attempts"},
		"equal waits, single flight": {newTape(10).times(20, attempts(6).as(observe.GroupingSingleFlight)), 0, Fail, "6.0 attempts"},
		"without a wait":             {newTape(10).times(20, op{tries: fails(503, every(5, ms)...)}), 0, Inconclusive, "waits that rise"},
		"without a wait, named":      {newTape(10).times(20, op{tries: fails(503, every(5, ms)...)}.as(observe.GroupingExplicit)), 0, Fail, "6.0 attempts"},
		"callers that cross":         {newTape(10).times(20, crossing), 0, Inconclusive, "one caller's each"},
		"callers that cross, named":  {newTape(10).times(20, crossing.as(observe.GroupingExplicit)), 0, Fail, "6.0"},
		"some cross":                 {newTape(10).times(8, crossing).times(12, rising(6)), 0, Fail, "6.0"},
		"most cross":                 {newTape(10).times(12, crossing).times(8, rising(6)), 0, Inconclusive, ""},
		"two layers":                 {newTape(10).times(20, bursts.as(observe.GroupingExplicit)), 0, Fail, "3 bursts of 3: two layers"},
		"two layers, or three parts": {newTape(10).times(20, bursts), 0, Inconclusive, "in 3 bursts of 3"},
		"recovered calls are not it": {newTape(10).times(20, op{tries: append(fails(503, every(6, second)...), try{after: second, status: 200})}), 0, Inconclusive, "saw 0"},
		"final answers are not it":   {newTape(10).times(20, op{tries: fails(404, every(6, second)...)}), 0, Inconclusive, "saw 0"},
		"still going":                {newTape(10).times(20, half), 0, Inconclusive, "saw 0"},
		"no baseline":                {newTape(0).times(20, attempts(6)), 0, Inconclusive, "saw 0"},
		"ambiguous":                  {newTape(10).times(20, attempts(6).as(observe.GroupingAmbiguous)), 0, Inconclusive, "saw 0"},
		"ambiguous beside few":       {newTape(10).times(20, attempts(2)).times(1, attempts(9).as(observe.GroupingAmbiguous)), 0, Inconclusive, "one caller alone"},
		"polling":                    {newTape(10).times(20, op{tries: attempts(6).tries, polling: true}), 0, Inconclusive, ""},
		"ours":                       {newTape(10).times(20, ours), 0, Inconclusive, "saw 0"},
	})
}

func TestAmplificationPraisesOnlyBudgets(t *testing.T) {
	t.Parallel()
	p := newTape(10).times(19, op{tries: fails(503)}).times(6, op{tries: fails(503, second)})
	if f := p.findings(t, "amplification")[0]; f.Summary != "1.2 attempts a call in full failure, over 25 calls" {
		t.Errorf("summary of 1.24 attempts a call is %q, want no budget in it", f.Summary)
	}
}

func TestLayers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		waits []time.Duration
		want  string
	}{
		"three bursts of three":  {[]time.Duration{ms, ms, second, ms, ms, second, ms, ms}, "3 bursts of 3"},
		"two bursts of three":    {[]time.Duration{ms, ms, second, ms, ms}, "2 bursts of 3"},
		"constant":               {every(8, second), ""},
		"doubling":               {[]time.Duration{second, 2 * second, 4 * second, 8 * second, 16 * second}, ""},
		"bursts of unlike sizes": {[]time.Duration{ms, ms, second, ms}, ""},
		"too short to say":       {[]time.Duration{ms, second}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gaps := make([]observe.Gap, len(tt.waits))
			for i := range gaps {
				gaps[i].Wait = tt.waits[i]
			}
			if got := layers(gaps); got != tt.want {
				t.Errorf("layers of %v is %q, want %q", tt.waits, got, tt.want)
			}
		})
	}
}
