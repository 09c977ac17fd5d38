package experiment

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// glance is what a guardrail remembers of an attempt.
type glance struct {
	at time.Duration
	// failed reports that the upstream or the proxy failed it by itself.
	failed bool
	// call numbers the call that it is of, 0 where that cannot be told.
	call int
	took time.Duration
}

// window holds the newest attempts for the guardrails.
type window struct {
	guard  *Guard
	recent []glance
	// fresh reports that some of them have come since alarm was asked.
	fresh bool
	// wrong counts the answers to each probe that were wrong since the last right one.
	wrong map[int]int
}

func newWindow(g *Guard) *window { return &window{guard: g, wrong: map[int]int{}} }

// idle reports that no guardrail asks for what the window holds.
func (w *window) idle() bool {
	return w.guard.ErrorShare == 0 && w.guard.Latency == 0 && w.guard.Amplification == 0
}

// take takes in an attempt of the call of that number, 0 for one that cannot be told.
func (w *window) take(a *observe.Attempt, call int, now time.Duration) {
	if w.idle() {
		return
	}
	took := max(a.Answered-a.Received-a.Delay, 0)
	failed := a.Origin == observe.OriginOurs || a.Origin == observe.OriginUpstream && a.Fault == "" && a.Status >= 500
	w.recent = append(w.recent, glance{at: now, failed: failed, call: call, took: took})
	w.fresh = true
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

// alarm says why the run must stop, "" for nothing. It looks at the whole window, and is asked once for all that has come at a time.
func (w *window) alarm(now time.Duration) string {
	if !w.fresh {
		return ""
	}
	w.fresh = false
	w.forget(now)
	return cmp.Or(w.failing(), w.slow(), w.storm())
}

func (w *window) failing() string {
	g, n, failed := w.guard, len(w.recent), 0
	for i := range w.recent {
		if w.recent[i].failed {
			failed++
		}
	}
	if g.ErrorShare == 0 || n < g.Least || float64(failed)/float64(n) <= g.ErrorShare {
		return ""
	}
	return fmt.Sprintf("stop_when.error_share: %d of %d attempts in %v failed without a fault", failed, n, g.Window)
}

func (w *window) slow() string {
	g, n := w.guard, len(w.recent)
	if g.Latency == 0 || n < g.Least {
		return ""
	}
	times := make([]time.Duration, n)
	for i := range w.recent {
		times[i] = w.recent[i].took
	}
	slices.Sort(times)
	median := times[n/2]
	if median <= g.Latency {
		return ""
	}
	return fmt.Sprintf("stop_when.latency: half of %d attempts in %v took %v or more without what faults held back", n, g.Window, median.Round(time.Millisecond))
}

// storm divides the attempts by the calls that they are of, whenever these began.
func (w *window) storm() string {
	g, n, calls := w.guard, 0, map[int]bool{}
	if g.Amplification == 0 {
		return ""
	}
	for i := range w.recent {
		if call := w.recent[i].call; call != 0 {
			n++
			calls[call] = true
		}
	}
	if n < g.Least || float64(n)/float64(len(calls)) <= g.Amplification {
		return ""
	}
	return fmt.Sprintf("stop_when.amplification: %d attempts for %d calls in %v", n, len(calls), g.Window)
}
