package verdict

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"pgregory.net/rapid"
)

// sound is a client that does nothing wrong: it repeats what may be repeated, waits as long as it is told and longer
// each time, and gives up.
type sound struct {
	name     string
	attempts int
	base     time.Duration
	factor   float64
	// jitter adds up to this share of the wait, eager makes the first retry instant.
	jitter float64
	eager  bool
}

func drawSound(t *rapid.T, name string) sound {
	return sound{
		name:     name,
		attempts: rapid.IntRange(2, 4).Draw(t, "attempts"),
		base:     time.Duration(rapid.IntRange(100, 2000).Draw(t, "base")) * ms,
		factor:   rapid.Float64Range(1, 2.5).Draw(t, "factor"),
		jitter:   rapid.Float64Range(0, 1).Draw(t, "jitter"),
		eager:    rapid.Bool().Draw(t, "eager"),
	}
}

// wait is how long the client waits before its kth retry: never less than it was asked to.
func (s sound) wait(t *rapid.T, k int, last *observe.Attempt) time.Duration {
	wait := s.base
	for range k - 1 {
		wait = time.Duration(float64(wait) * s.factor)
	}
	wait += time.Duration(rapid.Float64Range(0, s.jitter).Draw(t, "jittered") * float64(wait))
	if s.eager && k == 1 {
		wait = 0
	}
	if asked, ok := last.Wait(); ok {
		wait = max(wait, asked.Wait)
	}
	return wait + noise(t)
}

// noise is how much later than meant a request arrives: mostly little, at times up to 3 s.
func noise(t *rapid.T) time.Duration {
	if rapid.IntRange(0, 9).Draw(t, "busy") == 0 {
		return time.Duration(rapid.IntRange(0, 3000).Draw(t, "late")) * ms
	}
	return time.Duration(rapid.IntRange(500, 5000).Draw(t, "noise")) * time.Microsecond
}

// ether is what lies between the clients of a law and Groove.
type ether struct {
	attempts []observe.Attempt
	// faulty is the share of answers, in percent, that are failures.
	faulty int
}

var askedFor = []string{"", "", "", "0", "1", "2", "5", "3600", "soon"}

// exchange answers one request and returns the attempt.
func (e *ether) exchange(t *rapid.T, o op, client string, at time.Duration) *observe.Attempt {
	a := observe.Attempt{
		Received: at, Answered: at + time.Duration(rapid.IntRange(1, 200).Draw(t, "took"))*100*time.Microsecond,
		Time: epoch.Add(at), Conn: uint64(rapid.IntRange(1, 4).Draw(t, "conn")), ConnUse: 1,
		Client: client, UserAgent: "Go-http-client/1.1", Endpoint: o.endpoint, Method: o.method, Target: o.target,
		BodyLength: int64(len(o.body)), BodyDigest: o.body, BodyComplete: true, Counter: observe.NoCounter,
		Status: 200, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete,
	}
	if rapid.IntRange(1, 100).Draw(t, "fate") <= e.faulty {
		a.Status = rapid.SampledFrom([]int{429, 500, 502, 503, 503, 404, 403, 400}).Draw(t, "status")
		a.Class, a.Origin = groove.ClassFailure, observe.OriginInjected
		if a.Status == 429 || a.Status == 503 {
			a.RetryAfter = rapid.SampledFrom(askedFor).Draw(t, "retry after")
		}
		if rapid.IntRange(0, 19).Draw(t, "whose") == 0 {
			a.Origin = observe.OriginOurs
		}
	}
	e.attempts = append(e.attempts, a)
	return &e.attempts[len(e.attempts)-1]
}

// call makes the client do one operation, and returns when it is over.
func (e *ether) call(t *rapid.T, s sound, o op, at time.Duration) time.Duration {
	for k := 1; ; k++ {
		a := e.exchange(t, o, s.name, at)
		asked, ok := a.Wait()
		again := idempotent(o.method) && slices.Contains(retriedStatuses, a.Status) && k < s.attempts && (!ok || asked.Wait < time.Minute)
		if !again {
			return a.Answered
		}
		at = a.Answered + s.wait(t, k, a)
	}
}

func drawOp(t *rapid.T, n int) op {
	if rapid.IntRange(0, 4).Draw(t, "writes") == 0 {
		return op{method: "POST", endpoint: groove.CollectionAdd, target: "/collection/add", body: fmt.Sprintf("body %d", n)}
	}
	return op{method: "GET", endpoint: groove.Search, target: fmt.Sprintf("/search?q=%d", n)}
}

// number gives the attempts their sequence numbers in order of arrival.
func (e *ether) number() []observe.Attempt {
	slices.SortStableFunc(e.attempts, func(a, b observe.Attempt) int { return cmp.Compare(a.Received, b.Received) })
	for i := range e.attempts {
		e.attempts[i].Sequence = uint64(i + 1)
	}
	return e.attempts
}

// innocent fails the law if anything is held against anybody.
func innocent(t *rapid.T, j Journal) {
	t.Helper()
	for _, v := range Judge(j, Options{}).Clients {
		for _, f := range v.Findings {
			if f.Result == Fail {
				t.Fatalf("%s fails %s (%d): %s, calls %v, grouping %s", v.Client, f.Check, f.Status, f.Summary, f.Calls, f.Grouping)
			}
		}
	}
}

func TestSoundClientsNeverFail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := ether{faulty: rapid.IntRange(0, 100).Draw(t, "faulty")}
		s := drawSound(t, "sound")
		workers := rapid.IntRange(1, 8).Draw(t, "workers")
		calls := rapid.IntRange(1, 40).Draw(t, "calls")
		n := 0
		for range workers {
			at := time.Duration(rapid.IntRange(0, 1000).Draw(t, "start")) * ms
			for range calls {
				n++
				at = e.call(t, s, drawOp(t, n), at) + noise(t)
			}
		}
		innocent(t, Journal{Attempts: Of(e.number()), Ended: rapid.Bool().Draw(t, "ended")})
	})
}

