package faults

import "sync"

// farewell tells those who wait for it that a fault is gone.
type farewell struct {
	gone chan struct{}

	mu   sync.Mutex
	past bool
	// first heads the list of those who wait.
	first *waiter
}

// waiter is one who waits. Its place in the list is guarded by the farewell.
type waiter struct {
	f          func()
	prev, next *waiter
	// listed says that f has neither been stopped nor begun.
	listed bool
}

// Gone is closed when the fault is removed, changed, disabled or braked. It
// does not close on expiry: whoever waits bounds the wait by Fault.ExpiresAt.
func (w *farewell) Gone() <-chan struct{} { return w.gone }

// OnGone arranges for f to run in its own goroutine once Gone is closed, at
// once if it is already. Until then no goroutine waits, and one who waits costs
// less than 100 bytes beside f. Calling stop prevents f from running and
// reports whether it did: false means that f has begun, or was stopped before.
// Adding and stopping take the same short time however many wait.
func (w *farewell) OnGone(f func()) (stop func() bool) {
	one := &waiter{f: f}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.past {
		go f()
		return func() bool { return false }
	}
	one.listed, one.next = true, w.first
	if w.first != nil {
		w.first.prev = one
	}
	w.first = one
	return func() bool { return w.forget(one) }
}

// forget takes one off the list and reports whether it was on it.
func (w *farewell) forget(one *waiter) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !one.listed {
		return false
	}
	one.listed = false
	if one.prev != nil {
		one.prev.next = one.next
	} else {
		w.first = one.next
	}
	if one.next != nil {
		one.next.prev = one.prev
	}
	one.prev, one.next = nil, nil
	return true
}

// depart closes Gone and lets those who wait run. It is called once.
func (w *farewell) depart() {
	w.mu.Lock()
	first := w.first
	w.past, w.first = true, nil
	for one := first; one != nil; one = one.next {
		one.listed = false
	}
	close(w.gone)
	w.mu.Unlock()
	// Nobody touches the list any more: all of it is off the list.
	for one := first; one != nil; one = one.next {
		go one.f()
	}
}
