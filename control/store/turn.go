package store

import "context"

// turn is a lock that is waited for no longer than a context allows.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits for the turn; the error is that of ctx. Whoever has it gives it back.
func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) give() { <-t }

// taken reports whether somebody has it.
func (t turn) taken() bool { return len(t) > 0 }
