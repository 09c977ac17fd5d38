package proxy

import (
	"errors"
	"io"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/wire"
)

// pageSize is what is read and written at once while bodies pass.
const pageSize = 32 << 10

var pages = sync.Pool{New: func() any { return new([pageSize]byte) }}

var continueHead = []byte("HTTP/1.1 100 Continue\r\n\r\n")

// upload is the body of a request on its way. Its beginning is read before the
// decision and stays in the window; the rest is passed on as it comes. All of
// it is digested.
type upload struct {
	body wire.Body
	// digest is nil as long as the client has sent no body.
	digest *observe.Digest
	// prefix is how many bytes after the head belong to the body.
	prefix int
	// unsent is the beginning of the body if it did not leave with the head.
	unsent []byte
	// continued is set once the client was told to go on, flowing once it goes
	// on by itself.
	continued bool
	// eof tells that the client closed its sending half inside the body.
	eof     bool
	flowing atomic.Bool
	// givenUp is set when the rest is not wanted any more.
	givenUp atomic.Bool
	// failure is why the body broke off.
	failure error
	// ending is closed when the rest has been passed on, nil while that has not
	// begun; stuck is the
	// upstream's failure to take it, spilt a defect of ours.
	ending chan struct{}
	stuck  error
	spilt  *defect
}

// begin starts the body of the request that was read.
func (u *upload) begin(s *session) {
	u.none()
	u.body.Start(s.request.Framing(), s.server.proxy.options.Limits)
}

// none starts a body that is not there.
func (u *upload) none() {
	if u.digest != nil {
		u.digest.Reset()
	}
	u.body.Start(wire.Framing{}, wire.Limits{})
	u.eof = false
	u.givenUp.Store(false)
	u.flowing.Store(false)
	u.prefix, u.unsent, u.continued, u.failure, u.ending, u.stuck, u.spilt = 0, nil, false, nil, nil, nil, nil
}

// summary is what the record says of the body. The rest must not be under way.
func (u *upload) summary() (length int64, digest string, complete bool) {
	return u.digestedLength(), u.digested(), u.body.Done()
}

// digested is the digest of the body so far, "" for none. It holds until more is digested.
func (u *upload) digested() string {
	if u.digest == nil {
		return ""
	}
	return u.digest.View()
}

func (u *upload) digestedLength() int64 {
	if u.digest == nil {
		return 0
	}
	return u.digest.Length()
}

// feed takes bytes off p that belong to the body, until so much of its payload
// has been digested.
func (u *upload) feed(p []byte, most int64) (int, error) {
	taken := 0
	if u.digest == nil && len(p) > 0 && !u.body.Done() {
		u.digest = observe.NewDigest()
	}
	for taken < len(p) && !u.body.Done() && u.digest.Length() < most {
		end := taken + int(min(int64(len(p)-taken), most-u.digest.Length()))
		n, data, err := u.body.Next(p[taken:end])
		taken += n
		_, _ = u.digest.Write(data) // never fails
		if err != nil {
			return taken, err
		}
	}
	return taken, nil
}

// maxHeldBody is how much of a body is read ahead of a delay that an injected
// answer is to follow, so that a client which leaves is seen to.
const maxHeldBody = 1 << 20

// readBeginning reads exactly so much of the body into the window, or all of
// it, however it is cut: the digest of it is what draws are keyed by. A client
// that waits to be told to go on is told.
func (s *session) readBeginning(most int64) error {
	for !s.body.Done() {
		n, err := s.feed(s.in.buf[s.in.used+s.prefix:s.in.end], most)
		s.prefix += n
		switch {
		case err != nil:
			s.failure = err
			return err
		case s.body.Done() || s.digestedLength() >= most:
			return nil
		}
		if err := s.goOn(); err != nil {
			return err
		}
		if err := s.readBody(s.in.room(), s.took); err != nil {
			s.ended = s.ended || s.eof
			return err
		}
	}
	return nil
}

// took notes what was read into the window.
func (s *session) took(n int) { s.in.end += n }

// goOn tells a client that waits for it to send its body.
func (s *session) goOn() error {
	if s.continued || !s.request.ExpectContinue() {
		return nil
	}
	s.continued = true
	return s.send(continueHead)
}

// lapse gives the body up if the client still waits to be told to send it, now
// that there is an answer. The client need not send it any more: what it sends
// next may be anything, so that the connection has to end (RFC 9110 §10.1.1).
func (s *session) lapse() bool {
	if s.continued || !s.pouring() || s.flowing.Load() || !s.request.ExpectContinue() {
		return false
	}
	s.stopPour() // before the client may go on
	s.persistent = false
	return true
}

