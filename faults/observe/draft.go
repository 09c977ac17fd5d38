package observe

import (
	"slices"
	"strconv"
	"time"
)

// draft is a call in the making.
type draft struct {
	attempts []*Attempt
	// sure holds for each attempt how certain it is that it goes on with the call.
	sure     []float64
	grouping Grouping
	polling  bool
	// until is when the wait for another attempt is over, quiet when nobody can say any more that it was cut short.
	until, quiet time.Duration
	// closed reports that no other attempt can be its next.
	closed bool
	// name is the hash of its identifier, story what is known of its fingerprint. One of them is there, but for a late attempt.
	name uint64
	// content is the hash of what its first attempt asks for, begun counts the calls of the client up to it.
	content, begun uint64
	route          *inference
	story          *bodyStory
	// breaks counts the breaks on either side that are in doubt, lapsed reports that its return is waited for.
	breaks int
	lapsed bool
	// struck reports that a single-flight fault made each failure.
	struck bool
	// hedges are the attempts that came while the same request was under way.
	hedges []uint64
	// torn reports that it was let go before its end, unsure that some attempt may belong elsewhere.
	torn, unsure bool
	// alone is the room for the one attempt that most calls have.
	alone struct {
		attempt [1]*Attempt
		sure    [1]float64
	}
}

func (d *draft) first() *Attempt { return d.attempts[0] }

func (d *draft) last() *Attempt { return d.attempts[len(d.attempts)-1] }

// gap is the time from the answer of the attempt before i to the arrival of attempt i.
func (d *draft) gap(i int) time.Duration { return d.attempts[i].Received - d.attempts[i-1].Answered }

// add makes a the last attempt, with how certain that is.
func (d *draft) add(a *Attempt, sure float64, window time.Duration) {
	if d.attempts == nil {
		d.attempts, d.sure = d.alone.attempt[:0], d.alone.sure[:0]
	}
	d.attempts = append(d.attempts, a)
	d.sure = append(d.sure, sure)
	d.unsure = d.unsure || sure < 1
	d.struck = d.struck && (a.SingleFlight || !a.Failed())
	if a.Failed() {
		d.until = a.Answered + d.patience(window, waitSlack)
		d.quiet = max(d.until, a.Answered+d.patience(defaultWindow, waitSlack))
	}
}

// close ends the call: no other attempt can be its next.
func (d *draft) close() { d.closed = true }

// call makes the finished call, with its attempts at the end of room. It leaves open what it goes by and whose it is.
func (d *draft) call(c *Call, room *[]*Attempt) {
	from := len(*room)
	*room = append(*room, d.attempts...)
	c.describe(d.first(), d.content)
	c.Grouping, c.Polling, c.Hedges = d.grouping, d.polling, d.hedges
	c.Attempts = (*room)[from:len(*room):len(*room)]
	if d.unsure {
		c.Posteriors = slices.Clone(d.sure)
	}
	for i := 1; i < len(d.attempts); i++ {
		if transportRepeat(d.attempts[i-1], d.attempts[i]) {
			c.Transport = append(c.Transport, d.attempts[i].Sequence)
		}
	}
}

// describe says what a call asks for.
func (c *Call) describe(first *Attempt, content uint64) {
	c.Endpoint, c.Method, c.Target, c.Content = first.Endpoint, first.Method, first.Target, content
}

// nameCalls names calls by their first attempts, in one piece of memory.
func nameCalls(calls []Call) {
	ends := make([]int, len(calls))
	text := make([]byte, 0, 8*len(calls))
	for i := range calls {
		first := calls[i].Attempts[0]
		if first.Node != "" {
			text = append(append(text, first.Node...), ':')
		}
		text = strconv.AppendUint(text, first.Sequence, 10)
		ends[i] = len(text)
	}
	all, from := string(text), 0
	for i, end := range ends {
		calls[i].ID, from = all[from:end], end
	}
}

// censored reports that a further attempt could have come after end.
func (d *draft) censored(end time.Duration) bool {
	return d.last().Failed() && end < d.last().Answered+d.patience(defaultWindow, censorSlack)
}

const (
	// censorSlack is how much longer than a Retry-After a client may take before its silence says something.
	censorSlack = 10 * time.Second
	// maxLearned bounds what the gaps of a call can add to the wait for its next attempt.
	maxLearned = 5 * time.Minute
)

// patience is how long after the last answer another attempt may come: the least given, a Retry-After with slack,
// or four times the next gap that the gaps so far let expect.
func (d *draft) patience(least, slack time.Duration) time.Duration {
	patience := max(least, min(4*d.expectedGap(), maxLearned))
	if wait, ok := d.last().Wait(); ok {
		patience = max(patience, wait.Wait+slack)
	}
	return patience
}

// expectedGap carries the last gap on at the rate at which it grew, at most doubling. One
// gap alone may be the start of a doubling.
func (d *draft) expectedGap() time.Duration {
	n := len(d.attempts)
	if n < 2 {
		return 0
	}
	gap := d.gap(n - 1)
	if n < 3 {
		return 2 * gap
	}
	return gap + min(max(gap-d.gap(n-2), 0), gap)
}

// transportWindow is how soon a client's HTTP stack repeats by itself.
const transportWindow = 5 * time.Millisecond

// transportRepeat reports whether after is a repeat by the client's HTTP stack: at once, on
// another connection, because a connection that had been used before died without an answer. Each node numbers its own connections.
func transportRepeat(before, after *Attempt) bool {
	gap := after.Received - before.Answered
	return before.End == EndBroken && before.Status == 0 && before.ConnUse > 1 &&
		(after.Conn != before.Conn || after.Node != before.Node) && gap >= 0 && gap <= transportWindow
}
