//go:build mutants

package verdict

import (
	"fmt"
	"strings"
)

// mutation is a rule as it stands in a file, once, and as it is turned; now is the opposite of a condition unless it is given. Where the place of the
// rule takes more words to be found they stand around it, and the rule in angle quotes.
type mutation struct{ check, file, was, now string }

// place is the rule with the words around it.
func (m mutation) place() (before, rule, after string) {
	before, rest, marked := strings.Cut(m.was, "«")
	if !marked {
		return "", m.was, ""
	}
	rule, after, _ = strings.Cut(rest, "»")
	return before, rule, after
}

// text is the place with a switch.
func (m mutation) text(n int) string {
	_, rule, _ := m.place()
	now := m.now
	if now == "" {
		now = "!(" + rule + ")"
	}
	return fmt.Sprintf("mutant(%q, %s, %s)", fmt.Sprint(n), rule, now)
}

// mutants are the main rule of each check turned around, and then what the evidence rests on.
var mutants = []mutation{
	{"transient-retried", "transient.go", "t.known() >= leastRetried && mostly(t.abandoned, t.known()+t.doubtful)", ""},
	{"final-not-retried", "final.go", "t.final(g.Before) && g.Wait <= finalWindow", ""},
	{"unauthorized-not-hammered", "unauthorized.go", "!refuses(g.Before) || g.Before.Credential != g.After.Credential", ""},
	{"token-refreshed", "token.go", "g.After.Credential != g.Before.Credential", ""},
	{"conflict-not-blind", "conflict.go", "!conflict(g.Before) || !sameBody(g) || s.lookedIn(g)", ""},
	{"write-not-repeated", "write.go", "risk > worst && resent(g)", "risk > worst && !resent(g)"},
	{"write-applied-once", "applied.go", "len(works) > 1 && c.settledAs()", "len(works) > 1 && !c.settledAs()"},
	{"backs-off", "when.go", "longest(gaps[:opening]) >= w.limits.Quick", ""},
	{"retry-after-honoured", "obedience.go", "2*t.wait >= t.ask", ""},
	{"retry-after-not-early", "obedience.go", "t.over() < -t.limit", ""},
	{"attempts-capped", "volume.go", "c.tries() > t.limits.Attempts", ""},
	{"amplification", "volume.go", "float64(t.singleAttempts) > t.limits.Amplification*float64(t.single)", ""},
	{"grows", "shape.go", "fit.Grows == backoff.Yes", ""},
	{"jitters", "shape.go", "fit.Jitters == backoff.No && !mayJitter(fit) && t.calls >= leastSpread && at > 0", ""},
	{"delay-capped", "delay.go", "on.grown > 0", "on.grown == 0 && on.open"},
	{"delay-state", "delay.go", "float64(low) < still*float64(first)+float64(punctuality)", ""},
	{"retry-after-date", "asked.go", "float64(len(early)) <= honouredShare*float64(len(dates))", ""},
	{"retry-after-zero", "asked.go", "len(quick) >= opening", ""},
	{"retry-after-long", "asked.go", "case g == nil, «g.Wait >= ask.Wait-earlyDate»", ""},
	{"time-capped", "budget.go", "c.lasted() > t.limits.Call", ""},
	{"retry-budget", "budget.go", "usual > 0 && share >= sameShare", ""},
	{"calm-after-recovery", "calm.go", "!exceeds(now, usual*calmAfter.Seconds())", ""},
	{"no-herd", "herd.go", "float64(len(r.peak)) > crowding*r.share", ""},
	{"body-kept", "body.go", "fault != nil && c.proof", "fault == nil && c.proof"},
	{"headers-kept", "headers.go", "g.Before.Headers != g.After.Headers && len(changes(g.Before, g.After)) > 0", "g.Before.Headers == g.After.Headers"},
	{"target-kept", "target.go", "changed == nil && !sameTarget(g.Before, g.After)", "changed == nil && sameTarget(g.Before, g.After)"},
	{"no-overlap", "overlap.go", "compareBodies(g.Before, g.After) != bodySame", ""},
	{"key-stable", "key.go", "changed == nil && g.After.IdempotencyKey != g.Before.IdempotencyKey", "changed == nil && g.After.IdempotencyKey == g.Before.IdempotencyKey"},
	{"key-not-reused", "key.go", "worst == nil || p.likeness > worst.likeness", "worst == nil || p.likeness < worst.likeness"},
	{"key-not-reused", "body.go", "before.BodyLength == after.BodyLength && before.BodyDigest == after.BodyDigest", ""},
	{"stops-after-success", "aftersuccess.go", "g.Overlap || g.Hedge || g.Inexact || !delivered(g.Before)", ""},
	{"error-surfaced", "surface.go", "o.Kind == observe.OutcomeSuccess || o.Kind == observe.OutcomeEmpty", ""},
	{"code-mapped", "surface.go", "return «end.Code == code.Code»", ""},
	{"code-mapped", "surface.go", "return «string(end.Category) == category»", ""},
	{"soft-error-noticed", "surface.go", "wrong := «o.Kind == observe.OutcomeSuccess»", ""},
	{"no-leak", "surface.go", "strings.Contains(o.Text, marker)", ""},
	{"answers-in-time", "surface.go", "o.Took > l.Answer", ""},
	{"recovers", "recovery.go", "!n.good && !n.at.Before(from)", ""},

	// Whose repeats count, and how many it takes.
	{"", "conviction.go", "return p.Result == Fail && («named || saw >= least»)", "true"},
	{"", "conviction.go", "if «len(c.repeats) < leastRising» || !grown(c.repeats)", "false"},
	{"", "conviction.go", "if len(c.repeats) < leastRising || «!grown(c.repeats)»", "false"},
	{"", "conviction.go", "if «!other.proof» || s.looped(other)", "false"},
	{"", "conviction.go", "|| «s.looped(other)» ||", "false"},
	{"", "conviction.go", "|| «len(other.repeats) < leastRising» || other.any", "false"},
	{"", "conviction.go", "|| «other.any(func(a *observe.Attempt) bool { return a.RetryAfter != \"\" })»", "false"},
	{"", "conviction.go", "|| «s.busyIn(&g)»", "false"},
	{"", "conviction.go", "mounts(c.repeats) && «(s.rising || len(c.repeats) >= leastRising)»", "true"},
	{"", "conviction.go", "return «g.Wait <= prompt» || len(c.repeats)", "true"},
	{"", "conviction.go", "|| «s.keepsTime(c)»\n}", "true"},
	{"", "conviction.go", "«len(c.repeats) >= leastRising» && mounts(c.repeats) || s", "true"},
	{"", "conviction.go", "return mounts(c.repeats) && («len(c.repeats) >= leastRising» || s.keeps", "true"},
	{"", "conviction.go", "if «g.Inexact» {", "false"},
	{"", "conviction.go", "«g.Inexact» || g.Wait > prompt", "false"},
	{"", "write.go", "slowest-fastest > apart", ""},
	{"", "conviction.go", "if other == c || «!other.proof» ||", "false"},
	{"", "obedience.go", "if «c.proof» && len(c.repeats) > 0", "true"},
	{"", "obedience.go", "«g.Index == 1» && !g.Inexact && transient", "true"},
	{"", "obedience.go", "!g.Inexact && «transient(g.Before)» && g.Before.RetryAfter", "true"},
	{"", "obedience.go", "transient(g.Before) && «g.Before.RetryAfter == \"\"»", "true"},
	{"", "obedience.go", "case «!c.proof»:", "false"},
	{"", "obedience.go", "case «t.early() && s.another(c, g)»:", "false"},
	{"", "obedience.go", "return «!c.explicit()» && s.excused(g)", "true"},
	{"", "obedience.go", "g.RetryAfter.Wait <= longestAsk && «answered(g.Before)» &&", "true"},
	{"", "obedience.go", "«g.RetryAfter.Wait <= longestAsk» &&", "true"},
	{"", "obedience.go", "case len(half) >= leastHalf && «convincing(half)»:", "true"},
	{"", "obedience.go", "«enough(o.firsts.kept)» && quantile", "true"},
	{"", "obedience.go", "case «o.heeds()»:", "false"},
	{"", "obedience.go", "case «correlated(o.firsts.kept) || o.moved()»:", "false"},
	{"", "obedience.go", "|| «!mostly(len(list), len(longer))»", "false"},
	{"", "heed.go", "if «own.holds(t)» {", "false"},
	{"", "heed.go", "return «tail(around, asked, nearby) <= surely» ||", "false"},
	{"", "heed.go", "|| «tail(at, asked, tightly) <= surely» ||", "false"},
	{"", "heed.go", "<= surely || «o.surelyMoved()»", "false"},
	{"", "heed.go", "return own.high-own.low <= slack(own.low) || «1/binomial(len(longer)+len(o.own), len(longer)) <= surely»", "true"},
	{"", "heed.go", "|| «2*len(within) < len(early)» ||", "false"},
	{"", "heed.go", "|| «tail(len(within), len(early), share) > surely» {", "false"},
	{"", "retryafter.go", "case «!heeds»:", "false"},
	{"", "retryafter.go", "callsOf(proved) < leastEarly || «2*callsOf(proved) < hasty»", "false"},
	{"", "retryafter.go", "len(proved) > 0 && «2*len(proved) >= len(ignored)» &&", "true"},
	{"", "asked.go", "t.early.n > 0 && «t.early.n >= t.suspects»:", "true"},
	{"", "write.go", "few := t.mechanical < leastWrites || «2*t.mechanical < t.risky.n»", "false"},
	{"", "write.go", "if «t.waits.n == leastWrites» {", "false"},
	{"", "conviction.go", "|| «len(same)-1 < near-near/2» {", "false"},
	{"", "conviction.go", "return «tail(len(same)-1, near, inner(c.repeats[0].Wait)) <= byAccident»", "true"},
	{"", "subject.go", "return c.returnedWithin(window) || «!c.explicit()» &&", "true"},
	{"", "subject.go", "c.again <= window && «!habitual»", "true"},
	{"", "token.go", "|| «c.renewed(met)»)", "false"},
	{"", "token.go", "return «brought.Credential != met.Credential»", "true"},
	{"", "when.go", "g.RetryAfter != nil && «g.RetryAfter.Wait > earlyDate» &&", "true"},
	{"", "when.go", "&& «g.Wait < quick» &&", "true"},
	{"", "when.go", "&& «!s.excused(g)»", "true"},
	{"", "when.go", "case «w.quick.n == w.opened» && (", "true"},
	{"", "when.go", "case «!tiny && w.meant.n < least»:", "w.meant.n < least"},
	{"", "when.go", "case «tiny», quantile", "false"},
	{"", "when.go", "!g.Inexact && «!s.inFlight(c, g)» {", "true"},
	{"", "when.go", "c.proof && «!g.Inexact» &&", "true"},
	{"", "obedience.go", "case «g.Inexact», s.inFlight(c, g):", "false"},
	{"", "subject.go", "return a.Conn == b.Conn && «a.Node == b.Node»", "true"},
	{"", "when.go", "if «g.Index > 1» {", "true"},
	{"", "subject.go", "g.Before.Status == 429 && «!c.explicit()» &&", "true"},
	{"", "subject.go", "&& «!s.arrivals.afterAnswer(g)» && g.After", "true"},
	{"", "law.go", "if «!c.proof» || s.looped(c)", "false"},
	{"", "law.go", "if !c.proof || «s.looped(c)»", "false"},
	{"", "law.go", "if «!transient(g.Before)» ||", "false"},
	{"", "law.go", "|| «g.Confidence < leastConfidence» ||", "false"},
	{"", "law.go", "|| «g.Inexact» || g.Hedge", "false"},
	{"", "law.go", "g.Hedge || «s.inFlight(c, g)»", "false"},
	{"", "law.go", "GaveUp: «!c.Censored» && transient(c.last())", "true"},
	{"", "law.go", "GaveUp: !c.Censored && «transient(c.last())»", "true"},
	{"", "conviction.go", "&& «s.outlives(c)» &&", "true"},
	{"", "conviction.go", "s.known.Repeated() == 0 && «persists(c.repeats)» &&", "true"},
	{"", "conviction.go", "persists(c.repeats) && «!shared(c)»", "true"},
	{"", "conviction.go", "alone := «s.known.Repeated() == 0» &&", "true"},
	{"", "arrivals.go", "if «limit > 0 && len(c.Attempts) != limit» {", "false"},
	{"", "arrivals.go", "if «untold < leastGivenUp» ||", "false"},
	{"", "arrivals.go", "|| «limit < longest» ||", "false"},
	{"", "arrivals.go", "|| «!noAccident(rising, untold)»", "false"},
	{"", "conviction.go", "|| «!tellingGaps(c.repeats[1:], other.repeats[1:])»", "false"},
	{"", "conviction.go", "equalGaps(a, b) && «longest(a[:min(len(a), len(b))]) > 2*punctuality»", "true"},
	{"", "conviction.go", "if «other.fingerprint() == c.fingerprint()» || !other.proof", "false"},
	{"", "conviction.go", "if len(c.repeats) < leastRising || «!mounts(c.repeats)»", "false"},
}