// errGivenUp ends the reading of a body that is not wanted any more.
var errGivenUp = errors.New("the rest of the body is not wanted")

// readBody reads from the client once.
func (s *session) readBody(p []byte, took func(n int)) error {
	s.reads.atLeast(time.Now(), s.server.proxy.options.Stall)
	if s.givenUp.Load() { // looked at behind the deadline, which whoever sets it has put into the past
		s.failure = errGivenUp
		return errGivenUp
	}
	n, err := s.client.Read(p)
	took(n)
	if n > 0 || err == nil {
		return nil
	}
	switch {
	case errors.Is(err, io.EOF):
		s.eof = true
		err = io.ErrUnexpectedEOF
	case s.givenUp.Load() && errors.Is(err, os.ErrDeadlineExceeded):
		err = errGivenUp
	}
	s.failure = err
	return err
}

// pourOn passes the rest of the body on to the upstream, in a goroutine of its
// own. If the client breaks off, the upstream's connection ends.
func (s *session) pourOn(to *link) {
	ending := make(chan struct{})
	s.ending = ending
	go func() {
		defer close(ending)
		s.spilt = try(func() { s.pourRest(to) })
		if s.spilt != nil || s.failure != nil && !errors.Is(s.failure, errGivenUp) {
			to.Close()
		}
	}()
}

func (s *session) pourRest(to *link) {
	if s.unsent != nil {
		s.stuck = to.send(s.unsent)
	}
	if !s.body.Done() {
		s.pour(to)
	}
}

// leftBody reports whether the client left inside its body, which is not under
// way any more.
func (s *session) leftBody() bool {
	_, invalid := errors.AsType[wire.Error](s.failure)
	return s.failure != nil && !invalid && !errors.Is(s.failure, os.ErrDeadlineExceeded) && !errors.Is(s.failure, errGivenUp)
}

// pouring reports whether the rest of the body is still under way.
func (s *session) pouring() bool {
	if s.ending == nil {
		return false
	}
	select {
	case <-s.ending:
		return false
	default:
		return true
	}
}

// pour reads the rest of the body and passes it on, or throws it away where to
// is nil or takes no more.
func (s *session) pour(to *link) {
	page := pages.Get().(*[pageSize]byte)
	defer pages.Put(page)
	early := s.in.buf[s.in.used+s.prefix : s.in.end]
	s.in.end = s.in.used + s.prefix
	for {
		fill := copy(page[:], early)
		early = early[fill:]
		if fill == 0 && s.readBody(page[:], func(n int) { fill = n }) != nil {
			return
		}
		s.flowing.Store(true)
		n, err := s.feed(page[:fill], math.MaxInt64)
		if n > 0 && to != nil && s.stuck == nil {
			s.stuck = to.send(page[:n])
		}
		switch {
		case err != nil:
			s.failure = err
			return
		case s.body.Done():
			s.in.add(page[n:fill])
			s.in.add(early)
			return
		}
	}
}

// awaitPour waits for the rest of the body. Until then nothing else may touch
// the client's reads. A defect that showed in it goes on here.
func (s *session) awaitPour() {
	if s.ending == nil {
		return
	}
	<-s.ending
	s.ended = s.ended || s.eof
	if d := s.spilt; d != nil {
		s.spilt = nil
		panic(d)
	}
}

// stopPour gives the rest of the body up.
func (s *session) stopPour() {
	if s.pouring() {
		s.givenUp.Store(true)
		_ = s.client.SetReadDeadline(past) // it is closed if this fails
		s.awaitPour()
		s.reads.at(time.Time{})
	}
	s.awaitPour()
}

// settleBody sees to it that the whole body has been read, so that the
// connection can be used again.
func (s *session) settleBody() error {
	switch {
	case s.lapse():
		return nil
	case s.ending != nil:
		s.awaitPour()
	case !s.body.Done() && s.failure == nil:
		if err := s.goOn(); err != nil {
			return err
		}
		s.pour(nil)
	}
	return s.failure
}

// failBody ends an exchange whose request body broke off: with an answer if
// the client is still there.
func (s *session) failBody(err error) bool {
	var reason wire.Error
	switch {
	case errors.As(err, &reason):
		s.fail(failRequestBody)
	case errors.Is(err, os.ErrDeadlineExceeded) && !s.wasCut():
		s.fail(failBodyTimeout)
	default:
		s.leave("the client left inside the body of its request")
	}
	return false
}
