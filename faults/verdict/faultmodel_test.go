package verdict

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// struck makes an exchange end as a fault made it end.
type struck struct{ on func(*observe.Attempt) }

// breaking ends it by a break, on a connection that was used so often.
func breaking(how faults.BreakKind, at faults.BreakPoint, use uint64) struck {
	return struck{func(a *observe.Attempt) {
		a.Origin, a.Fault, a.Break, a.BreakAt, a.ConnUse = observe.OriginInjected, "cut", how, at, use
		a.End, a.Class = observe.EndBroken, groove.ClassFailure
		if how == faults.BreakHang {
			a.End = observe.EndClientLeft
		}
		if at != faults.BreakBefore {
			a.Forwarded, a.UpstreamStatus = true, 200
		}
		if at == faults.BreakAfterHead || at == faults.BreakMidBody {
			a.Status = 200
		} else {
			a.Status = 0
		}
	}}
}

// answering answers with a status in Groove's place, after it has answered with another.
func answering(status, upstream int) struck {
	return struck{func(a *observe.Attempt) {
		a.Origin, a.Fault, a.Status, a.Class = observe.OriginInjected, "storm", status, groove.ClassFailure
		a.Forwarded, a.UpstreamStatus = true, upstream
	}}
}

// spoiling leaves the answer of a status as it is, but for what the faults did to it.
func spoiling(status int, by ...string) struck {
	return struck{func(a *observe.Attempt) {
		a.Origin, a.Status, a.SpoiledBy, a.Forwarded, a.UpstreamStatus = observe.OriginUpstream, status, by, true, status
		if a.Class = groove.ClassSuccess; status >= 400 {
			a.Class = groove.ClassFailure
		}
	}}
}

// fine succeeds.
var fine = struck{func(a *observe.Attempt) { a.Forwarded, a.UpstreamStatus = true, 200 }}

// film is a journal in the making, of one client that does one thing after the other.
type film struct {
	ether
	now  time.Duration
	conn uint64
}

// plays makes the attempts of one operation, so long after each other, and each on a connection of its own.
func (f *film) plays(o op, wait time.Duration, ends ...struck) *film {
	f.now += 2 * second
	for _, end := range ends {
		f.conn++
		a := observe.Attempt{
			Sequence: f.conn, Time: epoch.Add(f.now), Received: f.now, Answered: f.now + ms, Conn: f.conn, ConnUse: 1,
			Client: "caller", UserAgent: "Go-http-client/1.1", Endpoint: o.endpoint, Method: o.method, Target: o.target,
			BodyLength: int64(len(o.body)), BodyDigest: o.body, BodyComplete: true, Counter: observe.NoCounter,
			Status: 200, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete,
		}
		if o.grouping == observe.GroupingExplicit {
			a.CallID, a.CallIDHeader = o.target, observe.CallHeader
		}
		end.on(&a)
		f.attempts = append(f.attempts, a)
		f.now = a.Answered + wait
	}
	return f
}

// many plays the same operation on n targets of its own.
func (f *film) many(n int, o op, wait time.Duration, ends ...struck) *film {
	for range n {
		o := o
		if o.method == "" {
			o.method = "GET"
		}
		o.target = "/t/" + strconv.Itoa(int(f.conn))
		f.plays(o, wait, ends...)
	}
	return f
}

// known is a film that begins with a healthy baseline.
func known() *film { return new(film).many(10, op{}, 0, fine) }

func (f *film) finding(t *testing.T, check string, status int) Finding {
	t.Helper()
	for _, v := range Judge(Journal{Attempts: Of(f.attempts), Ended: true}, Options{}).Clients {
		for _, found := range v.Findings {
			if found.Check == check && found.Status == status {
				return found
			}
		}
	}
	t.Fatalf("no finding of %s for status %d", check, status)
	return Finding{}
}

// sight is a film and what a check is to say of it.
type sight struct {
	film   *film
	status int
	want   Result
	says   string
}

func watch(t *testing.T, check string, sights map[string]sight) {
	t.Helper()
	for name, s := range sights {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := s.film.finding(t, check, s.status)
			if f.Result != s.want {
				t.Errorf("%s is %s, want %s: %s (%s)", check, f.Result, s.want, f.Summary, f.Missing)
			}
			wellFormed(t, f, s.says)
		})
	}
}

