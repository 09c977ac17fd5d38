package store

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// steady is lives with a monotonic clock that tests move.
func steady() (l lives, pass func(time.Duration)) {
	var elapsed time.Duration
	l = newLives(false)
	l.elapsed = func() time.Duration { return elapsed }
	return l, func(d time.Duration) { elapsed += d }
}

func mortals(now time.Time, ttl time.Duration) []Fault {
	f := fault("mortal", 1)
	f.TTL, f.ExpiresAt = ttl, now.Add(ttl)
	return []Fault{{Fault: f}, {Fault: fault("lasting", 0)}}
}

// A wall clock that is stepped by an hour prolongs no fault, and one that is stepped forward ends it early.
func TestAClockIsSteppedByAnHour(t *testing.T) {
	t.Parallel()
	const ttl = 10 * time.Minute
	for name, tt := range map[string]struct {
		// step is what happens to the wall clock after a minute.
		step time.Duration
		// over says after how many minutes in all the fault has to be over.
		over int
	}{
		"not at all": {0, 10},
		"back":       {-time.Hour, 10},
		"forward":    {time.Hour, 1},
	} {
		l, pass := steady()
		now := epoch
		set := mortals(now, ttl)
		l.take(set, now)
		for minute := range 15 {
			if minute == 1 {
				now = now.Add(tt.step)
			}
			seen := append([]Fault{}, set...)
			l.end(seen, now)
			if over := seen[0].Expired(now); over != (minute >= tt.over) {
				t.Errorf("%s: after %d minutes the fault is over: %t, want it from %d on", name, minute, over, tt.over)
			}
			if seen[1].Expired(now) {
				t.Errorf("%s: a fault without a lifetime is over", name)
			}
			pass(time.Minute)
			now = now.Add(time.Minute)
		}
	}
}

// A node whose clock is an hour behind that of the creator's does not keep a fault for an hour more.
func TestANodeWhoseClockIsBehind(t *testing.T) {
	t.Parallel()
	l, pass := steady()
	set := mortals(epoch, time.Minute)
	behind := epoch.Add(-time.Hour)
	l.take(set, behind)
	if next := l.next(); next != time.Minute {
		t.Errorf("the next end is in %v, want a minute", next)
	}
	pass(time.Minute)
	l.end(set, behind.Add(time.Minute))
	if !set[0].Expired(behind.Add(time.Minute)) {
		t.Error("the fault is not over after its lifetime")
	}
	if next := l.next(); next != 0 {
		t.Errorf("the engine is told in %v, want at once", next)
	}
	l.take(set, behind.Add(time.Minute))
	if next := l.next(); next != never {
		t.Errorf("told, the next end is in %v, want never", next)
	}
}

// A change of something else does not begin a life anew; another end does.
func TestALifeBeginsOnce(t *testing.T) {
	t.Parallel()
	l, pass := steady()
	set := mortals(epoch, time.Minute)
	l.take(set, epoch)
	pass(50 * time.Second)
	l.take(set, epoch.Add(-time.Hour))
	if next := l.next(); next != 10*time.Second {
		t.Errorf("the end is in %v, want 10s", next)
	}
	set[0].ExpiresAt = epoch.Add(110 * time.Second)
	l.take(set, epoch.Add(50*time.Second))
	if next := l.next(); next != time.Minute {
		t.Errorf("restarted, the end is in %v, want a minute", next)
	}
	l.take(nil, epoch)
	if len(l.ends) != 0 {
		t.Errorf("%d lives are left of no fault", len(l.ends))
	}
}

// The engine is told of an end though the wall clock never gets there.
func TestAnEndIsToldByTheMonotonicClock(t *testing.T) {
	t.Parallel()
	engine := &recorder{Engine: faults.NewEngine(1)}
	s := openShared(t, openHub(t, HubOptions{}), SharedOptions{Engine: engine, Now: func() time.Time { return epoch }})
	mortal := fault("mortal", 1)
	mortal.TTL = 50 * time.Millisecond
	if _, err := s.Write(t.Context(), []Write{{Fault: mortal}}); err != nil {
		t.Fatal(err)
	}
	await(t, "the end", func() bool { set := engine.set(); return len(set) == 1 && set[0].Disabled })
	set, err := s.Faults(t.Context())
	if err != nil || !set[0].Expired(epoch) {
		t.Errorf("got %v, %v, want the fault told as expired", set, err)
	}
}

// A fault that has lived long enough stays dead after another start, though the wall clock was set back meanwhile.
func TestAnEndOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	dir, clock := t.TempDir(), atomic.Pointer[time.Time]{}
	now := time.Now()
	clock.Store(&now)
	open := func() (*Hub, *Shared) {
		t.Helper()
		h, err := OpenHub(t.Context(), HubOptions{Dir: dir, Sync: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		s, err := h.Shared(t.Context(), SharedOptions{Engine: faults.NewEngine(1), Now: func() time.Time { return *clock.Load() }})
		if err != nil {
			t.Fatal(errors.Join(err, h.Close()))
		}
		return h, s
	}
	h, s := open()
	mortal := fault("mortal", 0)
	mortal.TTL = 100 * time.Millisecond
	written, err := s.Write(t.Context(), []Write{{Fault: mortal}})
	if err != nil {
		t.Fatal(err)
	}
	back := now.Add(-time.Hour)
	clock.Store(&back)
	await(t, "the end to be kept", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.current.set[0].ExpiresAt.Before(written[0].ExpiresAt)
	})
	s.Close()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h, s = open()
	defer h.Close()
	defer s.Close()
	if set, err := s.Faults(t.Context()); err != nil || !set[0].Expired(*clock.Load()) {
		t.Errorf("after another start it is %+v, %v, want it to be over", set, err)
	}
}

// Who looks at the faults changes nothing of when they end: neither is an end forgotten that is to be kept for the next
// start, nor does a fault live again when the wall clock is set back once more.
func TestLookingKeepsTheEnds(t *testing.T) {
	t.Parallel()
	var wall, elapsed atomic.Int64
	now := func() time.Time { return epoch.Add(time.Duration(wall.Load())) }
	h := openHub(t, HubOptions{})
	s := openShared(t, h, SharedOptions{Engine: faults.NewEngine(1), Now: now})
	s.mu.Lock()
	s.lives.elapsed = func() time.Duration { return time.Duration(elapsed.Load()) }
	s.mu.Unlock()
	mortal, brief := fault("mortal", 0), fault("brief", 0)
	mortal.TTL, brief.TTL = time.Hour, time.Minute
	if _, err := s.Write(t.Context(), []Write{{Fault: mortal}, {Fault: brief}}); err != nil {
		t.Fatal(err)
	}
	if err := s.writing.take(t.Context()); err != nil { // Nobody keeps an end meanwhile.
		t.Fatal(err)
	}
	elapsed.Store(int64(62 * time.Minute)) // The clock on the wall was set back by an hour.
	wall.Store(int64(2 * time.Minute))
	wantOver(t, s, "once its time has come")
	s.writing.give()
	s.keepEnds(t.Context())
	wantOver(t, openShared(t, h, SharedOptions{Engine: faults.NewEngine(1), Now: now}), "after another start")
	s.endLives(t.Context())
	wall.Store(0)
	wantOver(t, s, "though the clock was set back again")
}

// wantOver wants the first fault to be over.
func wantOver(t *testing.T, s *Shared, when string) {
	t.Helper()
	if set, err := s.Faults(t.Context()); err != nil || !set[0].Expired(s.now()) {
		t.Errorf("%s the fault ends at %v and it is %v, %v; want it to be over", when, set[0].ExpiresAt, s.now(), err)
	}
}
