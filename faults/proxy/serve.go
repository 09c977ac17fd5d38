package proxy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
)

// errCut is why exchanges end that outlast the drain.
var errCut = errors.New("the proxy ended")

// server is one run of Serve.
type server struct {
	proxy    *Proxy
	http     *http.Server
	upstream *upstream
	// drain ends when Serve is told to end, base when exchanges are cut.
	drain, base context.Context
	release     context.CancelFunc
	cut         context.CancelCauseFunc
	// open counts client connections until their last attempt is recorded.
	open sync.WaitGroup
}

// Serve takes connections from l until ctx ends or accepting fails, and
// returns when everything it started has ended. It closes l. When ctx ends,
// injected delays are released at once and exchanges in progress get the time
// of Options.Drain; what is left then is cut and recorded as broken. The error
// is nil unless accepting failed. Serve may be called for several listeners.
func (p *Proxy) Serve(ctx context.Context, l net.Listener) error {
	s := p.newServer(ctx)
	defer s.cut(nil)
	var err error
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		err = s.http.Serve(listener{Listener: l, core: p.core})
	}()
	select {
	case <-ctx.Done():
	case <-accepted:
	}
	s.stop(accepted)
	s.upstream.close()
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("accept on %s: %w", l.Addr(), err)
	}
	return nil
}

func (p *Proxy) newServer(ctx context.Context) *server {
	s := &server{proxy: p}
	s.drain, s.release = context.WithCancel(ctx)
	s.base, s.cut = context.WithCancelCause(context.WithoutCancel(ctx))
	s.upstream = newUpstream(&p.options)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	s.http = &http.Server{
		Handler:                      s,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            p.options.HeadTimeout,
		IdleTimeout:                  p.options.ClientIdle,
		Protocols:                    protocols,
		ErrorLog:                     slog.NewLogLogger(p.options.Logger.Handler(), slog.LevelWarn),
		BaseContext:                  func(net.Listener) context.Context { return s.base },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
		ConnState: s.follow,
	}
	return s
}

type connKey struct{}

// stop drains, then cuts what is left. No connection is accepted once accepted
// is closed.
func (s *server) stop(accepted <-chan struct{}) {
	s.release()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.drain), s.proxy.options.Drain)
	defer cancel()
	_ = s.http.Shutdown(ctx) // what it leaves is cut below
	<-accepted
	ended := make(chan struct{})
	go func() {
		s.open.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		s.cut(errCut)
		_ = s.http.Close()
		<-ended
	}
}

// follow finishes the exchange of a connection once net/http has written the
// last byte of its answer, which it does after the handler has returned.
func (s *server) follow(c net.Conn, state http.ConnState) {
	client := c.(*conn)
	switch state {
	case http.StateNew:
		s.open.Add(1)
	case http.StateIdle:
		client.finish()
	case http.StateClosed:
		client.finish()
		s.open.Done()
	case http.StateHijacked:
		client.hijacked = true
	case http.StateActive:
	}
}
