package proxy

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// inflow is the upstream's answer as it comes in.
type inflow struct {
	response wire.Response
	framed   wire.Body
	// buf[used:end] was read from it and is not used up.
	buf       []byte
	used, end int
	// begun is where the head begins.
	begun int
	// sent is when the request left, failed what its connection said instead of
	// an answer.
	sent   time.Time
	failed error
	// dechunks is set when only the payload of a chunked body is wanted.
	dechunks bool
	// unsampled is set when what comes is not what the client gets.
	unsampled bool
	// stopAt is how many bytes of the body pass before a fault breaks the
	// connection, in their framing; nowhere and atFirstByte are below 0.
	stopAt int64
	edits  [8]wire.Edit
	// first is what buf is until more is needed, second what the session writes from.
	first, second [pageSize]byte
}

// What stopAt may be besides a number of bytes.
const (
	// nowhere lets all of the body pass.
	nowhere = -1
	// atFirstByte is the first byte of payload, wherever it stands in its framing.
	atFirstByte = -2
)

func (a *inflow) rest() []byte { return a.buf[a.used:a.end] }

// drop forgets what is before the head of the next answer.
func (a *inflow) drop(n int) {
	a.used += n
	a.end = copy(a.buf, a.rest())
	a.used = 0
}

// holdHead keeps the head where reading on does not write over it.
func (a *inflow) holdHead() {
	a.response.Rebase(append([]byte(nil), a.buf[a.begun:a.used]...))
}

var inflows = sync.Pool{New: func() any { return new(inflow) }}

// openInflow makes room for the upstream's answer.
func (s *session) openInflow() {
	if s.inflow == nil {
		s.inflow = inflows.Get().(*inflow)
		s.inflow.buf = s.inflow.first[:]
	}
}

// closeInflow gives the room back.
func (s *session) closeInflow() {
	a := s.inflow
	if a == nil {
		return
	}
	s.inflow = nil
	a.buf, a.used, a.end, a.failed = nil, 0, 0, nil
	a.dechunks, a.unsampled, a.stopAt = false, false, nowhere
	clear(a.edits[:])
	a.response.Rebase(nil)
	inflows.Put(a)
}

// room returns space to read into; it holds on to the bytes of a head that is
// not complete.
func (a *inflow) room() []byte {
	if a.end == len(a.buf) {
		larger := make([]byte, 2*len(a.buf))
		copy(larger, a.buf)
		a.buf = larger
	}
	return a.buf[a.end:]
}

// awaitAnswer reads until the head of the final answer is there, and passes on
// those that come before it.
func (s *session) awaitAnswer() error {
	for {
		size, err := s.readAnswerHead()
		if err != nil {
			return err
		}
		if !s.response.Interim() {
			s.inflow.begun = s.inflow.used
			s.inflow.used += size
			return nil
		}
		if err := s.passInterim(); err != nil {
			return errLeft
		}
		s.inflow.drop(size)
	}
}

// passInterim passes an informational answer on. HTTP/1.0 knows none of them,
// and the 100 has been sent already if the body was read for the decision.
func (s *session) passInterim() error {
	if s.minor == 0 || s.response.Status() == 100 && s.continued {
		return nil
	}
	out, err := s.response.AppendHead(nil)
	if err != nil {
		return err
	}
	if s.response.Status() == 100 {
		s.continued = true
	}
	return s.send(out)
}

// readAnswerHead reads until a head is complete, and returns its size.
func (s *session) readAnswerHead() (int, error) {
	s.response.Reset()
	for {
		if s.inflow.used < s.inflow.end {
			if size, err := s.response.Parse(s.inflow.rest(), s.server.proxy.options.Limits); err != nil || size > 0 {
				return size, err
			}
		}
		if err := s.readAnswer(); err != nil {
			if s.inflow.end > s.inflow.used && errors.Is(err, io.ErrUnexpectedEOF) {
				err = wire.ErrStatusLine // of which only a part came
			}
			return 0, err
		}
	}
}

