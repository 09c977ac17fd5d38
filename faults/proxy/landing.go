package proxy

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// maxPlain bounds what a compressed prefix is unpacked to.
const maxPlain = 4 * maxPrefix

// answering notes the final answer before its head is written.
func (f *flight) answering(origin observe.Origin, status int, retryAfter string) {
	f.status, f.mark = status, f.conn.written.Load()
	f.exchange.answer(origin, status, retryAfter)
}

// land runs when the handler ends, in whatever way. An answer that was not
// completed ends by the connection being cut, so the tracker learns of it first.
func (f *flight) land(s *server) {
	if !f.completed {
		switch {
		case f.cut():
			f.exchange.blame(observe.OriginOurs, errCut.Error())
		case f.request.Context().Err() != nil || f.conn.failed.Load():
			f.left = true
		case f.answer != nil && f.answer.err != nil:
			f.exchange.blame(observe.OriginUpstream, "the upstream broke off its answer")
		}
		f.exchange.settle(true)
		if !f.left && !f.request.ProtoAtLeast(1, 1) {
			f.conn.breakOff() // such an answer may have nothing but the close for its end
		}
	}
	if f.conn.hijacked {
		f.conn.finish()
		s.open.Done()
	}
}

// finish records the exchange that the connection carries, if it carries one.
func (c *conn) finish() {
	if f := c.current; f != nil {
		c.current = nil
		f.finish()
	}
}

func (f *flight) finish() {
	e := ending{end: f.end(), answered: f.exchange.core.clock(), body: plain(f.prefix.Bytes(), f.encoding)}
	if f.conn.written.Load() > f.mark {
		e.status = f.status
		e.answered = f.conn.lastWrite()
	}
	e.requestLength, e.requestDigest, e.requestComplete = f.intake.summary()
	f.exchange.finish(e)
}

func (f *flight) end() observe.End {
	switch {
	case f.completed && !f.conn.failed.Load():
		return observe.EndComplete
	case f.left || f.conn.failed.Load() && !f.cut():
		return observe.EndClientLeft
	default:
		return observe.EndBroken
	}
}

// cut reports whether the proxy cut the exchanges that were left.
func (f *flight) cut() bool { return errors.Is(context.Cause(f.base), errCut) }

// plain removes gzip from the beginning of a body, as far as it goes.
func plain(prefix []byte, encoding string) []byte {
	if !strings.EqualFold(encoding, "gzip") {
		return prefix
	}
	z, err := gzip.NewReader(bytes.NewReader(prefix))
	if err != nil {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(z, maxPlain)) // a beginning ends early
	return text
}
