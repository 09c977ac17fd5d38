package proxy

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// relay takes the request to the upstream and the answer back. The answer may
// come while the request is still being read.
func (f *flight) relay(s *server, w http.ResponseWriter) {
	if f.request.ContentLength != 0 {
		_ = http.NewResponseController(w).EnableFullDuplex() // net/http has it for HTTP/1
	}
	hints := &hints{writer: w, request: f.request}
	out, ok := f.outgoing(hints.trace(f.request.Context()), s.proxy.options.Upstream)
	if !ok {
		f.fail(w, failTarget)
		return
	}
	response, err := s.upstream.RoundTrip(out)
	hints.stop()
	if err != nil {
		f.failRelay(w, err)
		return
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols {
		f.tunnel(w, response)
		return
	}
	f.answering(observe.OriginUpstream, response.StatusCode, response.Header.Get("Retry-After"))
	f.encoding = response.Header.Get("Content-Encoding")
	f.answer = &capture{ReadCloser: response.Body, prefix: &f.prefix}
	if passBack(w, response, f.answer) != nil {
		panic(http.ErrAbortHandler) // an answer that broke off must not look whole
	}
	f.completed = true
	_ = f.intake.drain() // what breaks off here shows in the record
}

// failRelay answers a request that the upstream did not.
func (f *flight) failRelay(w http.ResponseWriter, err error) {
	if f.intake.failure() != nil || f.request.Context().Err() != nil {
		f.failBody(w)
		return
	}
	f.logFailure(err)
	f.fail(w, upstreamFailure(err))
}

// passBack writes the upstream's answer as it comes. Nothing waits in a buffer, and
// since the head is out before net/http sees a byte of the body, it neither
// guesses a type nor counts a length.
func passBack(w http.ResponseWriter, r *http.Response, body io.Reader) error {
	header := w.Header()
	maps.Copy(header, endToEnd(r.Header))
	for name := range r.Trailer {
		header.Add("Trailer", name)
	}
	announced := maps.Clone(r.Trailer)
	if _, dated := header["Date"]; !dated {
		header["Date"] = nil // else net/http gives one
	}
	w.WriteHeader(r.StatusCode)
	out := http.NewResponseController(w)
	if err := out.Flush(); err != nil {
		return err
	}
	if err := stream(w, out.Flush, body); err != nil {
		return err
	}
	for name, values := range r.Trailer {
		if _, ok := announced[name]; !ok {
			name = http.TrailerPrefix + name
		}
		header[name] = values
	}
	return nil
}

var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// stream copies and flushes what there is each time.
func stream(w io.Writer, flush func() error, body io.Reader) error {
	buffer := buffers.Get().(*[32 << 10]byte)
	defer buffers.Put(buffer)
	for {
		n, err := body.Read(buffer[:])
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return err
			}
			if err := flush(); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// hints passes the upstream's informational answers on, until the final one.
type hints struct {
	request *http.Request

	mu     sync.Mutex
	writer http.ResponseWriter
}

// trace makes the context of a request whose hints are passed on.
func (h *hints) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{Got1xxResponse: h.pass})
}

// pass writes one, from a goroutine of the transport. Reading the body for the
// decision has sent the 100 already, and HTTP/1.0 knows none of them.
func (h *hints) pass(status int, header textproto.MIMEHeader) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	continued := status == http.StatusContinue && h.request.Header.Get("Expect") != ""
	if h.writer == nil || continued || !h.request.ProtoAtLeast(1, 1) {
		return nil
	}
	maps.Copy(h.writer.Header(), endToEnd(http.Header(header)))
	h.writer.WriteHeader(status)
	clear(h.writer.Header())
	return nil
}

// stop lets none pass any more.
func (h *hints) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writer = nil
}
