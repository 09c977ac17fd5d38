package daemon

import (
	"errors"
	"sync/atomic"
	"time"
)

const (
	// graceTime is how long everything but the calls in flight may take to end, all together.
	graceTime = 10 * time.Second
	// reserveTime is what is left of it for the store, which is closed last.
	reserveTime = 2 * time.Second
	// lateTime is how long each part is given when the deadline is over.
	lateTime = 10 * time.Millisecond
)

// ending is the one deadline of a daemon that stops. The zero value has none.
type ending struct{ at atomic.Pointer[time.Time] }

// begin sets the deadline.
func (e *ending) begin(within time.Duration) { e.at.Store(new(time.Now().Add(within))) }

// left is how long something may take to end that is not the last: at most so long, and never beyond the deadline.
func (e *ending) left(most time.Duration) time.Duration {
	at := e.at.Load()
	if at == nil {
		return most
	}
	return max(0, min(most, time.Until(*at)-reserveTime))
}

// whole is how long there is until the deadline.
func (e *ending) whole() time.Duration {
	if at := e.at.Load(); at != nil {
		return max(0, time.Until(*at))
	}
	return graceTime
}

// within is how long the whole of an ordered end may take.
func (d *Daemon) within() time.Duration {
	if d.config == nil || !d.config.Node.Proxies() {
		return graceTime
	}
	return drain(d.config) + graceTime
}

// errLate says that a part had not ended when all should have.
var errLate = errors.New("it had not ended by the deadline, and was left behind")
