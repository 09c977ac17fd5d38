package proxy

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"time"
	"unsafe"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// text views bytes as a string. It holds as long as the bytes are not changed:
// for those of a window, to the end of the exchange.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// octets views a string as bytes, which must not be changed.
func octets(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// headFields reads the header section of a head on the wire.
type headFields struct{ head *wire.Head }

// Value returns the first value of a field.
func (f headFields) Value(name string) (string, bool) {
	value, ok := f.head.Lookup(name)
	return text(value), ok
}

// Len is the number of fields, and At the ith.
func (f headFields) Len() int { return f.head.Len() }

func (f headFields) At(i int) (name, value string) {
	n, v := f.head.Field(i)
	return text(n), text(v)
}

// preface is how a client begins that speaks HTTP/2 without asking (RFC 9113 §3.3).
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// speaksHTTP2 waits for the first bytes and tells whether they are the preface
// of HTTP/2.
func (s *session) speaksHTTP2() (bool, error) {
	for {
		rest := s.in.rest()
		if n := min(len(rest), len(preface)); n == len(preface) || text(rest[:n]) != preface[:n] {
			return text(rest[:n]) == preface, nil
		}
		if err := s.readMore(); err != nil {
			return false, err
		}
	}
}

// errQuiet ends a session of which there is nothing to say.
var errQuiet = errors.New("nothing came")

// lease is what an exchange is lent until it is decided: one that is held back,
// or a client that is idle, need not keep it, and it takes a third of a session.
type lease struct {
	request  wire.Request
	question question
}

var leases = sync.Pool{New: func() any { return new(lease) }}

// span is where something stands in a window.
type span struct{ from, to int }

// borrowHead makes room for a head.
func (s *session) borrowHead() {
	if s.lease == nil {
		s.lease = leases.Get().(*lease)
		s.request, s.question = &s.lease.request, &s.lease.question
	}
	s.request.Reset()
}

// returnHead gives it back.
func (s *session) returnHead() {
	if l := s.lease; l != nil {
		l.request.Reset()
		leases.Put(l)
		s.lease, s.request, s.question, s.head.header = nil, nil, nil, nil
	}
}

// readAgain reads the head of an exchange that has been without it.
func (s *session) readAgain() {
	s.borrowHead()
	_, _ = s.request.Parse(s.in.buf[s.headed.from:s.headed.to], s.server.proxy.options.Limits) // as it did before
	s.head.header = headFields{&s.request.Head}
}

// readHead reads until a head is complete, and returns its size.
func (s *session) readHead() (int, error) {
	s.borrowHead()
	limits := s.server.proxy.options.Limits
	for {
		if !s.in.empty() {
			if size, err := s.request.Parse(s.in.rest(), limits); err != nil || size > 0 {
				return size, err
			}
		}
		if err := s.readMore(); err != nil {
			return 0, err
		}
	}
}

// readMore reads on in a head, or waits for one to begin.
func (s *session) readMore() error {
	o := &s.server.proxy.options
	waiting := s.in.empty()
	if !waiting {
		s.reads.at(s.firstByte().Add(o.HeadTimeout))
	} else if !s.rest(s.core.now(), o.ClientIdle) {
		return errQuiet
	}
	n, err := s.client.Read(s.in.room())
	s.in.end += n
	if waiting {
		s.stir()
		if n == 0 {
			return errQuiet
		}
	}
	if n == 0 {
		return err
	}
	s.readAt = s.core.now()
	if s.began.IsZero() {
		s.began = s.readAt
	}
	return nil
}

// firstByte is when the first byte of the request was there.
func (s *session) firstByte() time.Time {
	if s.began.IsZero() {
		s.began = s.core.now()
	}
	return s.began
}

// refuseHead answers and records a request whose head cannot be taken.
func (s *session) refuseHead(err error) {
	if errors.Is(err, errQuiet) {
		return
	}
	s.used++
	s.reply = reply{began: s.began, sampled: s.sampled[:0]}
	s.forgetPlace()
	s.server.proxy.core.refuse(&s.exchange, s.whence())
	s.upload.none()
	var reason wire.Error
	switch {
	case errors.As(err, &reason):
		s.fail(failure{reason.Status(), "request_head", "the request was refused: " + reason.Error()})
	case errors.Is(err, os.ErrDeadlineExceeded) && !s.wasCut():
		s.fail(failHeadTimeout)
	default:
		s.leave("the client left inside the head of its request")
	}
	s.land()
	s.linger()
}

// whence is what is known of a request before it is read.
func (s *session) whence() head {
	return head{remoteAddr: s.address, conn: s.number, use: s.used}
}

// describe notes what is known of a request when its head has arrived.
func (s *session) describe() {
	h := &s.exchange.head
	*h = s.whence()
	h.method, h.host = text(s.request.Method()), text(s.request.Authority())
	h.target = text(s.originForm())
	h.header = headFields{&s.request.Head}
}

// originForm is the path and the query as sent, also of a request in absolute form.
func (s *session) originForm() []byte {
	if s.request.Form() != wire.AbsoluteForm {
		return s.request.Target()
	}
	path := s.request.Path()
	query, asked := s.request.Query()
	switch {
	case asked:
	case text(s.request.Method()) == "OPTIONS" && bytes.Count(s.request.Target(), []byte("/")) == len("//"):
		return []byte("*") // RFC 9112 §3.2.4
	default:
		return path
	}
	target := append(append([]byte(nil), path...), '?')
	return append(target, query...)
}
