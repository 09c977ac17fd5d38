package proxy

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// flight is an exchange on its way through net/http: the core's exchange with
// the connection and the bodies of both directions.
type flight struct {
	exchange *exchange
	conn     *conn
	// request is the server's own, in which trailers appear.
	request *http.Request
	log     *slog.Logger
	intake  *intake
	// answer is the upstream's body, nil when the answer is not the upstream's.
	answer   *capture
	prefix   bytes.Buffer
	encoding string

	base context.Context
	// status is that of the final answer, mark what the connection had written before.
	status int
	mark   int64
	// completed is set when the whole answer was handed to net/http, left when
	// the client went before that.
	completed, left bool
}

// ServeHTTP takes one request through the core.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.takeOff(r)
	defer f.land(s)
	if r.Method == http.MethodConnect {
		f.fail(w, failConnect)
		return
	}
	digest, err := f.intake.fill()
	if err != nil {
		f.failBody(w)
		return
	}
	f.exchange.decide(digest)
	if f.exchange.answersLate() && f.intake.readAhead() != nil {
		f.failBody(w)
		return
	}
	f.exchange.hold(r.Context(), s.drain)
	f.checkClient()
	if f.exchange.answers() {
		f.inject(w)
		return
	}
	f.relay(s, w)
}

// checkClient ends the handler when the client has gone: nobody is left to answer.
func (f *flight) checkClient() {
	if f.request.Context().Err() != nil {
		panic(http.ErrAbortHandler)
	}
}

// takeOff opens the exchange of a request.
func (s *server) takeOff(r *http.Request) *flight {
	c := r.Context().Value(connKey{}).(*conn)
	c.used++
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	f := &flight{
		base: s.base, conn: c, request: r, log: s.proxy.options.Logger, intake: newIntake(r.Body, r.ContentLength == 0),
		exchange: s.proxy.core.arrive(head{
			method: r.Method, target: originForm(r), host: r.Host, header: fields(r.Header),
			remoteAddr: address, conn: c.number, use: c.used,
		}),
	}
	c.current = f
	return f
}

// originForm returns the path and query as sent, also of a request in absolute
// form.
func originForm(r *http.Request) string {
	target := r.RequestURI
	if !r.URL.IsAbs() || r.URL.Opaque != "" {
		return target
	}
	_, rest, _ := strings.Cut(target, "://")
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		target = rest[i:]
	} else {
		target = "/"
	}
	if target[0] == '?' {
		target = "/" + target
	}
	return target
}

// fields reads a header of net/http.
type fields http.Header

// Value returns the first value of a field.
func (f fields) Value(name string) (string, bool) {
	values := http.Header(f).Values(name)
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// glance is how long net/http has to notice that a client is gone. It does so
// in a goroutine, which has nothing to wait for if that is so.
const glance = 10 * time.Millisecond

// lookForClient gives net/http the time to notice that the client left a delay
// in which it did not watch for that: only now is the body read to its end.
func (f *flight) lookForClient() {
	select {
	case <-f.request.Context().Done():
	case <-time.After(glance):
	}
}

// inject gives an answer in Groove's place.
func (f *flight) inject(w http.ResponseWriter) {
	_, _, watched := f.intake.summary()
	if f.intake.drain() != nil {
		f.failBody(w)
		return
	}
	if !watched && f.exchange.attempt.Delay > 0 {
		f.lookForClient()
	}
	f.checkClient()
	header := f.request.Header
	response := f.exchange.injection(strings.Join(header["Accept"], ","), strings.Join(header["Accept-Encoding"], ","))
	f.answering(observe.OriginInjected, response.Status, response.Value("Retry-After"))
	f.encoding = response.Value("Content-Encoding")
	f.prefix.Write(response.Body[:min(len(response.Body), maxPrefix)])
	for _, field := range response.Header {
		w.Header().Set(field.Name, field.Value)
	}
	w.WriteHeader(response.Status)
	_, err := w.Write(response.Body)
	f.completed = err == nil
}

// fail gives an answer of our own.
func (f *flight) fail(w http.ResponseWriter, failed failure) {
	if f.intake.failure() == nil && f.intake.drain() != nil {
		f.failBody(w)
		return
	}
	f.exchange.blame(observe.OriginOurs, failed.text)
	f.answering(observe.OriginOurs, failed.status, "")
	body := "groovechaos: " + failed.text + "\n"
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set(failureField, failed.word)
	w.WriteHeader(failed.status)
	_, err := w.Write([]byte(body))
	f.completed = err == nil
}

// failBody ends an exchange whose request broke off: with an answer if the
// client is still there.
func (f *flight) failBody(w http.ResponseWriter) {
	err := f.intake.failure()
	if err == nil || f.request.Context().Err() != nil || brokenOff(err) {
		f.left = err != nil
		panic(http.ErrAbortHandler)
	}
	f.fail(w, failRequestBody)
}

func (f *flight) logFailure(err error) {
	f.log.Debug("upstream failed", slog.Uint64("sequence", f.exchange.attempt.Sequence), slog.Any("error", err))
}
