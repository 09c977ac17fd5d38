package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/inject"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/route"
	"github.com/groovechaos/groovechaos/faults/wire"
)

// flight is an exchange on its way through net/http: one stream of an HTTP/2
// connection. Its steps are those of a session, under the same names, and
// report whether the stream ends in order; one that does not is reset.
type flight struct {
	exchange

	side   *http2Side
	conn   *http2Conn
	in     *http.Request
	writer http.ResponseWriter
	stream *http.ResponseController
	intake *intake
	// writes ends the stream when the client takes too long to read.
	writes guard
	began  time.Time

	upstream route.Upstream
	// link carries the request, and had written mark bytes before it did.
	link atomic.Pointer[http2Link]
	mark int64
	// cancel ends the way to the upstream.
	cancel context.CancelCauseFunc

	// status is that of the final answer; headOut is set once its head has left.
	status  int
	headOut bool
	// answered is when the last byte was about to leave, on the proxy's clock.
	answered time.Duration
	// completed is set when the whole answer has left, gone when the client is
	// known to have left before.
	completed, gone bool
	// class and code are how the client is to read an answer of ours.
	class groove.Class
	code  groove.ErrorCode
	// sampled is the beginning of the payload of the answer, encoding its coding.
	sampled  []byte
	encoding string
}

// ServeHTTP takes one request through the core.
func (h *http2Side) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := r.Context().Value(connKey{}).(*http2Conn)
	if !c.enter() {
		panic(http.ErrAbortHandler)
	}
	defer c.exit()
	if f := h.takeOff(c, w, r); !f.fly() {
		panic(http.ErrAbortHandler)
	}
}

// fly takes the exchange to its end.
func (f *flight) fly() (sound bool) {
	defer f.rescue(&sound)
	sound = f.proceed()
	f.land()
	return sound
}

// takeOff makes the exchange of a request.
func (h *http2Side) takeOff(c *http2Conn, w http.ResponseWriter, r *http.Request) *flight {
	f := &flight{
		side: h, conn: c, in: r, writer: w, stream: http.NewResponseController(w),
		intake: newIntake(r.Body, r.ContentLength == 0), began: time.Now(),
	}
	stall := h.server.proxy.options.Stall
	f.intake.stall.limit, f.intake.stall.act = stall, func() { _ = f.stream.SetReadDeadline(past) }
	f.writes.limit, f.writes.act = stall, func() { _ = f.stream.SetWriteDeadline(past) }
	return f
}

// proceed goes from the head to the end of the answer.
func (f *flight) proceed() bool {
	if err := f.arrive(); err != nil {
		return f.refuse(err)
	}
	if f.in.Method == http.MethodConnect {
		return f.fail(failConnect)
	}
	upstream, err := f.conn.locate(f.in.Host)
	if err != nil {
		return f.failRelay(err)
	}
	f.upstream = upstream
	if f.upstream.Foreign {
		return f.relay()
	}
	digest, err := f.intake.fill()
	if err != nil {
		return f.failBody(err)
	}
	f.decide(digest)
	if !f.hold(false) {
		return false
	}
	if struck, sound := f.strikeBefore(); struck {
		return sound
	}
	return f.relay()
}

// arrive opens the exchange.
func (f *flight) arrive() error {
	session := f.conn.session
	c := session.server.proxy.core
	h := f.whence()
	target := f.in.RequestURI
	if f.in.Method != http.MethodConnect {
		if err := checkHead(f.in, target, session.server.proxy.options.Limits); err != nil {
			c.refuse(&f.exchange, h)
			return err
		}
	}
	h.method, h.target, h.host, h.header = f.in.Method, target, f.in.Host, newFields(f.in.Header)
	c.arrive(&f.exchange, h)
	return nil
}

// whence is what is known of a request before it is looked at.
func (f *flight) whence() head {
	session := f.conn.session
	return head{remoteAddr: session.address, conn: session.number, use: f.conn.used.Add(1), multiplexed: true}
}

// refuse answers a request whose head cannot be taken.
func (f *flight) refuse(err error) bool {
	status := http.StatusBadRequest
	if reason, ok := errors.AsType[wire.Error](err); ok {
		status = reason.Status()
	}
	return f.fail(failure{status, "request_head", "the request was refused: " + err.Error()})
}

// left reports whether the client has left, or the proxy has cut it off.
func (f *flight) left() bool { return f.in.Context().Err() != nil }

// leave ends an exchange whose client went away.
func (f *flight) leave(reason string) {
	f.gone = true
	if f.attempt.Reason == "" {
		f.attempt.Reason = reason
	}
}

// answering notes the final answer before its head is written.
func (f *flight) answering(origin observe.Origin, status int, retryAfter string) {
	f.status = status
	f.answer(origin, status, retryAfter)
}

// fail gives an answer of our own.
func (f *flight) fail(failed failure) bool {
	f.blame(observe.OriginOurs, failed.text)
	if f.headOut || f.gone {
		return false
	}
	f.answering(observe.OriginOurs, failed.status, "")
	body := "groovechaos: " + failed.text + "\n"
	header := f.writer.Header()
	clear(header)
	header["Date"] = nil // else net/http gives one
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set(failureField, failed.word)
	f.completed = f.sendWhole([]byte(body))
	return f.completed
}

// inject gives an answer in Groove's place.
func (f *flight) inject() bool {
	if err := f.intake.drain(); err != nil {
		return f.failBody(err)
	}
	if f.left() {
		f.leave("")
		return false
	}
	accept, _ := f.head.header.Value("Accept")
	coding, _ := f.head.header.Value("Accept-Encoding")
	a := f.decision.Terminal
	a.Fire()
	f.attempt.Origin, f.attempt.Fault = observe.OriginInjected, a.Fault.Name
	response, info := f.core.answers.Answer(inject.AnswerOf(&a.Fault), f.request(accept, coding, ""))
	f.class, f.code, f.attempt.Marker = info.Class, info.Code, info.Marker
	f.answering(observe.OriginInjected, info.Status, info.RetryAfter)
	header := f.writer.Header()
	header["Date"], header["Content-Type"] = nil, nil // unless the answer has them
	for _, field := range response.Header {
		header.Set(field.Name, field.Value)
	}
	f.completed = f.sendWhole(response.Body)
	return f.completed
}

// failRelay answers a request that the upstream did not.
func (f *flight) failRelay(err error) bool {
	switch {
	case f.left():
		f.leave("the client left before its answer came")
		return false
	case f.intake.failure() != nil:
		return f.failBody(f.intake.failure())
	}
	if d, ok := errors.AsType[*defect](err); ok && f.wrecked() == nil {
		f.side.server.report(d) // else it is when the exchange lands
	}
	f.side.server.proxy.options.Logger.Debug("upstream failed", slog.Uint64("sequence", f.attempt.Sequence), slog.Any("error", err))
	if err := f.intake.drain(); err != nil {
		return f.failBody(err)
	}
	return f.fail(upstreamFailure(err))
}

// failBody ends an exchange whose request body broke off: with an answer if
// the client is still there.
func (f *flight) failBody(err error) bool {
	switch {
	case f.left():
		f.leave("the client left inside the body of its request")
		return false
	case f.wrecked() != nil:
		return f.fail(failDefect)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return f.fail(failBodyTimeout)
	default:
		return f.fail(failRequestBody)
	}
}
