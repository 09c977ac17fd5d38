package proxy

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Connections says what became of the connections to upstreams, of all listeners together. Tunnels that pass undecrypted
// are left out.
type Connections struct {
	// Dialled counts those that were made, Failed the attempts to make one that failed.
	Dialled, Failed uint64
	// Reused counts how often one that was there was taken again, Stale how often that had ended meanwhile and another had to
	// be taken. What clients of HTTP/2 ask for is in neither.
	Reused, Stale uint64
	// Open is how many there are, Idle how many of them nobody uses; those that clients of HTTP/2 use are always in use.
	Open, Idle int
}

// tally counts what Connections tells. What happens with every exchange is counted by the pools, which are locked then anyway.
type tally struct {
	dialled, failed, stale atomic.Uint64
	open                   atomic.Int64

	mu    sync.Mutex
	pools []*pool
	// reused is that of pools that have ended.
	reused uint64
}

// dial notes an attempt to make a connection.
func (t *tally) dial(err error) {
	if err != nil {
		t.failed.Add(1)
		return
	}
	t.dialled.Add(1)
	t.open.Add(1)
}

func (t *tally) begin(p *pool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pools = append(t.pools, p)
}

func (t *tally) end(p *pool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	reused, _ := p.counts()
	t.reused += reused
	t.pools = slices.DeleteFunc(t.pools, func(other *pool) bool { return other == p })
}

// Connections says what became of the connections to upstreams so far.
func (p *Proxy) Connections() Connections {
	t := &p.core.tally
	c := Connections{Dialled: t.dialled.Load(), Failed: t.failed.Load(), Stale: t.stale.Load(), Open: int(t.open.Load())}
	t.mu.Lock()
	defer t.mu.Unlock()
	c.Reused = t.reused
	for _, p := range t.pools {
		reused, idle := p.counts()
		c.Reused += reused
		c.Idle += idle
	}
	return c
}

// counts are how many connections were taken again, and how many are unused.
func (p *pool) counts() (reused uint64, idle int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reused, p.count
}
