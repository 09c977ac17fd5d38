package faults_test

import (
	"fmt"
	"math/big"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
)

func limiting(q faults.Quota) faults.Fault {
	return faults.Fault{Name: "quota", Trigger: faults.Trigger{Quota: &q}}
}

// ask decides an exchange of a client at a time after the first.
func ask(e *faults.Engine, client string, after time.Duration) faults.Decision {
	x := exchange(nth(1))
	x.Client, x.Now = client, x.Now.Add(after)
	return e.Decide(x)
}

func TestQuotaStrikesWhatExceedsTheRate(t *testing.T) {
	t.Parallel()
	type asked struct {
		client string
		after  time.Duration
		// retry is what the decision is to say, 0 for an exchange that passes.
		retry time.Duration
	}
	const s = time.Second
	for what, test := range map[string]struct {
		quota faults.Quota
		asked []asked
	}{
		"a token comes in as time goes": {faults.Quota{Requests: 2}, []asked{
			{"a", 0, 0}, {"a", 0, 0}, {"a", 0, s / 2}, {"a", s / 4, s / 4}, {"a", s / 2, 0}, {"a", s / 2, s / 2},
		}},
		"what is struck takes nothing": {faults.Quota{Requests: 1}, []asked{
			{"a", 0, 0}, {"a", s / 2, s / 2}, {"a", s - 1, 1}, {"a", s, 0},
		}},
		"no more than the burst is kept": {faults.Quota{Requests: 10, Per: 10 * s, Burst: 2}, []asked{
			{"a", 0, 0}, {"a", 100 * s, 0}, {"a", 100 * s, 0}, {"a", 100 * s, s},
		}},
		"a burst above the requests": {faults.Quota{Requests: 1, Burst: 3}, []asked{
			{"a", 0, 0}, {"a", 0, 0}, {"a", 0, 0}, {"a", 0, s},
		}},
		"each client has its own": {faults.Quota{Requests: 1}, []asked{
			{"a", 0, 0}, {"b", 0, 0}, {"a", 0, s}, {"b", s / 2, s / 2},
		}},
		"one for all": {faults.Quota{Requests: 1, All: true}, []asked{
			{"a", 0, 0}, {"b", 0, s}, {"b", s, 0}, {"a", s, s},
		}},
		"thirds are rounded up": {faults.Quota{Requests: 3}, []asked{
			{"a", 0, 0}, {"a", 0, 0}, {"a", 0, 0}, {"a", 0, 333333334}, {"a", 333333333, 1}, {"a", 333333334, 0},
		}},
		"thirds add up": {faults.Quota{Requests: 3, Burst: 1}, []asked{
			{"a", 0, 0}, {"a", 333333334, 0}, {"a", 666666667, 1}, {"a", 666666668, 0}, {"a", s, 2}, {"a", s + 2, 0},
		}},
		"time does not go back": {faults.Quota{Requests: 1}, []asked{
			{"a", 10 * s, 0}, {"a", 0, s}, {"b", 0, 0}, {"a", 11 * s, 0},
		}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, 1, limiting(test.quota))
			ask(e, "the first", 0)
			if test.quota.All {
				e = newEngine(t, 1, limiting(test.quota))
			}
			for i, a := range test.asked {
				d := ask(e, a.client, a.after)
				if d.RetryAfter != a.retry || (d.Terminal != nil) != (a.retry > 0) {
					t.Errorf("exchange %d: struck %v, retry after %v, want %v", i, d.Terminal != nil, d.RetryAfter, a.retry)
				}
			}
		})
	}
}

