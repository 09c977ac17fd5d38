package proxy

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// relay takes the request to the upstream and the answer back. The answer may
// come while the request is still being read.
func (f *flight) relay() bool {
	ctx, cancel := context.WithCancelCause(context.WithValue(f.in.Context(), upstreamKey{}, f.upstream))
	defer cancel(nil)
	f.cancel = cancel
	response, err := f.ask(ctx)
	if err != nil {
		return f.failRelay(err)
	}
	defer response.Body.Close()
	f.attempt.UpstreamStatus = response.StatusCode
	if response.StatusCode == http.StatusSwitchingProtocols {
		return f.failRelay(wire.ErrStatusLine) // nobody asked for that
	}
	if !f.hold(true) {
		return false
	}
	if struck, sound := f.strikeAfter(response); struck {
		return sound
	}
	return f.deliver(response)
}

// ask sends the request and waits for the head of the final answer.
func (f *flight) ask(ctx context.Context) (*http.Response, error) {
	hints := &hints{writer: f.writer}
	defer hints.stop()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: f.rides, Got1xxResponse: hints.pass})
	out, err := f.outgoing(ctx)
	if err != nil {
		return nil, err
	}
	if total := f.side.server.proxy.options.TotalTimeout; total > 0 {
		late := time.AfterFunc(time.Until(f.began.Add(total+f.attempt.Delay)), func() { f.cancel(context.DeadlineExceeded) })
		defer late.Stop()
	}
	response, err := f.side.upstream.RoundTrip(out)
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, context.DeadlineExceeded) {
		return nil, cause
	}
	return response, err
}

// rides notes which connection carries the request.
func (f *flight) rides(info httptrace.GotConnInfo) {
	link := info.Conn.(*http2Link)
	f.mark = link.written.Load()
	f.link.Store(link)
}

// forwarded reports whether some of the request went to the upstream. An answer
// may be here before the write that it answers has returned.
func (f *flight) forwarded() bool {
	link := f.link.Load()
	return f.attempt.UpstreamStatus != 0 || link != nil && link.written.Load() > f.mark
}

// patient is the body of an answer, which may stand still for so long.
func (f *flight) patient(r *http.Response) io.Reader {
	p := &patientReader{body: r.Body}
	p.stall.limit, p.stall.act = f.side.server.proxy.options.Stall, func() { f.cancel(errUpstream) }
	return p
}

// patientReader gives up a body that stands still for too long.
type patientReader struct {
	body  io.Reader
	stall guard
}

func (p *patientReader) Read(b []byte) (int, error) {
	p.stall.begin()
	defer p.stall.end()
	return p.body.Read(b)
}

// hints passes the upstream's informational answers on, until the final one.
type hints struct {
	mu     sync.Mutex
	writer http.ResponseWriter
}

// pass writes one, from a goroutine of the transport. A 100 is net/http's own
// affair: it sends one when the body is read.
func (h *hints) pass(status int, header textproto.MIMEHeader) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.writer == nil || status == http.StatusContinue {
		return nil
	}
	d := try(func() {
		maps.Copy(h.writer.Header(), endToEnd(http.Header(header)))
		h.writer.WriteHeader(status)
		clear(h.writer.Header())
	})
	if d != nil {
		return d
	}
	return nil
}

// stop lets none pass any more.
func (h *hints) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writer = nil
}
