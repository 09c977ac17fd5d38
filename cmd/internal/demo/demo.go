package demo

import (
	"context"
	_ "embed"
	"sync"
)

// Config is the configuration, in TOML, that the demonstration runs under.
//
//go:embed demo.toml
var Config []byte

// Callers is the number of callers.
const Callers = 3

// Play lets the callers go through the script against the API at base, a URL
// without a final slash. Each phase begins when all callers have ended the one
// before; progress is told of it. An error is ctx's.
func Play(ctx context.Context, base string, progress func(Phase)) error {
	callers := newCallers()
	defer func() {
		for _, c := range callers {
			c.client.HTTPClient.CloseIdleConnections()
		}
	}()
	for _, phase := range Script() {
		if err := ctx.Err(); err != nil {
			return err
		}
		progress(phase)
		var wg sync.WaitGroup
		for _, c := range callers {
			wg.Go(func() { c.play(ctx, base, phase.operations) })
		}
		wg.Wait()
	}
	return ctx.Err()
}