// readAnswer reads once from the upstream in the wait for its answer. Who
// takes long is waited for with an eye on the client.
func (s *session) readAnswer() error {
	if s.inflow.failed != nil {
		return ended(s.inflow.failed)
	}
	now := time.Now()
	if !now.Before(s.due()) {
		return context.DeadlineExceeded // though something still comes
	}
	room := s.inflow.room()
	s.link.reads.between(now, patience, maxPatience)
	for {
		n, err := s.link.Read(room)
		s.inflow.end += n
		switch {
		case n > 0:
			return nil
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return ended(err)
		case s.hasLeft(s.sent):
			return errLeft
		case s.pouring():
			s.sent = time.Now()
		}
		due := s.due()
		if !time.Now().Before(due) {
			return context.DeadlineExceeded
		}
		s.keepWatch(s.sent, due)
	}
}

// due is when the wait for an answer is over.
func (s *session) due() time.Time {
	o := &s.server.proxy.options
	due := s.sent.Add(o.AnswerTimeout)
	if o.TotalTimeout > 0 {
		if last := s.began.Add(o.TotalTimeout + s.attempt.Delay); last.Before(due) {
			return last
		}
	}
	return due
}

// ended makes the end of the upstream's bytes an error.
func ended(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// dropLink ends the connection to the upstream.
func (s *session) dropLink() {
	if s.link == nil {
		return
	}
	s.attach(nil)
	s.link.Close()
	s.link = nil
}

// keepLink gives the connection back if nothing is outstanding on it.
func (s *session) keepLink() {
	clean := s.response.Persistent() && s.framed.Done() && s.inflow.used == s.inflow.end &&
		s.body.Done() && s.stuck == nil && s.failure == nil
	if !clean {
		s.dropLink()
		return
	}
	s.stopWatch() // which stirs the link of this exchange, and nobody else's
	s.attach(nil)
	s.link.steady = s.framed.Framing().Length > 0 && s.link.quick != nil && s.link.quick.answered()
	// The answer had come before it was passed on.
	s.shelf = s.server.links.put(s.link, s.core.epoch.Add(s.answered))
	s.link = nil // which is somebody else's already
}

// readPiece reads once from the upstream in the middle of its answer.
func (s *session) readPiece() error {
	now := time.Now()
	return s.readPieceUntil(now, now.Add(s.link.stall))
}

// readPieceUntil is readPiece that waits no longer, but for the patience that nobody takes it for.
func (s *session) readPieceUntil(now, until time.Time) error {
	room := s.inflow.room()
	s.link.reads.between(now, patience, maxPatience)
	for {
		n, err := s.link.Read(room)
		s.inflow.end += n
		switch {
		case n > 0:
			return nil
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case s.hasLeft(now):
			s.gone = true
			return errLeft
		case !time.Now().Before(until):
			return err
		}
		s.keepWatch(now, until)
	}
}

func (s *session) hasLeft(since time.Time) bool {
	left, _ := s.leftWaiting(since)
	return left
}

// keepWatch lets the next read from the upstream, for which the client waits
// since then, take until then, and looks meanwhile whether the client leaves.
func (s *session) keepWatch(since, until time.Time) {
	if s.pouring() {
		s.link.reads.at(time.Now().Add(time.Second)) // somebody reads from the client
		return
	}
	if _, bound := s.leftWaiting(since); !bound.IsZero() && bound.Before(until) {
		until = bound
	}
	s.link.reads.at(until)
	if waiting := s.link; s.watch == nil {
		s.startWatch(func() { _ = waiting.SetReadDeadline(past) })
	}
}

// take uses up what was read of the body and returns what of it goes to the
// client. The beginning of the payload is kept.
func (s *session) take() (piece []byte, err error) {
	p := s.inflow.rest()
	taken, kept := 0, 0
	for taken < len(p) && !s.framed.Done() && err == nil {
		var (
			n    int
			data []byte
		)
		n, data, err = s.framed.Next(p[taken:])
		taken += n
		if room := maxPrefix - len(s.sampled); room > 0 && !s.unsampled {
			s.sampled = append(s.sampled, data[:min(len(data), room)]...)
		}
		switch {
		case s.dechunks:
			kept += copy(p[kept:], data)
		case s.stopAt == atFirstByte && len(data) > 0:
			s.stopAt = int64(taken - len(data) + 1)
		}
	}
	s.inflow.used += taken
	if s.dechunks {
		return p[:kept], err
	}
	return p[:taken], err
}
