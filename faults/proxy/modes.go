package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// Modes says how the clients of a listener come. One listener may serve both
// Reverse and Forward; Transparent stands alone.
type Modes struct {
	// Reverse takes clients whose base URL is the listener's.
	Reverse bool
	// Forward takes clients that know the listener as their HTTP proxy: requests
	// in absolute form, and CONNECT.
	Forward bool
	// Transparent takes connections that a rule of the system's firewall
	// redirected (Linux only).
	Transparent bool
}

// Serve is ServeModes in reverse mode.
func (p *Proxy) Serve(ctx context.Context, l net.Listener) error {
	return p.ServeModes(ctx, l, Modes{Reverse: true})
}

// ServeModes takes connections from l until ctx ends or accepting fails, and
// returns when everything it started has ended. It closes l. When ctx ends,
// injected delays are released at once and exchanges in progress get the time
// of Options.Drain; what is left then is cut and recorded as broken. The error
// is nil unless accepting failed. It may be called for several listeners.
func (p *Proxy) ServeModes(ctx context.Context, l net.Listener, m Modes) error {
	if m == (Modes{}) || m.Transparent && (m.Reverse || m.Forward) {
		l.Close()
		return errors.New("serve: want reverse and forward, one of them, or transparent alone")
	}
	s := p.newServer(ctx, m)
	defer s.cut(nil)
	closed := context.AfterFunc(ctx, func() { l.Close() })
	err := s.accept(l)
	closed()
	l.Close()
	s.stop()
	s.links.close()
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("accept on %s: %w", l.Addr(), err)
	}
	return nil
}
