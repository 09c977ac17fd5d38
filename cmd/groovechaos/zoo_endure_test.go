//go:build e2e

package main

import (
	"sync"
	"testing"
	"time"
)

// longestCall bounds the wait for a call of a client that bounds its calls itself.
const longestCall = 3 * time.Minute

// endure sends a resident through its scenarios, and ends it.
func (r *resident) endure(t *testing.T, d *driver) {
	t.Helper()
	defer d.end(t)
	began := time.Now()
	var wg sync.WaitGroup
	for i := range r.scenarios {
		s := &r.scenarios[i]
		switch {
		case r.inTurn:
			r.undergo(t, d, s)
		case r.policy.endless(s):
			wg.Go(func() { pause(t, s.start); r.begin(t, d, s) })
		default:
			wg.Go(func() { pause(t, s.start); r.undergo(t, d, s) })
		}
	}
	wg.Wait()
	pause(t, r.watched-time.Since(began))
}

// delayed is how long after the beginning of a scenario its request i is made: three quickly, then a pause.
func delayed(i int) time.Duration {
	return time.Duration(i)*100*time.Millisecond + time.Duration(i/3)*time.Second
}

// begin makes the calls of a scenario and waits for none.
func (r *resident) begin(t *testing.T, d *driver, s *scenario) {
	t.Helper()
	for i := range s.requests {
		d.make(t, s.call(i, 0))
		pause(t, delayed(i+1)-delayed(i))
	}
}

// undergo makes the calls of a scenario and waits for all.
func (r *resident) undergo(t *testing.T, d *driver, s *scenario) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range s.requests {
		switch {
		case s.inTurn || r.inTurn:
			s.visit(t, d, i)
		case s.crowd > 0:
			for j := range s.crowd {
				wg.Go(func() { await(t, d.make(t, s.call(i, j)), d.name+" "+s.name) })
			}
		default:
			wg.Go(func() { pause(t, delayed(i)); s.visit(t, d, i) })
		}
	}
	wg.Wait()
}

// visit makes one request as often as the scenario says.
func (s *scenario) visit(t *testing.T, d *driver, i int) {
	t.Helper()
	for j := range max(1, s.visits) {
		if j > 0 {
			pause(t, s.waits[(i+j-1)%len(s.waits)])
		}
		await(t, d.make(t, s.call(i, j)), d.name+" "+s.name)
	}
}

// await waits for a call to end.
func await(t *testing.T, ended <-chan struct{}, what string) {
	t.Helper()
	limit := time.NewTimer(longestCall)
	defer limit.Stop()
	select {
	case <-ended:
	case <-limit.C:
		t.Errorf("%s has not ended after %s", what, longestCall)
	case <-t.Context().Done():
	}
}

// pause waits for a time.
func pause(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}
