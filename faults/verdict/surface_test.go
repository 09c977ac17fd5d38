package verdict

import (
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// front is a tape of calls that the caller named, each with what it told its user right after.
type front struct {
	*tape
	outcomes []observe.Outcome
}

func newFront() *front { return &front{tape: newTape(0)} }

// tells adds a named call that ends in so many attempts, changed on the way, and what the user was told of it.
func (f *front) tells(o observe.Outcome, change func(*observe.Attempt), tries ...try) *front {
	f.add(op{grouping: observe.GroupingExplicit, tries: tries})
	c := &f.calls[len(f.calls)-1]
	last := c.Attempts[len(c.Attempts)-1]
	if change != nil {
		change(last)
	}
	o.CallID, o.Time = last.CallID, last.Time.Add(time.Second)
	f.outcomes = append(f.outcomes, o)
	return f
}

// later reports an outcome, so long after the last call, that is about none of them.
func (f *front) later(after time.Duration, kind observe.OutcomeKind) *front {
	f.outcomes = append(f.outcomes, observe.Outcome{Client: f.client, CallID: "none of them", Kind: kind, Time: epoch.Add(f.now + after)})
	return f
}

func (f *front) finding(t *testing.T, check string, p Policy) Finding {
	t.Helper()
	b := newBar(Options{Policy: p})
	b.listen(f.outcomes)
	for _, c := range chapters(f.calls) {
		b.fit(c)
	}
	for _, c := range chapters(f.calls) {
		b.take(c)
	}
	for _, found := range b.report(nil).Clients[0].Findings {
		if found.Check == check {
			return found
		}
	}
	t.Fatalf("no finding of %s", check)
	return Finding{}
}

// shown is what a front told and what a check is to say of it.
type shown struct {
	front *front
	want  Result
	says  string
}

func show(t *testing.T, check string, fronts map[string]shown) {
	t.Helper()
	for name, s := range fronts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := s.front.finding(t, check, nil)
			if f.Result != s.want {
				t.Errorf("%s is %s, want %s: %s (%s)", check, f.Result, s.want, f.Summary, f.Missing)
			}
			wellFormed(t, f, s.says)
		})
	}
}

var (
	success = observe.Outcome{Kind: observe.OutcomeSuccess}
	empty   = observe.Outcome{Kind: observe.OutcomeEmpty}
	partial = observe.Outcome{Kind: observe.OutcomePartial}
	failed  = observe.Outcome{Kind: observe.OutcomeError}
)

func TestErrorSurfaced(t *testing.T) {
	t.Parallel()
	unknown := fails(503, second, second)
	ours := func(a *observe.Attempt) { a.Origin = observe.OriginOurs }
	spoiled := func(a *observe.Attempt) { a.SpoiledBy = []string{"garble"} }
	left := func(a *observe.Attempt) { a.Status, a.End = 0, observe.EndClientLeft }
	ambiguous := newFront().tells(success, nil, unknown...)
	ambiguous.calls[0].Grouping = observe.GroupingAmbiguous
	hedged := []try{{status: 200, took: 100 * ms}, {after: -50 * ms, end: observe.EndClientLeft, hedge: true}}
	slowly := newFront().tells(success, nil, hedged...)
	slowly.calls[0].Attempts[0].SpoiledBy = []string{"slow"}
	moved := newFront().tells(success, nil, try{status: 302}, try{after: ms, status: 503})
	show(t, "error-surfaced", map[string]shown{
		"a hedge that was let go":     {newFront().tells(success, nil, hedged...), Inconclusive, "no call met"},
		"beside an answer that crept": {slowly, Inconclusive, "no call met"},
		"sent elsewhere, and nothing": {moved, Fail, "met 503"},
		"an error":                    {newFront().tells(failed, nil, unknown...), Pass, "rightly in 1 outcome"},
		"a success":                   {newFront().tells(success, nil, unknown...), Fail, "the last of 3 attempts met 503, and the user was told of a success, in 1 of 1 outcome"},
		"an empty result":             {newFront().tells(failed, nil, unknown...).tells(empty, nil, unknown...), Fail, "an empty result, in 1 of 2 outcomes"},
		"a result that says it lacks": {newFront().tells(partial, nil, unknown...), Pass, ""},
		"a hang, and a success":       {newFront().tells(success, left, unknown...), Fail, "gave up waiting"},
		"the call succeeded":          {newFront().tells(success, nil, try{status: 503}, try{after: second, status: 200}), Inconclusive, "no call met"},
		"our own failure":             {newFront().tells(success, ours, unknown...), Inconclusive, "no call met"},
		"a spoiled answer":            {newFront().tells(success, spoiled, unknown...), Inconclusive, "no call met"},
		"nothing was reported":        {&front{tape: newTape(0).add(op{tries: unknown})}, Inconclusive, "saw none"},
		"which call is not certain":   {ambiguous, Inconclusive, "without doubt"},
	})
}

