package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestDelayCapped(t *testing.T) {
	t.Parallel()
	powers := func(n int) (waits []time.Duration) {
		for k := range n {
			waits = append(waits, 2*second<<k)
		}
		return waits
	}
	capped := append(powers(6), 64*second, 64*second)
	censored := waiting(second, 2*second)
	censored.censored = true
	minutes := append(powers(5), every(10, 2*time.Minute)...)
	play(t, "delay-capped", map[string]scene{
		"grows without an end":      {newTape(10).add(waiting(powers(8)...)), 0, Warn, "beyond 60.00 s: 64.00 s, then 128.00 s"},
		"one step, in two calls":    {newTape(10).times(2, waiting(powers(7)...)), 0, Warn, "then 128.00 s"},
		"one step that may be late": {newTape(10).add(waiting(append(powers(6), 100*second)...)), 0, Inconclusive, "or was late"},
		"late in one of two":        {newTape(10).add(waiting(append(powers(6), 64*second)...)).add(waiting(append(powers(6), 100*second)...)), 0, Pass, ""},
		"capped at 64 s":            {newTape(10).add(waiting(capped...)), 0, Pass, "within bounds"},
		"12 minutes in all":         {newTape(10).times(2, waiting(minutes...)), 0, Warn, "add up to"},
		"gives up early":            {newTape(10).times(2, waiting(powers(3)...)), 0, Pass, "within bounds"},
		"still going":               {newTape(10).times(3, censored), 0, Inconclusive, "until the client gave up"},
		"driven by Retry-After":     {newTape(10).times(2, op{tries: asks(503, "64", 64*second, 128*second, 256*second)}), 0, Inconclusive, "saw none"},
		"ambiguous":                 {newTape(10).times(2, waiting(powers(8)...).as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"no baseline":               {newTape(0).add(waiting(every(3, 100*second)...)), 0, Inconclusive, ""},
		"nothing happened":          {newTape(10), 0, Inconclusive, "saw none"},
	})
}

func TestDelayState(t *testing.T) {
	t.Parallel()
	exact := waiting(second, 2*second, 4*second)
	begins := func(list ...time.Duration) *tape {
		p := newTape(10)
		for _, wait := range list {
			p.add(waiting(wait, 2*wait, 4*wait))
		}
		return p
	}
	late := newTape(10)
	for _, wait := range []time.Duration{second, 3 * second, 4 * second, 2 * second, 3500 * ms} {
		late.add(waiting(wait, 2*second, 4*second))
	}
	falls := waiting(4*second, 2*second, second)
	together := newTape(10)
	for i := range 6 {
		o := waiting(4*second-time.Duration(i)*5*ms, 2*second, second)
		o.at = 30*second + time.Duration(i)*ms
		together.add(o)
		together.now = o.at
	}
	other := newTape(10).add(exact)
	for range 5 {
		other.add(op{tries: fails(429, 5*second, 10*second, 20*second)})
	}
	told := newTape(10).times(5, op{tries: []try{{status: 503, ra: "9"}, {after: 9 * second, status: 503}, {after: second, status: 503}}}).
		times(5, waiting(5*second, 10*second, 20*second))
	play(t, "delay-state", map[string]scene{
		"begins anew":               {newTape(10).times(5, exact), 0, Pass, "5 calls began with waits from 1.00 s on"},
		"goes on where it was":      {begins(second, 8*second, 30*second, 30*second, 30*second), 0, Warn, "began with a wait of 1.00 s, the 4 calls after it with 8.00 s"},
		"stays longer":              {begins(second, 4*second, 4*second, 4*second, 4*second), 0, Warn, ""},
		"late now and then":         {begins(second, 3*second, second, 4*second, second, second), 0, Pass, ""},
		"late after the first":      {late, 0, Pass, ""},
		"longer for another status": {other, 0, Inconclusive, ""},
		"4 calls are too few":       {newTape(10).times(4, exact), 0, Inconclusive, "saw 4"},
		"shrinks":                   {newTape(10).times(5, falls), 0, Warn, "wait 1 is never shorter than 4.00 s, and wait 2 was 2.00 s"},
		"shrinks, in Node":          {newTape(10).on("node").times(5, falls), 0, Inconclusive, "timers that keep time"},
		"late together":             {together, 0, Inconclusive, "one after the other"},
		"a first wait late":         {newTape(10).times(5, waiting(second, 2*second)).times(3, waiting(4*second, 2*second)), 0, Pass, ""},
		"its own after Retry-After": {told, 0, Pass, ""},
		"jitter hides it":           {newTape(10).drawn(12, 3, 2, fullOn), 0, Info, "jitter"},
		"no baseline":               {newTape(0).times(9, waiting(second, second)), 0, Inconclusive, ""},
		"ambiguous":                 {newTape(10).times(9, falls.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"nothing happened":          {newTape(10), 0, Inconclusive, "saw none"},
	})
}
