package verdict

import (
	"cmp"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// arrivals are the attempts of a client in a chapter. What is asked of it is found out when it is asked for the first time.
type arrivals struct {
	calls []*call
	// line has the attempts in order of arrival.
	line []*observe.Attempt
	// rewrote reports a write made again that had succeeded, once that was looked for.
	rewrote, looked bool
	// limit is after how many attempts the client gives up, 0 for not known, once that was counted.
	limit   int
	counted bool
	// overlapping reports that two were under way at a time, once that was looked for.
	overlapping, compared bool
	// several are the connections that carried two exchanges at a time, once that was looked for.
	several map[wire]bool
}

// wire names a connection: each node numbers its own.
type wire struct {
	node string
	conn uint64
}

// multiplexes reports that the connection of an attempt carries several exchanges at a time: by its protocol, or because it was seen to, as journals from before
// the protocol was noted do not say.
func (v *arrivals) multiplexes(a *observe.Attempt) bool {
	if !a.Multiplexed && v.several == nil {
		v.several = map[wire]bool{}
		v.findSeveral()
	}
	return a.Multiplexed || v.several[wire{a.Node, a.Conn}]
}

func (v *arrivals) findSeveral() {
	ends := map[wire]time.Duration{}
	for _, a := range v.timeline() {
		on := wire{a.Node, a.Conn}
		if end, ok := ends[on]; ok && a.Received < end {
			v.several[on] = true
		}
		ends[on] = max(ends[on], a.Answered)
	}
}

// newArrivals makes the arrivals of calls in order of their first attempt.
func newArrivals(calls []*call) *arrivals { return &arrivals{calls: calls} }

// timeline returns the attempts in order of arrival, and those that arrived together in order of their calls.
func (v *arrivals) timeline() []*observe.Attempt {
	if v.line != nil {
		return v.line
	}
	later := v.later()
	v.line = make([]*observe.Attempt, 0, len(v.calls)+len(later))
	for i, call := range v.calls {
		at := call.first().Received
		n := 0
		for n < len(later) && (later[n].Received < at || later[n].Received == at && later[n].call < i) {
			v.line = append(v.line, later[n].Attempt)
			n++
		}
		later = later[n:]
		v.line = append(v.line, call.first())
	}
	for i := range later {
		v.line = append(v.line, later[i].Attempt)
	}
	return v.line
}

// laterAttempt is one that is not the first of its call.
type laterAttempt struct {
	*observe.Attempt

	call int
}

// later returns the attempts that are not the first of their calls, in order of arrival.
func (v *arrivals) later() []laterAttempt {
	var list []laterAttempt
	for i, call := range v.calls {
		for _, a := range call.Attempts[1:] {
			list = append(list, laterAttempt{a, i})
		}
	}
	slices.SortStableFunc(list, func(a, b laterAttempt) int { return cmp.Compare(a.Received, b.Received) })
	return list
}

// between returns the attempts that arrived in a stretch of time, its ends included.
func (v *arrivals) between(from, to time.Duration) []*observe.Attempt {
	line := v.timeline()
	arrival := func(a *observe.Attempt, at time.Duration) int { return cmp.Compare(a.Received, at) }
	start, _ := slices.BinarySearchFunc(line, from, arrival)
	end, _ := slices.BinarySearchFunc(line, to+1, arrival)
	return line[start:max(start, end)]
}

// returns reports that the client came to an endpoint after a moment.
func (v *arrivals) returns(endpoint string, at time.Duration) bool {
	line := v.timeline()
	for i := len(line) - 1; i >= 0 && line[i].Received > at; i-- {
		if line[i].Endpoint == endpoint {
			return true
		}
	}
	return false
}

// overlaps reports that the client had two requests under way at a time.
func (v *arrivals) overlaps() bool {
	if v.compared {
		return v.overlapping
	}
	v.compared = true
	var end time.Duration
	for _, a := range v.timeline() {
		v.overlapping = v.overlapping || a.Received < end
		end = max(end, a.Answered)
	}
	return v.overlapping
}

// leastBurst is how many requests that failed make a burst of which nobody can say that they were sent one after the other.
const leastBurst = 10

// bursts reports that the client sent many requests, each at once after another that had failed, and that nothing shows that it waited for their answers: where
// those are quick, requests that are sent side by side do not overlap.
func (v *arrivals) bursts() bool {
	var paces []pace
	line, most, run := v.timeline(), 0, 1
	for i := 1; i < len(line); i++ {
		before, after := line[i-1], line[i]
		if wait := after.Received - before.Answered; !before.Failed() || !after.Failed() || before.Node != after.Node || wait < 0 || wait >= instant {
			run = 1
			continue
		}
		run++
		most = max(most, run)
		paces = append(paces, paceOf(before, after))
	}
	return most >= leastBurst && !awaits(paces)
}

// rewrites reports that the client made a write again that had succeeded. Whoever does that may mean it after a failure
// too, as does one who lists the same track twice.
func (v *arrivals) rewrites() bool {
	if !v.looked {
		v.looked, v.rewrote = true, v.findRewrite()
	}
	return v.rewrote
}

func (v *arrivals) findRewrite() bool {
	if !slices.ContainsFunc(v.calls, func(c *call) bool { return c.is&traitWrote != 0 }) {
		return false
	}
	succeeded := map[uint64]bool{}
	for _, a := range v.timeline() {
		if !writes(a.Endpoint) {
			continue
		}
		fingerprint := a.Fingerprint()
		if succeeded[fingerprint] {
			return true
		}
		succeeded[fingerprint] = a.Succeeded()
	}
	return false
}

// leastGivenUp is how many calls must have been given up alike before that is the client's way.
const leastGivenUp = 5

// givesUpAfter is after how many attempts the client gives up when it meets 429 or 503 to the end: all such calls in the chapter were alike, nothing
// else came more often, and those that were told nothing are one caller's each, as their gaps rise. It is 0 where that is not known.
func (v *arrivals) givesUpAfter() int {
	if !v.counted {
		v.counted, v.limit = true, v.findLimit()
	}
	return v.limit
}

func (v *arrivals) findLimit() int {
	limit, untold, rising, longest := 0, 0, 0, 0
	for _, c := range v.calls {
		longest = max(longest, len(c.Attempts))
		if !askedToTheEnd(c) {
			continue
		}
		if limit > 0 && len(c.Attempts) != limit {
			return 0
		}
		limit = len(c.Attempts)
		if c.traits()&traitAsked == 0 {
			untold++
			rising += int(bit(rises(c.repeats))) //nolint:gosec // 0 or 1.
		}
	}
	if untold < leastGivenUp || limit < longest || !noAccident(rising, untold) {
		return 0
	}
	return limit
}
