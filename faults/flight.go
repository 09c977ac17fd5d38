package faults

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"
)

const (
	// flightShards spreads calls over locks; a power of two.
	flightShards = 16
	// maxFlights bounds the calls of one shard that are being failed at a time. Beyond it none is failed.
	maxFlights = 4096
)

// Why no fault struck an exchange that would else have been struck.
const (
	reasonFlown   = "single-flight: another call of this request is being failed"
	reasonCrowded = "single-flight: too many calls are being failed"
)

// flights are the calls that are being failed: of each client and fingerprint at most one at any time. A call is
// being failed from the moment in which a fault is decided on until an attempt of it does not fail, or none has come for
// as long as the one before said. It is safe for concurrent use.
type flights struct{ shards [flightShards]flightShard }

type flightShard struct {
	mu    sync.Mutex
	calls map[flightKey]flight
	// sweepAt is when the first of the calls that wait can be forgotten, as of the last sweep.
	sweepAt time.Time
}

// flightKey is a client, by a hash of its name, and a fingerprint.
type flightKey struct{ client, fingerprint uint64 }

// flight is a call that is being failed.
type flight struct {
	// call is its number, identified says that the client names its calls.
	call       uint64
	identified bool
	// busy is set while an attempt is under way; else the next is waited for until then.
	busy  bool
	until time.Time
}

// ticket is an exchange's part in the flights.
type ticket struct {
	shard *flightShard
	key   flightKey
	// held is set while the exchange belongs to the call that is being failed.
	held   bool
	landed atomic.Bool
}

func newFlights() *flights {
	f := &flights{}
	for i := range f.shards {
		f.shards[i].calls = make(map[flightKey]flight)
	}
	return f
}

// ticket makes the ticket of x. It is held if x is the next attempt of the call that is being failed. A client that does
// not name its calls is taken at its word that it comes back: the first exchange after the failed answer is that attempt.
func (f *flights) ticket(x *Exchange) *ticket {
	key := flightKey{xxhash.Sum64String(x.Client), x.Place.Fingerprint}
	t := &ticket{shard: &f.shards[(key.client^key.fingerprint)%flightShards], key: key}
	t.board(x)
	return t
}

// board takes the place in a call that is being failed, if x is its next attempt.
func (t *ticket) board(x *Exchange) {
	t.shard.mu.Lock()
	defer t.shard.mu.Unlock()
	known, ok := t.shard.calls[t.key]
	switch {
	case !ok || known.busy:
		return
	case x.Now.After(known.until):
		delete(t.shard.calls, t.key)
		return
	case x.Place.Identified && x.Place.Call != known.call, !x.Place.Identified && known.identified:
		return
	}
	t.take(x)
}

// take begins an attempt of the call that is being failed. The caller holds the lock.
func (t *ticket) take(x *Exchange) {
	t.shard.calls[t.key] = flight{call: x.Place.Call, identified: x.Place.Identified, busy: true}
	t.held = true
}

// depart begins to fail the call of x, unless another is being failed: then it says why not.
func (t *ticket) depart(x *Exchange) (why string) {
	t.shard.mu.Lock()
	defer t.shard.mu.Unlock()
	switch {
	case t.shard.flown(t.key, x.Now):
		return reasonFlown
	case len(t.shard.calls) >= maxFlights && !t.shard.sweep(x.Now):
		return reasonCrowded
	}
	t.take(x)
	return ""
}

// flown reports whether a call like x is being failed.
func (t *ticket) flown(x *Exchange) bool {
	t.shard.mu.Lock()
	defer t.shard.mu.Unlock()
	return t.shard.flown(t.key, x.Now)
}

func (s *flightShard) flown(key flightKey, now time.Time) bool {
	known, ok := s.calls[key]
	return ok && (known.busy || !now.After(known.until))
}

// sweep forgets the calls whose next attempt did not come, and reports whether there is room then. It looks
// only when there may be some.
func (s *flightShard) sweep(now time.Time) bool {
	if !now.After(s.sweepAt) {
		return false
	}
	s.sweepAt = time.Time{}
	for key, known := range s.calls {
		switch {
		case known.busy:
		case now.After(known.until):
			delete(s.calls, key)
		case s.sweepAt.IsZero() || known.until.Before(s.sweepAt):
			s.sweepAt = known.until
		}
	}
	return len(s.calls) < maxFlights
}

// land ends the attempt, once.
func (t *ticket) land(failed bool, until time.Time) {
	if t == nil || !t.held || t.landed.Swap(true) {
		return
	}
	t.shard.mu.Lock()
	defer t.shard.mu.Unlock()
	if !failed {
		delete(t.shard.calls, t.key)
		return
	}
	known := t.shard.calls[t.key]
	known.busy, known.until = false, until
	t.shard.calls[t.key] = known
	if until.Before(t.shard.sweepAt) {
		t.shard.sweepAt = until
	}
}

// Settle says how the exchange went, before the client can know: whether it failed, and then until when the
// next attempt of its call may come. Only an engine with SingleFlight listens. The first time counts; where there is none,
// Release stands for an exchange that did not fail. It is safe for concurrent use.
func (d *Decision) Settle(failed bool, until time.Time) { d.flight.land(failed, until) }

// SingleFlight reports that the exchange belongs to the one call of its client and fingerprint that is being failed.
func (d *Decision) SingleFlight() bool { return d.flight != nil && d.flight.held }

// fails reports whether a fault makes an attempt fail, or leaves open whether it does: all but delays do.
func (f *Fault) fails() bool { return f.Delay == nil }

// alone reports that the call of the exchange need not ask before a fault strikes it.
func (d *deciding) alone(a *Active) bool {
	return d.out.flight == nil || d.out.flight.held || !a.Fault.fails()
}

// barred reports that a fault must not strike the exchange, since another call is being failed.
func (d *deciding) barred(a *Active) bool {
	if d.alone(a) || !d.out.flight.flown(d.x) {
		return false
	}
	d.grounded = reasonFlown
	return true
}

// departs begins to fail the call of the exchange, if the fault does that and no other is being failed.
func (d *deciding) departs(a *Active) bool {
	if d.alone(a) {
		return true
	}
	why := d.out.flight.depart(d.x)
	if why != "" {
		d.grounded = why
	}
	return why == ""
}
