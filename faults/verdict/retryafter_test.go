package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// values adds a call for each value of Retry-After, that comes back after the wait of the same index.
func (p *tape) values(status int, ras []string, waits []time.Duration) *tape {
	for i, ra := range ras {
		p.add(op{tries: asks(status, ra, waits[i])})
	}
	return p
}

// schedule is a client that waits these seconds, told anything or not.
func schedule(seconds ...float64) *tape {
	waits := waitsFor(seconds...)
	return newTape(10).times(3, op{tries: fails(503, waits...)}).times(3, op{tries: asks(503, "2", waits...)})
}

var threeTwice = []string{"1", "2", "3", "1", "2", "3"}

func waitsFor(list ...float64) []time.Duration {
	waits := make([]time.Duration, len(list))
	for i, w := range list {
		waits[i] = time.Duration(w * float64(second))
	}
	return waits
}

func TestRetryAfterHonoured(t *testing.T) {
	t.Parallel()
	three, exact := threeTwice, waitsFor(1, 2, 3, 1.01, 2.02, 3.3)
	own := op{tries: fails(503, second, 2*second)}
	dated := func(in int, wait time.Duration) op {
		return op{tries: []try{{status: 503, date: in}, {after: wait, status: 503}}}
	}
	early := op{tries: asks(503, "2", 900*ms)}
	ambiguous := op{tries: asks(503, "2", ms)}.as(observe.GroupingAmbiguous)
	polled := op{tries: asks(503, "2", ms), polling: true}
	ours := op{tries: []try{{status: 503, ra: "2", origin: observe.OriginOurs}, {after: ms, status: 200}}}
	play(t, "retry-after-honoured", map[string]scene{
		"exactly":                      {newTape(10).values(503, three, exact), 0, Pass, "in 6 calls"},
		"429 as well":                  {newTape(10).values(429, three, exact), 0, Pass, ""},
		"follows, yet early":           {newTape(10).values(503, three, waitsFor(.9, 1.7, 2.5, .9, 1.7, 2.5)), 0, Pass, ""},
		"independent and early":        {newTape(10).values(503, three, waitsFor(1.6, 1.6, 1.6, 1.6, 1.6, 1.6)), 0, Fail, "asked to wait 2.00 s to 3.00 s"},
		"independent, never early":     {newTape(10).values(503, three, waitsFor(3.1, 3.1, 3.1, 3.1, 3.1, 3.1)), 0, Inconclusive, "late ones"},
		"rises by accident":            {newTape(10).values(503, three, waitsFor(3.1, 3.2, 3.3, 3.1, 3.2, 3.3)), 0, Inconclusive, "late ones"},
		"rises with a dent":            {newTape(10).values(503, three, waitsFor(1, .9, 3, 1.2, 1, 3.1)), 0, Inconclusive, "late ones"},
		"late in between":              {newTape(10).values(503, three, waitsFor(1, 2, 3, 1.5, 4.9, 3.2)), 0, Pass, ""},
		"5 calls are too few":          {newTape(10).values(503, three[:5], exact), 0, Inconclusive, "saw 5 over 3"},
		"2 values are too few":         {newTape(10).values(503, []string{"1", "2", "1", "2", "1", "2"}, waitsFor(1, 2, 1, 2, 1, 2)), 0, Inconclusive, "saw 6 over 2"},
		"under half, three times":      {newTape(10).values(503, []string{"2", "2", "2"}, waitsFor(.9, .9, .9)), 0, Fail, ""},
		"under half, twice":            {newTape(10).values(503, []string{"2", "2", "2"}, waitsFor(.9, .9, 1)), 0, Inconclusive, ""},
		"under half, named":            {newTape(10).add(early.as(observe.GroupingExplicit)).add(early.as(observe.GroupingExplicit)), 0, Fail, ""},
		"half is not under half":       {newTape(10).values(503, []string{"2", "2", "2"}, waitsFor(1, 1, 1)), 0, Inconclusive, ""},
		"its own wait, not under half": {newTape(10).times(3, own).values(503, []string{"2", "2", "2"}, waitsFor(1, 1.02, 1.04)), 0, Fail, "and after 1.00 s when not asked"},
		"too few of its own":           {newTape(10).times(2, own).values(503, []string{"2", "2", "2"}, waitsFor(1, 1.02, 1.1)), 0, Inconclusive, ""},
		"not its own wait":             {newTape(10).times(3, own).values(503, []string{"2", "2", "2"}, waitsFor(1, 1.4, 1.1)), 0, Inconclusive, ""},
		"cut short, yet followed":      {newTape(10).times(3, own).values(503, []string{"9", "9", "9"}, waitsFor(3, 3, 3)), 0, Inconclusive, ""},
		"less than its own wait":       {newTape(10).times(3, op{tries: fails(503, 5*second)}).values(503, three, waitsFor(5, 5, 5, 5, 5, 5)), 0, Inconclusive, "saw 0 over 0"},
		"500 is not asked":             {newTape(10).values(500, []string{"2", "2"}, waitsFor(0, 0)), 0, Inconclusive, "saw none"},
		"unreadable":                   {newTape(10).values(503, []string{"soon", "soon"}, waitsFor(0, 0)), 0, Inconclusive, "saw none"},
		"an hour cut short":            {newTape(10).values(503, []string{"3600", "3600"}, waitsFor(30, 30)), 0, Inconclusive, "saw none"},
		"dates count":                  {newTape(10).values(503, three[:4], exact).add(dated(5, 5*second)).add(dated(6, 6*second)), 0, Pass, ""},
		"dates that round down":        {newTape(10).values(503, three, exact).add(dated(4, 4900*ms)).add(dated(5, 4800*ms)), 0, Pass, ""},
		"dates alone do not fail":      {newTape(10).add(dated(9, 0)).add(dated(9, 0)).add(dated(9, 0)), 0, Inconclusive, ""},
		"seconds honoured, dates not":  {newTape(10).values(503, three, exact).add(dated(9, 0)).add(dated(9, 0)), 0, Pass, "6 calls"},
		"no baseline":                  {newTape(0).values(503, []string{"2", "2"}, waitsFor(0, 0)), 0, Inconclusive, ""},
		"ambiguous":                    {newTape(10).times(6, ambiguous), 0, Inconclusive, ""},
		"ambiguous beside honoured":    {newTape(10).values(503, three, exact).add(ambiguous), 0, Inconclusive, "one caller alone"},
		"polling":                      {newTape(10).times(6, polled), 0, Inconclusive, ""},
		"ours":                         {newTape(10).times(6, ours), 0, Inconclusive, "saw none"},
		"in flight at the first 429":   {newTape(10).add(op{tries: asks(429, "2", 5*ms)}).add(op{tries: asks(429, "2", 5*ms)}), 0, Inconclusive, ""},
		"in flight, then honoured":     {newTape(10).add(op{tries: []try{{status: 429, ra: "2"}, {after: ms, status: 429, ra: "2"}}}).values(429, three, exact), 0, Pass, ""},
		"after the first 429":          {newTape(10).values(429, []string{"2", "2", "2", "2"}, waitsFor(.005, .005, .005, .005)), 0, Fail, "in 3 of 4"},
		"keeps its own schedule":       {schedule(1, 2, 3), 0, Fail, "came back after 1.00 s when asked to wait 2.00 s"},
		"a schedule that is level":     {schedule(1, 1, 1), 0, Inconclusive, ""},
		"another schedule when told":   {newTape(10).times(3, op{tries: fails(503, second, 2*second, 3*second)}).times(3, op{tries: asks(503, "2", 1200*ms, 1700*ms, 2600*ms)}), 0, Inconclusive, ""},
		"given up":                     {newTape(10).times(6, op{tries: asks(429, "2")}), 0, Inconclusive, "saw none"},
	})
}

