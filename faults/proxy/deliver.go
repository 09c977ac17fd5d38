package proxy

import (
	"errors"
	"io"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/inject"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/wire"
)

// deliver passes the answer on as it comes.
func (s *session) deliver() bool {
	s.lapse()
	framing := s.announce()
	if len(s.decision.Spoils) > 0 {
		return s.deliverSpoiled(framing)
	}
	again, err := s.passOn(framing)
	switch {
	case errors.Is(err, errStruck):
		s.dropLink()
		return false
	case err != nil:
		return s.breakOff(framing)
	default:
		s.completed = true
	}
	s.awaitPour()
	again = again && s.failure == nil
	s.keepLink()
	return again
}

// announce notes the answer whose head is there, and how its body ends.
func (s *session) announce() wire.Framing {
	status := s.response.Status()
	retryAfter, _ := s.response.Lookup("Retry-After")
	s.answering(observe.OriginUpstream, status, string(retryAfter))
	coding, _ := s.response.Lookup("Content-Encoding")
	s.encoding = string(coding)
	framing := s.response.Framing(s.request.Method())
	s.framed.Start(framing, s.server.proxy.options.Limits)
	return framing
}

// passOn sends the head of the answer, and the body as it comes. It reports
// whether the client was told that the connection can go on.
func (s *session) passOn(framing wire.Framing) (again bool, err error) {
	s.dechunks = framing.Kind == wire.Chunked && s.minor == 0
	again = s.goesOn() && framing.Kind != wire.UntilClose && !s.dechunks
	out, err := s.response.AppendHead(s.scratch(), s.responseEdits(framing, again)...)
	if err == nil {
		speak11(out, len("HTTP/1.1")-1)
		err = s.passAnswer(out, framing)
	}
	return again, err
}

// responseEdits is what changes in the head of an answer on its way.
func (s *session) responseEdits(framing wire.Framing, again bool) []wire.Edit {
	edits := s.edits[:0]
	switch {
	case framing.Kind == wire.Chunked && !s.dechunks:
		edits = append(edits, wire.Edit{Name: "Transfer-Encoding", Value: chunkedCoding})
	case framing.Kind == wire.Chunked:
		edits = append(edits, wire.Edit{Name: "Transfer-Encoding"}, wire.Edit{Name: "Trailer"})
	}
	if value := s.connectionField(again); value != nil {
		edits = append(edits, wire.Edit{Name: "Connection", Value: value})
	}
	return edits
}

// errUpstream ends an answer that the upstream broke off or spoilt.
var errUpstream = errors.New("the upstream broke off its answer")

// errStruck ends an answer that a fault broke off.
var errStruck = errors.New("a fault broke the connection")

// passAnswer sends the answer up to where a fault breaks the connection.
func (s *session) passAnswer(head []byte, framing wire.Framing) error {
	point := s.point()
	bodiless := framing.Kind == wire.None || framing.Kind == wire.Length && framing.Length == 0
	if point == faults.BreakAfterHead || point == faults.BreakMidBody && bodiless {
		if err := s.send(head); err != nil {
			return err
		}
		if s.strikeAt(point) {
			return errStruck
		}
		head = nil
	}
	s.stopAt = nowhere
	switch {
	case point != faults.BreakMidBody || bodiless:
	case framing.Kind == wire.Length:
		s.stopAt = inject.MidBody(framing.Length)
	case s.dechunks:
		s.stopAt = 1
	default:
		s.stopAt = atFirstByte
	}
	return s.passBody(head)
}

// unknown is the length of a body, -1 for one that is not declared.
func unknown(framing wire.Framing) int64 {
	if framing.Kind == wire.Length {
		return framing.Length
	}
	return -1
}

// passBody sends the head, and the body as it comes.
func (s *session) passBody(head []byte) error {
	for {
		piece, err := s.take()
		if err := s.passUpTo(head, piece); err != nil {
			return err
		}
		head = nil
		switch {
		case err != nil:
			return errUpstream
		case s.framed.Done():
			return nil
		}
		s.inflow.used, s.inflow.end = 0, 0
		if err := s.readPiece(); err != nil {
			if errors.Is(err, io.EOF) && s.framed.Framing().Kind == wire.UntilClose {
				return nil
			}
			return errUpstream
		}
	}
}

// passUpTo sends a piece of the body, up to where a fault breaks the
// connection.
func (s *session) passUpTo(head, piece []byte) error {
	if s.stopAt >= 0 && int64(len(piece)) >= s.stopAt {
		if err := s.passPiece(head, piece[:s.stopAt]); err != nil {
			return err
		}
		head, piece, s.stopAt = nil, piece[s.stopAt:], nowhere
		if s.strikeAt(faults.BreakMidBody) {
			return errStruck
		}
	}
	if s.stopAt >= 0 {
		s.stopAt -= int64(len(piece))
	}
	return s.passPiece(head, piece)
}

// passPiece sends a piece of the body, together with the head if it goes
// first.
func (s *session) passPiece(head, piece []byte) error {
	switch {
	case len(head) == 0 && len(piece) == 0:
		return nil
	case len(head) == 0:
		return s.send(piece)
	case len(head)+len(piece) <= cap(head):
		return s.send(append(head, piece...))
	}
	if err := s.send(head); err != nil {
		return err
	}
	if len(piece) == 0 {
		return nil
	}
	return s.send(piece)
}

// breakOff ends the connection under an answer that is not whole, so that it
// cannot look whole.
func (s *session) breakOff(framing wire.Framing) bool {
	s.dropLink()
	s.stopPour()
	s.stopWatch() // before it takes our end for the client's
	if !s.gone && s.attempt.Origin == observe.OriginUpstream {
		s.blame(observe.OriginUpstream, errUpstream.Error())
	}
	s.settle(true)
	if !s.gone && (framing.Kind == wire.UntilClose || s.minor == 0) {
		s.reset()
	} else {
		s.broken = true
		s.hangUp()
	}
	return false
}
