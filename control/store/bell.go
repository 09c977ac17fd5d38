package store

import (
	"context"
	"sync/atomic"
)

// bell wakes those who wait for something new. The zero value is ready, and nobody listens to it.
type bell struct {
	// heard is closed by the next ring, nil while nobody listens.
	heard atomic.Pointer[chan struct{}]
}

// listen returns what the next ring closes. Whoever looks for news after it, and then waits, misses none.
func (b *bell) listen() <-chan struct{} {
	fresh := make(chan struct{})
	for {
		if heard := b.heard.Load(); heard != nil {
			return *heard
		}
		if b.heard.CompareAndSwap(nil, &fresh) {
			return fresh
		}
	}
}

// ring wakes those who listen. It waits for nobody, and allocates nothing.
func (b *bell) ring() {
	if b.heard.Load() == nil {
		return
	}
	if heard := b.heard.Swap(nil); heard != nil {
		close(*heard)
	}
}

// waitFor returns nil once something is so, which it asks anew whenever one of two bells rings; the same bell may stand for
// both. It returns the error of ctx if that ends first.
func waitFor(ctx context.Context, so func() bool, bells ...*bell) error {
	for {
		first, last := bells[0].listen(), bells[len(bells)-1].listen()
		if so() {
			return nil
		}
		select {
		case <-first:
		case <-last:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
