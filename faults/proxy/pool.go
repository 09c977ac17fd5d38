package proxy

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/groovechaos/groovechaos/faults/route"
)

// maxIdleUpstream bounds the unused connections that are kept.
const maxIdleUpstream = 1024

// asker is a connection that can send a request and wait for its answer in one
// go. If look is set, it first looks whether anything has come that was not
// asked for, and then sends nothing and returns errStale. Got bytes of the
// answer are in room; all of the request was sent unless n is less.
type asker interface {
	ask(request, room []byte, look bool) (n, got int, err error)
	// answered reports whether the last answer is known to have been all that
	// had come when it was read, the peer's end included.
	answered() bool
}

// errStale is the end of a connection while nobody used it.
var errStale = errors.New("the connection had ended")

// link is a connection to an upstream, used by one exchange at a time.
type link struct {
	net.Conn
	// quick is the connection if it can do more than most.
	quick asker
	key   route.Key
	// shelf is where it was when nobody used it, nil before.
	shelf  *shelf
	stall  time.Duration
	probe  *probe
	reads  deadline
	writes deadline
	// reused is set once it has carried an exchange, proven once it has carried
	// two. steady is set while nothing but its last answer had come.
	reused, proven, steady bool
	since                  time.Time
	// tally counts it as open until gone is set.
	tally *tally
	gone  atomic.Bool
}

// Close ends the connection. It may be called again.
func (l *link) Close() error {
	if l.tally != nil && l.gone.CompareAndSwap(false, true) {
		l.tally.open.Add(-1)
	}
	return l.Conn.Close()
}

// moment is how long after an answer its connection is taken to be as it was
// when that was read, which was to its end. Upstreams that end a connection do so
// when it has been unused for seconds or, with each answer, before it is proven;
// a notice of the end from the poller would not come sooner under load either.
const moment = 20 * time.Millisecond

// doubtful reports whether a connection is to be looked at before it is used.
func (l *link) doubtful(now time.Time) bool {
	return l.reused && (!l.proven || !l.steady || now.Sub(l.since) >= moment)
}

// pool keeps connections to upstreams between exchanges. It never sends a
// request: whether one may be sent again is the exchange's to know.
type pool struct {
	idleTime time.Duration
	// report takes the defects that no exchange shows.
	report func(*defect)
	tally  *tally

	mu     sync.Mutex
	idle   map[route.Key]*shelf
	count  int
	closed bool
	// reused counts the connections that were taken.
	reused uint64
	sweep  *time.Timer
}

// shelf holds the unused connections to one upstream, that which was used last
// at the end. Who has found it need not look for it again.
type shelf struct {
	links []*link
	// gone is set when the pool has none for the upstream any more, but perhaps another
	// one: it stays empty.
	gone bool
}

func newPool(idleTime time.Duration, t *tally, report func(*defect)) *pool {
	p := &pool{idleTime: idleTime, report: report, tally: t, idle: make(map[route.Key]*shelf)}
	t.begin(p)
	return p
}

// shelf returns the shelf of an upstream, nil for none; known is where its
// connections were before, nil for not known. The caller holds the lock.
func (p *pool) shelf(known *shelf, key route.Key) *shelf {
	if known != nil && !known.gone {
		return known
	}
	return p.idle[key]
}

// take returns an unused connection that is alive as far as can be seen, nil
// for none. known is the shelf of an earlier one to that upstream, nil for not known.
func (p *pool) take(known *shelf, key route.Key, now time.Time) *link {
	for {
		l := p.pop(known, key)
		if l == nil {
			return nil
		}
		if now.Sub(l.since) < p.idleTime && (l.quick != nil || l.probe.alive() && l.quiet()) {
			return l
		}
		p.tally.stale.Add(1)
		l.Close()
	}
}

// pop takes the connection that was used last, so that those in excess grow
// old.
func (p *pool) pop(known *shelf, key route.Key) *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.shelf(known, key)
	if s == nil || len(s.links) == 0 {
		return nil
	}
	last := len(s.links) - 1
	l := s.links[last]
	s.links[last] = nil
	s.links = s.links[:last]
	p.count--
	p.reused++
	return l
}

// put keeps a connection on which nothing is outstanding. It returns the shelf that
// it is on, nil for none.
func (p *pool) put(l *link, now time.Time) (at *shelf) {
	l.proven, l.reused, l.since = l.reused, true, now
	loud := !l.quiet()
	p.mu.Lock()
	full := loud || p.closed || p.count >= maxIdleUpstream
	if !full {
		at = p.lay(l)
		if p.sweep == nil {
			p.sweep = time.AfterFunc(p.idleTime, p.tidy)
		}
	}
	p.mu.Unlock()
	if full {
		l.Close()
	}
	return at
}

// lay puts a connection on its shelf. The caller holds the lock.
func (p *pool) lay(l *link) *shelf {
	s := p.shelf(l.shelf, l.key)
	if s == nil {
		s = &shelf{}
		p.idle[l.key] = s
	}
	l.shelf = s
	s.links = append(s.links, l)
	p.count++
	return s
}

// tidy closes what was unused for too long. Nobody is there but itself to catch
// a defect.
func (p *pool) tidy() {
	p.report(try(func() {
		for _, l := range p.expired(time.Now()) {
			p.report(try(func() { l.Close() }))
		}
	}))
}

// expired takes what was unused for too long out of the pool, and sees to it that
// the rest is looked at in turn.
func (p *pool) expired(now time.Time) (old []*link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep = nil
	for key, s := range p.idle {
		expired := 0
		for expired < len(s.links) && now.Sub(s.links[expired].since) >= p.idleTime {
			expired++
		}
		old = append(old, s.links[:expired]...)
		p.count -= expired
		if expired == len(s.links) {
			p.remove(key, s)
		} else {
			s.links = append([]*link(nil), s.links[expired:]...)
		}
	}
	if p.count > 0 && !p.closed {
		p.sweep = time.AfterFunc(p.idleTime, p.tidy)
	}
	return old
}

// remove takes a shelf out of the pool. The caller holds the lock.
func (p *pool) remove(key route.Key, s *shelf) {
	s.links, s.gone = nil, true
	delete(p.idle, key)
}

// close closes what is unused, and from now on all that is put back.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	if p.sweep != nil {
		p.sweep.Stop()
	}
	var idle []*link
	for key, s := range p.idle {
		idle = append(idle, s.links...)
		p.remove(key, s)
	}
	p.count = 0
	p.mu.Unlock()
	for _, l := range idle {
		l.Close()
	}
	p.tally.end(p)
}

// newLink wraps a connection that was just made.
func newLink(c net.Conn, key route.Key, stall time.Duration) *link {
	l := &link{Conn: c, key: key, stall: stall, probe: newProbe(c)}
	l.quick, _ = c.(asker)
	l.reads.set, l.writes.set = c.SetReadDeadline, c.SetWriteDeadline
	return l
}

// quiet reports whether TLS has nothing in store that was read already: its
// records come several at a time, and what nobody asked for must not become
// the answer of the next exchange.
func (l *link) quiet() bool {
	switch c := l.Conn.(type) {
	case *tls.Conn:
	case interface{ empty() bool }:
		if c.empty() {
			return true
		}
	default:
		return true
	}
	l.reads.at(past)
	var b [1]byte
	n, err := l.Read(b[:])
	return n == 0 && errors.Is(err, os.ErrDeadlineExceeded)
}

// send writes to the upstream, which may take so long for each piece.
func (l *link) send(p []byte) error {
	l.writes.atLeast(time.Now(), l.stall)
	_, err := l.Write(p)
	return err
}
