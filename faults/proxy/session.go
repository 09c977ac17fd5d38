package proxy

import (
	"net"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// session is a client's connection that speaks HTTP/1. One goroutine serves it
// and is the only one that touches it, but for what mu guards: idle, closing, cut and
// other.
type session struct {
	server *server
	// client is what is read and written, raw the transport under it.
	client, raw net.Conn
	reads       deadline
	writes      deadline
	number      uint64
	used        uint64
	// address is the client's, without a port.
	address string

	in window
	// then is what is left to do of an exchange that attend has begun, nil for nothing.
	then func(*session) (again bool)
	// request is lent with the lease for as long as the exchange needs it, and stands
	// in headed of the window.
	lease   *lease
	request *wire.Request
	headed  span
	exchange
	upload
	reply
	// inflow is there from the forwarding of a request to its end, and link as
	// long as there is a connection to the upstream.
	*inflow
	link *link
	destination
	watch *watch
	wake  wake

	// ended is set once the client has closed its sending half.
	ended bool
	// idle is set while the session waits for a request, closing once the
	// connection is to close as soon as it does, cut once the proxy has cut both sides.
	idle, closing, cut bool
	mu                 sync.Mutex
	// other is the upstream's side while there is one.
	other net.Conn
}

// newSession takes a connection over.
func (s *server) newSession(client, raw net.Conn, number uint64) *session {
	n := &session{server: s, client: client, raw: raw, number: number, address: addressOf(raw)}
	n.reads.set, n.writes.set = client.SetReadDeadline, client.SetWriteDeadline
	n.wake.session, n.core = n, s.proxy.core
	return n
}

// addressOf returns the address of the peer without its port.
func addressOf(c net.Conn) string {
	remote := c.RemoteAddr().String()
	if address, _, err := net.SplitHostPort(remote); err == nil {
		return address
	}
	return remote
}

// serve takes one request after the other until the connection is over.
func (s *session) serve() {
	defer s.in.release()
	defer s.rescue()
	switch http2, err := s.speaksHTTP2(); {
	case err != nil:
		s.refuseHead(err)
		return
	case http2:
		s.stage = landed // its exchanges are others
		s.serveHTTP2(s.pushBack(), s.origin)
		return
	}
	for s.next() {
		s.in.settle()
	}
}

// next takes one request, and reports whether another may follow.
func (s *session) next() bool {
	if again, done := s.attend(); done {
		return again
	}
	s.stage = coming
	size, err := s.readHead()
	if err != nil {
		s.refuseHead(err)
		return false
	}
	if s.began.IsZero() { // it came behind the request before
		s.readAt = s.core.now()
		s.began = s.readAt
	}
	s.used++
	return s.handle(size)
}

// handle takes a request through the core. It reports whether the connection
// can carry another.
func (s *session) handle(size int) bool {
	s.open(size)
	return s.conclude(s.proceed())
}

// open begins the exchange of the request that was read.
func (s *session) open(size int) {
	s.describe()
	s.arrive()
	s.reply.begin(s.request)
	s.headed = span{s.in.used, s.in.used + size}
	s.in.used += size
}

// conclude ends the exchange, and reports whether the connection can carry
// another.
func (s *session) conclude(again bool) bool {
	if !again {
		s.stopPour()
	}
	s.awaitPour()
	s.stopWatch()
	if s.link != nil {
		s.dropLink()
	}
	s.land()
	s.returnHead()
	s.in.used += s.prefix
	s.began = time.Time{}
	if !again && !s.broken {
		s.linger()
	}
	return again && !s.broken && !s.gone
}

// arrive opens the exchange. The first look at a client goes deep, so it is
// taken on a stack of its own, which the session then need not keep.
func (s *session) arrive() {
	if s.used > 1 {
		s.core.arriveAt(&s.exchange, s.readAt)
		return
	}
	arrived := make(chan *defect)
	go func() {
		arrived <- try(func() { s.core.arriveAt(&s.exchange, s.readAt) })
	}()
	if d := <-arrived; d != nil {
		panic(d)
	}
}

// proceed goes from the head to the end of the answer.
func (s *session) proceed() bool {
	if s.request.Form() == wire.AuthorityForm {
		return s.connect()
	}
	s.upload.begin(s)
	if err := s.locate(); err != nil {
		return s.failRelay(err)
	}
	if s.upstream.Foreign {
		return s.relay()
	}
	if err := s.readBeginning(maxPrefix); err != nil {
		return s.failBody(err)
	}
	if s.prefix > 0 {
		s.readAt = s.core.now()
	}
	s.decideAt(s.digested(), s.readAt)
	if s.answersLate() {
		if err := s.readBeginning(maxHeldBody); err != nil {
			return s.failBody(err)
		}
	}
	return s.act()
}

// act carries out what was decided.
func (s *session) act() bool {
	if !s.hold(false) {
		return false
	}
	switch struck, again := s.strikeBefore(); {
	case struck:
		return again
	default:
		return s.relay()
	}
}
