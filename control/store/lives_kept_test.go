package store

import (
	"errors"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// openBy opens a store in a directory by a wall clock.
func openBy(t *testing.T, dir string, now func() time.Time) (s *Shared, end func()) {
	t.Helper()
	h, err := OpenHub(t.Context(), HubOptions{Dir: dir, Sync: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s, err = h.Shared(t.Context(), SharedOptions{Engine: faults.NewEngine(1), Now: now})
	if err != nil {
		t.Fatal(errors.Join(err, h.Close()))
	}
	return s, func() {
		t.Helper()
		s.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
}

// hourAgo is a wall clock that was set back by an hour.
func hourAgo() time.Time { return time.Now().Add(-time.Hour) }

// A fault whose end has come by the wall clock stays dead after a start by one that was set back while the process was off, even
// one that nothing was noted of; enabled anew it lives.
func TestAFaultThatHasEndedStaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, end := openBy(t, dir, time.Now)
	mortal := fault("mortal", 0)
	mortal.TTL = 50 * time.Millisecond
	if _, err := s.Write(t.Context(), []Write{{Fault: mortal}}); err != nil {
		t.Fatal(err)
	}
	await(t, "the end to be kept", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.current.set[0].Ended
	})
	end()
	editNote(t, dir, func(note *markNote) { note.Seen = time.Time{} })
	s, end = openBy(t, dir, hourAgo)
	defer end()
	wantOver(t, s, "after a start by an earlier clock")
	mortal.TTL = time.Minute
	written, err := s.Write(t.Context(), []Write{{Fault: mortal, Restart: true}})
	if err != nil || written[0].Expired(hourAgo()) {
		t.Errorf("enabled anew it is %+v, %v, want it to live", written, err)
	}
}

// A start takes lifetimes up where they were by the clock that was last seen, if that was set back since.
func TestALifeGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// seen is how long after the fault was written the clock was last seen.
		seen, rest time.Duration
	}{
		"not set back": {0, time.Hour},
		"back":         {50 * time.Minute, 10 * time.Minute},
		"beyond":       {2 * time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s, end := openBy(t, dir, time.Now)
			mortal := fault("mortal", 0)
			mortal.TTL = time.Hour
			if _, err := s.Write(t.Context(), []Write{{Fault: mortal}}); err != nil {
				t.Fatal(err)
			}
			end()
			editNote(t, dir, func(note *markNote) {
				if time.Since(note.Seen) > time.Minute {
					t.Errorf("the clock was last seen at %v, want when the store was closed", note.Seen)
				}
				note.Seen = note.Seen.Add(tt.seen)
			})
			s, end = openBy(t, dir, time.Now)
			defer end()
			if tt.rest == 0 {
				wantOver(t, s, "after a start")
				return
			}
			if next := s.nextEnd(); next > tt.rest || next < tt.rest-5*time.Minute {
				t.Errorf("the fault ends in %v, want in %v", next, tt.rest)
			}
		})
	}
}

// A clock that was set back releases no brake.
func TestABrakeStaysPulledByAnEarlierClock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, end := openBy(t, dir, time.Now)
	if _, err := s.SetBrake(t.Context(), true, "enough"); err != nil {
		t.Fatal(err)
	}
	end()
	s, end = openBy(t, dir, hourAgo)
	defer end()
	brake, err := s.Brake(t.Context())
	if err != nil || !brake.Pulled || brake.Reason != "enough" || !s.Braked() {
		t.Errorf("got %+v, %v, want it pulled", brake, err)
	}
	var braked *BrakedError
	if _, err := s.Write(t.Context(), []Write{{Fault: fault("new", 0)}}); !errors.As(err, &braked) {
		t.Errorf("a fault is taken: %v", err)
	}
}

// In a fleet no node whose clock is ahead ends the faults of all others; the one that has measured the whole life does.
func TestWhoKeepsAnEnd(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// ahead is the clock of the node, late when it hears of the fault.
		ahead, late time.Duration
		sole, want  bool
	}{
		"from the beginning": {want: true},
		"ahead":              {ahead: 5 * time.Minute},
		"behind":             {ahead: -time.Hour, want: true},
		"late":               {late: 5 * time.Minute},
		"late and alone":     {late: 5 * time.Minute, sole: true, want: true},
	} {
		l, pass := steady()
		l.sole = tt.sole
		set := mortals(epoch, 10*time.Minute)
		node := epoch.Add(tt.ahead)
		l.take(set, node.Add(tt.late))
		if l.unkept(&set[0], node.Add(tt.late)) {
			t.Errorf("%s: the end is to be kept before it has come", name)
		}
		pass(10 * time.Minute)
		later := node.Add(tt.late + 10*time.Minute)
		if got := l.unkept(&set[0], later); got != tt.want {
			t.Errorf("%s: the end is to be kept: %t, want %t", name, got, tt.want)
		}
		set[0].Ended = true
		if l.unkept(&set[0], later) || l.unkept(&set[1], later) {
			t.Errorf("%s: what has ended, or never will, is to be kept", name)
		}
	}
}
