package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

const (
	// leastRetried is how many calls a status must have struck.
	leastRetried = 5
	// retryWait and retrySlack bound how long a repeat may be in coming.
	retryWait  = 30 * time.Second
	retrySlack = 10 * time.Second
	// layerWindow is how long after a failed call the same request may be the work of a higher
	// layer that retries.
	layerWindow = 10 * time.Minute
	// longestAsk is the longest Retry-After after which giving up, or coming back early
	// at a bound of one's own, is not held against anybody here.
	longestAsk = 30 * time.Second
)

// retriedStatuses are judged each on its own, in this order.
var retriedStatuses = []int{503, 502, 504, 429, 500}

// retryTallies counts what a client did after a first answer of each status: in all, and where it carried a Retry-After.
type retryTallies struct {
	all, asked []retryTally
	breakers   breakers
}

// transientRetried judges the statuses that the limits list, and 500 for a warning if they do not. What they also list as final is final.
func transientRetried(_ *client, l *Limits) tally {
	t := &retryTallies{breakers: breakers{}}
	for _, status := range retriedStatuses {
		listed := slices.Contains(l.Transient, status)
		if slices.Contains(l.Final, status) || !listed && status != 500 {
			continue
		}
		t.all = append(t.all, retryTally{status: status, listed: listed})
		t.asked = append(t.asked, retryTally{status: status, listed: listed})
	}
	return t
}

func (t *retryTallies) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		first := c.first()
		held := t.breakers.holdBack(s, c)
		at := slices.IndexFunc(t.all, func(r retryTally) bool { return r.status == first.Status })
		if at < 0 || !idempotent(c.Method) || !answered(first) {
			continue
		}
		looped := s.looped(c) && !c.punctual()
		t.all[at].take(c, looped, held)
		if _, ok := first.Wait(); ok {
			t.asked[at].take(c, looped, held)
		}
	}
}

func (t *retryTallies) findings() []proposal {
	var findings []proposal
	var statuses []int
	for i := range t.all {
		statuses = append(statuses, t.all[i].status)
		if t.all[i].exposed > 0 {
			findings = append(findings, t.all[i].judge(&t.asked[i]))
		}
	}
	switch {
	case len(statuses) == 0:
		return unexposed("no status is to be repeated", "needs a status that is transient and not final")
	case len(findings) == 0:
		return unexposed("no idempotent call met a "+either(statusWords(statuses)), "needs 5 idempotent calls a status, saw none")
	}
	return findings
}

// retryTally counts what a client did after a first answer of one status.
type retryTally struct {
	status int
	// listed reports that the limits name the status.
	listed bool
	// repeated and abandoned are certain, doubtful could be either, waiting may still come.
	repeated, abandoned, doubtful, waiting, exposed int
	// held counts the abandoned ones that a circuit breaker may have kept from being repeated.
	held int
	// returned counts the doubtful ones of which the same request came again.
	returned int
	waits    spread
	// seen is what became certain, lost those of them that were abandoned.
	seen, lost evidence
}

// take counts a call, of which the repeats may be a loop's, or held back by a breaker.
func (t *retryTally) take(c *call, looped, held bool) {
	t.exposed++
	first := c.first()
	asked, ok := first.Wait()
	limit := retryWait
	if ok {
		limit = max(limit, asked.Wait+retrySlack)
	}
	switch {
	case ok && asked.Wait > longestAsk:
		t.waiting++
	case c.ambiguous():
		t.doubtful++
	case len(c.Attempts) == 1:
		t.takeLone(c, held)
	case len(c.repeats) > 0 && c.proof && !looped && c.repeats[0].Before == first && c.repeats[0].Wait <= limit:
		t.repeated++
		t.waits.take(c.repeats[0].Wait)
		t.seen.add(c, first, c.repeats[0].After)
	default:
		t.doubtful++
		t.returned++
	}
}

