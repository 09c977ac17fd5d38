package proxy

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/wire"
)

// reply is the answer of one exchange, as far as it has got.
type reply struct {
	// began is when the first byte of the request came, readAt when its head was
	// there.
	began, readAt time.Time
	// minor is the version that the client speaks, persistent whether it goes on with
	// its connection.
	minor      uint8
	persistent bool
	// headOut is set once some of the head of the final answer has left.
	headOut bool
	// completed is set when the whole answer has left, gone when the client is
	// known to have left before, broken when the connection has been ended.
	completed, gone, broken bool
	// lenient is set while a client that has closed its sending half is taken to
	// go on reading.
	lenient bool
	// silent is set when the exchange is not to be recorded.
	silent bool
	// status is that of the final answer.
	status int
	// answered is when the last byte was about to leave, on the proxy's clock. The client may have it
	// long before the proxy hears so: from a later time it would seem to come back early.
	answered time.Duration
	// leftAt is when a client whose sending half ended did so.
	leftAt time.Time
	// class and code are how the client is to read an answer of ours.
	class groove.Class
	code  groove.ErrorCode
	// sampled is the beginning of the payload of the answer, encoding its coding.
	sampled  []byte
	encoding string
	// sheet is what answers are written from where nothing is relayed.
	sheet *[sheetSize]byte
}

// sheetSize is what most answers of our own fit into: thousands of clients may get
// theirs at the same time.
const sheetSize = 2 << 10

var sheets = sync.Pool{New: func() any { return new([sheetSize]byte) }}

// begin starts the answer to a request.
func (r *reply) begin(q *wire.Request) {
	*r = reply{began: r.began, readAt: r.readAt, persistent: q.Persistent(), sampled: r.sampled[:0]}
	r.minor = uint8(q.Minor()) //nolint:gosec // It is 0 or 1.
}

// sample is the beginning of the payload, as it was before any coding.
func (s *session) sample() []byte { return plain(s.sampled, s.encoding) }

// scratch is memory to write an answer into, which goes back when the exchange ends.
func (s *session) scratch() []byte {
	if s.inflow != nil {
		return s.second[:0]
	}
	if s.sheet == nil {
		s.sheet = sheets.Get().(*[sheetSize]byte)
	}
	return s.sheet[:0]
}

// recycle gives back what the exchange has borrowed.
func (s *session) recycle() {
	if s.sheet != nil {
		sheets.Put(s.sheet)
		s.sheet = nil
	}
	if cap(s.sampled) > windowSize {
		s.sampled = nil
	}
	s.closeInflow()
}

// send writes to the client, which may take so long for each piece.
func (s *session) send(p []byte) error { return s.sendAt(p, s.core.now()) }

// sendAt is send at a moment that has just been.
func (s *session) sendAt(p []byte, now time.Time) error {
	s.writes.atLeast(now, s.server.proxy.options.Stall)
	s.answered = now.Sub(s.core.epoch)
	n, err := s.client.Write(p)
	if n > 0 && s.status != 0 {
		s.headOut = true
	}
	if err != nil {
		s.unable(err)
	}
	return err
}

// unable notes why the client could not be written to.
func (s *session) unable(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.blame(observe.OriginOurs, "the client did not read its answer")
		return
	}
	s.gone = true
}

// leave ends an exchange whose client went away.
func (s *session) leave(reason string) {
	s.gone = true
	if s.attempt.Reason == "" {
		s.attempt.Reason = reason
	}
}

// answering notes the final answer before its head is written.
func (s *session) answering(origin observe.Origin, status int, retryAfter string) {
	s.status = status
	s.answer(origin, status, retryAfter)
}

// goesOn reports whether the connection can carry another exchange once the
// answer is out. Behind the end of what the client sends that is one which has
// come already.
func (s *session) goesOn() bool {
	return s.persistent && (!s.ended || s.hasMore()) && !s.retiring()
}

// hasMore reports whether something has come behind the request.
func (s *session) hasMore() bool {
	return !s.pouring() && s.in.end > s.in.used+s.prefix
}

// connectionField is the field that tells the client what becomes of the
// connection, nil where it need not be told.
func (s *session) connectionField(again bool) []byte {
	switch {
	case !again:
		return []byte("close")
	case s.minor == 0:
		return []byte("keep-alive")
	default:
		return nil
	}
}

// fail gives an answer of our own. It reports whether the connection can go on.
func (s *session) fail(f failure) bool {
	s.blame(observe.OriginOurs, f.text)
	if s.headOut || s.gone {
		return false
	}
	s.answering(observe.OriginOurs, f.status, "")
	body := "groovechaos: " + f.text + "\n"
	again := s.goesOn() && s.body.Done() && f.status != failConnect.status
	out := append(s.scratch(), "HTTP/1.1 "...)
	out = strconv.AppendInt(out, int64(f.status), 10)
	out = append(append(append(out, ' '), http.StatusText(f.status)...), "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "...)
	out = strconv.AppendInt(out, int64(len(body)), 10)
	out = append(append(append(out, "\r\n"+failureField+": "...), f.word...), "\r\n"...)
	out = append(append(append(out, s.connectionLine(again)...), "\r\n"...), body...)
	s.completed = s.send(out) == nil
	return again && s.completed
}

// inject gives an answer in Groove's place. It reports whether the connection
// can go on.
func (s *session) inject() bool {
	unseen := s.attempt.Delay > 0 && !s.body.Done()
	if err := s.settleBody(); err != nil {
		return s.failBody(err)
	}
	if unseen && !s.glance() {
		s.leave("")
		return false
	}
	accept, _ := s.head.header.Value("Accept")
	coding, _ := s.head.header.Value("Accept-Encoding")
	again := s.goesOn()
	out, info := s.injection(s.scratch(), accept, coding, s.connectionLine(again))
	s.class, s.code = info.Class, info.Code
	s.answering(observe.OriginInjected, info.Status, info.RetryAfter)
	s.completed = s.sendAt(out, s.made) == nil
	return again && s.completed
}

// connectionLine is connectionField as a line.
func (s *session) connectionLine(again bool) string {
	switch {
	case !again:
		return "Connection: close\r\n"
	case s.minor == 0:
		return "Connection: keep-alive\r\n"
	default:
		return ""
	}
}

func (s *session) logFailure(err error) {
	s.server.proxy.options.Logger.Debug("upstream failed", slog.Uint64("sequence", s.attempt.Sequence), slog.Any("error", err))
}
