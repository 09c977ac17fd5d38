package store

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/nats-io/nats.go/jetstream"
)

// refresh reads what is kept, and puts it in force if it is news. The error is one of jetstream.ErrKeyNotFound for nothing,
// an *UnavailableError, or says that what is kept cannot be read.
func (s *Shared) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	for {
		began := time.Now()
		entry, err := s.keys.Get(ctx, stateKey)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return err
		}
		if err != nil {
			return s.hub.unavailable("read the faults", err)
		}
		if s.knows(entry) {
			s.refused.Store(nil)
			s.confirm(began)
			return nil
		}
		next, err := s.read(ctx, entry)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			if now, again := s.keys.Get(ctx, stateKey); again == nil && now.Revision() == entry.Revision() {
				return s.refuse(entry, errors.New("a part of the faults is missing"))
			}
			continue
		}
		if err == nil {
			err = s.install(next)
		}
		if err == nil {
			s.confirm(began)
		}
		return s.refuse(entry, err)
	}
}

// refuse notes that an entry cannot be put in force, if that is so, and returns the error. That the store is away is no refusal.
func (s *Shared) refuse(entry jetstream.KeyValueEntry, err error) error {
	if err == nil || !s.hub.Connected() || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var of struct{ Revision uint64 }
	_ = json.Unmarshal(entry.Value(), &of) // What cannot be read has none.
	s.refused.Store(&Refused{Revision: of.Revision, Problem: err.Error()})
	return err
}

// read reads what an entry says.
func (s *Shared) read(ctx context.Context, entry jetstream.KeyValueEntry) (*snapshot, error) {
	next, err := readRoot(ctx, entry.Value(), func(ctx context.Context, key string) ([]byte, error) {
		part, err := s.keys.Get(ctx, key)
		if err != nil {
			return nil, err
		}
		return part.Value(), nil
	})
	if err != nil {
		return nil, err
	}
	next.sequence = entry.Revision()
	return next, nil
}

// knows reports whether an entry is no news.
func (s *Shared) knows(entry jetstream.KeyValueEntry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return entry.Revision() <= s.current.sequence && s.current.sequence > 0
}

// follow puts in force what others change, and ends what has lived long enough.
func (s *Shared) follow(ctx context.Context, back <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	watch := func(ctx context.Context) (jetstream.KeyWatcher, error) { return s.keys.Watch(ctx, stateKey) }
	for {
		timer.Reset(s.nextEnd())
		select {
		case <-ctx.Done():
			return
		case entry, ok := <-s.watcher.Updates():
			if !ok {
				return
			}
			if entry != nil {
				s.hear(ctx, entry)
			}
		case <-back:
			back = s.hub.whenBack()
			s.watcher = s.hub.watchAnew(ctx, watch, s.watcher)
		case <-timer.C:
			s.endLives(ctx)
		case <-s.wake:
		}
	}
}

// hear takes in what somebody changed.
func (s *Shared) hear(ctx context.Context, entry jetstream.KeyValueEntry) {
	if s.knows(entry) {
		return
	}
	if entry.Operation() != jetstream.KeyValuePut {
		_ = s.refuse(entry, errDeleted)
		s.hub.logger.ErrorContext(ctx, "faults were deleted from the store: those that were there stay in force")
		return
	}
	if xxhash.Sum64(entry.Value()) == s.mine.Load() && s.writing.taken() {
		return // It is the change that this node is about to put in force.
	}
	next, err := s.read(ctx, entry)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return // A newer one, which comes next, has taken its parts away.
	}
	if err == nil {
		err = s.install(next)
	}
	if s.refuse(entry, err) != nil {
		s.hub.logger.ErrorContext(ctx, "faults cannot be put in force: those that were there stay", slog.Any("error", err))
	}
}

// errDeleted says that there are no faults any more where there had been some.
var errDeleted = errors.New("they were deleted from the store")

// nextEnd is how long it is until the next fault has lived long enough.
func (s *Shared) nextEnd() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lives.next()
}

// endLives tells the engine of faults that have lived long enough.
func (s *Shared) endLives(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.apply(s.current); err != nil {
		s.hub.logger.ErrorContext(ctx, "end of a fault cannot be put in force", slog.Any("error", err))
	}
}

// keepEnds keeps that faults have lived long enough, so that they do not live again after another start, whatever the wall clock
// says then. Whoever is first does it for all nodes.
func (s *Shared) keepEnds(ctx context.Context) {
	if !s.hasEnds() || !s.hub.Connected() {
		return
	}
	_, err := s.change(ctx, func(d *draft) error {
		if !s.markEnds(d.set) {
			return errNothing
		}
		d.revision++
		d.touched = true
		reviewAgain(d.set, d.now)
		return nil
	})
	if err != nil && ctx.Err() == nil {
		s.hub.logger.WarnContext(ctx, "end of a fault cannot be kept", slog.Any("error", err))
	}
}

// hasEnds reports whether there are such faults.
func (s *Shared) hasEnds() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for i := range s.current.set {
		if s.lives.unkept(&s.current.set[i], now) {
			return true
		}
	}
	return false
}

// markEnds marks such faults of a set, and reports whether there are any.
func (s *Shared) markEnds(set []Fault) (marked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for i := range set {
		if s.lives.unkept(&set[i], now) {
			set[i].Ended, marked = true, true
		}
	}
	return marked
}

// settle notes what was acknowledged.
func (s *Shared) settle(ctx context.Context) {
	if err := s.hub.mark.settle(false); err != nil {
		s.hub.logger.WarnContext(ctx, "store cannot note what is in it", slog.Any("error", err))
	}
}

// tendTime is how often a node of a fleet makes sure that it has heard of everything, and spreadTime how often it tries to
// have the others brake with it.
const tendTime, spreadTime = 5 * time.Second, 500 * time.Millisecond

// tend makes up for what was missed while the store could not be reached.
func (s *Shared) tend(ctx context.Context) {
	back := s.hub.whenBack()
	tick, spread := time.NewTicker(tendTime), time.NewTicker(spreadTime)
	defer tick.Stop()
	defer spread.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-spread.C:
			s.spread(ctx)
			s.keepEnds(ctx)
			s.settle(ctx)
			if !s.doubt.CompareAndSwap(true, false) {
				continue
			}
		case <-back:
			back = s.hub.whenBack()
		case <-tick.C:
		}
		if s.hub.Connected() {
			if err := s.refresh(ctx); err != nil && ctx.Err() == nil {
				s.doubt.Store(true)
				s.hub.logger.WarnContext(ctx, "faults cannot be read: those that were there stay in force", slog.Any("error", err))
			}
		}
	}
}
