package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Shared keeps faults and the brake in JetStream, for any number of nodes: each of them steers its own engine by
// what all of them change. It is safe for concurrent use.
//
// A node that loses JetStream keeps what it last heard of in force until the lifetimes end; changes are refused meanwhile
// with an *UnavailableError.
type Shared struct {
	hub    *Hub
	keys   jetstream.KeyValue
	engine Engine
	now    func() time.Time
	ttl    time.Duration

	// writing is held by who changes what is kept.
	writing turn

	mu      sync.Mutex
	current *snapshot
	// confirmed is until when it is sure that nothing newer than current was kept.
	confirmed time.Time
	// reviewEnds is until when the warnings of current hold, zero for ever.
	reviewEnds time.Time
	lives      lives
	// pending is a brake that was pulled here and that the others have yet to hear of, nil for none.
	pending *Brake
	changed chan struct{}
	// applied is the revision that is in force in the engine.
	applied atomic.Uint64
	// refused is what is newer than current and cannot be put in force, nil for nothing.
	refused atomic.Pointer[Refused]
	// mine is the XXH64 of the root that this node wrote last, all of it, which it puts in force itself; doubt says that it
	// is not known whether that was kept.
	mine  atomic.Uint64
	doubt atomic.Bool

	watcher jetstream.KeyWatcher
	wake    chan struct{}
	stop    context.CancelFunc
	ended   sync.WaitGroup
}

// SharedOptions says what a Shared stands on.
type SharedOptions struct {
	// Engine is steered by it, and by nobody else.
	Engine Engine
	// Now reads the wall clock.
	Now func() time.Time
	// TTL is the lifetime of a fault that has none of its own, 0 for none.
	TTL time.Duration
}

// stateKey is the key of root; parts are under keys that begin with partPrefix.
const stateKey, partPrefix = "state", "part."

// Shared opens the faults and the brake, and puts them in force. Errors: *DamagedError, *UnavailableError.
func (h *Hub) Shared(ctx context.Context, o SharedOptions) (*Shared, error) {
	keys, err := h.js.KeyValue(ctx, h.stateBucket())
	if err != nil {
		return nil, &UnavailableError{Doing: "open the faults", Err: err}
	}
	s := &Shared{
		hub: h, keys: keys, engine: o.Engine, now: o.Now, ttl: o.TTL,
		current: &snapshot{}, lives: newLives(h.sole()), writing: newTurn(), wake: make(chan struct{}, 1),
	}
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	back := h.whenBack()
	if s.watcher, err = keys.Watch(inner, stateKey); err != nil {
		stop()
		return nil, &UnavailableError{Doing: "watch the faults", Err: err}
	}
	s.stop = stop
	s.ended.Go(func() { s.follow(inner, back) })
	s.ended.Go(func() { s.tend(inner) })
	return s, nil
}

// begin reads what there is, or makes it.
func (s *Shared) begin(ctx context.Context) error {
	err := s.refresh(ctx)
	if !errors.Is(err, jetstream.ErrKeyNotFound) {
		return s.beginDamaged(err)
	}
	if last, _ := s.hub.mark.noted(s.hub.stateStream()); last > 0 {
		return &DamagedError{Dir: s.hub.options.Dir, What: "the faults are missing"}
	}
	empty := &snapshot{}
	if err := empty.seal(); err != nil {
		return err
	}
	if err := s.put(ctx, empty, 0); err != nil && !errors.Is(err, errConflict) {
		return err
	}
	return s.refresh(ctx)
}

// beginDamaged judges what came of reading what there is.
func (s *Shared) beginDamaged(err error) error {
	var away *UnavailableError
	switch last, _ := s.hub.mark.noted(s.hub.stateStream()); {
	case errors.As(err, &away):
		return err
	case err != nil:
		return &DamagedError{Dir: s.hub.options.Dir, What: err.Error()}
	case s.current.sequence < last:
		return &DamagedError{
			Dir: s.hub.options.Dir, What: fmt.Sprintf("the last change is number %d, but number %d had been acknowledged", s.current.sequence, last),
		}
	}
	return nil
}

// Close stops following. The engine stays as it is.
func (s *Shared) Close() {
	s.stop()
	s.ended.Wait()
	_ = s.watcher.Stop() // The server forgets who does not follow any more.
}

