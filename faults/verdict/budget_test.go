package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestTimeCapped(t *testing.T) {
	t.Parallel()
	minutes := waiting(30*second, 60*second, 90*second, 130*second)
	equal := waiting(every(4, 100*second)...)
	polled := minutes
	polled.polling = true
	play(t, "time-capped", map[string]scene{
		"over 5 minutes":   {newTape(10).add(minutes), 0, Warn, "went on for 310.00 s, in 5 attempts; longer than 300.00 s in 1 of 1 call"},
		"under 5 minutes":  {newTape(10).add(waiting(30*second, 60*second, 90*second, 119*second)), 0, Pass, "299.00 s"},
		"may be several":   {newTape(10).add(equal), 0, Inconclusive, "longer than 300.00 s"},
		"equal, but named": {newTape(0).add(equal.as(observe.GroupingExplicit)), 0, Warn, ""},
		"no baseline":      {newTape(0).add(waiting(time.Second)), 0, Inconclusive, ""},
		"ambiguous":        {newTape(10).add(minutes.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"polling":          {newTape(10).add(polled), 0, Inconclusive, ""},
		"nothing repeated": {newTape(10).add(waiting()), 0, Inconclusive, "saw none"},
	})
}

func TestRetryBudget(t *testing.T) {
	t.Parallel()
	twice, alone := waiting(second, 2*second), waiting()
	censored, left := waiting(second), op{tries: fails(500)}
	censored.censored = true
	ours := op{tries: []try{{status: 502, origin: observe.OriginOurs}}}
	long := op{tries: asks(503, "3600")}
	play(t, "retry-budget", map[string]scene{
		"none":                  {newTape(10).times(25, twice), 0, Info, "there is no retry budget: 2 retries in each of 25 calls that failed with 503"},
		"spent":                 {newTape(10).times(15, twice).times(10, alone), 0, Info, "there is a retry budget: 30 retries, then none in the last 10 calls"},
		"9 without are too few": {newTape(10).times(17, twice).times(9, alone), 0, Inconclusive, "a drop to none"},
		"24 are too few":        {newTape(10).times(24, twice), 0, Inconclusive, "saw 24"},
		"never retried":         {newTape(10).times(25, alone), 0, Info, "nothing is retried in 25 calls"},
		"another status":        {newTape(10).times(25, twice).times(12, left), 0, Info, "no retry budget"},
		"told to give up":       {newTape(10).times(25, twice).times(12, long), 0, Info, "no retry budget"},
		"writes are left alone": {newTape(10).times(25, twice).times(12, write(fails(503)...)), 0, Info, "no retry budget"},
		"now more, now fewer":   {newTape(10).times(13, twice).times(12, waiting(second)), 0, Inconclusive, "between 1 and 2 retries"},
		"still going":           {newTape(10).times(25, censored), 0, Inconclusive, "saw 0"},
		"ambiguous":             {newTape(10).times(25, twice.as(observe.GroupingAmbiguous)), 0, Inconclusive, "saw 0"},
		"no baseline":           {newTape(0).times(25, waiting(second)), 0, Inconclusive, "saw 0"},
		"ours":                  {newTape(10).times(25, ours), 0, Inconclusive, "no call failed"},
	})
}
