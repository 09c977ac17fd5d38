package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// on says what the client calls itself.
func (p *tape) on(agent string) *tape {
	p.agent = agent
	return p
}

func TestBacksOff(t *testing.T) {
	t.Parallel()
	hammer := op{tries: fails(503, ms, 2*ms, ms)}
	patient := op{tries: fails(503, 500*ms, second, 2*second)}
	lazy := op{tries: fails(503, 26*ms, 24*ms, 54*ms)}
	jitter := op{tries: fails(503, 4*ms, 12*ms, 17*ms)}
	gaps := func(waits ...time.Duration) op { return op{tries: fails(503, waits...)} }
	polled := hammer
	polled.polling = true
	ours := try{after: ms, status: 502, origin: observe.OriginOurs}
	play(t, "backs-off", map[string]scene{
		"waits":                             {newTape(10).add(patient), 0, Pass, "0.50 s to 2.00 s"},
		"three instant retries":             {newTape(10).times(3, hammer), 0, Fail, "1.0 ms to 2.0 ms in 3 of 3 calls"},
		"three at 19 ms":                    {newTape(10).times(3, gaps(19*ms, 19*ms, 19*ms)), 0, Fail, ""},
		"three at 20 ms":                    {newTape(10).add(gaps(20*ms, 20*ms, 20*ms)), 0, Info, "tiny delay"},
		"two gaps are too few":              {newTape(10).add(gaps(0, 0)), 0, Inconclusive, "needs 3"},
		"hammering three by three":          {newTape(10).times(3, gaps(ms)), 0, Inconclusive, "beside an instant first retry"},
		"an instant first retry":            {newTape(10).times(3, gaps(0, second, 2*second)), 0, Pass, ""},
		"Node wants 8":                      {newTape(10).on("node").times(2, hammer), 0, Inconclusive, "needs 8"},
		"Python wants 8":                    {newTape(10).on("python-requests/2.28.1").times(2, hammer), 0, Inconclusive, "needs 8"},
		"Node with 9":                       {newTape(10).on("node").times(3, hammer), 0, Fail, ""},
		"late in some calls":                {newTape(10).times(3, hammer).times(9, lazy), 0, Fail, "3 of 12"},
		"the law may be tiny":               {newTape(10).times(1, jitter).times(9, lazy), 0, Info, "tiny delay"},
		"one call that may be jitter":       {newTape(10).add(jitter), 0, Info, "tiny delay"},
		"two such calls":                    {newTape(10).times(2, jitter), 0, Inconclusive, "saw 2"},
		"three such calls":                  {newTape(10).times(3, jitter), 0, Fail, ""},
		"8 pooled gaps":                     {newTape(10).times(8, gaps(second, ms)), 0, Fail, "90 %"},
		"7 pooled gaps":                     {newTape(10).times(7, gaps(second, ms)), 0, Info, ""},
		"one pooled gap in 8 is long":       {newTape(10).times(7, gaps(second, ms)).add(gaps(second, second)), 0, Pass, ""},
		"one pooled gap in 20 is long":      {newTape(10).times(19, gaps(second, ms)).add(gaps(second, second)), 0, Fail, ""},
		"tiny full jitter":                  {newTape(10).times(6, gaps(3*ms, 31*ms, 80*ms)), 0, Info, "tiny delay"},
		"driven by Retry-After":             {newTape(10).times(3, op{tries: asks(503, "0", 0, 0, 0)}), 0, Inconclusive, "saw none"},
		"at once in spite of Retry-After":   {newTape(10).times(3, op{tries: asks(503, "2", ms, ms, ms)}), 0, Fail, "in 3 of 3 calls"},
		"two callers told to wait":          {newTape(10).times(3, op{tries: asks(503, "2", ms, 2*second, ms, 2*second, ms)}), 0, Inconclusive, ""},
		"a little early":                    {newTape(10).times(3, op{tries: asks(503, "2", 1500*ms, 1500*ms, 1500*ms)}), 0, Inconclusive, "saw none"},
		"final answers are another check's": {newTape(10).times(3, op{tries: fails(404, 0, 0, 0)}), 0, Inconclusive, "saw none"},
		"no baseline":                       {newTape(2).add(hammer), 0, Inconclusive, "saw 0"},
		"no baseline, a write":              {newTape(0).times(3, write(fails(500, 0, 0, 0)...)), 0, Fail, ""},
		"no baseline, explicit":             {newTape(0).add(hammer.as(observe.GroupingExplicit)), 0, Fail, ""},
		"ambiguous":                         {newTape(10).times(9, hammer.as(observe.GroupingAmbiguous)), 0, Inconclusive, "saw 0"},
		"polling":                           {newTape(10).times(9, polled), 0, Inconclusive, ""},
		"ours":                              {newTape(10).add(op{tries: []try{ours, ours, ours, ours}}), 0, Inconclusive, "saw none"},
		"in flight at the first 429":        {newTape(10).add(op{tries: fails(429, ms, ms, ms)}), 0, Inconclusive, "saw 0"},
		"after the first 429":               {newTape(10).add(op{tries: fails(429)}).times(3, op{tries: fails(429, ms, ms, ms)}), 0, Fail, ""},
		"on one connection":                 {newTape(10).times(3, op{tries: []try{{status: 429, conn: 7}, {status: 429, conn: 7}, {status: 429, conn: 7}, {status: 429, conn: 7}}}), 0, Fail, ""},
		"watching ended":                    {newTape(10).add(op{tries: patient.tries, censored: true}), 0, Pass, ""},
	})
}
