package store

import "time"

// lives measures how long the faults have been in force on this node, by its monotonic clock. A fault ends at its time by the wall
// clock or once it has lived as long here, whichever comes first: a wall clock that is set back prolongs nothing, and
// neither does one that is behind that of the node where the fault was created.
type lives struct {
	// elapsed is the time by the monotonic clock.
	elapsed func() time.Duration
	ends    map[string]life
}

// life is that of one fault.
type life struct {
	expires time.Time
	// end is on the monotonic clock; told says that the engine knows of it.
	end  time.Duration
	told bool
}

func newLives() lives {
	began := time.Now()
	return lives{elapsed: func() time.Duration { return time.Since(began) }, ends: make(map[string]life)}
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
			old = life{expires: f.ExpiresAt, end: l.elapsed() + min(f.ExpiresAt.Sub(now), f.TTL)}
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

// early reports whether a fault has lived long enough whose end is still to come by the wall clock: another start would let it
// live again.
func (l *lives) early(set []Fault, now time.Time) bool {
	for i := range set {
		if life, ok := l.ends[set[i].Name]; ok && l.elapsed() >= life.end && now.Before(set[i].ExpiresAt) {
			return true
		}
	}
	return false
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
