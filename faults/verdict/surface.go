package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// surfaceChecks ask what a caller tells its own user. No proxy sees that: they rest on outcomes.
var surfaceChecks = []Check{
	{
		Name:    "error-surfaced",
		Family:  FamilySurface,
		Rule:    "the last attempt of a call failed and the user was told of a success, or was given an empty result as if there were none",
		Needs:   "1 outcome of a call that failed to its end",
		Norm:    "WASABI, SOSP 2024 (errors that are swallowed after the last retry)",
		Advice:  "when the last attempt fails, return the error: an empty list says that there is nothing; an older answer from a cache is to be reported as partial, since it may be stale",
		Example: "a page catches every exception and renders no results: after 3 attempts that met 503 its user was told \"nothing found\"",
		begin:   surfaced(judgeSurfaced),
		about:   traitFailed,
	},
	{
		Name:    "code-mapped",
		Family:  FamilySurface,
		Rule:    "the error code, or the category, that the user was told is not that of the last attempt",
		Needs:   "1 outcome with a code of Groove's, or a category, of a call whose last answer had an error code",
		Norm:    "Groove's reference, error codes (what to do depends on the code)",
		Advice:  "carry the ErrorCode of the last answer through, and map it by code and not by status",
		Example: "every 4xx is reported as \"not found\": the last answer was AUTHORIZATION_TOKEN_EXPIRED, the user was told CATALOG_NO_RESULT",
		begin:   surfaced(judgeMapped),
		about:   traitCoded,
	},
	{
		Name:    "soft-error-noticed",
		Family:  FamilySurface,
		Rule:    "a 200 that carries an Error is shown as if it were complete",
		Needs:   "1 outcome of a call that ended in a soft error",
		Norm:    "Groove's reference (a 200 may still carry an Error: partial or degraded results)",
		Advice:  "look at Error in every answer, whatever its status, and say that results may be missing",
		Example: "the client looks at the status alone: a search with CATALOG_INVALID_DATA was shown as the whole catalogue",
		begin:   surfaced(judgeNoticed),
		about:   traitCoded,
	},
	{
		Name:    "no-leak",
		Family:  FamilySurface,
		Rule:    "the marker that the injected Description or Message carried appears in what the end user got",
		Needs:   "1 outcome with its text of a call that met a marked answer ([observe] marker)",
		Norm:    "Groove's reference (Description is for developers, never for end users)",
		Advice:  "write texts for users by ErrorCode; log Description and Message, and show neither",
		Example: "an error page prints error.message: the user read \"backend 7 does not answer (gc-1a2b3c4d5e)\"",
		begin:   surfaced(judgeLeak),
		about:   traitMarked,
	},
	{
		Name:    "answers-in-time",
		Family:  FamilySurface,
		Rule:    "the user waits longer than the limit (answer, by default 30 s) while Groove hangs, delays or breaks connections",
		Needs:   "1 outcome with its time of a call that met a delay, a hang or a break",
		Norm:    "Google SRE (deadlines); Azure SDK guidelines (a timeout for the operation, not only for each attempt)",
		Advice:  "set a deadline for the whole operation, its retries included, and answer with an error when it is over",
		Example: "four attempts with a timeout of 30 s each behind a page that must answer in 10 s",
		begin:   surfaced(judgeTimely),
		about:   traitHeld,
	},
}

// saying is what a user was told about a call, by a check's rule.
type saying struct {
	about bool
	// wrong reports that the rule is broken; where it is not certain doubt says why.
	wrong bool
	doubt string
	// figure says what was measured.
	figure string
}

// rule looks at one outcome of one call.
type rule func(c *call, o *observe.Outcome, l *Limits) saying

// surfaceTally counts what users were told.
type surfaceTally struct {
	rule   rule
	limits *Limits
	// exposed counts the calls that the rule is about, untold those of them that nothing was reported of.
	exposed, untold int
	right, wrong    outcome
	doubtful        outcome
	figure, doubt   string
}

func surfaced(r rule) func(*client, *Limits) tally {
	return func(_ *client, l *Limits) tally { return &surfaceTally{rule: r, limits: l} }
}

