package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// Engine is where a change of faults takes effect.
type Engine interface {
	// Apply replaces the whole set. A set that passes faults.Validate is not
	// refused.
	Apply(set []faults.Fault) error
	// Brake stops every fault until Brake(false).
	Brake(pulled bool)
}

// Memory keeps faults and the brake in memory. It is safe for concurrent use.
// Its methods do not look at their context: nothing in them waits for long.
type Memory struct {
	engine Engine
	now    func() time.Time
	ttl    time.Duration

	mu       sync.Mutex
	revision uint64
	set      []Fault
	loaded   loaded
	brake    Brake
	// reviewEnds is when the next fault expires, zero for never: until then
	// the warnings of set hold. An expired fault is in nobody's way, so that
	// doubts about others end with it.
	reviewEnds time.Time
	// changed is closed by the next change, nil while nobody waits for it.
	changed chan struct{}
}

// NewMemory makes an empty store that steers the engine and reads the clock
// now. Nobody else may steer that engine.
func NewMemory(engine Engine, now func() time.Time) *Memory {
	return NewMortal(engine, now, 0)
}

// NewMortal is NewMemory with a lifetime for every fault that has none of its own; 0 for none.
func NewMortal(engine Engine, now func() time.Time, ttl time.Duration) *Memory {
	return &Memory{engine: engine, now: now, ttl: ttl}
}

// Faults returns the set in creation order, disabled and expired faults
// included. The caller owns the slice.
func (m *Memory) Faults(context.Context) ([]Fault, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := m.now(); !m.reviewEnds.IsZero() && !now.Before(m.reviewEnds) {
		m.reviewEnds = reviewAgain(m.set, now)
	}
	return slices.Clone(m.set), nil
}

// Write makes all the given changes, one after the other, or none. It returns
// the faults as they are then, in the order of writes. While the brake is pulled
// only disabled faults are taken. Errors: *ExistsError, *MissingError,
// *MovedError, *BrakedError, *InvalidError.
func (m *Memory) Write(_ context.Context, writes []Write) ([]Fault, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.draft()
	places, err := d.writeAll(writes)
	if err != nil {
		return nil, err
	}
	if err := m.commit(d, places); err != nil {
		return nil, err
	}
	return d.at(places), nil
}

// Delete removes a fault; revision 0 stands for any. Errors: *MissingError,
// *MovedError.
func (m *Memory) Delete(_ context.Context, name string, revision uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.draft()
	if err := d.remove(name, revision); err != nil {
		return err
	}
	return m.commit(d, nil)
}

// commit reviews the set that would result and puts it in force. Places says
// where in it the changes landed. The caller holds the lock.
func (m *Memory) commit(d *draft, places []int) error {
	set, err := d.review(places)
	if err != nil {
		return err
	}
	if err := m.engine.Apply(set); err != nil {
		return err
	}
	m.set, m.revision, m.reviewEnds = d.set, d.revision, NextExpiry(d.set, d.now)
	m.wake()
	return nil
}

// Brake returns the state of the brake.
func (m *Memory) Brake(context.Context) (Brake, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.brake, nil
}

// SetBrake pulls or releases the brake, and returns its state. It changes
// nothing, the reason included, if the brake is so already.
func (m *Memory) SetBrake(ctx context.Context, pulled bool, reason string) (Brake, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.brake.Pulled == pulled {
		return m.brake, nil
	}
	m.brake = newBrake(ctx, pulled, reason, m.now())
	m.engine.Brake(pulled)
	m.revision++
	m.wake()
	return m.brake, nil
}
