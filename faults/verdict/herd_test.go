package verdict

import (
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// crowd is calls of n clients, each known by 10 healthy ones, that fail together a minute in and come back after the waits
// given to each.
func crowd(n int, spread time.Duration, o op, wait func(i int) time.Duration) []observe.Call {
	var calls []observe.Call
	for i := range n {
		p := newTape(0)
		p.client = fmt.Sprintf("instance %d", i)
		p.times(10, op{tries: []try{{status: 200}}})
		one := o
		one.at = 60*second + time.Duration(i)*spread/time.Duration(n)
		one.tries = append([]try(nil), o.tries...)
		one.tries[1].after = wait(i)
		p.add(one)
		for j := range p.calls {
			p.calls[j].ID = fmt.Sprintf("%d.%s", i, p.calls[j].ID)
			for k := range p.calls[j].Attempts {
				p.calls[j].Attempts[k].Sequence += uint64(1000 * i)
			}
		}
		calls = append(calls, p.calls...)
	}
	return calls
}

// batch is n calls of one client that fail together and come back together, in no order.
func batch(n int) *tape {
	p := newTape(10)
	for i := range n {
		p.add(op{at: time.Minute + time.Duration(i)*ms, tries: fails(503, second-time.Duration(i*7%n)*3*ms, 2*second, 4*second)})
	}
	return p
}

func TestNoHerd(t *testing.T) {
	t.Parallel()
	once := waiting(second)
	same := func(int) time.Duration { return second }
	full := func(i int) time.Duration { return time.Duration(i*37%40) * 25 * ms }
	late := func(i int) time.Duration {
		if i%10 == 0 {
			return 3*second + time.Duration(i)*ms
		}
		return full(i)
	}
	equal := func(i int) time.Duration { return 500*ms + full(i)/2 }
	tests := map[string]struct {
		calls []observe.Call
		want  Result
		says  string
	}{
		"all at once":             {crowd(40, 50*ms, once, same), Warn, "of 40 clients that failed within 100 ms, 40 came back within 100 ms, after 1.00 s"},
		"10 are enough":           {crowd(10, 50*ms, once, same), Warn, ""},
		"9 are too few":           {crowd(9, 50*ms, once, same), Inconclusive, "saw 9"},
		"full jitter":             {crowd(40, 50*ms, once, full), Pass, "of 40 clients"},
		"full jitter, some late":  {crowd(40, 50*ms, once, late), Pass, ""},
		"equal jitter":            {crowd(40, 50*ms, once, equal), Pass, ""},
		"failed one by one":       {crowd(12, 12*second, once, same), Inconclusive, "saw 1"},
		"driven by Retry-After":   {crowd(40, 50*ms, op{tries: asks(503, "1", second)}, same), Inconclusive, ""},
		"told first":              {crowd(40, 50*ms, op{tries: []try{{status: 503, ra: "1"}, {status: 503}, {after: 2 * second, status: 503}}}, same), Inconclusive, ""},
		"one client, many calls":  {batch(12).calls, Inconclusive, "saw 1"},
		"ambiguous":               {crowd(40, 50*ms, once.as(observe.GroupingAmbiguous), same), Inconclusive, ""},
		"two thirds together":     {crowd(30, 50*ms, once, func(i int) time.Duration { return second + time.Duration(i%3/2)*time.Duration(i)*40*ms }), Warn, "21 came back"},
		"a client has one return": {newTape(10).times(20, once).calls, Inconclusive, "saw 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := judgeCalls(tt.calls, nil, Options{Checks: []string{"no-herd"}})
			if len(report.Findings) != 1 || report.Findings[0].Result != tt.want {
				t.Fatalf("findings are %+v, want one that is %s", report.Findings, tt.want)
			}
			wellFormed(t, report.Findings[0], tt.says)
			if want := map[Result]Result{Warn: Pass, Pass: Pass, Inconclusive: Inconclusive}[tt.want]; report.Result != want {
				t.Errorf("the report is %s, want %s", report.Result, want)
			}
		})
	}
}

func TestNoHerdHeedsThePolicy(t *testing.T) {
	t.Parallel()
	calls := crowd(40, 50*ms, waiting(second), func(int) time.Duration { return second })
	for severity, want := range map[Severity]Result{SeverityOff: "", SeverityInfo: Info, SeverityWarn: Warn, SeverityFail: Fail} {
		got := Result("")
		report := judgeCalls(calls, nil, Options{Policy: Policy{{Checks: []string{"no-herd"}, Severity: severity}}})
		for _, f := range report.Findings {
			got = f.Result
		}
		if got != want || (report.Result == Fail) != (want == Fail) {
			t.Errorf("%s: the finding is %q in a report that is %s, want %q", severity, got, report.Result, want)
		}
	}
	if got := judgeCalls(newTape(10).calls, nil, Options{}).Findings; got != nil {
		t.Errorf("findings of nothing that were not asked for: %v", got)
	}
}

// However many come back, a herd that was seen is kept, and what is old and was of few is not.
func TestNoHerdIsBounded(t *testing.T) {
	t.Parallel()
	h := &herdTally{}
	arrive := func(client string, failed time.Duration) {
		h.exposed++
		h.keep(comeback{deed: deed{witness: witness{id: client}, before: uint64(h.exposed)}, client: client, failed: failed, back: failed + second})
	}
	for i := range 20 {
		arrive(fmt.Sprint("herd ", i), second)
	}
	for i := range 3 * mostReturns {
		arrive("busy", time.Minute+time.Duration(i)*second)
	}
	if len(h.returns) > mostReturns {
		t.Errorf("%d returns are kept, want at most %d", len(h.returns), mostReturns)
	}
	if last := h.returns[len(h.returns)-1].failed; last < time.Duration(2*mostReturns)*second {
		t.Errorf("the last return is of %s, want a late one", last)
	}
	if got := h.findings()[0]; got.Result != Warn {
		t.Errorf("the herd is forgotten: %s (%s)", got.Summary, got.Missing)
	}
}