// takeLone counts a call that was not repeated, or not yet.
func (t *retryTally) takeLone(c *call, held bool) {
	switch {
	case c.Censored:
		t.waiting++
	case c.returnedWithin(layerWindow):
		t.doubtful++
		t.returned++
	case !c.explicit() && c.again > 0 && c.again <= layerWindow:
		t.doubtful++ // a poller's next tick may be all the repeat that it needs
	default:
		t.abandoned++
		if held {
			t.held++
		}
		t.seen.add(c, c.first())
		t.lost.add(c, c.first())
	}
}

// known is the number of calls of which it is certain what became of them.
func (t *retryTally) known() int { return t.repeated + t.abandoned }

// mostly reports that part is at least 80 % of the whole.
func mostly(part, whole int) bool { return 5*part >= 4*whole }

// refused reports that the status is as good as never repeated, even if every
// doubtful call was.
func (t *retryTally) refused() bool {
	return t.known() >= leastRetried && mostly(t.abandoned, t.known()+t.doubtful)
}

// tripped reports that too few calls were abandoned but for those that a breaker may have held back. A client that repeated one is told of its
// budget instead.
func (t *retryTally) tripped() bool {
	rest := t.abandoned - t.held
	return t.repeated == 0 && t.held > 0 && (rest < leastRetried || !mostly(rest, rest+t.doubtful))
}

// judge makes the finding of a status. Asked is the part of t that carried a Retry-After.
func (t *retryTally) judge(asked *retryTally) proposal {
	f := t.finding(asked)
	f.Status = t.status
	return f
}

func (t *retryTally) finding(asked *retryTally) proposal {
	switch {
	case t.status == 429 && asked.refused():
		return asked.neglected(t.exposed, Fail, "429 with Retry-After")
	case t.refused() && (t.status == 429 || !t.listed):
		return t.neglected(t.exposed, Warn, strconv.Itoa(t.status))
	case t.refused():
		return t.neglected(t.exposed, Fail, strconv.Itoa(t.status))
	case t.known() < leastRetried, mostly(t.abandoned+t.doubtful, t.known()+t.doubtful):
		return t.seen.lacking(t.exposed, t.figure(), t.missing())
	}
	return t.seen.finding(Pass, t.exposed, t.figure())
}

// neglected is the finding on a status that was hardly ever repeated, result what it would come to if it never was. A client that
// did repeat one can, and may have used up its budget.
func (t *retryTally) neglected(exposed int, result Result, what string) proposal {
	switch text := t.neglect(what); {
	case t.repeated > 0:
		return t.lost.finding(Warn, exposed, text+": an empty retry budget looks like this")
	case result == Fail && (t.returned > 0 || t.tripped()):
		return t.lost.lacking(exposed, text, t.missing())
	default:
		return t.lost.finding(result, exposed, text)
	}
}

func (t *retryTally) neglect(what string) string {
	return fmt.Sprintf("%s was not repeated in %d of %s", what, t.abandoned, count(t.known(), "call"))
}

func (t *retryTally) figure() string {
	if t.known() == 0 {
		return fmt.Sprintf("%d was met by %s, and what became of them is not certain", t.status, count(t.exposed, "call"))
	}
	text := fmt.Sprintf("%d was repeated in %d of %s", t.status, t.repeated, count(t.known(), "call"))
	if t.waits.n > 0 {
		text += ", after " + t.waits.span()
	}
	return text
}

func (t *retryTally) missing() string {
	text := fmt.Sprintf("needs %d idempotent calls that met %d and were certainly repeated or not, saw %d", leastRetried, t.status, t.known())
	if t.doubtful > 0 {
		text += fmt.Sprintf("; of %d the repeats could be polling, a loop or another call's", t.doubtful)
	}
	if t.tripped() {
		text += fmt.Sprintf("; %d failed together, and then none came for a while, as behind a circuit breaker that opens before the first repeat is due", t.held)
	}
	if t.waiting > 0 {
		text += fmt.Sprintf("; %d may still have been waiting", t.waiting)
	}
	return text
}