// A caller that asked once more, as another call, may have told its user of that one.
func TestErrorSurfacedKnowsAnotherCall(t *testing.T) {
	t.Parallel()
	f := newFront().tells(success, nil, try{status: 503})
	f.calls[0].Grouping, f.calls[0].Attempts[0].Target = observe.GroupingInferred, "/again"
	f.add(op{target: "/again", tries: []try{{status: 200}}})
	f.outcomes[0].Time = epoch.Add(f.now + second)
	if got := f.finding(t, "error-surfaced", nil); got.Result != Inconclusive {
		t.Errorf("got %s, want inconclusive: %s", got.Result, got.Summary)
	}
}

func TestCodeMapped(t *testing.T) {
	t.Parallel()
	told := func(code, category string) observe.Outcome {
		return observe.Outcome{Kind: observe.OutcomeError, Code: code, Category: category}
	}
	expired := try{status: 401, code: groove.CodeAuthorizationTokenExpired}
	slow := expired
	slow.took = second
	beside := []try{slow, {after: -500 * ms, status: 429, code: groove.CodeTooManyRequests, hedge: true}}
	show(t, "code-mapped", map[string]shown{
		"of the last to answer":   {newFront().tells(told("AUTHORIZATION_TOKEN_EXPIRED", ""), nil, beside...), Pass, ""},
		"of none that ended it":   {newFront().tells(told("CATALOG_NO_RESULT", ""), nil, beside...), Fail, ""},
		"the same":                {newFront().tells(told("AUTHORIZATION_TOKEN_EXPIRED", ""), nil, expired), Pass, ""},
		"the same with hyphens":   {newFront().tells(told("authorization-token-expired", ""), nil, expired), Pass, ""},
		"another":                 {newFront().tells(told("CATALOG_NO_RESULT", ""), nil, expired), Fail, "the last answer was AUTHORIZATION_TOKEN_EXPIRED, and the user was told CATALOG_NO_RESULT"},
		"its category":            {newFront().tells(told("", "Auth"), nil, expired), Pass, ""},
		"another category":        {newFront().tells(told("E17", "catalog"), nil, expired), Fail, "of the category auth"},
		"a code of its own":       {newFront().tells(told("E17", ""), nil, expired), Inconclusive, "no call met"},
		"a category of its own":   {newFront().tells(told("", "oops"), nil, expired), Inconclusive, ""},
		"no error, another check": {newFront().tells(success, nil, expired), Inconclusive, ""},
		"the answer had none":     {newFront().tells(told("CATALOG_NO_RESULT", ""), nil, try{status: 503}), Inconclusive, ""},
		"of an earlier attempt":   {newFront().tells(told("TOO_MANY_REQUESTS", ""), nil, try{status: 429, code: groove.CodeTooManyRequests}, try{after: second, status: 401, code: groove.CodeAuthorizationTokenExpired}), Fail, ""},
	})
}

