package inject

import (
	"math"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// Stream is the way of one spoiled body to the client. It reads no clock and
// does no I/O: see Next. Make it with Plan.Stream.
type Stream struct {
	plan  *Plan
	start time.Time
	sent  int64
	bits  []bitsTask
	cuts  []cutTask
	paces []paceTask
}

type bitsTask struct {
	*task
	bits *Bits
}

type cutTask struct {
	*task
	at int64
}

type paceTask struct {
	*task
	pace *Pace
}

// Step is what to do next with a piece of the body.
type Step struct {
	// N is how many bytes at the beginning of the piece may be sent now. They
	// have been changed in place.
	N int
	// Wait, if not 0, is how long to wait before Next is asked again for the
	// same piece; By is the fault that holds it back: the wait is over when it
	// goes (Active.Gone).
	Wait time.Duration
	By   *faults.Active
	// End says that the connection ends in order once N bytes are sent, without
	// whatever ends the body (a last chunk, END_STREAM).
	End bool
}

// Stream begins to send the body, at the wall clock now: the rewritten part
// first, where there is one, and then what follows.
func (p *Plan) Stream(now time.Time) *Stream {
	s := &Stream{plan: p, start: now}
	for _, t := range p.tasks {
		if !t.open() {
			continue
		}
		f := &t.Fault.Fault
		switch t.stage {
		case stageBits:
			s.bits = append(s.bits, bitsTask{t, NewBits(t.Key, f.Corrupt.Share)})
		case stageTruncate:
			at, _ := p.cut(t)
			s.cuts = append(s.cuts, cutTask{t, at})
		case stageThrottle:
			s.paces = append(s.paces, paceTask{t, NewPace(f.Throttle)})
		default:
		}
	}
	return s
}

// Next says what to do with the next piece of the body, at the time elapsed
// since the stream began:
//
//	for {
//		step := stream.Next(piece, elapsed())
//		write(piece[:step.N])
//		piece = piece[step.N:]
//		switch {
//		case step.End:
//			// end the connection
//		case step.Wait > 0:
//			// wait so long, or until step.By goes
//		case len(piece) == 0:
//			// read the next piece
//		}
//	}
//
// An empty piece is allowed, and asks whether the body ends here: do that once
// when the head is sent, so that a body that is cut at 0 does not wait for its
// first byte. A fault that goes or expires lets the rest pass.
func (s *Stream) Next(piece []byte, elapsed time.Duration) Step {
	limit := s.limit(elapsed)
	n := int(min(int64(len(piece)), max(limit-s.sent, 0)))
	if n > 0 {
		wait, by, chunk := s.pace(elapsed)
		if wait > 0 {
			return Step{Wait: wait, By: by}
		}
		n = min(n, chunk)
		s.pass(piece[:n], elapsed)
	}
	end := s.sent >= limit
	if end {
		s.strike(limit)
	}
	return Step{N: n, End: end}
}

// limit is where the body is cut by the faults that are still there.
func (s *Stream) limit(elapsed time.Duration) int64 {
	limit := int64(math.MaxInt64)
	for _, c := range s.cuts {
		if s.alive(c.task, elapsed) {
			limit = min(limit, c.at)
		}
	}
	return limit
}

// strike notes which faults cut the body.
func (s *Stream) strike(limit int64) {
	for _, c := range s.cuts {
		c.struck = c.struck || c.at == limit && c.open()
	}
}

// pace says how long the next chunk has to wait, and for whom, or how long it may be.
func (s *Stream) pace(elapsed time.Duration) (wait time.Duration, by *faults.Active, chunk int) {
	chunk = math.MaxInt
	for _, p := range s.paces {
		if !s.alive(p.task, elapsed) {
			continue
		}
		chunk = min(chunk, p.pace.Chunk())
		w := s.within(p.task, p.pace.Wait(elapsed), elapsed)
		p.struck = p.struck || w > 0
		if w > wait {
			wait, by = w, p.Fault
		}
	}
	return wait, by, chunk
}

// pass changes and counts what goes out now.
func (s *Stream) pass(piece []byte, elapsed time.Duration) {
	for _, b := range s.bits {
		if s.alive(b.task, elapsed) {
			b.bits.Flip(piece)
			b.struck = true
		}
	}
	for _, p := range s.paces {
		p.pace.Sent(len(piece), elapsed)
	}
	s.sent += int64(len(piece))
}

// Finish notes that the upstream's body has come to its end, and reports whether
// the connection has to end as well: its declared length was wrong. It is not to be
// called for a body that broke off.
func (s *Stream) Finish() (end bool) {
	for _, t := range s.plan.tasks {
		switch {
		case t.stage == stageLength && t.struck:
			end = true
		case t.struck || !t.open():
		case s.sent == 0:
			t.missed = errNoBody
		case t.stage == stageTruncate:
			t.missed = errCut
		case t.stage == stageThrottle:
			t.missed = errFast
		}
	}
	return end
}

// alive reports whether a fault is still there, and closes its task if not.
func (s *Stream) alive(t *task, elapsed time.Duration) bool {
	if t.open() && (gone(t.Fault) || expired(t.Fault, s.start.Add(elapsed))) {
		t.missed = errGone
	}
	return t.open()
}

// within bounds a wait by what is left of the lifetime of its fault.
func (s *Stream) within(t *task, wait, elapsed time.Duration) time.Duration {
	wait, _ = Bound(faults.Hold{Fault: t.Fault, Wait: wait}, s.start.Add(elapsed))
	return wait
}
