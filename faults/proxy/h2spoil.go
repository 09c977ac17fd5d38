package proxy

import (
	"errors"
	"io"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/inject"
)

// errShortened ends, in order, an answer whose declared length a fault made
// shorter than its body: HTTP/2 has no place for the rest.
var errShortened = errors.New("a fault shortened the answer")

// passSpoiled sends the answer as the faults of the decision change it.
func (d *outflow) passSpoiled() error {
	plan := inject.NewPlan(d.decision.Spoils, d.reply())
	defer d.note(plan)
	var first []byte
	if plan.Whole() {
		if first = d.readWhole(plan); d.left() {
			return errLeft
		}
	}
	d.room = plan.Length()
	d.describe(plan.Length())
	if err := d.begin(max(plan.Length(), d.length)); err != nil {
		return err
	}
	s := &pacer{outflow: d, stream: plan.Stream(d.core.now()), began: time.Now()}
	if err := s.pass(first); err != nil {
		return err
	}
	switch {
	case s.stream.Finish():
		return errShortened
	case !d.headOut && !d.sendEnd():
		return errLeft
	default:
		return nil
	}
}

// reply is what the plan must know of the answer.
func (d *outflow) reply() inject.Reply {
	return inject.Reply{
		Method: d.head.method, Endpoint: *d.endpoint, Status: d.status,
		ContentType: d.response.Header.Get("Content-Type"), ContentEncoding: d.encoding,
		Length: d.length, Marker: d.marker(), Now: d.core.now(),
	}
}

// note records which faults changed the answer and which could not.
func (d *outflow) note(plan *inject.Plan) {
	for _, a := range plan.Struck() {
		a.Fire()
		d.attempt.SpoiledBy = append(d.attempt.SpoiledBy, a.Fault.Name)
	}
	d.attempt.Marker = plan.Marker()
	for _, miss := range plan.Missed() {
		if d.attempt.Reason != "" {
			d.attempt.Reason += "; "
		}
		d.attempt.Reason += miss.Fault.Fault.Name + " did not apply: " + miss.Why
	}
}

// readWhole reads the body, as far as it may be spoiled as a whole, and
// returns what goes out in its place. Of one that breaks off that is what came: whoever
// reads on learns why.
func (d *outflow) readWhole(plan *inject.Plan) []byte {
	body, err := io.ReadAll(io.LimitReader(d.body, faults.MaxSpoiled))
	return plan.Rewrite(body, err == nil && len(body) < faults.MaxSpoiled)
}

// pacer sends a spoiled body in the pieces and at the times of its stream.
type pacer struct {
	*outflow

	stream *inject.Stream
	began  time.Time
}

// pass sends the rewritten part of the body and what follows.
func (p *pacer) pass(first []byte) error {
	if err := p.piece(nil); err != nil {
		return err
	}
	if err := p.piece(first); err != nil {
		return err
	}
	page := pages.Get().(*[pageSize]byte)
	whole := true
	defer func() {
		if whole { // else net/http may still be at it
			pages.Put(page)
		}
	}()
	for {
		n, err := p.body.Read(page[:])
		if sent := p.piece(page[:n]); sent != nil {
			whole = false
			return sent
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return errUpstream
		}
	}
}

// piece sends one piece as the stream says.
func (p *pacer) piece(data []byte) error {
	for {
		step := p.stream.Next(data, time.Since(p.began))
		if err := p.put(data[:step.N]); err != nil {
			return err
		}
		data = data[step.N:]
		switch {
		case step.End:
			return errCutShort
		case step.Wait > 0:
			if err := p.pace(step); err != nil {
				return err
			}
		case len(data) == 0:
			return nil
		}
	}
}

// pace waits before the next bytes, as it does for the wire.
func (p *pacer) pace(step inject.Step) error {
	switch s := p.side.server; p.wait(step.By, step.Wait, true) {
	case abandoned:
		return errLeft
	case released:
		if s.drain.Err() != nil && !s.pause(min(step.Wait, drainPace)) {
			return errLeft
		}
	case waited:
	}
	return nil
}
