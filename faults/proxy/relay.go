package proxy

import (
	"bytes"
	"errors"
	"os"
	"time"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// errLeft ends a wait for the upstream because the client has left.
var errLeft = errors.New("the client left")

// relay takes the request to the upstream and the answer back, whole or in
// part. It reports whether the connection can go on.
func (s *session) relay() bool {
	s.openInflow()
	if err := s.forward(time.Now()); err != nil {
		return s.failRelay(err)
	}
	return s.finishRelay()
}

// finishRelay takes the answer back.
func (s *session) finishRelay() bool {
	if err := s.awaitAnswer(); err != nil {
		return s.failRelay(err)
	}
	s.attempt.UpstreamStatus = s.response.Status()
	if s.response.Status() == 101 {
		return s.switchProtocols()
	}
	if !s.hold(true) {
		return false
	}
	if struck, again := s.strikeAfter(); struck {
		return again
	}
	return s.deliver()
}

// failRelay answers a request that the upstream did not.
func (s *session) failRelay(err error) bool {
	s.dropLink()
	switch {
	case errors.Is(err, errLeft):
		s.stopWatch()
		s.leave("the client left before its answer came")
		return false
	case s.ending != nil && !s.pouring() && s.failure != nil:
		return s.failBody(s.failure)
	}
	s.logFailure(err)
	s.stopWatch()
	if err := s.settleBody(); err != nil {
		return s.failBody(err)
	}
	if s.gone {
		return false
	}
	if _, ok := errors.AsType[wire.Error](err); ok {
		return s.fail(failInvalid)
	}
	return s.fail(upstreamFailure(err))
}

// forward sends the head and what is there of the body, and starts the rest.
func (s *session) forward(now time.Time) error {
	for fresh := false; ; fresh, now = true, time.Now() {
		if err := s.reach(fresh, now); err != nil {
			return err
		}
		n, err := s.writeRequest()
		if n > 0 {
			s.attempt.Forwarded = true
		}
		if err == nil {
			break
		}
		if n > 0 || !s.link.reused || errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		// Not a byte was taken, so this request has not reached the upstream.
		s.unsent = nil
		s.dropLink()
	}
	if !s.body.Done() || s.unsent != nil {
		s.pourOn(s.link)
	}
	return nil
}

// writeRequest sends the head, and with it what is there of the body unless
// that is so much that the upstream might answer before it takes it.
func (s *session) writeRequest() (int, error) {
	out, err := s.request.AppendOriginForm(s.scratch(), s.requestEdits()...)
	if err != nil {
		return 0, err
	}
	speak11(out, bytes.Index(out, lineEnd)-1)
	s.link.writes.atLeast(s.sent, s.link.stall)
	body := s.in.buf[s.in.used : s.in.used+s.prefix]
	whole := len(out)+len(body) <= pageSize
	if whole {
		out = append(out, body...)
	} else {
		s.unsent = body
	}
	switch q := s.link.quick; {
	case q != nil && whole && s.body.Done():
		return s.ask(q, out)
	case q != nil && s.link.reused && !s.link.probe.alive():
		return 0, errStale
	}
	return s.link.Write(out)
}

// ask sends the whole request and waits at once for the answer to begin, for
// as long as nobody need look after the client.
func (s *session) ask(q asker, request []byte) (int, error) {
	s.link.reads.between(s.sent, patience, maxPatience)
	// What writes is worth a look in any case.
	look := s.link.doubtful(s.sent) || s.link.reused && text(s.request.Method()) != "GET"
	n, got, err := q.ask(request, s.inflow.room(), look)
	s.inflow.end += got
	switch {
	case n == len(request) && err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
		s.inflow.failed = err // which is an answer too, to be read first
		return n, nil
	case n == len(request):
		return n, nil
	case n == 0 && s.link.reused && !s.link.probe.alive():
		return 0, errStale
	case err == nil || errors.Is(err, os.ErrDeadlineExceeded):
		more, err := s.link.Write(request[n:])
		return n + more, err
	default:
		return n, err
	}
}

// speak11 makes the version of a start line ours (RFC 9110 §6.2), given where
// its minor number stands.
func speak11(head []byte, minor int) { head[minor] = '1' }

var (
	lineEnd       = []byte("\r\n")
	chunkedCoding = []byte("chunked")
	trailersToken = []byte("trailers")
	upgradeOption = []byte("Upgrade")
)

// requestEdits is what changes in the head on its way: Host where the upstream
// has a name of its own, and fields of the connection that are ours to pass on.
func (s *session) requestEdits() []wire.Edit {
	edits := s.edits[:0]
	if host := s.hostEdit(); host != nil {
		edits = append(edits, wire.Edit{Name: "Host", Value: host})
	}
	if s.request.Framing().Kind == wire.Chunked {
		edits = append(edits, wire.Edit{Name: "Transfer-Encoding", Value: chunkedCoding})
	}
	if te, ok := s.request.Lookup("TE"); ok && listed(te, trailersToken) {
		edits = append(edits, wire.Edit{Name: "TE", Value: trailersToken})
	}
	if protocols, ok := s.request.Upgrade(); ok {
		edits = append(edits, wire.Edit{Name: "Connection", Value: upgradeOption}, wire.Edit{Name: "Upgrade", Value: protocols})
	}
	return edits
}

// listed reports whether a list has an element, without regard to case.
func listed(list, element []byte) bool {
	for len(list) > 0 {
		var item []byte
		item, list, _ = bytes.Cut(list, []byte(","))
		if bytes.EqualFold(bytes.TrimSpace(item), element) {
			return true
		}
	}
	return false
}