func TestReturningClientsNeverFail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := ether{faulty: rapid.IntRange(0, 60).Draw(t, "faulty")}
		s := drawSound(t, "returning")
		targets := rapid.IntRange(1, 5).Draw(t, "targets")
		think := time.Duration(rapid.IntRange(0, 5000).Draw(t, "think")) * ms
		at := time.Duration(0)
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			o := op{method: "GET", endpoint: groove.Genres, target: "/genres/" + strconv.Itoa(rapid.IntRange(1, targets).Draw(t, "target"))}
			at = e.call(t, s, o, at) + think + noise(t)
		}
		innocent(t, Journal{Attempts: Of(e.number()), Ended: rapid.Bool().Draw(t, "ended")})
	})
}

func TestPollersNeverFail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := ether{faulty: rapid.IntRange(0, 100).Draw(t, "faulty")}
		for p := range rapid.IntRange(1, 4).Draw(t, "pollers") {
			every := time.Duration(rapid.IntRange(1, 10_000).Draw(t, "every")) * ms
			o := op{method: "GET", endpoint: groove.Profile, target: "/profile/" + strconv.Itoa(p)}
			at := time.Duration(0)
			for range rapid.IntRange(5, 40).Draw(t, "polls") {
				at = e.exchange(t, o, "poller", at).Answered + every + noise(t)
			}
		}
		innocent(t, Journal{Attempts: Of(e.number()), Ended: rapid.Bool().Draw(t, "ended")})
	})
}

// Identical calls that are under way at the same time look like repeats of each other.
func TestCrowdsNeverFail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := ether{faulty: rapid.IntRange(0, 100).Draw(t, "faulty")}
		s := drawSound(t, "crowd")
		for i := range rapid.IntRange(0, 12).Draw(t, "baseline") {
			e.call(t, s, op{method: "GET", target: "/alone/" + strconv.Itoa(i)}, time.Duration(i)*100*ms)
		}
		for range rapid.IntRange(16, 64).Draw(t, "crowd") {
			at := 5*second + time.Duration(rapid.IntRange(0, 20_000).Draw(t, "start"))*time.Microsecond
			e.call(t, s, op{method: "GET", target: "/same"}, at)
		}
		innocent(t, Journal{Attempts: Of(e.number()), Ended: true})
	})
}

// drawTape records calls of all kinds, good and bad.
func drawTape(t *rapid.T) *tape {
	p := newTape(rapid.IntRange(0, 12).Draw(t, "healthy"))
	for range rapid.IntRange(1, 20).Draw(t, "calls") {
		p.add(drawCall(t))
	}
	return p
}

func drawCall(t *rapid.T) op {
	o := op{censored: rapid.IntRange(0, 9).Draw(t, "censored") == 0}
	if rapid.Bool().Draw(t, "write") {
		o = write()
	}
	if rapid.IntRange(0, 3).Draw(t, "explicit") == 0 {
		o.grouping = observe.GroupingExplicit
	}
	if rapid.IntRange(0, 3).Draw(t, "shared") == 0 {
		o.target = "/shared/" + strconv.Itoa(rapid.IntRange(1, 3).Draw(t, "target"))
	}
	status, ra := rapid.SampledFrom([]int{503, 503, 429, 500, 502, 404}).Draw(t, "status"), rapid.SampledFrom(askedFor).Draw(t, "ra")
	wait := time.Duration(rapid.SampledFrom([]int{1, 15, 300, 1000, 4000}).Draw(t, "wait")) * ms
	o.tries = asks(status, ra, every(rapid.IntRange(0, 11).Draw(t, "repeats"), wait)...)
	if rapid.IntRange(0, 3).Draw(t, "recovers") == 0 {
		o.tries = append(o.tries, try{after: wait, status: 200})
	}
	if n := len(o.tries); n > 1 && rapid.IntRange(0, 9).Draw(t, "loses") == 0 {
		o.tries[n-1].emptied = true
	}
	return o
}

func failing(calls []observe.Call) map[string]bool {
	failed := map[string]bool{}
	for _, v := range judgeCalls(calls, nil, Options{}).Clients {
		for _, f := range v.Findings {
			if f.Result == Fail {
				failed[fmt.Sprintf("%s %s %d", v.Client, f.Check, f.Status)] = true
			}
		}
	}
	return failed
}

func TestAmbiguousCallsNeverFailAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawTape(t)
		certain := failing(p.calls)
		all := slices.Clone(p.calls)
		for range rapid.IntRange(1, 10).Draw(t, "ambiguous") {
			o := drawCall(t)
			o.at = time.Duration(rapid.Int64Range(1, int64(p.now)).Draw(t, "at"))
			p.add(o)
			extra := p.calls[len(p.calls)-1]
			extra.Grouping, extra.Polling = observe.GroupingAmbiguous, rapid.Bool().Draw(t, "polling")
			all = append(all, extra)
		}
		for failed := range failing(all) {
			if !certain[failed] {
				t.Fatalf("ambiguous calls make %s fail", failed)
			}
		}
	})
}

func TestOrderOfAttemptsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var attempts []observe.Attempt
		for _, c := range drawTape(t).calls {
			attempts = append(attempts, flat(&c)...)
		}
		want, err := json.Marshal(Judge(Journal{Attempts: Of(attempts)}, Options{}))
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(Judge(Journal{Attempts: Of(rapid.Permutation(attempts).Draw(t, "order"))}, Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Fatalf("report is\n%s, want\n%s", got, want)
		}
	})
}
