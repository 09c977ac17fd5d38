package daemon

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
)

// awayFor is a store that cannot be reached for a number of loads.
type awayFor struct {
	*store.Memory

	loads, tries int
}

func (a *awayFor) Load(ctx context.Context, l store.Loading) (store.Loaded, error) {
	if a.tries++; a.tries <= a.loads {
		return store.Loaded{}, &store.UnavailableError{Doing: "write the faults", Err: errors.New("away")}
	}
	return a.Memory.Load(ctx, l)
}

// Faults of the file that waited for the brake come into force although the store was away at its release: nobody need change
// anything else for that.
func TestWaitingFaultsWaitForTheStoreToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := config.Default()
		c.Faults = []faults.Fault{{Name: "down", Answer: &faults.Answer{Status: 503}}}
		kept := &awayFor{Memory: store.NewMortal(faults.NewEngine(1), time.Now, 0), loads: 3}
		d := &Daemon{config: c, logger: slog.New(slog.DiscardHandler), faults: kept, brake: kept}
		if _, err := kept.SetBrake(t.Context(), true, ""); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.awaitRelease(ctx) }()
		time.Sleep(time.Hour)
		if kept.tries != 0 {
			t.Errorf("%d loads while the brake is pulled, want none", kept.tries)
		}
		if _, err := kept.SetBrake(t.Context(), false, ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if set, err := kept.Faults(t.Context()); len(set) != 1 || err != nil || kept.tries != 4 {
			t.Errorf("a minute later, after %d loads, there are %v, %v, want the fault of the file", kept.tries, set, err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
