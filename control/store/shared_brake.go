package store

import (
	"context"
	"errors"
)

// SetBrake pulls or releases the brake of all nodes, and returns its state. It changes nothing, the reason included, if
// the brake is so already. Pulled, it is in force on this node even if the store cannot be reached; the others
// follow once it can. The error is an *UnavailableError.
func (s *Shared) SetBrake(ctx context.Context, pulled bool, reason string) (Brake, error) {
	want := newBrake(ctx, pulled, reason, s.now())
	if pulled {
		s.pullHere(want)
	}
	kept, err := s.setAll(ctx, want, s.awaited())
	var away *UnavailableError
	if errors.As(err, &away) && pulled {
		away.Doing = "pull the brake elsewhere than on this node, where it is pulled"
		kept, _ = s.Brake(ctx)
	}
	return kept, err
}

// setAll sets the brake of all nodes, and has this one do as they do. About is the brake of this node that is settled by it,
// nil for none: one that was pulled here since then stays so.
func (s *Shared) setAll(ctx context.Context, want Brake, about *Brake) (Brake, error) {
	return s.setAllIf(ctx, want, about, func() bool { return true })
}

// setAllIf is setAll, provided that it is still wanted when it is this node's turn to change what is kept.
func (s *Shared) setAllIf(ctx context.Context, want Brake, about *Brake, wanted func() bool) (Brake, error) {
	next, err := s.change(ctx, func(d *draft) error {
		if d.brake.Pulled == want.Pulled || !wanted() {
			return errNothing
		}
		d.brake = want
		d.revision++
		return nil
	})
	if err != nil {
		return Brake{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == about {
		s.pending = nil
	}
	s.engine.Brake(s.current.brake.Pulled || s.pending != nil)
	return next.brake, nil
}

// awaited is the brake of this node that the others have yet to hear of, nil for none.
func (s *Shared) awaited() *Brake {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending
}

// pullHere pulls the brake on this node, whatever becomes of the others. That this node believes it pulled already says
// nothing of them: they may have released it while it was cut off.
func (s *Shared) pullHere(want Brake) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		s.pending = &want
	}
	s.engine.Brake(true)
}

// spread has the others brake with this node, if they have yet to hear of it. Whoever releases the brake meanwhile has the last
// word.
func (s *Shared) spread(ctx context.Context) {
	pending := s.awaited()
	if pending == nil || !s.hub.Connected() {
		return
	}
	kept, err := s.setAllIf(ctx, *pending, pending, func() bool { return s.awaited() == pending })
	if err == nil && kept.Pulled {
		s.hub.logger.InfoContext(ctx, "brake pulled on all nodes")
	}
}