func TestSoftErrorNoticed(t *testing.T) {
	t.Parallel()
	soft := func(a *observe.Attempt) {
		a.Class, a.ErrorCode, a.Origin = groove.ClassSoftError, groove.CodeCatalogInvalidData, observe.OriginInjected
	}
	cut := func(a *observe.Attempt) { soft(a); a.SpoiledBy = []string{"partial", "slow"} }
	show(t, "soft-error-noticed", map[string]shown{
		"beside a whole one":  {newFront().tells(success, soft, try{status: 200, took: second}, try{after: -500 * ms, status: 200, hedge: true}), Inconclusive, "no call met"},
		"shown as complete":   {newFront().tells(success, soft, try{status: 200}), Fail, "a 200 carried CATALOG_INVALID_DATA, and the user was told of a success"},
		"shown as partial":    {newFront().tells(partial, soft, try{status: 200}), Pass, ""},
		"shown as an error":   {newFront().tells(failed, soft, try{status: 200}), Pass, ""},
		"a success it was":    {newFront().tells(success, nil, try{status: 200}), Inconclusive, "no call met"},
		"spoiled on its way":  {newFront().tells(success, cut, try{status: 200}), Inconclusive, "no call met"},
		"nothing was told us": {&front{tape: tapeOf(soft)}, Inconclusive, "nothing was reported of 1 such call"},
	})
}

// tapeOf is a tape of one call whose only attempt is changed.
func tapeOf(change func(*observe.Attempt)) *tape {
	p := newTape(0).add(op{tries: []try{{status: 200}}})
	change(p.calls[0].Attempts[0])
	return p
}

func TestNoLeak(t *testing.T) {
	t.Parallel()
	marked := func(a *observe.Attempt) { a.Marker = "gc-1a2b3c4d5e" }
	reads := func(text string) observe.Outcome { return observe.Outcome{Kind: observe.OutcomeError, Text: text} }
	show(t, "no-leak", map[string]shown{
		"leaks":        {newFront().tells(reads("sorry: backend 7 (gc-1a2b3c4d5e)"), marked, fails(503)...), Fail, "the user read the marker gc-1a2b3c4d5e"},
		"does not":     {newFront().tells(reads("please try later"), marked, fails(503)...), Pass, ""},
		"no text":      {newFront().tells(failed, marked, fails(503)...), Inconclusive, ""},
		"not marked":   {newFront().tells(reads("gc-1a2b3c4d5e"), nil, fails(503)...), Inconclusive, ""},
		"another mark": {newFront().tells(reads("gc-ffffffffff"), marked, fails(503)...), Pass, ""},
	})
}

func TestAnswersInTime(t *testing.T) {
	t.Parallel()
	slow := func(a *observe.Attempt) { a.Delay = 20 * time.Second }
	reset := func(a *observe.Attempt) { a.Break, a.Status, a.End = faults.BreakReset, 0, observe.EndBroken }
	took := func(d time.Duration) observe.Outcome { return observe.Outcome{Kind: observe.OutcomeError, Took: d} }
	show(t, "answers-in-time", map[string]shown{
		"in time":            {newFront().tells(took(30*time.Second), slow, fails(503)...), Pass, ""},
		"too late":           {newFront().tells(took(31*time.Second), slow, fails(503)...), Fail, "the user waited 31.00 s, longer than 30.00 s"},
		"too late by resets": {newFront().tells(took(31*time.Second), reset, fails(503)...), Fail, ""},
		"not known":          {newFront().tells(took(0), slow, fails(503)...), Inconclusive, ""},
		"nothing held it up": {newFront().tells(took(31*time.Second), nil, fails(503)...), Inconclusive, "no call met"},
	})
	f := newFront().tells(took(3*time.Second), slow, fails(503)...)
	if got := f.finding(t, "answers-in-time", Policy{{Limits: Limits{Answer: 2 * time.Second}}}); got.Result != Fail {
		t.Errorf("got %s under a limit of 2 s, want fail", got.Result)
	}
}

