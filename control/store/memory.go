package store

import (
	"context"
	"slices"
	"strings"
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

	mu       sync.Mutex
	revision uint64
	set      []Fault
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
	return &Memory{engine: engine, now: now}
}

// Faults returns the set in creation order, disabled and expired faults
// included. The caller owns the slice.
func (m *Memory) Faults(context.Context) ([]Fault, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := m.now(); !m.reviewEnds.IsZero() && !now.Before(m.reviewEnds) {
		warn(m.set, faults.Validate(inForce(m.set, now)).Warnings)
		m.reviewEnds = nextExpiry(m.set, now)
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
	places := make([]int, len(writes))
	for i := range writes {
		place, err := d.write(&writes[i])
		if err != nil {
			return nil, err
		}
		places[i] = place
	}
	if err := m.commit(d, places); err != nil {
		return nil, err
	}
	written := make([]Fault, len(writes))
	for i, place := range places {
		written[i] = d.set[place]
	}
	return written, nil
}

// Delete removes a fault; revision 0 stands for any. Errors: *MissingError,
// *MovedError.
func (m *Memory) Delete(_ context.Context, name string, revision uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.draft()
	place, known := d.places[name]
	switch {
	case !known:
		return &MissingError{Name: name}
	case revision != 0 && d.set[place].Revision != revision:
		return &MovedError{Name: name, Want: revision, Current: d.set[place].Revision}
	}
	d.set = slices.Delete(d.set, place, place+1)
	d.revision++
	return m.commit(d, nil)
}

// commit reviews the set that would result and puts it in force. Places says
// where in it the changes landed. The caller holds the lock.
func (m *Memory) commit(d *draft, places []int) error {
	set := inForce(d.set, d.now)
	review := faults.Validate(set)
	if len(review.Problems) > 0 {
		return &InvalidError{Problems: relocate(review.Problems, d.set, places)}
	}
	if err := m.engine.Apply(set); err != nil {
		return err
	}
	warn(d.set, review.Warnings)
	m.set, m.revision, m.reviewEnds = d.set, d.revision, nextExpiry(d.set, d.now)
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
func (m *Memory) SetBrake(_ context.Context, pulled bool, reason string) (Brake, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.brake.Pulled == pulled {
		return m.brake, nil
	}
	m.brake = Brake{Pulled: pulled, Reason: strings.ToValidUTF8(reason, "\uFFFD"), Updated: m.now()}
	m.engine.Brake(pulled)
	m.revision++
	m.wake()
	return m.brake, nil
}
