package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/faults/ca"
)

// errCut is why exchanges end that outlast the drain.
var errCut = errors.New("the proxy ended")

// server is one run of Serve.
type server struct {
	proxy *Proxy
	modes Modes
	links *pool
	// tls makes how intercepted clients are answered.
	tls func() (*tls.Config, error)
	// h2 makes the side that serves HTTP/2, once; it ends with the drain.
	h2 func() *http2Side
	// places has one entry for each connection there may be, nil for no bound.
	places chan struct{}
	// drain ends when Serve is told to end, base when exchanges are cut.
	drain, base context.Context
	release     context.CancelFunc
	cut         context.CancelCauseFunc

	mu       sync.Mutex
	sessions map[*session]struct{}
	retiring bool
	// open counts client connections until their last attempt is recorded.
	open sync.WaitGroup
}

func (p *Proxy) newServer(ctx context.Context, m Modes) *server {
	s := &server{proxy: p, modes: m, sessions: make(map[*session]struct{})}
	s.links = newPool(p.options.UpstreamIdle, &p.core.tally, s.report)
	s.tls = sync.OnceValues(s.newTLS)
	s.h2 = sync.OnceValue(s.newHTTP2)
	if n := p.options.MaxConnections; n > 0 {
		s.places = make(chan struct{}, n)
	}
	s.drain, s.release = context.WithCancel(ctx)
	s.base, s.cut = context.WithCancelCause(context.WithoutCancel(ctx))
	return s
}

// pause waits a moment. It is false when exchanges are cut.
func (s *server) pause(moment time.Duration) bool {
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.base.Done():
		return false
	}
}

// errNoAuthority means that nothing can be decrypted.
var errNoAuthority = errors.New("there is no certificate authority")

func (s *server) newTLS() (*tls.Config, error) {
	open := s.proxy.options.Authority
	if open == nil {
		return nil, errNoAuthority
	}
	authority, err := open()
	if err != nil {
		return nil, err
	}
	return authority.TLS("h2", "http/1.1"), nil
}

// handshake bounds a handshake with a client that wants to reach a host.
func (s *server) handshake(host string) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ca.WithHost(s.base, host), s.proxy.options.HeadTimeout)
}

// longestPause bounds the wait after a connection could not be accepted.
const longestPause = time.Second

// accept takes connections until the listener ends. One that could not be had
// for want of something that may come back is no reason to end.
func (s *server) accept(l net.Listener) error {
	pause := 5 * time.Millisecond
	for s.enter() {
		c, err := l.Accept()
		var passing interface{ Temporary() bool }
		switch {
		case err == nil:
			pause = 5 * time.Millisecond
			s.open.Go(func() {
				defer s.exit()
				s.serve(c)
			})
		case errors.As(err, &passing) && passing.Temporary() && !errors.Is(err, net.ErrClosed):
			s.proxy.options.Logger.Warn("accept failed", slog.Any("error", err))
			select {
			case <-time.After(pause):
			case <-s.drain.Done():
			}
			s.exit()
			pause = min(2*pause, longestPause)
		default:
			return err
		}
	}
	return nil
}

// enter waits until another connection may be taken. It is false when none is
// to be any more.
func (s *server) enter() bool {
	if s.places == nil {
		return true
	}
	select {
	case s.places <- struct{}{}:
		return true
	case <-s.drain.Done():
		return false
	}
}

// exit makes room for another.
func (s *server) exit() {
	if s.places != nil {
		<-s.places
	}
}

// serve takes one connection to its end.
func (s *server) serve(c net.Conn) {
	defer c.Close()
	defer s.survive()
	c = quick(c)
	n := s.newSession(c, c, s.proxy.core.connections.Add(1))
	n.modes = s.modes
	s.run(n, func() {
		switch {
		case !n.accepted():
		case s.modes.Transparent:
			n.serveRedirected()
		default:
			n.serve()
		}
	})
}

// run lets a session be known while f serves it.
func (s *server) run(n *session, f func()) {
	if s.enlist(n) {
		defer s.dismiss(n)
		f()
	}
}

// enlist notes a session, so that it ends with the server. It is false when
// that is ending already.
func (s *server) enlist(n *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.retiring {
		return false
	}
	s.sessions[n] = struct{}{}
	return true
}

func (s *server) dismiss(n *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, n)
}

// each calls f for every session there is.
func (s *server) each(f func(*session)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range s.sessions {
		f(n)
	}
}

// stop drains, then cuts what is left. No connection is accepted any more.
func (s *server) stop() {
	s.mu.Lock()
	s.retiring = true
	s.mu.Unlock()
	s.release()
	s.each((*session).retire)
	ended := make(chan struct{})
	go func() {
		s.open.Wait()
		close(ended)
	}()
	timer := time.NewTimer(s.proxy.options.Drain)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		s.cut(errCut)
		s.each((*session).kill)
		<-ended
	}
}
