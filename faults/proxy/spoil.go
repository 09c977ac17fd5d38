package proxy

import (
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/inject"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/wire"
)

// spoiling is an answer that faults change on its way.
type spoiling struct {
	*session
	plan   *inject.Plan
	stream *inject.Stream
	began  time.Time
	// chunks is set when the body goes out in chunks, stopAt is how much of it
	// passes before a fault breaks the connection, below 0 for all.
	chunks bool
	stopAt int64
	// real is the length of the body that goes out, whatever the head says, -1
	// for unknown.
	real int64
}

// errCutShort ends an answer that a fault cuts short in order.
var errCutShort = errors.New("a fault ended the answer")

// deliverSpoiled passes the answer on as the faults of the decision change it.
func (s *session) deliverSpoiled(framing wire.Framing) bool {
	s.dechunks, s.unsampled = framing.Kind == wire.Chunked, true
	p := &spoiling{session: s, plan: inject.NewPlan(s.decision.Spoils, s.replyOf(framing)), stopAt: nowhere}
	again, err := p.pass(framing)
	p.note()
	switch {
	case errors.Is(err, errStruck):
		s.dropLink()
		return false
	case errors.Is(err, errCutShort):
		s.dropLink()
		s.stopPour()
		s.attempt.Origin = observe.OriginInjected
		s.settle(true)
		s.finishClient()
		return false
	case err != nil:
		return s.breakOff(framing)
	}
	s.completed = true
	s.awaitPour()
	again = again && s.failure == nil
	s.keepLink()
	return again
}

// replyOf is what the plan must know of the answer.
func (s *session) replyOf(framing wire.Framing) inject.Reply {
	r := inject.Reply{
		Method: s.exchange.head.method, Endpoint: *s.endpoint, Status: s.response.Status(),
		ContentEncoding: s.encoding, Length: -1, Marker: s.marker(), Now: s.core.now(),
	}
	if kind, ok := s.response.Lookup("Content-Type"); ok {
		r.ContentType = string(kind)
	}
	switch framing.Kind {
	case wire.None:
		r.Length = 0
	case wire.Length:
		r.Length = framing.Length
	case wire.Chunked, wire.UntilClose, wire.Tunnel:
	}
	return r
}

// note records which faults changed the answer and which could not.
func (p *spoiling) note() {
	for _, a := range p.plan.Struck() {
		a.Fire()
		p.attempt.SpoiledBy = append(p.attempt.SpoiledBy, a.Fault.Name)
	}
	p.attempt.Marker = p.plan.Marker()
	for _, miss := range p.plan.Missed() {
		if p.attempt.Reason != "" {
			p.attempt.Reason += "; "
		}
		p.attempt.Reason += miss.Fault.Fault.Name + " did not apply: " + miss.Why
	}
}

// pass sends the answer. It reports whether the connection can go on.
func (p *spoiling) pass(framing wire.Framing) (again bool, err error) {
	p.real = unknown(framing)
	first, broke := p.readWhole()
	if p.gone {
		return false, broke
	}
	again, err = p.sendHead(framing)
	if err != nil {
		return false, err
	}
	p.stream, p.began = p.plan.Stream(p.core.now()), time.Now()
	if err := p.piece(nil); err != nil {
		return false, err
	}
	if err := p.piece(first); err != nil {
		return false, err
	}
	if broke != nil {
		return false, broke
	}
	if err := p.pump(); err != nil {
		return false, err
	}
	if p.stream.Finish() {
		return false, errCutShort
	}
	if p.chunks {
		err = p.send([]byte("0\r\n\r\n"))
	}
	return again, err
}

// readWhole reads the body, as far as it may be spoiled as a whole, and returns what goes out in its place. Of one that
// breaks off that is what came, before the client learns of the end as it would without the faults.
func (p *spoiling) readWhole() ([]byte, error) {
	if !p.plan.Whole() {
		return nil, nil
	}
	p.holdHead()
	var body []byte
	for len(body) < faults.MaxSpoiled {
		data, err := p.payload()
		body = append(body, data...)
		if errors.Is(err, io.EOF) {
			body = p.plan.Rewrite(body, true)
			p.real = int64(len(body))
			return body, nil
		}
		if err != nil {
			return p.plan.Rewrite(body, false), err
		}
	}
	return p.plan.Rewrite(body, false), nil
}

