package proxy

import (
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/wire"
)

// attender is a connection that can keep its reads to itself while what came
// by them is served, and so knows when the next bytes come without looking.
type attender interface {
	// attend waits for bytes and has them attended to, again and again, until it
	// is told to end. It also ends when it has read n bytes and cannot tell whether
	// there are more, or without any by an error, which may be the peer's end.
	attend(a attendant) (n int, err error)
}

// attendant serves what an attender reads. Meanwhile it must not read from the
// connection, nor close it.
type attendant interface {
	// space is where to read into.
	space() []byte
	// attended takes n bytes that were read there. It is true when it is through
	// with them, and false to end.
	attended(n int) bool
}

// attend serves the requests of an idle client that need nothing but an answer
// at once. done is false if the next is to be read, or to be read on; what
// became of the exchange else is whether another may follow.
func (s *session) attend() (again, done bool) {
	q, ok := s.client.(attender)
	if !ok || s.used == 0 || !s.in.empty() {
		return false, false // the first one is looked at for more than it asks
	}
	if !s.rest(s.core.now(), s.server.proxy.options.ClientIdle) {
		return false, true
	}
	n, err := q.attend(s)
	switch then := s.then; {
	case then != nil:
		s.then = nil
		return s.conclude(then(s)), true
	case n > 0:
		s.came(n)
	case err != nil || s.in.empty():
		s.stir()
		return false, true // errQuiet
	}
	return false, false
}

// space is where the next request goes.
func (s *session) space() []byte { return s.in.room() }

// came notes the first bytes of a request.
func (s *session) came(n int) {
	s.stage = coming
	s.in.end += n
	s.stir()
	s.readAt = s.core.now()
	s.began = s.readAt
}

// attended serves a request that is there. What would have to read from the
// client, or to close its connection, is left to attend.
func (s *session) attended(n int) bool {
	s.came(n)
	size := s.asksLittle()
	if size == 0 {
		return false
	}
	s.used++
	s.open(size)
	again := s.answerAtOnce()
	switch {
	case s.then != nil:
		return false
	case !again:
		s.then = (*session).lastAnswered
		return false
	}
	s.conclude(true)
	s.in.settle()
	return s.rest(s.core.epoch.Add(s.answered), s.server.proxy.options.ClientIdle)
}

// lastAnswered is what follows the last exchange of a connection.
func (s *session) lastAnswered() bool { return false }

// asksLittle returns the size of a head with no body and nothing behind it, 0 if
// it is not whole or not valid, or if there is more or will be.
func (s *session) asksLittle() int {
	s.borrowHead()
	size, err := s.request.Parse(s.in.rest(), s.server.proxy.options.Limits)
	if err != nil || s.in.used+size != s.in.end || s.request.Form() == wire.AuthorityForm {
		return 0
	}
	if f := s.request.Framing(); f.Kind == wire.Chunked || f.Length != 0 {
		return 0
	}
	return size
}

// answerAtOnce is proceed for a request without a body, as far as the client
// need not be looked after: what follows else is then.
func (s *session) answerAtOnce() bool {
	s.upload.begin(s)
	if err := s.locate(); err != nil {
		return s.failRelay(err)
	}
	if !s.upstream.Foreign {
		s.decideAt("", s.readAt)
		d := &s.decision
		switch {
		case len(d.Holds) > 0 || len(d.Spoils) > 0:
			s.then = (*session).act
			return false
		case d.Terminal == nil:
		case d.Terminal.Fault.Answer == nil || d.Terminal.Fault.Answer.At == faults.SideAfter:
			s.then = (*session).act
			return false
		default:
			return s.inject()
		}
	}
	return s.relayAtOnce()
}

// relayAtOnce is relay for an answer that comes quickly and is short.
func (s *session) relayAtOnce() bool {
	s.openInflow()
	if err := s.forward(s.readAt); err != nil { // a moment ago, for nothing has been waited for
		return s.failRelay(err)
	}
	if !s.answerThere() {
		s.then = (*session).finishRelay
		return false
	}
	again, err := s.passOn(s.announce())
	if err != nil {
		s.then = (*session).breakOffAnswer
		return false
	}
	s.completed = true
	s.keepLink()
	return again
}

// breakOffAnswer is breakOff for the answer that was being passed on.
func (s *session) breakOffAnswer() bool { return s.breakOff(s.framed.Framing()) }

// answerThere takes the head of the final answer, if all of that has come.
func (s *session) answerThere() bool {
	a := s.inflow
	s.response.Reset()
	size, err := s.response.Parse(a.rest(), s.server.proxy.options.Limits)
	if err != nil || size == 0 || s.response.Interim() || s.response.Status() == 101 {
		return false
	}
	switch f := s.response.Framing(s.request.Method()); {
	case f.Kind == wire.None:
	case f.Kind != wire.Length || f.Length > int64(a.end-a.used-size):
		return false
	}
	s.attempt.UpstreamStatus = s.response.Status()
	a.begun = a.used
	a.used += size
	return true
}
