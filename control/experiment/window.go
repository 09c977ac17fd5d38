package experiment

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// glance is what a guardrail remembers of an attempt.
type glance struct {
	at time.Duration
	// failed reports that the upstream or the proxy failed it by itself, begins that it was the first of a call.
	failed, begins bool
	took           time.Duration
}

// window holds the newest attempts for the guardrails.
type window struct {
	guard  *Guard
	recent []glance
	// wrong counts the answers to each probe that were wrong since the last right one.
	wrong map[int]int
}

func newWindow(g *Guard) *window { return &window{guard: g, wrong: map[int]int{}} }

func (w *window) take(a *observe.Attempt, begins bool, now time.Duration) {
	took := max(a.Answered-a.Received-a.Delay, 0)
	failed := a.Origin == observe.OriginOurs || a.Origin == observe.OriginUpstream && a.Fault == "" && a.Status >= 500
	w.recent = append(w.recent, glance{at: now, failed: failed, begins: begins, took: took})
	w.forget(now)
}

func (w *window) forget(now time.Duration) {
	first := 0
	for first < len(w.recent) && w.recent[first].at < now-w.guard.Window {
		first++
	}
	w.recent = slices.Delete(w.recent, 0, first)
}

// probed counts an answer, and says why the run must stop, "" for nothing.
func (w *window) probed(p *Probed, name string) string {
	if len(p.Wrong) == 0 {
		w.wrong[p.Probe] = 0
		return ""
	}
	w.wrong[p.Probe]++
	if most := w.guard.ProbeFailures; most == 0 || w.wrong[p.Probe] < most {
		return ""
	}
	return fmt.Sprintf("stop_when.probe_failures: the probe %s failed %d times in a row, last: %s", name, w.wrong[p.Probe], p.Wrong[0])
}

// alarm says why the run must stop, "" for nothing.
func (w *window) alarm() string {
	g := w.guard
	n := len(w.recent)
	if n < g.Least {
		return ""
	}
	failed, calls := 0, 0
	times := make([]time.Duration, n)
	for i, one := range w.recent {
		times[i] = one.took
		if one.failed {
			failed++
		}
		if one.begins {
			calls++
		}
	}
	slices.Sort(times)
	share, median, factor := float64(failed)/float64(n), times[n/2], float64(n)/float64(max(calls, 1))
	switch {
	case g.ErrorShare > 0 && share > g.ErrorShare:
		return fmt.Sprintf("stop_when.error_share: %d of %d attempts in %v failed without a fault", failed, n, g.Window)
	case g.Latency > 0 && median > g.Latency:
		return fmt.Sprintf("stop_when.latency: half of %d attempts in %v took %v or more without what faults held back", n, g.Window, median.Round(time.Millisecond))
	case g.Amplification > 0 && factor > g.Amplification:
		return fmt.Sprintf("stop_when.amplification: %d attempts for %d calls in %v", n, calls, g.Window)
	}
	return ""
}