// payload returns the next piece of the upstream's payload, io.EOF at its end.
func (s *session) payload() ([]byte, error) {
	for {
		data, err := s.take()
		switch {
		case err != nil:
			return data, errUpstream
		case len(data) > 0:
			return data, nil
		case s.framed.Done():
			return nil, io.EOF
		}
		s.inflow.used, s.inflow.end = 0, 0
		if err := s.readPiece(); err != nil {
			if errors.Is(err, io.EOF) && s.framed.Framing().Kind == wire.UntilClose {
				return nil, io.EOF
			}
			return nil, errUpstream
		}
	}
}

// sendHead sends the head with the framing that the body will have.
func (p *spoiling) sendHead(framing wire.Framing) (again bool, err error) {
	length := p.plan.Length()
	p.chunks = length < 0 && framing.Kind == wire.Chunked && p.minor > 0
	again = p.goesOn() && (length >= 0 || framing.Kind == wire.None || framing.Kind == wire.Length || p.chunks)
	head, err := p.response.AppendHead(p.scratch(), p.headEdits(framing, length, again)...)
	if err != nil {
		return false, err
	}
	speak11(head, len("HTTP/1.1")-1)
	if err := p.send(head); err != nil {
		return false, err
	}
	if p.strikeAt(faults.BreakAfterHead) {
		return false, errStruck
	}
	if p.point() == faults.BreakMidBody {
		p.stopAt = inject.MidBody(p.real)
		if p.stopAt == 0 && p.strikeAt(faults.BreakMidBody) {
			return false, errStruck
		}
	}
	return again, nil
}

// headEdits is what changes in the head, the body having the length or, below
// 0, the framing it had.
func (p *spoiling) headEdits(framing wire.Framing, length int64, again bool) []wire.Edit {
	edits := p.edits[:0]
	if framing.Kind == wire.Chunked && !p.chunks {
		edits = append(edits, wire.Edit{Name: "Transfer-Encoding"}, wire.Edit{Name: "Trailer"})
	}
	switch {
	case length >= 0 && framing.Kind != wire.None:
		edits = append(edits, wire.Edit{Name: "Content-Length", Value: strconv.AppendInt(nil, length, 10)})
	case p.chunks:
		edits = append(edits, wire.Edit{Name: "Transfer-Encoding", Value: chunkedCoding})
	}
	if value := p.connectionField(again); value != nil {
		edits = append(edits, wire.Edit{Name: "Connection", Value: value})
	}
	return edits
}

// pump passes what is left of the body.
func (p *spoiling) pump() error {
	for {
		data, err := p.payload()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := p.piece(data); err != nil {
			return err
		}
	}
}

// piece sends one piece as the stream says.
func (p *spoiling) piece(data []byte) error {
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
			p.lenient = true // who has left meets the next bytes with a reset
			if err := p.pace(step); err != nil {
				return err
			}
		case len(data) == 0:
			return nil
		}
	}
}

// drainPace is how long a throttled answer pauses at most between two pieces
// while the proxy drains, when nothing else is held back any more.
const drainPace = 20 * time.Millisecond

// pace waits before the next bytes.
func (p *spoiling) pace(step inject.Step) error {
	switch p.wait(step.By, time.Now().Add(step.Wait)) {
	case abandoned:
		return errLeft
	case released:
		if p.retiring() && !p.server.pause(min(step.Wait, drainPace)) {
			return errLeft
		}
	case waited:
	}
	return nil
}

// put sends bytes of the body, up to where a fault breaks the connection.
func (p *spoiling) put(data []byte) error {
	if p.stopAt >= 0 && int64(len(data)) >= p.stopAt {
		if err := p.frame(data[:p.stopAt]); err != nil {
			return err
		}
		data, p.stopAt = data[p.stopAt:], -1
		if p.strikeAt(faults.BreakMidBody) {
			return errStruck
		}
	}
	if p.stopAt >= 0 {
		p.stopAt -= int64(len(data))
	}
	return p.frame(data)
}

// frame sends bytes in the framing of the answer.
func (p *spoiling) frame(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	if room := maxPrefix - len(p.sampled); room > 0 {
		p.sampled = append(p.sampled, data[:min(len(data), room)]...)
	}
	if !p.chunks {
		return p.send(data)
	}
	out := append(strconv.AppendInt(p.scratch(), int64(len(data)), 16), "\r\n"...)
	return p.send(append(append(out, data...), "\r\n"...))
}