func (t *surfaceTally) take(s *subject) {
	for i := range s.calls {
		t.count(s.calls[i])
	}
}

func (t *surfaceTally) count(c *call) {
	if len(c.told) == 0 {
		if t.rule(c, nil, t.limits).about {
			t.exposed++
			t.untold++
		}
		return
	}
	for _, o := range c.told {
		said := t.rule(c, o, t.limits)
		if !said.about {
			continue
		}
		t.exposed++
		switch {
		case said.doubt != "" || c.ambiguous():
			t.doubtful.take(c, "", c.last())
			t.doubt = said.doubt
		case said.wrong:
			if t.wrong.n == 0 {
				t.figure = said.figure
			}
			t.wrong.take(c, "", c.last())
			t.wrong.vouch(c)
		default:
			t.right.take(c, "", c.last())
		}
	}
}

// vouch makes the witness that a call is, if it is one, as good as named: it is certain whose it was.
func (e *evidence) vouch(c *call) {
	if n := len(e.calls); n > 0 && e.calls[n-1].id == c.ID {
		e.calls[n-1].named = true
	}
}

func (t *surfaceTally) findings() []proposal {
	const needs = "needs an outcome reported for such a call (ReportOutcome)"
	told := t.right.n + t.wrong.n + t.doubtful.n
	switch {
	case t.exposed == 0:
		return unexposed("no call met what this is about", needs)
	case t.wrong.n > 0:
		return []proposal{t.wrong.finding(Fail, told, fmt.Sprintf("%s, in %d of %s", t.figure, t.wrong.n, count(told, "outcome")))}
	case told == 0:
		// A caller that reports no outcomes is not asked for them.
		return []proposal{t.right.lacking(0, "nothing was reported of "+count(t.untold, "such call"), needs+", saw none")}
	case t.right.n == 0:
		return []proposal{t.doubtful.lacking(told, "what was reported is not certain to be about the call", orElse(t.doubt, "needs calls that belong together without doubt"))}
	}
	return []proposal{t.right.finding(Pass, told, fmt.Sprintf("the user was told rightly in %s", count(t.right.n, "outcome")))}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// endedBadly reports that a call failed to its end by a fault's doing or the upstream's, as far as the client can tell. One that had an answer to show
// did not, whatever came of the others: a hedge is let go when the attempt beside it succeeds.
func endedBadly(c *call) bool {
	last := c.last()
	return last.Failed() && !last.Spoiled() && (answered(last) || broken(last) || left(last)) && !c.any(presentable)
}

// presentable reports that the client may have shown what it got: all but a failure and a redirect, spoiled or not.
func presentable(a *observe.Attempt) bool {
	redirect := a.Status >= 300 && a.Status < 400 && a.Status != 304
	return !a.Failed() && !redirect
}

// recovered reports that the same request came again as another call before the user was told, so that the outcome may be that one's.
func recovered(c *call, o *observe.Outcome) bool {
	if c.again == 0 {
		return false
	}
	again := c.last().Time.Add(c.last().Answered - c.last().Received + c.again)
	return o == nil || !o.Time.Before(again)
}

func judgeSurfaced(c *call, o *observe.Outcome, _ *Limits) saying {
	if !endedBadly(c) {
		return saying{}
	}
	s := saying{about: true}
	if o == nil {
		return s
	}
	s.wrong = o.Kind == observe.OutcomeSuccess || o.Kind == observe.OutcomeEmpty
	if s.wrong && recovered(c, o) {
		s.doubt = "needs calls that were not made again before the user was told"
	}
	s.figure = fmt.Sprintf("%s, and the user was told of %s", lastWords(c), kindWords(o.Kind))
	return s
}

func kindWords(kind observe.OutcomeKind) string {
	if kind == observe.OutcomeEmpty {
		return "an empty result"
	}
	return "a success"
}

// lastWords says how a call ended.
func lastWords(c *call) string {
	last := c.last()
	switch {
	case left(last):
		return "the client gave up waiting"
	case broken(last):
		return "the connection broke"
	case last.ErrorCode != "":
		return fmt.Sprintf("the last of %s met %d %s", count(len(c.Attempts), "attempt"), last.Status, last.ErrorCode)
	}
	return fmt.Sprintf("the last of %s met %d", count(len(c.Attempts), "attempt"), last.Status)
}

func judgeMapped(c *call, o *observe.Outcome, _ *Limits) saying {
	met, ok := groove.ErrorCodeByName(string(c.last().ErrorCode))
	if !ok || !endedBadly(c) {
		return saying{}
	}
	if o == nil {
		return saying{about: true}
	}
	if o.Kind != observe.OutcomeError {
		return saying{}
	}
	code, coded := groove.ErrorCodeByName(normalCode(o.Code))
	category := strings.ToLower(o.Category)
	switch {
	case coded:
		wrong := !c.endsWith(func(end groove.ErrorCodeInfo) bool { return end.Code == code.Code })
		return saying{about: true, wrong: wrong, figure: fmt.Sprintf("the last answer was %s, and the user was told %s", met.Code, code.Code)}
	case slices.Contains(groove.Categories(), groove.Category(category)):
		wrong := !c.endsWith(func(end groove.ErrorCodeInfo) bool { return string(end.Category) == category })
		return saying{about: true, wrong: wrong, figure: fmt.Sprintf("the last answer was %s of the category %s, and the user was told %s", met.Code, met.Category, category)}
	}
	return saying{} // a code of the caller's own says nothing about Groove's
}

// endsWith reports that such an error code ended the call: that of the last attempt, or of one that was still unanswered when it came.
func (c *call) endsWith(such func(groove.ErrorCodeInfo) bool) bool {
	last := c.last()
	return c.any(func(a *observe.Attempt) bool {
		code, ok := groove.ErrorCodeByName(string(a.ErrorCode))
		return ok && (a == last || a.Answered > last.Received) && such(code)
	})
}

// normalCode writes an error code with underscores, as the service sends it; some pages of the reference print hyphens.
func normalCode(code string) string { return strings.ToUpper(strings.ReplaceAll(code, "-", "_")) }

func judgeNoticed(c *call, o *observe.Outcome, _ *Limits) saying {
	last := c.last()
	if last.Class != groove.ClassSoftError || !theirs(last) || last.End != observe.EndComplete || last.Spoiled() || c.any(whole) {
		return saying{}
	}
	if o == nil {
		return saying{about: true}
	}
	wrong := o.Kind == observe.OutcomeSuccess
	return saying{about: true, wrong: wrong, figure: fmt.Sprintf("a 200 carried %s, and the user was told of a success", orElse(string(last.ErrorCode), "an Error"))}
}

// whole reports that an answer was all that was asked for.
func whole(a *observe.Attempt) bool { return a.Class == groove.ClassSuccess && presentable(a) }

func judgeLeak(c *call, o *observe.Outcome, _ *Limits) saying {
	markers := markersOf(c)
	if len(markers) == 0 {
		return saying{}
	}
	if o == nil {
		return saying{about: true}
	}
	if o.Text == "" {
		return saying{}
	}
	for _, marker := range markers {
		if strings.Contains(o.Text, marker) {
			return saying{about: true, wrong: true, figure: fmt.Sprintf("the user read the marker %s of the injected error", marker)}
		}
	}
	return saying{about: true}
}

func markersOf(c *call) []string {
	var markers []string
	for i := range c.Attempts {
		if m := c.Attempts[i].Marker; m != "" {
			markers = append(markers, m)
		}
	}
	return markers
}

func judgeTimely(c *call, o *observe.Outcome, l *Limits) saying {
	if !c.any(heldUp) {
		return saying{}
	}
	if o == nil {
		return saying{about: true}
	}
	if o.Took == 0 {
		return saying{}
	}
	return saying{about: true, wrong: o.Took > l.Answer, figure: fmt.Sprintf("the user waited %s, longer than %s", short(o.Took), short(l.Answer))}
}

// heldUp reports that a fault held up an attempt or broke its connection.
func heldUp(a *observe.Attempt) bool {
	return a.Delay >= 100*time.Millisecond || a.Break != "" || len(a.SpoiledBy) > 0 && a.Spoiled()
}
