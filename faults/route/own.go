package route

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// ownLife is how long a connection of ours is remembered: longer than the
// first bytes on it may take, and as long as the system lets nobody else have
// its ends (TIME_WAIT).
const ownLife = time.Minute

// ends tell a TCP connection from all others at the same time.
type ends struct{ from, to netip.AddrPort }

// ownConns are the connections that a router opened lately.
type ownConns struct {
	mu     sync.Mutex
	opened map[ends]time.Time
	// sweep is how many there may be before those that have expired are
	// forgotten.
	sweep int
}

func newOwnConns() *ownConns { return &ownConns{opened: make(map[ends]time.Time), sweep: leastSweep} }

const leastSweep = 1024

func (o *ownConns) add(c net.Conn, now time.Time) {
	from, to := addrPort(c.LocalAddr()), addrPort(c.RemoteAddr())
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.opened) >= o.sweep {
		for e, at := range o.opened {
			if now.Sub(at) > ownLife {
				delete(o.opened, e)
			}
		}
		o.sweep = max(2*len(o.opened), leastSweep)
	}
	o.opened[ends{from, to}] = now
}

func (o *ownConns) has(e ends, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	at, ok := o.opened[e]
	return ok && now.Sub(at) <= ownLife
}

// Returned reports whether a connection that was redirected to one of our
// listeners is one that the router opened itself: from is where it comes from,
// to its original destination. It is to be asked once the connection has said
// something, for by then its opening is known here. It is false without
// Options.Redirected.
func (r *Router) Returned(from net.Addr, to netip.AddrPort) bool {
	return r.own != nil && r.own.has(ends{addrPort(from), to}, time.Now())
}

func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
}