func TestRetryAfterNotEarly(t *testing.T) {
	t.Parallel()
	three := threeTwice
	dated := func(in int, wait time.Duration) op {
		return op{tries: []try{{status: 503, date: in}, {after: wait, status: 503}}}
	}
	fastClock, hasty := newTape(10), newTape(10)
	for n := range 12 {
		ask := 6 + 2*(n%4)
		fastClock.add(dated(ask, time.Duration(ask)*second-2*second-50*ms))
		hasty.add(dated(ask, time.Duration(ask)*second*2/3))
	}
	jittered := []time.Duration{2300 * ms, 1500 * ms, 1700 * ms, 1600 * ms}
	twos := []string{"2", "2", "2"}
	play(t, "retry-after-not-early", map[string]scene{
		"never":                        {newTape(10).values(503, three, waitsFor(1, 2, 3, 1.1, 2.5, 3.1)), 0, Pass, "0 s or more"},
		"jitter taken off":             {newTape(10).values(503, append(twos, "2", "2", "2"), append(jittered, 1900*ms, 1950*ms)), 0, Fail, "up to 0.50 s before"},
		"jitter that a person has too": {newTape(10).values(503, append(twos, "2"), jittered), 0, Inconclusive, "no person"},
		"jitter taken off twice":       {newTape(10).values(503, twos, jittered[:3]), 0, Inconclusive, "no person"},
		"10 ms early":                  {newTape(10).values(503, twos, waitsFor(1.99, 1.99, 1.99)), 0, Pass, ""},
		"11 ms early":                  {newTape(10).values(503, twos, waitsFor(1.989, 1.989, 1.989)), 0, Fail, ""},
		"early once":                   {newTape(10).values(503, twos, waitsFor(2, 1.5, 2)), 0, Inconclusive, "reload"},
		"two calls are too few":        {newTape(10).values(503, twos[:2], waitsFor(1.5, 1.5)), 0, Inconclusive, "saw 0"},
		"a date, 1 s early":            {newTape(10).times(3, dated(10, 9*second+50*ms)), 0, Pass, ""},
		"a date, 2 s early":            {newTape(10).times(3, dated(10, 8*second-50*ms)), 0, Inconclusive, "its clock may be fast"},
		"dates, 2 s early each":        {fastClock, 0, Inconclusive, "its clock may be fast"},
		"dates, a third early":         {hasty, 0, Fail, ""},
		"ignored, if nearly":           {schedule(1.6, 2.4, 3.2), 0, Inconclusive, "whose wait follows"},
		"ignored is another check's":   {newTape(10).values(503, twos, waitsFor(.1, .1, .1)), 0, Inconclusive, "whose wait follows"},
		"seconds followed, dates not":  {newTape(10).values(503, three, waitsFor(1, 2, 3, 1, 2, 3)).times(3, dated(9, 0)), 0, Pass, ""},
		"cut short after its own wait": {newTape(10).times(3, op{tries: fails(503, 100*ms)}).values(503, []string{"9", "9", "9"}, waitsFor(3, 3, 3)), 0, Fail, "6.00 s before"},
		"late":                         {newTape(10).values(503, three, waitsFor(1.5, 2.5, 5.9, 1.9, 2.2, 3)), 0, Pass, ""},
		"ambiguous":                    {newTape(10).times(3, op{tries: asks(503, "2", 1500*ms)}.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"ambiguous beside punctual":    {newTape(10).values(503, three, waitsFor(1, 2, 3, 1, 2, 3)).add(op{tries: asks(503, "2", 1500*ms)}.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"ours":                         {newTape(10).times(3, op{tries: []try{{status: 503, ra: "2", origin: observe.OriginOurs}, {after: 1500 * ms, status: 200}}}), 0, Inconclusive, "saw none"},
		"polling":                      {newTape(10).times(3, op{tries: asks(503, "2", 1500*ms), polling: true}), 0, Inconclusive, ""},
	})
}
