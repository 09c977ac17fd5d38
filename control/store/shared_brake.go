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
	kept, err := s.setAll(ctx, want)
	var away *UnavailableError
	if errors.As(err, &away) && pulled {
		away.Doing = "pull the brake elsewhere than on this node, where it is pulled"
	}
	return kept, err
}

// setAll sets the brake of all nodes, and has this one do as they do.
func (s *Shared) setAll(ctx context.Context, want Brake) (Brake, error) {
	next, err := s.change(ctx, func(d *draft) error {
		if d.brake.Pulled == want.Pulled {
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
	s.pending = nil
	s.engine.Brake(s.current.brake.Pulled)
	return next.brake, nil
}

// pullHere pulls the brake on this node, whatever becomes of the others.
func (s *Shared) pullHere(want Brake) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil && !s.current.brake.Pulled {
		s.pending = &want
	}
	s.engine.Brake(true)
}

// spread has the others brake with this node, if they have yet to hear of it.
func (s *Shared) spread(ctx context.Context) {
	s.mu.Lock()
	pending := s.pending
	s.mu.Unlock()
	if pending == nil || !s.hub.Connected() {
		return
	}
	if _, err := s.setAll(ctx, *pending); err == nil {
		s.hub.logger.InfoContext(ctx, "brake pulled on all nodes")
	}
}
