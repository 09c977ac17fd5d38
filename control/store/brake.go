package store

import (
	"context"
	"strings"
	"time"
)

// Brake is the state of the brake.
type Brake struct {
	Pulled bool
	// Reason says why it was pulled or released.
	Reason string
	// Actor is who did so, as WithActor has it; "" where nobody is asked for a name.
	Actor string
	// Updated is when that was, zero for never.
	Updated time.Time
}

type actorKey struct{}

// WithActor says on whose behalf the store is changed.
func WithActor(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, actorKey{}, name)
}

// ActorOf returns the name that WithActor put into ctx, "" for none.
func ActorOf(ctx context.Context) string {
	name, _ := ctx.Value(actorKey{}).(string)
	return name
}

func newBrake(ctx context.Context, pulled bool, reason string, now time.Time) Brake {
	return Brake{Pulled: pulled, Reason: valid(reason), Actor: valid(ActorOf(ctx)), Updated: now}
}

func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
