package store

import "context"

// Revision returns the revision of the store. It grows with every change of a fault, with its removal, and when the brake
// is pulled or released.
func (m *Memory) Revision(context.Context) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.revision, nil
}

// Wait returns nil once the revision of the store is above the given one, at once if it is so already. It returns the
// error of ctx if that ends first. Whoever reads the revision, then the faults, and then waits for more misses no change.
func (m *Memory) Wait(ctx context.Context, revision uint64) error {
	for {
		changed := m.changedSince(revision)
		if changed == nil {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// changedSince is nil if the store has moved on from the revision, else it is closed by the next change.
func (m *Memory) changedSince(revision uint64) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.revision > revision {
		return nil
	}
	if m.changed == nil {
		m.changed = make(chan struct{})
	}
	return m.changed
}

// wake tells those who wait of a change. The caller holds the lock.
func (m *Memory) wake() {
	if m.changed != nil {
		close(m.changed)
		m.changed = nil
	}
}
