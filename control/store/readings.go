package store

import (
	"maps"
	"sync"
	"time"
)

// readings are what the values of a mirror say, each read once. It is safe for concurrent use.
type readings[T any] struct {
	// read reads a value; ok is false for one that cannot be read, which is left out.
	read func(text []byte) (value T, ok bool)

	mu   sync.Mutex
	kept map[string]reading[T]
}

// reading is what one key says.
type reading[T any] struct {
	revision uint64
	heard    time.Time
	value    T
	ok       bool
}

// of returns what the keys of a mirror say that were heard of within a time, 0 for any. The map must not be changed.
func (r *readings[T]) of(m *mirror, within time.Duration) map[string]reading[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := make(map[string]reading[T])
	for key, entry := range m.newest(within) {
		old, known := r.kept[key]
		if !known || old.revision != entry.revision {
			old = reading[T]{revision: entry.revision}
			old.value, old.ok = r.read(entry.value)
		}
		old.heard = entry.heard
		next[key] = old
	}
	r.kept = next
	readable := maps.Clone(next)
	maps.DeleteFunc(readable, func(_ string, one reading[T]) bool { return !one.ok })
	return readable
}

// newest returns what has a value and was heard of within a time, 0 for any. It forgets what is older.
func (m *mirror) newest(within time.Duration) map[string]mirrored {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.entries, func(_ string, e mirrored) bool { return within > 0 && time.Since(e.heard) > within })
	newest := maps.Clone(m.entries)
	maps.DeleteFunc(newest, func(_ string, e mirrored) bool { return e.value == nil })
	return newest
}
