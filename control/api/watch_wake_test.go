package api

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// TestAWatcherIsWokenAtOnce holds that nobody looks while nothing comes, that the first attempt after a while is told
// without any wait, and that a crowd wakes a watcher no more than once in watchPause.
func TestAWatcherIsWokenAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		journal := store.NewAttempts(1000)
		ctx, cancel := context.WithCancel(t.Context())
		var looks []time.Duration
		var seen int
		ended := make(chan struct{})
		begun := time.Now()
		go func() {
			defer close(ended)
			w := attemptWatch{journal: journal}
			for w.wait(ctx) == nil {
				looks = append(looks, time.Since(begun))
				for news := w.next(); news != nil; news = w.next() {
					seen += len(news.GetAttempts())
				}
			}
		}()
		time.Sleep(time.Hour)
		for n := range 100 {
			journal.Record(&observe.Attempt{Sequence: uint64(n) + 1, Counter: observe.NoCounter})
			time.Sleep(time.Millisecond)
		}
		time.Sleep(watchPause)
		cancel()
		<-ended
		if seen != 100 {
			t.Errorf("%d attempts were told, want 100", seen)
		}
		if len(looks) == 0 || looks[0] != time.Hour {
			t.Fatalf("the watcher looked after %v, want first after an hour, when the first attempt came", looks)
		}
		if most := 100/int(watchPause/time.Millisecond) + 2; len(looks) > most {
			t.Errorf("the watcher looked %d times, want %d at most", len(looks), most)
		}
	})
}