// Applied is the revision up to which everything is in force on this node.
func (s *Shared) Applied() uint64 { return s.applied.Load() }

// Refused is a change that a node has heard of and cannot put in force.
type Refused struct {
	// Revision is the revision that it would be at, 0 where that cannot be told.
	Revision uint64
	// Problem says why: most likely another version of groovechaos made the change.
	Problem string
}

// Refused returns the newest change that this node has heard of, if that cannot be put in force here; else nil. What was in
// force before it stays so.
func (s *Shared) Refused() *Refused { return s.refused.Load() }

// Braked reports whether the brake is pulled on this node.
func (s *Shared) Braked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.brake.Pulled || s.pending != nil
}

// Revision returns the revision of the store, as this node last heard of it. It grows with every change of a fault, with
// its removal, and when the brake is pulled or released.
func (s *Shared) Revision(context.Context) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.revision, nil
}

// Wait returns nil once the revision of the store is above the given one, at once if it is so already. It returns the
// error of ctx if that ends first. Whoever reads the revision, then the faults, and then waits for more misses no change.
func (s *Shared) Wait(ctx context.Context, revision uint64) error {
	for {
		s.mu.Lock()
		above, changed := s.current.revision > revision, s.changing()
		s.mu.Unlock()
		if above {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// changing is closed by the next change. The caller holds mu.
func (s *Shared) changing() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// Faults returns the set in creation order as this node last heard of it, disabled and expired faults included. The caller
// owns the slice.
func (s *Shared) Faults(context.Context) ([]Fault, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	set := slices.Clone(s.current.set)
	s.lives.end(set, now)
	if !s.reviewEnds.IsZero() && !now.Before(s.reviewEnds) {
		s.reviewEnds = reviewAgain(set, now)
		s.keepWarnings(set)
	}
	return set, nil
}

// keepWarnings gives current the warnings of a set, and nothing else: when a fault ends here stays the affair of lives, and
// of keepEnds. The caller holds mu.
func (s *Shared) keepWarnings(of []Fault) {
	next := *s.current
	next.set = slices.Clone(next.set)
	for i := range next.set {
		next.set[i].Warnings = of[i].Warnings
	}
	s.current = &next
}

// Brake returns the state of the brake, as this node last heard of it; pulled also if that is so on this node alone so far.
func (s *Shared) Brake(context.Context) (Brake, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending != nil && !s.current.brake.Pulled {
		return *s.pending, nil
	}
	return s.current.brake, nil
}

// install puts a snapshot in force, unless a newer one is. If the engine refuses it, nothing changes.
func (s *Shared) install(next *snapshot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.current
	if next.sequence <= old.sequence && old.sequence > 0 {
		return nil
	}
	if next.brake.Pulled {
		s.engine.Brake(true)
	}
	if next.sum != old.sum || old.sequence == 0 {
		if err := s.apply(next); err != nil {
			return err
		}
	} else {
		next.set = old.set // It has the warnings, too.
	}
	s.current = next
	if !next.brake.Pulled && s.pending == nil {
		s.engine.Brake(false)
	}
	s.applied.Store(next.revision)
	s.refused.Store(nil)
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
	s.alarm()
	return nil
}

// apply gives the engine the faults of a snapshot, less those whose lifetime is over here. The caller holds mu.
func (s *Shared) apply(next *snapshot) error {
	now := s.now()
	s.lives.take(next.set, s.reckoned(now))
	set := slices.Clone(next.set)
	s.lives.end(set, now)
	if err := s.engine.Apply(inForce(set, now)); err != nil {
		return err
	}
	if s.reviewEnds = NextExpiry(next.set, now); !next.reviewed {
		s.reviewEnds = reviewAgain(next.set, now)
	}
	return nil
}

// reckoned is the wall clock by which lives are taken up: at the start no earlier than what was last seen of it, else a
// clock that was set back would give faults again what they have had. The caller holds mu.
func (s *Shared) reckoned(now time.Time) time.Time {
	if s.current.sequence > 0 {
		return now
	}
	return now.Add(s.hub.mark.clockSetBack())
}

// alarm has the follower look at the lifetimes anew.
func (s *Shared) alarm() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
