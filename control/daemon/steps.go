package daemon

import (
	"context"
	"log/slog"
	"time"
)

// steps says how long each step of the start took, at debug.
type steps struct {
	logger *slog.Logger
	begun  time.Time
	last   time.Time
}

func newSteps(logger *slog.Logger) *steps {
	now := time.Now()
	return &steps{logger: logger, begun: now, last: now}
}

// done notes that a step is over, and begins the next.
func (s *steps) done(ctx context.Context, step string) {
	now := time.Now()
	s.logger.DebugContext(ctx, "start step", slog.String("step", step), slog.Duration("took", now.Sub(s.last)), slog.Duration("since", now.Sub(s.begun)))
	s.last = now
}
