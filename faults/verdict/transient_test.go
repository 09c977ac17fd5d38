package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestTransientRetried(t *testing.T) {
	t.Parallel()
	const ambiguous = observe.GroupingAmbiguous
	never, backs := op{tries: fails(503)}, op{tries: fails(503, second, 2*second)}
	play(t, "transient-retried", map[string]scene{
		"every 503 repeated":           {newTape(10).times(5, backs), 503, Pass, "503 was repeated in 5 of 5 calls, after 1.00 s"},
		"no 503 repeated":              {newTape(10).times(5, never), 503, Fail, "503 was not repeated in 5 of 5 calls"},
		"absence needs no baseline":    {newTape(0).times(5, never), 503, Fail, ""},
		"presence needs one":           {newTape(2).times(5, op{tries: fails(503, second, second)}), 503, Inconclusive, "polling"},
		"explicit calls need none":     {newTape(0).times(5, backs.as(observe.GroupingExplicit)), 503, Pass, ""},
		"four are too few":             {newTape(10).times(4, never), 503, Inconclusive, "saw 4"},
		"exactly 80 % not repeated":    {newTape(10).times(4, never).times(1, backs), 503, Warn, "4 of 5 calls: an empty retry budget"},
		"less than 80 % not repeated":  {newTape(10).times(3, never).times(2, backs), 503, Pass, "2 of 5"},
		"502 not repeated":             {newTape(10).times(5, op{tries: fails(502)}), 502, Fail, ""},
		"500 not repeated":             {newTape(10).times(5, op{tries: fails(500)}), 500, Warn, "500 was not repeated"},
		"500 repeated":                 {newTape(10).times(5, op{tries: fails(500, second)}), 500, Pass, ""},
		"bare 429 not repeated":        {newTape(10).times(5, op{tries: fails(429)}), 429, Warn, ""},
		"429 with Retry-After ignored": {newTape(10).times(5, op{tries: asks(429, "2")}), 429, Fail, "429 with Retry-After"},
		"some 429 with Retry-After":    {newTape(10).times(2, op{tries: asks(429, "2")}).times(3, op{tries: fails(429)}), 429, Warn, ""},
		"statuses apart":               {newTape(10).times(5, backs).times(5, op{tries: fails(502)}), 503, Pass, ""},
		"posts are not asked":          {newTape(10).times(5, write(fails(503)...)), 0, Inconclusive, "saw none"},
		"ours do not count":            {newTape(10).times(5, op{tries: []try{{status: 503, origin: observe.OriginOurs}}}), 0, Inconclusive, ""},
		"the upstream's count":         {newTape(10).times(5, op{tries: []try{{status: 503, origin: observe.OriginUpstream}}}), 503, Fail, ""},
		"an answer left behind":        {newTape(10).times(5, op{tries: []try{{status: 503, end: observe.EndClientLeft}}}), 0, Inconclusive, ""},
		"still waiting":                {newTape(10).times(5, op{tries: fails(503), censored: true}), 503, Inconclusive, "5 may still have been waiting"},
		"an hour is too long to wait":  {newTape(10).times(5, op{tries: asks(503, "3600")}), 503, Inconclusive, "waiting"},
		"ambiguous":                    {newTape(10).times(9, never.as(ambiguous)), 503, Inconclusive, "of 9 the repeats could be"},
		"ambiguous ones tip a pass":    {newTape(10).times(5, backs).times(20, never.as(ambiguous)), 503, Inconclusive, ""},
		"ambiguous ones tip a fail":    {newTape(10).times(5, never).times(2, backs.as(ambiguous)), 503, Inconclusive, ""},
		"polling":                      {newTape(10).times(9, op{tries: fails(503, second), polling: true}), 503, Inconclusive, ""},
		"a late layer above":           {newTape(10).add(op{target: "/a", tries: fails(503)}).late("/a").late("/a").late("/a").late("/a").late("/a"), 503, Inconclusive, ""},
		"repeated after a minute":      {newTape(10).times(5, op{tries: fails(503, 61*second)}), 503, Inconclusive, ""},
		"the same again after 11 min":  {newTape(10).add(op{target: "/a", tries: fails(503)}).after(11*time.Minute, op{target: "/a", tries: fails(503)}).times(3, never), 503, Fail, ""},
		"told to wait for 25 s, late":  {newTape(10).times(5, op{tries: asks(503, "25", 36*second)}), 503, Inconclusive, ""},
		"told to wait for 30 s":        {newTape(10).times(5, op{tries: asks(503, "30")}), 503, Fail, ""},
		"told to wait for 31 s":        {newTape(10).times(5, op{tries: asks(503, "31")}), 503, Inconclusive, "waiting"},
		"told to wait for 25 s":        {newTape(10).times(5, op{tries: asks(503, "25", 35*second)}), 503, Pass, ""},
	})
}

// late adds a call of the same target a minute later.
func (p *tape) late(target string) *tape {
	return p.add(op{at: p.now + 60*second, target: target, tries: fails(503)})
}

// The limits say which statuses are to be repeated: one that they add is a failure, one that they leave out is not judged, and one that
// is final as well is final.
func TestTransientRetriedByTheLimits(t *testing.T) {
	t.Parallel()
	never := func(status int) *tape { return newTape(10).times(5, op{tries: fails(status)}) }
	limits := func(l Limits) Rule { return Rule{Limits: l} }
	all := limits(Limits{Transient: []int{429, 500, 502, 503, 504}})
	final := limits(Limits{Final: []int{404, 500, 503}})
	play(t, "transient-retried", map[string]scene{
		"500 listed":                {never(500).under(all), 500, Fail, ""},
		"504 listed":                {never(504).under(all), 504, Fail, "504 was not repeated in 5 of 5"},
		"504 not listed":            {never(504), 0, Inconclusive, "503, 502, 429 or 500"},
		"a bare 429, listed or not": {never(429).under(all), 429, Warn, ""},
		"503 taken out":             {never(503).under(limits(Limits{Transient: []int{502}})), 0, Inconclusive, "no idempotent call met a 502 or 500"},
		"500 is still a warning":    {never(500).under(limits(Limits{Transient: []int{502}})), 500, Warn, ""},
		"500 is final":              {never(500).under(final), 0, Inconclusive, "met a 502 or 429"},
		"503 is both":               {never(503).under(final), 0, Inconclusive, ""},
		"everything is final":       {never(503).under(limits(Limits{Transient: []int{503}, Final: []int{500, 503}})), 0, Inconclusive, "no status is to be repeated"},
	})
}
