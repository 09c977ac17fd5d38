package daemon

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestTheWholeEndHasOneDeadline holds that a part which never ends is named and left behind in time, and that what comes
// after it still ends.
func TestTheWholeEndHasOneDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p played
		freed := make(chan struct{})
		stuck := part{name: "stuck", run: func(context.Context) error {
			<-freed
			return nil
		}}
		d := newPlayed(p.part("one", nil), stuck, p.part("three", nil))
		d.config.Proxy.Drain = 7 * time.Second
		var log lockedLog
		d.logger = slog.New(slog.NewTextHandler(&log, nil))
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- d.Run(ctx) }()
		synctest.Wait()
		begun := time.Now()
		cancel()
		err := <-ran
		if !errors.Is(err, errLate) || !strings.Contains(err.Error(), "serve stuck: ") {
			t.Errorf("run: %v, want it to name the part that hung", err)
		}
		if took, want := time.Since(begun), 7*time.Second+graceTime; took < want || took > want+time.Second {
			t.Errorf("the end took %v, want %v, the drain and the grace", took, want)
		}
		if want := []string{"three ends", "one ends"}; !slices.Equal(p.lines, want) {
			t.Errorf("parts ended as %q, want %q", p.lines, want)
		}
		if !strings.Contains(log.String(), "cut_exchanges=0") || !strings.Contains(log.String(), "took=17") {
			t.Errorf("the log is %s, want the counts at its end", log.String())
		}
		close(freed)
		synctest.Wait()
	})
}

func TestWhatEndsBeforeTheStoreLeavesItTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var e ending
		if got := e.left(5 * time.Second); got != 5*time.Second {
			t.Errorf("without a deadline %v are left, want all", got)
		}
		e.begin(10 * time.Second)
		for _, step := range []struct{ pause, left, whole time.Duration }{
			{0, 5 * time.Second, 10 * time.Second},
			{5 * time.Second, 3 * time.Second, 5 * time.Second},
			{4 * time.Second, 0, time.Second},
			{time.Minute, 0, 0},
		} {
			time.Sleep(step.pause)
			if left, whole := e.left(5*time.Second), e.whole(); left != step.left || whole != step.whole {
				t.Errorf("%v and %v are left, want %v and %v", left, whole, step.left, step.whole)
			}
		}
	})
}
