package faults

// stack is the terminal faults that share the draw of one exchange, in
// creation order. It keeps the usual few without allocating.
type stack struct {
	room [8]*Active
	more []*Active
	size int
}

func (s *stack) push(a *Active) {
	if s.size < len(s.room) {
		s.room[s.size] = a
	} else {
		s.more = append(s.more, a)
	}
	s.size++
}

func (s *stack) empty() bool { return s.size == 0 }

func (s *stack) at(i int) *Active {
	if i < len(s.room) {
		return s.room[i]
	}
	return s.more[i-len(s.room)]
}

// drawAnswer lays the shares of the stack side by side on [0, 1) and lets the
// fault that the draw falls on answer.
func (e *Engine) drawAnswer(d *Decision, s *stack, place Place) {
	u := draw(e.seed, purposeCall, 0, place.Fingerprint, place.Call)
	a, taken := s.find(u, true, place.Attempt)
	if a == nil {
		// Exchanges draw from what the calls leave, so that their share of the
		// whole stays what was asked for.
		u = draw(e.seed, purposeExchange, 0, place.Fingerprint, place.Sequence) * (1 - taken)
		a, _ = s.find(u, false, place.Attempt)
	}
	if a != nil && a.counters.take(a.Fault.Trigger.Limit) {
		d.answer(a, drawn(a.Fault.Trigger.share(), u))
	}
}

// find returns the fault that u falls on among those that draw once a call
// (perCall) or among the others. If it falls on none, or on one that lets this
// attempt pass, find returns the sum of the shares that may strike it.
func (s *stack) find(u float64, perCall bool, attempt uint64) (*Active, float64) {
	var sum, striking float64
	for i := range s.size {
		a := s.at(i)
		if (a.Fault.Trigger.Attempts > 0) != perCall {
			continue
		}
		eligible := a.Fault.Trigger.eligible(attempt)
		before := sum
		sum += a.Fault.Trigger.share()
		if eligible {
			striking += a.Fault.Trigger.share()
		}
		if before <= u && u < sum && eligible {
			return a, striking
		}
	}
	return nil, min(striking, 1)
}
