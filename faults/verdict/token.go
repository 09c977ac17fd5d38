package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// refreshWait is how long after its token expired a client may take to come back with another.
	refreshWait = 60 * time.Second
	// mostRefreshed is the most repeats that a call may take after its token expired.
	mostRefreshed = 2
	// leastExpired is how many calls must have met an expired token.
	leastExpired = 2
)

// refreshTally counts what a client did when its token had expired.
type refreshTally struct {
	who *client
	// suspects are calls of which it is not certain what became of them, waiting those that may still come back.
	exposed, suspects, waiting int
	refreshed                  outcome
	// stuck are the calls that did not come back with another token, persisted those that came back too often.
	stuck, persisted sample[lapse]
}

// lapse is a call that its client is to blame for, unless it asked for a token. The pause goes on until it is too late for that.
type lapse struct {
	pause

	code groove.ErrorCode
	// repeats counts those after the token had expired.
	repeats int
}

func tokenRefreshed(who *client, _ *Limits) tally { return &refreshTally{who: who} }

// expired reports an answer after which a client is to get another token.
func expired(a *observe.Attempt) bool {
	return a.ErrorCode != "" && slices.Contains(expiries, a.ErrorCode) && answered(a)
}

// expiries say that another token is needed.
var expiries = []groove.ErrorCode{groove.CodeAccessTokenExpired, groove.CodeAuthorizationTokenExpired, groove.CodeInvalidAuthorizationHeader}

func (t *refreshTally) take(s *subject) {
	for i := range s.calls {
		if c := s.calls[i]; c.any(expired) {
			t.count(c, s)
		}
	}
}

func (t *refreshTally) count(c *call, s *subject) {
	t.exposed++
	met := c.Attempts[slices.IndexFunc(c.Attempts, expired)]
	again := slices.DeleteFunc(slices.Clone(c.repeats), func(g observe.Gap) bool { return !expired(g.Before) })
	fresh := slices.IndexFunc(again, func(g observe.Gap) bool { return g.After.Credential != "" && g.After.Credential != g.Before.Credential })
	switch {
	case c.ambiguous(), len(again) > 0 && !c.proof:
		t.suspects++
	case len(again) > mostRefreshed && s.insists(c, again):
		t.persisted.take(newLapse(c, met, again))
	case len(again) > mostRefreshed:
		t.suspects++
	case fresh >= 0:
		t.refreshed.take(c, string(met.ErrorCode), again[fresh].Before, again[fresh].After)
	case c.Censored:
		t.waiting++
	case slices.ContainsFunc(again, unseen), len(again) == 0 && (met != c.last() || c.returnedWithin(refreshWait) || c.renewed(met)):
		t.suspects++
	default:
		t.stuck.take(newLapse(c, met, again))
	}
}

// renewed reports that the same request came again in time as another call, with another credential than the one that had expired, or with one that
// nobody knows and that was not refused again.
func (c *call) renewed(met *observe.Attempt) bool {
	if c.next == nil || c.again > refreshWait {
		return false
	}
	brought := c.next.first()
	if brought.Credential == "" {
		return !refuses(brought) && !expired(brought)
	}
	return brought.Credential != met.Credential
}

// unseen reports that nobody can see whether an attempt brought a new token: it has no credential that is known, and was not refused again.
func unseen(g observe.Gap) bool {
	return g.After.Credential == "" && (g.Before.Credential == "" || !refuses(g.After) && !expired(g.After))
}

func newLapse(c *call, met *observe.Attempt, again []observe.Gap) lapse {
	d := deed{witness: c.witness(), grouping: c.Grouping, before: met.Sequence, after: c.last().Sequence}
	p := pause{deed: d, from: met.Received, to: c.last().Answered + refreshWait, address: met.Address, node: met.Node}
	return lapse{pause: p, code: met.ErrorCode, repeats: len(again)}
}

// reckoning is what the calls come to, once it is known who asked for a token and when.
type reckoning struct {
	stuck, persisted outcome
	// most is the most repeats of one call.
	most int
	// asked came back after a request for a token, though with the same; doubtful are those of which it is not certain that none
	// was asked for, unrouted those that may ask for one where nobody can see it.
	asked, doubtful, unrouted int
}

func (t *refreshTally) reckon() reckoning {
	var r reckoning
	for i := range t.persisted.kept {
		if l := &t.persisted.kept[i]; t.who.tokens.routed(l.address) {
			r.most = max(r.most, l.repeats)
			r.persisted.blame(l)
		} else {
			r.unrouted++
		}
	}
	for i := range t.stuck.kept {
		l := &t.stuck.kept[i]
		inquired := t.who.tokens.during(&l.pause)
		switch {
		case !t.who.tokens.routed(l.address):
			r.unrouted++
		case inquired == inquiryMade && l.repeats > 0:
			r.asked++
		case inquired != inquiryNone:
			r.doubtful++
		default:
			r.stuck.blame(l)
		}
	}
	return r
}

func (o *outcome) blame(l *lapse) {
	o.n++
	o.evidence.take(l.deed)
	if !slices.Contains(o.after, string(l.code)) {
		o.after = append(o.after, string(l.code))
	}
}

func (t *refreshTally) findings() []proposal {
	const needs = "needs 2 calls whose token had expired"
	if t.exposed == 0 {
		return unexposed("no call met an expired token", needs+", saw none")
	}
	total := count(t.exposed, "call")
	r := t.reckon()
	known := t.refreshed.n + r.asked + r.stuck.n
	never := fmt.Sprintf("no new token came after %s in %d of %s", words(r.stuck.after), r.stuck.n, count(known, "call"))
	switch {
	case r.persisted.n >= leastExpired:
		return []proposal{r.persisted.finding(Fail, t.exposed, fmt.Sprintf("%s was followed by more than %d repeats in %d of %s, up to %d in one",
			words(r.persisted.after), mostRefreshed, r.persisted.n, total, r.most))}
	case r.stuck.n >= leastExpired && mostly(r.stuck.n, known+r.doubtful+t.suspects):
		return []proposal{r.stuck.finding(Fail, t.exposed, never)}
	case r.stuck.n >= leastExpired && t.refreshed.n+r.asked > 0:
		return []proposal{r.stuck.finding(Warn, t.exposed, never)}
	case r.unrouted > 0:
		return []proposal{t.refreshed.lacking(t.exposed, fmt.Sprintf("no new token was seen in %d of %s", r.unrouted, total),
			"needs the token endpoint behind the proxy: nobody was seen to ask for a token from that address")}
	case t.suspects+r.doubtful > 0:
		return []proposal{t.refreshed.lacking(t.exposed, fmt.Sprintf("what became of %d of %s is not certain", t.suspects+r.doubtful, total), t.who.doubt())}
	case r.stuck.n+r.persisted.n > 0, known < leastExpired:
		return []proposal{t.refreshed.lacking(t.exposed, fmt.Sprintf("a new token came in %d of %s", t.refreshed.n+r.asked, total), t.missing(known))}
	}
	return []proposal{t.refreshed.finding(Pass, t.exposed, fmt.Sprintf("a new token was asked for in %d of %s", known, total))}
}

func (t *refreshTally) missing(known int) string {
	text := fmt.Sprintf("needs %d calls whose token had expired, each with what became of it, saw %d", leastExpired, known)
	if t.waiting > 0 {
		text += fmt.Sprintf("; %d may still have been waiting", t.waiting)
	}
	return text
}
