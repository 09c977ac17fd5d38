package proxy

import (
	"sync"
	"time"
)

// guard acts when something takes too long. The zero value never does. A defect
// that shows in the act goes on in the goroutine that is guarded.
type guard struct {
	limit time.Duration
	act   func()

	mu    sync.Mutex
	timer *time.Timer
	// armed is set while it watches, acted once it has acted.
	armed, acted bool
	broken       *defect
}

// begin starts the time.
func (g *guard) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.armed = true
	if g.timer == nil {
		g.timer = time.AfterFunc(g.limit, g.fire)
		return
	}
	g.timer.Reset(g.limit)
}

// end stops it. It acts no more from then on.
func (g *guard) end() {
	if d := g.stop(); d != nil {
		panic(d)
	}
}

// stop is end that returns what defect the act has shown, nil for none.
func (g *guard) stop() *defect {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.armed = false
	g.timer.Stop()
	return g.broken
}

func (g *guard) fire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.armed {
		g.armed, g.acted = false, true
		g.broken = try(g.act)
	}
}

// tooLong reports whether it has acted.
func (g *guard) tooLong() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.acted
}
