package verdict

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/backoff/simulate"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// waiting is a call that fails with 503 after each of the waits.
func waiting(waits ...time.Duration) op { return op{tries: fails(503, waits...)} }

// drawn adds n calls whose waits are drawn from a law.
func (p *tape) drawn(n, gaps int, seed uint64, law backoff.Law) *tape {
	chance := rand.New(rand.NewPCG(seed, 1))
	for range n {
		waits := make([]time.Duration, gaps)
		var last time.Duration
		for k := range waits {
			waits[k] = law.Draw(k+1, last, chance.Float64()) + ms
			last = waits[k]
		}
		p.add(waiting(waits...))
	}
	return p
}

var (
	fullOn    = backoff.Law{Family: backoff.Family{Curve: backoff.Exponential, Jitter: backoff.Full}, Base: second, Factor: 2}
	steadyLaw = backoff.Law{Family: backoff.Family{Curve: backoff.Constant, Jitter: backoff.Full}, Base: second}
)

func TestGrows(t *testing.T) {
	t.Parallel()
	flat, polled := waiting(second, second, second), waiting(second, second, second)
	polled.polling = true
	late := newTape(10).times(3, waiting(second, second, second, second)).add(waiting(second, 4*second, second, second))
	ours := try{after: second, status: 502, origin: observe.OriginOurs}
	play(t, "grows", map[string]scene{
		"doubles":                     {newTape(10).add(waiting(second, 2*second, 4*second)), 0, Pass, "exponential ×2 from 1 s"},
		"linear":                      {newTape(10).add(waiting(second, 2*second, 3*second, 4*second)), 0, Pass, "linear"},
		"constant":                    {newTape(10).times(3, flat), 0, Warn, "constant 1 s"},
		"constant, now and then late": {late, 0, Warn, "constant"},
		"two gaps are too few":        {newTape(10).times(9, waiting(second, second)), 0, Inconclusive, "3 gaps"},
		"full jitter grows":           {newTape(10).drawn(12, 3, 1, fullOn), 0, Pass, "full jitter"},
		"jittered constant":           {newTape(10).drawn(20, 3, 1, steadyLaw), 0, Warn, ""},
		"too few to tell jitter":      {newTape(10).drawn(4, 3, 1, steadyLaw), 0, Inconclusive, ""},
		"no wait at all":              {newTape(10).times(3, waiting(ms, ms, ms)), 0, Info, "see backs-off"},
		"driven by Retry-After":       {newTape(10).times(9, op{tries: asks(503, "1", second, second, second)}), 0, Inconclusive, "saw none"},
		"no baseline":                 {newTape(0).times(3, flat), 0, Inconclusive, ""},
		"ambiguous":                   {newTape(10).times(9, flat.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"polling":                     {newTape(10).times(9, polled), 0, Inconclusive, ""},
		"ours":                        {newTape(10).times(9, op{tries: []try{ours, ours, ours, ours}}), 0, Inconclusive, "saw none"},
		"named":                       {newTape(0).times(3, flat.as(observe.GroupingExplicit)), 0, Warn, ""},
		"nothing happened":            {newTape(10), 0, Inconclusive, "saw none"},
	})
}

func TestJitters(t *testing.T) {
	t.Parallel()
	exact := waiting(second, 2*second, 4*second)
	mixed := newTape(10).times(4, waiting(second, 2*second, 4*second)).times(3, waiting(second+900*ms, 2*second+300*ms, 4*second+2*ms))
	play(t, "jitters", map[string]scene{
		"never":                 {newTape(10).times(7, exact), 0, Warn, "over 7 calls: exponential ×2 from 1 s, no jitter"},
		"never, and often late": {mixed, 0, Warn, "over 7 calls"},
		"6 calls are too few":   {newTape(10).times(6, exact), 0, Inconclusive, "saw 6"},
		"full jitter":           {newTape(10).drawn(12, 3, 2, fullOn), 0, Pass, "full jitter"},
		"no wait at all":        {newTape(10).times(9, waiting(ms, ms, ms)), 0, Info, "see backs-off"},
		"driven by Retry-After": {newTape(10).times(9, op{tries: asks(503, "1", second, second)}), 0, Inconclusive, "saw none"},
		"no baseline":           {newTape(0).times(9, waiting(second, second, second)), 0, Inconclusive, ""},
		"nothing happened":      {newTape(10), 0, Inconclusive, "saw none"},
	})
}

// Seven calls of a client that jitters lie close together at some retry now and then. That is no reason to warn it.
func TestJittersByChance(t *testing.T) {
	t.Parallel()
	warned, clients := 0, 0
	for _, kind := range simulate.Kinds {
		law := kind.Based(300 * ms)
		if low, high := law.Window(1, 0); high-low <= punctuality {
			continue
		}
		for seed := range uint64(8) {
			clients++
			client := simulate.Client{Law: law, Noise: simulate.Measured}
			p := newTape(10)
			for _, call := range client.Calls(7, 3, simulate.NewSource(seed+1)) {
				p.add(waiting(waitsOfGaps(call.Gaps)...))
			}
			if f := p.findings(t, "jitters")[0]; f.Result == Warn {
				warned++
				t.Logf("%s: %s", law, f.Summary)
			}
		}
	}
	if clients < 40 || warned*50 > clients {
		t.Errorf("warned %d of %d clients that jitter, want 2 %% at most of 40 or more", warned, clients)
	}
}

func waitsOfGaps(gaps []backoff.Gap) []time.Duration {
	waits := make([]time.Duration, len(gaps))
	for i, g := range gaps {
		waits[i] = g.Wait
	}
	return waits
}

// A narrow spread says nothing against a client whose waits may follow a law that draws them.
func TestWhatMayJitterIsNotDenied(t *testing.T) {
	t.Parallel()
	plain, drawn := backoff.Family{Curve: backoff.Exponential, Jitter: backoff.NoJitter}, backoff.Family{Curve: backoff.Exponential, Jitter: backoff.Additive}
	walk := backoff.Family{Curve: backoff.Decorrelated, Jitter: backoff.NoJitter}
	for name, tt := range map[string]struct {
		families []backoff.Family
		want     bool
	}{
		"no law":            {nil, false},
		"one that does not": {[]backoff.Family{plain}, false},
		"one of two":        {[]backoff.Family{plain, drawn}, true},
		"decorrelated":      {[]backoff.Family{walk}, true},
	} {
		var fit backoff.Fit
		for _, f := range tt.families {
			fit.Laws = append(fit.Laws, backoff.Law{Family: f})
		}
		if got := mayJitter(fit); got != tt.want {
			t.Errorf("%s: may jitter is %t, want %t", name, got, tt.want)
		}
	}
}