func TestWritesThatMetABreak(t *testing.T) {
	t.Parallel()
	const reset, closed, hang, before, after, mid = faults.BreakReset, faults.BreakClose, faults.BreakHang, faults.BreakBefore, faults.BreakAfter, faults.BreakMidBody
	explicit := write().as(observe.GroupingExplicit)
	watch(t, "write-not-repeated", map[string]sight{
		"a reset after the work":             {known().many(2, write(), second, breaking(reset, after, 1), fine), 0, Fail, "after a reset in 2 of 2 calls, without an idempotency key; it had been applied in 2"},
		"a close after the work":             {known().many(2, write(), second, breaking(closed, after, 1), fine), 0, Fail, "after a lost answer"},
		"a reset before the work":            {known().many(2, write(), second, breaking(reset, before, 1), fine), 0, Fail, "Groove had not seen the first in 2"},
		"a reset within the answer":          {known().many(2, write(), second, breaking(reset, mid, 1), fine), 0, Fail, "a reset"},
		"one of either":                      {known().many(1, write(), second, breaking(reset, before, 1), fine).many(1, write(), second, breaking(closed, after, 1), fine), 0, Fail, "applied in 1"},
		"within the answer, on one in use":   {known().many(2, write(), 3*ms, breaking(reset, mid, 2), fine), 0, Fail, "a reset"},
		"the upstream failed too":            {known().many(2, write(), second, struck{func(a *observe.Attempt) { breaking(reset, after, 1).on(a); a.UpstreamStatus = 500 }}, fine), 0, Fail, "idempotency key / "},
		"left alone":                         {known().many(2, write(), second, breaking(reset, after, 1)), 0, Pass, "after a reset in 2 calls"},
		"by the stack, at once":              {known().many(2, write(), 3*ms, breaking(reset, after, 2), fine), 0, Inconclusive, ""},
		"by the stack of a busy machine":     {known().many(2, write(), 15*ms, breaking(reset, after, 2), fine), 0, Inconclusive, "came again at once in 2 of 2"},
		"the same with an id":                {known().many(2, explicit, 15*ms, breaking(closed, before, 7), fine), 0, Inconclusive, "no HTTP stack"},
		"at once on a fresh connection":      {known().many(2, write(), 3*ms, breaking(reset, after, 1), fine), 0, Fail, "a reset"},
		"by the stack and then by itself":    {known().many(2, write(), 0, breaking(reset, after, 2), answering(500, 500), fine), 0, Fail, "after 500"},
		"later, on a connection in use":      {known().many(2, write(), second, breaking(reset, after, 2), fine), 0, Fail, "a reset"},
		"a hang, then its own timeout":       {known().many(2, write(), second, breaking(hang, after, 1), fine), 0, Warn, "after leaving before the answer in 2 of 2 calls; it had been applied in 2"},
		"a hang within the answer":           {known().many(2, write(), second, breaking(hang, mid, 1), fine), 0, Warn, "leaving"},
		"a hang, and it names its calls":     {known().many(1, explicit, second, breaking(hang, before, 1), fine), 0, Fail, "had not seen the first in 1"},
		"500 after the work":                 {known().many(2, write(), second, answering(500, 200), fine), 0, Fail, "applied in 2"},
		"503 after the work":                 {known().many(2, write(), second, answering(503, 201), fine), 0, Warn, "after 503 in 2 of 2 calls; it had been applied in 2"},
		"503 that the upstream gave as well": {known().many(2, write(), second, answering(503, 503), fine), 0, Warn, "most likely it had not been applied"},
		"a spoiled answer":                   {known().many(2, write(), second, spoiling(200, "garble"), fine), 0, Inconclusive, "saw none"},
		"a spoiled 500":                      {known().many(2, write(), second, spoiling(500, "garble"), fine), 0, Inconclusive, "saw none"},
	})
}

