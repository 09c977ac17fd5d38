package store

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// mirror is a copy of a bucket that follows it, so that it can be read at any time, also while the bucket cannot be reached.
type mirror struct {
	mu      sync.Mutex
	entries map[string]mirrored
	// changed is closed by the next change, nil while nobody waits for it.
	changed chan struct{}
	// changes counts what was heard.
	changes uint64
	// age is how long the bucket keeps anything, 0 for ever. It does not tell of what it forgets.
	age time.Duration
	// swept is when removed keys were last forgotten.
	swept time.Time
}

// removedTime is how long a removed key is remembered, so that what was written before its removal and is heard of behind it does
// not bring it back.
const removedTime = time.Hour

// mirrored is what is known of a key.
type mirrored struct {
	revision uint64
	// value is nil for a key that was removed.
	value []byte
	// heard is when that came, written when it was written, as far as the bucket's clock and ours agree.
	heard, written time.Time
}

// mirror follows a bucket, or those keys of it, until the hub is closed. It returns once it has all that was in it.
func (h *Hub) mirror(ctx context.Context, keys jetstream.KeyValue, only ...string) (*mirror, error) {
	m := &mirror{entries: make(map[string]mirrored)}
	if len(only) == 0 {
		only = []string{jetstream.AllKeys}
	}
	back := h.whenBack()
	watch := func(ctx context.Context) (jetstream.KeyWatcher, error) {
		return keys.WatchFiltered(ctx, slices.Clone(only)) // It writes into them.
	}
	watcher, err := watch(h.life)
	if err != nil {
		return nil, &UnavailableError{Doing: "read " + keys.Bucket(), Err: err}
	}
	for whole := false; !whole; {
		select {
		case entry := <-watcher.Updates():
			whole = entry == nil
			m.hear(entry)
		case <-ctx.Done():
			_ = watcher.Stop()
			return nil, &UnavailableError{Doing: "read " + keys.Bucket(), Err: ctx.Err()}
		}
	}
	h.followers.Go(func() { m.follow(h, watch, watcher, back) })
	return m, nil
}

// follow hears what a watcher says until the hub is closed, and another one once the store, then back, is found again.
func (m *mirror) follow(h *Hub, watch watching, watcher jetstream.KeyWatcher, back <-chan struct{}) {
	for {
		select {
		case entry, open := <-watcher.Updates():
			if !open {
				return
			}
			m.hear(entry)
		case <-back:
			back = h.whenBack()
			watcher = h.watchAnew(h.life, watch, watcher)
		case <-h.life.Done():
			_ = watcher.Stop()
			return
		}
	}
}

// hear takes in what the bucket says, nil for nothing.
func (m *mirror) hear(entry jetstream.KeyValueEntry) {
	if entry == nil {
		return
	}
	if entry.Operation() != jetstream.KeyValuePut {
		m.putAged(entry.Key(), entry.Revision(), nil, time.Since(entry.Created()))
		return
	}
	m.putAged(entry.Key(), entry.Revision(), entry.Value(), time.Since(entry.Created()))
}

// put takes in a value of a key, nil for its removal, unless a newer one is known.
func (m *mirror) put(key string, revision uint64, value []byte) { m.putAged(key, revision, value, 0) }

// putAged is put of what was written some time ago.
func (m *mirror) putAged(key string, revision uint64, value []byte, ago time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old := m.entries[key]; revision > old.revision || revision == old.revision && value == nil {
		now := time.Now()
		m.entries[key] = mirrored{revision: revision, value: value, heard: now, written: now.Add(-max(ago, 0))}
		if m.changed != nil {
			close(m.changed)
			m.changed = nil
		}
		m.changes++
		m.sweep(now)
	}
}

// sweep forgets keys that were removed long ago. The caller holds the lock.
func (m *mirror) sweep(now time.Time) {
	if now.Sub(m.swept) < removedTime {
		return
	}
	m.swept = now
	maps.DeleteFunc(m.entries, func(_ string, e mirrored) bool { return e.value == nil && now.Sub(e.heard) >= removedTime })
}

// changing is closed by the next change.
func (m *mirror) changing() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changed == nil {
		m.changed = make(chan struct{})
	}
	return m.changed
}

// keepFor says how long the bucket keeps anything, 0 for ever: get and all know nothing that is older.
func (m *mirror) keepFor(age time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.age = age
}

// forget drops what the bucket has forgotten for its age. The caller holds the lock.
func (m *mirror) forget() {
	if m.age > 0 {
		maps.DeleteFunc(m.entries, func(_ string, entry mirrored) bool { return time.Since(entry.written) > m.age })
	}
}

// get returns what is known of a key; a value of nil stands for nothing.
func (m *mirror) get(key string) mirrored {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	return m.entries[key]
}

// all returns the keys that have a value.
func (m *mirror) all() map[string]mirrored {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	all := maps.Clone(m.entries)
	maps.DeleteFunc(all, func(_ string, entry mirrored) bool { return entry.value == nil })
	return all
}

// values returns what was heard of within a time, 0 for any.
func (m *mirror) values(within time.Duration) [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	var values [][]byte
	for key, entry := range m.entries {
		switch {
		case within > 0 && time.Since(entry.heard) > within:
			delete(m.entries, key)
		case entry.value != nil:
			values = append(values, entry.value)
		}
	}
	return values
}

// unless returns all values and the count of changes, or nothing if that is as it was.
func (m *mirror) unless(was uint64) (values [][]byte, changes uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changes == was {
		return nil, was
	}
	for _, entry := range m.entries {
		if entry.value != nil {
			values = append(values, entry.value)
		}
	}
	return values, m.changes
}