func TestRecovers(t *testing.T) {
	t.Parallel()
	down := func() *front { return newFront().tells(failed, nil, fails(503)...) }
	show(t, "recovers", map[string]shown{
		"served again":            {down().later(10*second, observe.OutcomeSuccess), Pass, "served again"},
		"late, and yet":           {down().later(20*second, observe.OutcomeError).later(40*second, observe.OutcomeSuccess), Pass, ""},
		"still broken":            {down().later(31*second, observe.OutcomeError).later(2*time.Minute, observe.OutcomeEmpty), Fail, "120.00 s after the last failure of Groove, in 2 of 2 outcomes"},
		"served, and then errors": {down().later(10*second, observe.OutcomeSuccess).later(31*second, observe.OutcomeError).later(2*time.Minute, observe.OutcomeError), Inconclusive, "served in between"},
		"errors for a while":      {down().later(31*second, observe.OutcomeError).later(40*second, observe.OutcomeError).later(time.Minute, observe.OutcomeSuccess), Fail, "40.00 s after the last failure of Groove, in 2 of 3 outcomes"},
		"one error":               {down().later(31*second, observe.OutcomeError), Inconclusive, "saw 1"},
		"an error while it lasts": {down(), Inconclusive, "after the faults had ended"},
		"nothing failed":          {newFront().tells(success, nil, try{status: 200}).later(time.Minute, observe.OutcomeError).later(time.Minute, observe.OutcomeError), Inconclusive, "after a failure"},
	})
}

// What fits no call is said, and weighs on nobody.
func TestOutcomesThatFitNoCallAreNoted(t *testing.T) {
	t.Parallel()
	p := newTape(10).times(5, op{tries: fails(503, second, 2*second)})
	var attempts []observe.Attempt
	for _, c := range p.calls {
		attempts = append(attempts, flat(&c)...)
	}
	j := Journal{Attempts: Of(attempts), Ended: true, Outcomes: []observe.Outcome{{Kind: observe.OutcomeError, CallID: "x", Time: epoch}}}
	want := Judge(Journal{Attempts: Of(attempts), Ended: true}, Options{}).Result
	got := Judge(j, Options{})
	if len(got.Notes) != 1 || got.Notes[0] != "1 of 1 outcome fit no call, or several" || got.Result != want {
		t.Errorf("got %q and %s, want a note and %s", got.Notes, got.Result, want)
	}
}

// Two clients that ask for the same at a time: what one of them told its user is nobody's.
func TestOutcomesThatFitTwoClientsAccuseNone(t *testing.T) {
	t.Parallel()
	asks := op{target: "/same", tries: []try{{status: 503}}}
	for name, change := range map[string]func(o *observe.Outcome){
		"by request": func(o *observe.Outcome) { o.Method, o.Target, o.Took = "GET", "/same", 3*second },
		"by trace":   func(o *observe.Outcome) { o.Trace = "the trace of both" },
		"by attempt": func(o *observe.Outcome) { o.Attempt = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newTape(0)
			p.client = "a"
			p.add(asks).by("b", op{target: "/same", tries: []try{{status: 200}}})
			o := observe.Outcome{Kind: observe.OutcomeSuccess, Time: epoch.Add(p.now + ms)}
			change(&o)
			var attempts []observe.Attempt
			for _, c := range p.calls {
				attempts = append(attempts, flat(&c)...)
				last := &attempts[len(attempts)-1]
				// One number on each of two nodes.
				last.Trace, last.Sequence, last.Node = "the trace of both", 1, "node of "+last.Client
			}
			report := Judge(Journal{Attempts: Of(attempts), Ended: true, Outcomes: []observe.Outcome{o}}, Options{})
			if !slices.Contains(report.Notes, "1 of 1 outcome fit no call, or several") {
				t.Errorf("got notes %q, want one of an outcome that fits two", report.Notes)
			}
			for _, client := range report.Clients {
				for _, f := range client.Findings {
					if f.Result == Fail {
						t.Errorf("%s fails %s: %s", client.Client, f.Check, f.Summary)
					}
				}
			}
		})
	}
}