// A repeat after a spoiled answer is no habit of coming back after a success, no repeat of a success and no repeat of
// a final answer.
func TestSpoiledAnswersSettleNothing(t *testing.T) {
	t.Parallel()
	spoilt := func() *film {
		return known().many(4, op{}, 300*ms, spoiling(200, "garble"), spoiling(200, "slow"), fine)
	}
	watch(t, "final-not-retried", map[string]sight{
		"spoiled answers are no baseline": {new(film).many(10, op{}, 0, spoiling(200, "garble")).many(3, op{}, 200*ms, answering(404, 0), answering(404, 0)), 0, Inconclusive, "baseline of 10 calls, saw 0"},
		"sound ones are":                  {known().many(3, op{}, 200*ms, answering(404, 0), answering(404, 0)), 0, Fail, "404 was repeated in 3"},
		"a spoiled 404":                   {known().many(3, op{}, 200*ms, spoiling(404, "garble"), spoiling(404, "garble")), 0, Inconclusive, "no call met a final answer"},
		"a 404 after one":                 {known().many(3, op{}, 200*ms, spoiling(200, "garble"), answering(404, 0)), 0, Pass, "404 was not repeated in 3"},
	})
	watch(t, "backs-off", map[string]sight{
		"spoiled 503s at once": {known().many(3, op{}, 0, spoiling(503, "cut"), spoiling(503, "cut"), spoiling(503, "cut"), spoiling(503, "cut")), 0, Inconclusive, "nothing was repeated"},
		"resets at once":       {known().many(3, op{}, 0, breaking(faults.BreakReset, faults.BreakBefore, 1), breaking(faults.BreakReset, faults.BreakBefore, 1), breaking(faults.BreakReset, faults.BreakBefore, 1), fine), 0, Inconclusive, "nothing was repeated"},
		"hangs at once":        {known().many(3, op{}, 0, breaking(faults.BreakHang, faults.BreakBefore, 1), breaking(faults.BreakHang, faults.BreakMidBody, 1), breaking(faults.BreakHang, faults.BreakAfter, 1), fine), 0, Inconclusive, "nothing was repeated"},
	})
	watch(t, "transient-retried", map[string]sight{
		"of a request that was spoiled before":          {known().many(5, op{}, 300*ms, spoiling(200, "garble"), answering(503, 0), fine), 503, Pass, "in 5 of 5"},
		"retries are still known after spoiled answers": {spoilt().many(5, op{}, 300*ms, answering(503, 0), fine), 503, Pass, "in 5 of 5"},
		"a spoiled 503 is nobody's to retry":            {known().many(5, op{}, 300*ms, spoiling(503, "cut")), 0, Inconclusive, "no idempotent call"},
	})
	watch(t, "write-not-repeated", map[string]sight{
		"a write after a spoiled one is no write of its own": {known().many(1, write(), second, spoiling(200, "garble"), fine).many(2, write(), second, answering(500, 0), fine), 0, Fail, "after 500"},
		"a write after a success is":                         {known().many(1, write(), second, fine, fine).many(2, write(), second, answering(500, 0), fine), 0, Inconclusive, ""},
		"nor after a soft error that was meant":              {known().many(1, write(), second, softly, fine).many(2, write(), second, answering(500, 0), fine), 0, Inconclusive, ""},
	})
}

// softly is a soft error that a fault put into the answer.
var softly = struck{func(a *observe.Attempt) {
	fine.on(a)
	a.Class, a.SpoiledBy = groove.ClassSoftError, []string{"partial"}
}}

// An id goes on after a spoiled answer as it does after a failure.
func TestANamedCallGoesOnAfterASpoiledAnswer(t *testing.T) {
	t.Parallel()
	explicit := op{method: "POST", endpoint: groove.CollectionAdd, body: "b", grouping: observe.GroupingExplicit}
	f := new(film).many(2, explicit, second, spoiling(200, "garble"), answering(500, 0), fine)
	if got := f.finding(t, "write-not-repeated", 0); got.Result != Fail {
		t.Errorf("after a spoiled answer: %s, want fail: %s %s", got.Result, got.Summary, got.Missing)
	}
	f = new(film).many(2, explicit, second, fine, answering(500, 0), fine)
	if got := f.finding(t, "write-not-repeated", 0); got.Result == Fail {
		t.Errorf("after a success: %s, want no fail: %s", got.Result, got.Summary)
	}
}

// A connection that broke before a request came says nothing of any call.
func TestConnectionsWithoutARequestAreNobodys(t *testing.T) {
	t.Parallel()
	f := known()
	for range 30 {
		f.plays(op{}, 0, breaking(faults.BreakReset, faults.BreakAccept, 1))
		f.now -= 2 * second
	}
	for _, v := range Judge(Journal{Attempts: Of(f.attempts), Ended: true}, Options{}).Clients {
		if v.Calls != 10 || v.Result == Fail {
			t.Errorf("got %s over %d calls, want 10 and no fail", v.Result, v.Calls)
		}
	}
}

