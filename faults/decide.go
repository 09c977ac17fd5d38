package faults

import "time"

// Decision is what is to happen to one exchange, and why. The zero value
// relays it untouched.
type Decision struct {
	// Holds are the delays to wait for, one after the other, each on its side of
	// the upstream's work: see Fault.Delay.At.
	Holds []Hold
	// Terminal is the fault that answers or breaks the connection, nil to relay.
	Terminal *Active
	// RetryAfter is how long a client that a quota strikes has to wait for a
	// token, never 0 then; 0 when it is no quota that strikes.
	RetryAfter time.Duration
	// Spoils are the faults that change the answer on its way, in the order in which they
	// apply.
	Spoils []Spoil
	// Reason says why, for the journal: "slow: share 0.1, draw 0.0432", or "slow: share 1" where a draw changes nothing.
	Reason string

	// grip is the slots it takes up, nil for none.
	grip *grip
	// flight is nil unless at most one call of a kind is failed at a time.
	flight *ticket
}

// Spoil is one change of an answer on its way.
type Spoil struct {
	Fault *Active
	// Key makes the changes that are drawn (which bits, which items) the same
	// for the same exchange in every run.
	Key uint64
}

// Hold is one delay of a decision.
type Hold struct {
	Fault *Active
	Wait  time.Duration
}

// Decide says what is to happen to x, and counts it for the triggers; whoever
// carries the decision out calls Fire on the faults that really strike, and
// Release when the exchange has ended.
//
// Among terminal faults those that count (first, every, attempts, quota) come
// before those that draw, each in creation order; at most one strikes, and a
// fault counts only what no earlier one strikes: such an exchange takes no
// token of a later quota. The draw of an exchange is shared: the shares of the
// faults lie side by side, first those that draw once a call, then those that
// draw on every exchange, scaled to what the former leave. A share is therefore
// exact whatever stands beside it, but for what counting faults take away.
//
// Delays and spoils draw each for itself, and all that fire apply. Those that
// need an answer of the upstream, delays after it and spoils, come last and
// have no part in an exchange for which there is none, nor spoils in one whose
// answer is thrown away: it does not match, draws nothing and counts for no
// trigger. That holds also if the terminal fault goes before it strikes.
//
// The cost does not depend on how many faults there are as long as few are
// about x in the parts of a match that name something literally: see shelf. It
// allocates only when something strikes.
func (e *Engine) Decide(x *Exchange) (decision Decision) {
	s := e.set.Load()
	if len(s.faults) > 0 || e.flights != nil {
		e.decideAmong(s, x, &decision)
	}
	return decision
}

func (e *Engine) decideAmong(s *set, x *Exchange, out *Decision) {
	if e.flights != nil {
		out.flight = e.flights.ticket(x)
	}
	var among found
	s.shelf.find(x, &among)
	if among.size > 0 {
		var why causes
		d := deciding{out: out, why: &why, seed: e.seed, draws: purposeExchange, faults: s.faults, among: &among, x: x}
		d.decide()
	}
}

// DecideConnection says what is to happen to a connection that was just
// accepted: whether a break at accept strikes it. Such faults take no part in
// Decide, and no others in this. Nothing is known but the place, whose
// Fingerprint is a hash of the client's address, and whose Sequence and Call
// number its connections, from 1. When there is no such fault it costs next to
// nothing. As with Decide, Fire and Release are the caller's.
func (e *Engine) DecideConnection(place Place, now time.Time) Decision {
	s := e.set.Load()
	if len(s.accepting) == 0 {
		return Decision{}
	}
	return e.decideAccepted(s, &Exchange{Place: place, Now: now})
}

func (e *Engine) decideAccepted(s *set, x *Exchange) (decision Decision) {
	var among found
	var why causes
	among.add(s.acceptingIDs)
	d := deciding{out: &decision, why: &why, seed: e.seed, draws: purposeConnection, faults: s.accepting, among: &among, x: x}
	d.decide()
	return decision
}
