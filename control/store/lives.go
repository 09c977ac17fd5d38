package store

import "time"

// lives measures how long the faults have been in force on this node, by its monotonic clock. A fault ends at its time by the wall
// clock or once it has lived as long here, whichever comes first: a wall clock that is set back prolongs nothing, and
// neither does one that is behind that of the node where the fault was created.
type lives struct {
	// elapsed is the time by the monotonic clock.
	elapsed func() time.Duration
	// sole says that all lives of the store are measured here.
	sole bool
	ends map[string]life
}

// life is that of one fault.
type life struct {
	expires time.Time
	// end is on the monotonic clock; told says that the engine knows of it, whole that it was measured here from its beginning.
	end         time.Duration
	told, whole bool
}

// wholeTime is how much of a life may have passed before a node of a fleet hears of it that counts as measured from its beginning.
const wholeTime = time.Second

func newLives(sole bool) lives {
	began := time.Now()
	return lives{sole: sole, elapsed: func() time.Duration { return time.Since(began) }, ends: make(map[string]life)}
}

// take begins the lives of faults that are new or were given another end, and forgets those that are gone.
func (l *lives) take(set []Fault, now time.Time) {
	ends := make(map[string]life)
	for i := range set {
		f := &set[i]
		if f.ExpiresAt.IsZero() {
			continue
		}
		old, known := l.ends[f.Name]
		if !known || !old.expires.Equal(f.ExpiresAt) {
			rest := f.ExpiresAt.Sub(now)
			old = life{expires: f.ExpiresAt, end: l.elapsed() + min(rest, f.TTL), whole: rest > f.TTL-wholeTime}
		}
		old.told = l.elapsed() >= old.end
		ends[f.Name] = old
	}
	l.ends = ends
}

// end moves the end of faults that have lived long enough to now, where it is still to come.
func (l *lives) end(set []Fault, now time.Time) {
	for i := range set {
		f := &set[i]
		if life, ok := l.ends[f.Name]; ok && l.elapsed() >= life.end && now.Before(f.ExpiresAt) {
			f.ExpiresAt = now
		}
	}
}

// unkept reports whether it is to be kept that a fault is over: another start, by a clock that was set back meanwhile, would let
// it live again. In a fleet the word of a node counts that has measured the whole life, or whose wall clock says that more of
// it is to come; one that heard of the fault late may be led by a wall clock that is ahead of all others.
func (l *lives) unkept(f *Fault, now time.Time) bool {
	life, ok := l.ends[f.Name]
	return ok && !f.Ended && !f.Disabled && l.elapsed() >= life.end && (l.sole || life.whole || now.Before(life.expires))
}

// never is longer than any process runs.
const never = 365 * 24 * time.Hour

// next is how long it is until the next fault has lived long enough whose end the engine does not know.
func (l *lives) next() time.Duration {
	next := never
	for _, life := range l.ends {
		if !life.told {
			next = min(next, max(life.end-l.elapsed(), 0))
		}
	}
	return next
}