// strike makes an exchange end by a fault of the new kinds. It reports whether the client sees a failure.
func strike(t *rapid.T, a *observe.Attempt) (failed bool) {
	how := rapid.SampledFrom([]faults.BreakKind{faults.BreakReset, faults.BreakClose, faults.BreakHang}).Draw(t, "how")
	at := rapid.SampledFrom([]faults.BreakPoint{faults.BreakBefore, faults.BreakAfter, faults.BreakAfterHead, faults.BreakMidBody}).Draw(t, "at")
	status := rapid.SampledFrom([]int{200, 200, 404, 503}).Draw(t, "spoiled")
	switch rapid.IntRange(0, 3).Draw(t, "strike") {
	case 0, 1:
		breaking(how, at, uint64(rapid.IntRange(1, 3).Draw(t, "use"))).on(a)
		return true
	case 2:
		answering(rapid.SampledFrom([]int{429, 500, 502, 503}).Draw(t, "answer"), 200).on(a)
		return true
	}
	spoiling(status, "garble").on(a)
	return status >= 400 || rapid.Bool().Draw(t, "noticed")
}

// TestSoundClientsNeverFailByBreaksOrSpoils holds that a client which repeats nothing but idempotent requests fails
// nothing, although its HTTP stack repeats whatever was on a connection that died, up to 15 ms late.
func TestSoundClientsNeverFailByBreaksOrSpoils(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := ether{}
		s := drawSound(t, "sound")
		at := time.Duration(0)
		share := rapid.IntRange(5, 90).Draw(t, "struck")
		conn := uint64(0)
		send := func(o op, at time.Duration) (*observe.Attempt, bool) {
			for {
				conn++
				a := e.exchange(t, o, s.name, at)
				a.Conn, a.Forwarded, a.UpstreamStatus = conn, true, 200
				failed := rapid.IntRange(1, 100).Draw(t, "fate") <= share && strike(t, a)
				stack := a.Break != "" && a.Break != faults.BreakHang && a.Status == 0 && a.ConnUse > 1
				if !stack {
					return a, failed
				}
				at = a.Answered + time.Duration(rapid.IntRange(0, 15_000).Draw(t, "at once"))*time.Microsecond
			}
		}
		for n := range rapid.IntRange(1, 40).Draw(t, "calls") {
			o := drawOp(t, n)
			for k := 1; ; k++ {
				a, failed := send(o, at)
				at = a.Answered + s.wait(t, k, a)
				if !failed || !idempotent(o.method) || k == s.attempts || a.Status == 404 && len(a.SpoiledBy) == 0 {
					break
				}
			}
			at += noise(t)
		}
		innocent(t, Journal{Attempts: Of(e.number()), Ended: rapid.Bool().Draw(t, "ended")})
	})
}

func TestSpoiledAttempts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		end                        struck
		failed, spoiled, succeeded bool
	}{
		"a success":             {fine, false, false, true},
		"a soft error":          {softly, false, false, true},
		"a soft error and more": {struck{func(a *observe.Attempt) { softly.on(a); a.SpoiledBy = append(a.SpoiledBy, "slow") }}, false, true, false},
		"a corrupted success":   {spoiling(200, "garble"), false, true, false},
		"a corrupted 503":       {spoiling(503, "garble"), true, true, false},
		"a hang within a 200": {struck{func(a *observe.Attempt) {
			breaking(faults.BreakHang, faults.BreakMidBody, 1).on(a)
			a.Class = groove.ClassSuccess
		}}, true, false, false},
		"a reset": {breaking(faults.BreakReset, faults.BreakBefore, 1), true, false, false},
	} {
		f := new(film).plays(op{method: "GET", target: "/"}, 0, tt.end)
		a := &f.attempts[0]
		if got := []bool{a.Failed(), a.Spoiled(), a.Succeeded()}; !slices.Equal(got, []bool{tt.failed, tt.spoiled, tt.succeeded}) {
			t.Errorf("%s: failed, spoiled and succeeded are %v, want %v %v %v", name, got, tt.failed, tt.spoiled, tt.succeeded)
		}
	}
}