func TestQuotaSaysWhy(t *testing.T) {
	t.Parallel()
	e := newEngine(t, 1, limiting(faults.Quota{Requests: 1, Per: time.Minute}))
	ask(e, "a", 0)
	if got, want := ask(e, "a", time.Second/2).Reason, "quota: quota 1 in 60s, token in 59.5s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestQuotaIsABucket holds the quota against a bucket kept in fractions, and
// what it says of the next token against what comes.
func TestQuotaIsABucket(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := faults.Quota{
			Requests: rapid.Uint64Range(1, 50).Draw(t, "requests"),
			Per:      time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(time.Hour)).Draw(t, "per")),
			Burst:    rapid.Uint64Range(0, 20).Draw(t, "burst"),
		}
		e := faults.NewEngine(1)
		if err := e.Apply([]faults.Fault{limiting(q)}); err != nil {
			t.Fatal(err)
		}
		burst := q.Burst
		if burst == 0 {
			burst = q.Requests
		}
		full := new(big.Rat).SetUint64(burst)
		rate := new(big.Rat).SetFrac(new(big.Int).SetUint64(q.Requests), big.NewInt(int64(q.Per)))
		tokens, one := new(big.Rat).Set(full), big.NewRat(1, 1)
		var at time.Duration
		for range rapid.IntRange(1, 60).Draw(t, "exchanges") {
			step := time.Duration(rapid.Int64Range(0, int64(q.Per)/int64(q.Requests)*2).Draw(t, "step"))
			at += step
			tokens.Add(tokens, new(big.Rat).Mul(rate, new(big.Rat).SetInt64(int64(step))))
			if tokens.Cmp(full) > 0 {
				tokens.Set(full)
			}
			d := ask(e, "a", at)
			if passes := tokens.Cmp(one) >= 0; passes != (d.Terminal == nil) {
				t.Fatalf("at %v with %s tokens: passed %v", at, tokens.FloatString(6), d.Terminal == nil)
			} else if passes {
				tokens.Sub(tokens, one)
				continue
			}
			missing := new(big.Rat).Sub(one, tokens)
			need := new(big.Rat).Quo(missing, rate)
			said := new(big.Rat).SetInt64(int64(d.RetryAfter))
			if over := new(big.Rat).Sub(said, need); over.Sign() < 0 || over.Cmp(one) >= 0 {
				t.Fatalf("at %v: retry after %v, want %s ns rounded up", at, d.RetryAfter, need.FloatString(3))
			}
		}
	})
}

func TestQuotaIsExactUnderParallelExchanges(t *testing.T) {
	t.Parallel()
	for range 20 {
		e := newEngine(t, 1, limiting(faults.Quota{Requests: 10, Per: time.Hour}))
		var struck atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if ask(e, "a", 0).Terminal != nil {
					struck.Add(1)
				}
			})
		}
		wg.Wait()
		if struck.Load() != 40 {
			t.Fatalf("struck %d of 50 at once with 10 tokens, want 40", struck.Load())
		}
	}
}

func TestQuotaComesBeforeWhatDraws(t *testing.T) {
	t.Parallel()
	e := newEngine(t, 1,
		answering("busy", 503, faults.Trigger{Share: new(1.0)}),
		answering("first", 502, faults.Trigger{First: 2}),
		limiting(faults.Quota{Requests: 1, Per: time.Hour}),
	)
	var got []string
	for range 5 {
		d := ask(e, "a", 0)
		got = append(got, d.Terminal.Fault.Name)
	}
	// The first two take no token, so that the third finds one.
	if want := "[first first busy quota quota]"; fmt.Sprint(got) != want {
		t.Errorf("struck by %v, want %s", got, want)
	}
}

func TestQuotaKeepsCountWhileItIsUnchanged(t *testing.T) {
	t.Parallel()
	f := limiting(faults.Quota{Requests: 1, Per: time.Hour})
	other := limiting(faults.Quota{Requests: 2, Per: time.Hour})
	e := newEngine(t, 1, f)
	ask(e, "a", 0)
	for _, test := range []struct {
		set  faults.Fault
		want bool
	}{{f, true}, {other, false}} {
		if err := e.Apply([]faults.Fault{test.set}); err != nil {
			t.Fatal(err)
		}
		if got := ask(e, "a", 0).Terminal != nil; got != test.want {
			t.Errorf("struck after %d in an hour was applied: %v, want %v", test.set.Trigger.Quota.Requests, got, test.want)
		}
	}
}

func TestQuotaWithALimitEnds(t *testing.T) {
	t.Parallel()
	f := limiting(faults.Quota{Requests: 1, Per: time.Hour})
	f.Trigger.Limit = 1
	e := newEngine(t, 1, f)
	for i, want := range []time.Duration{0, time.Hour, 0} {
		if got := ask(e, "a", 0).RetryAfter; got != want {
			t.Errorf("exchange %d: retry after %v, want %v", i, got, want)
		}
	}
}
