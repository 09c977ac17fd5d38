package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestRetryAfterDate(t *testing.T) {
	t.Parallel()
	dated := func(in int, wait time.Duration) op {
		return op{tries: []try{{status: 503, date: in}, {after: wait, status: 503}}}
	}
	seconds := func() *tape { return newTape(10).values(503, []string{"2", "3", "4"}, waitsFor(2, 3, 4)) }
	lost := func() *tape {
		return newTape(10).times(3, op{tries: fails(503, 200*ms)}).values(503, []string{"2", "3", "4"}, waitsFor(.2, .2, .2))
	}
	play(t, "retry-after-date", map[string]scene{
		"seconds and not dates":  {seconds().times(3, dated(9, 200*ms)), 0, Warn, "waited 0.20 s when asked for"},
		"both":                   {seconds().times(3, dated(9, 9*second)), 0, Pass, "honours dates"},
		"a second of resolution": {seconds().times(3, dated(9, 8*second)), 0, Pass, ""},
		"late":                   {seconds().times(3, dated(9, 12*second)), 0, Pass, ""},
		"neither":                {lost().times(3, dated(9, 200*ms)), 0, Info, "neither"},
		"two dates are too few":  {seconds().times(2, dated(9, 200*ms)), 0, Inconclusive, "saw 3 and 2"},
		"dates too near":         {seconds().times(3, dated(3, 200*ms)), 0, Inconclusive, "saw none"},
		"too few seconds":        {newTape(10).values(503, []string{"2"}, waitsFor(2)).times(3, dated(9, 200*ms)), 0, Inconclusive, "saw 1 and 3"},
		"some early, some not":   {seconds().times(3, dated(9, 200*ms)).times(3, dated(9, 9*second)), 0, Inconclusive, ""},
		"a person loading again": {seconds().add(dated(9, 1300*ms)).add(dated(9, 2700*ms)).add(dated(9, 4100*ms)), 0, Inconclusive, "no person"},
		"ambiguous":              {seconds().times(3, dated(9, 200*ms).as(observe.GroupingAmbiguous)), 0, Inconclusive, "saw none"},
		"nothing happened":       {newTape(10), 0, Inconclusive, "saw none"},
	})
}

func TestRetryAfterZero(t *testing.T) {
	t.Parallel()
	hasty := op{tries: asks(503, "0", ms, ms, ms)}
	polled, ours := hasty, try{after: ms, status: 503, ra: "0", origin: observe.OriginOurs}
	polled.polling = true
	play(t, "retry-after-zero", map[string]scene{
		"hammers":            {newTape(10).add(hasty), 0, Warn, "after 1.0 ms each time when told 0, in 1 of 1 call"},
		"19 ms":              {newTape(10).add(op{tries: asks(429, "0", 19*ms, 19*ms, 19*ms)}).add(hasty), 0, Warn, ""},
		"20 ms":              {newTape(10).add(op{tries: asks(503, "0", 20*ms, 20*ms, 20*ms)}), 0, Pass, ""},
		"keeps its own wait": {newTape(10).add(op{tries: asks(503, "0", second, 2*second, 4*second)}), 0, Pass, "kept a wait of its own"},
		"twice is too few":   {newTape(10).add(op{tries: asks(503, "0", ms, ms)}), 0, Inconclusive, "now and then"},
		"late once":          {newTape(10).add(op{tries: asks(503, "0", ms, 2*second, ms)}), 0, Inconclusive, "now and then"},
		"told 1":             {newTape(10).add(op{tries: asks(503, "1", ms, ms, ms)}), 0, Inconclusive, "saw none"},
		"in flight":          {newTape(10).add(op{tries: asks(429, "0", ms, ms, ms)}), 0, Inconclusive, "saw none"},
		"no baseline":        {newTape(0).add(hasty), 0, Inconclusive, "polling"},
		"ambiguous":          {newTape(10).add(hasty.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"polling":            {newTape(10).add(polled), 0, Inconclusive, ""},
		"ours":               {newTape(10).add(op{tries: []try{ours, ours, ours, ours}}), 0, Inconclusive, "saw none"},
		"named":              {newTape(0).add(hasty.as(observe.GroupingExplicit)), 0, Warn, ""},
	})
}

func TestRetryAfterLong(t *testing.T) {
	t.Parallel()
	told := func(waits ...time.Duration) op { return op{tries: asks(503, "3600", waits...)} }
	own := op{tries: fails(503, second, 2*second, 4*second)}
	waits := told()
	waits.censored = true
	risen := newTape(10).times(8, own) // a client that is known to rise
	// Whoever gave up leaves it to people to load the page again.
	person := newTape(10).times(8, own).add(told(4 * second)).add(told(9 * second)).add(told(2500 * ms)).add(told(5*second, 7*second))
	play(t, "retry-after-long", map[string]scene{
		"cut short at 30 s":       {newTape(10).times(3, told(30*second)), 0, Fail, "after 30.00 s when told to wait 3600.00 s, at a bound of its own, in 3 of 3 calls"},
		"its own wait":            {risen.times(3, told(second, 2*second, 4*second)), 0, Fail, "at its usual wait"},
		"at once":                 {newTape(10).times(3, told(ms)), 0, Fail, ""},
		"two requests":            {newTape(10).times(2, told(ms)), 0, Inconclusive, "3 different requests"},
		"named":                   {newTape(0).add(told(30 * second).as(observe.GroupingExplicit)), 0, Fail, ""},
		"gave up":                 {newTape(10).times(2, told()), 0, Pass, "did not come back early in 2 calls"},
		"waits":                   {newTape(10).add(told(3601 * second)), 0, Pass, ""},
		"may still wait":          {newTape(10).add(waits), 0, Inconclusive, "may still be waiting"},
		"loaded again by people":  {person, 0, Inconclusive, "no person"},
		"31 s is long, 30 is not": {newTape(10).times(3, op{tries: asks(503, "30", second)}), 0, Inconclusive, "saw none"},
		"500 is not asked":        {newTape(10).times(3, op{tries: asks(500, "3600", ms)}), 0, Inconclusive, "saw none"},
		"no baseline":             {newTape(0).times(3, told(30*second)), 0, Inconclusive, "no person"},
		"ambiguous":               {newTape(10).times(3, told(ms).as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"nothing happened":        {newTape(10), 0, Inconclusive, "saw none"},
	})
}
