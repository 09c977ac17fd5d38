package verdict

import (
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// culprits are clients, in one scene each, of whom nobody could say that they do nothing wrong, and the check that they fail.
var culprits = map[string]struct {
	play  func(w *town)
	fails string
}{
	"goes on after a success over HTTP/2": {sceneGoesOnOverHTTP2, "stops-after-success"},
	"never repeats, in a pool":            {sceneNeverRepeatsInAPool, "transient-retried"},
	"never repeats, in volleys":           {sceneNeverRepeatsInVolleys, "transient-retried"},
	"never repeats, and ends":             {sceneNeverRepeatsAndEnds, "transient-retried"},
	"never repeats, and goes elsewhere":   {sceneNeverRepeatsAndGoesElsewhere, "transient-retried"},
	"hammers over HTTP/2":                 {sceneHammersOverHTTP2, "backs-off"},
	"hammers over unmarked HTTP/2":        {sceneHammersOverUnmarkedHTTP2, "backs-off"},
	"hammers after quick answers":         {sceneHammersAfterQuickAnswers, "backs-off"},
	"never repeats, one after the other":  {sceneNeverRepeatsInTurn, "transient-retried"},
	"multiplies the load, with keys":      {sceneMultipliesWithKeys, "amplification"},
	"multiplies the load, rising":         {sceneMultipliesRising, "amplification"},
	"multiplies the load, with ids":       {sceneMultipliesWithIDs, "amplification"},
}

// TestCulpritsFail holds that each fails its check, whatever the draws, so that sparing the strangers spares nobody else.
func TestCulpritsFail(t *testing.T) {
	t.Parallel()
	for name, culprit := range culprits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(6) {
				w := &town{draws: seed << 32}
				culprit.play(w)
				e := ether{attempts: w.attempts}
				failed := false
				for _, v := range Judge(Journal{Attempts: Of(e.number()), Ended: true}, Options{}).Clients {
					for _, f := range v.Findings {
						failed = failed || f.Check == culprit.fails && f.Result == Fail
						if f.Check == culprit.fails && f.Result != Fail {
							t.Logf("seed %d: %s: %s %s: %s; %s", seed, v.Client, f.Check, f.Result, f.Summary, f.Missing)
						}
					}
				}
				if !failed {
					t.Errorf("seed %d: nobody fails %s", seed, culprit.fails)
				}
			}
		})
	}
}

// stream is an attempt on a connection that carries several at a time.
func stream(a observe.Attempt) observe.Attempt {
	a.Conn, a.ConnUse, a.Multiplexed = 1, 7, true
	return a
}

// pauses makes calls over HTTP/2 by an SDK that names them and gives up after 2 s, in some of which it does not look at an answer for more than a
// second and asks again.
func (w *town) pauses(calls, some int) {
	w.warm("sdk")
	at := 20 * second
	for n := range calls {
		a := stream(get("sdk", fmt.Sprintf("/paused/%d", n), at))
		a.CallID, a.CallIDHeader = fmt.Sprintf("call%d", n), observe.CallHeader
		at = w.put(a, 503, "").Answered + w.full(300*ms, 1)
		a.Received, a.Answered = at, at+900*ms
		w.put(a, 200, "")
		if n < some {
			a.Received, a.Answered = at+2*second+w.late()/8, 0
			w.put(a, 200, "")
		}
		at += 9 * second
	}
}

// sceneAPauseOverHTTP2: twice the process stood still as the answer came, and its timer was first when it went on.
func sceneAPauseOverHTTP2(w *town) { w.pauses(20, 2) }

// sceneGoesOnOverHTTP2: the same in ten calls, which no pauses make.
func sceneGoesOnOverHTTP2(w *town) { w.pauses(20, 10) }

// widgets opens pages of which several parts ask for the same at once, over one connection, each a moment after the other; where Groove is well
// its answers take longer than that.
func (w *town) widgets(pages int, alike bool, status int) {
	for n := range pages {
		begin := time.Duration(len(w.attempts)) * second
		for part := range 4 {
			target := fmt.Sprintf("/widget/%d", n)
			if !alike {
				target = fmt.Sprintf("/widget/%d/%d", n, part)
			}
			a := stream(get("page", target, begin+time.Duration(part)*ms/2))
			a.Answered = a.Received + 300*time.Microsecond
			if status == 200 {
				a.Answered = a.Received + 40*ms
			}
			w.put(a, status, "")
		}
	}
}

// sceneLikeRequestsOverHTTP2: nobody repeats anything.
func sceneLikeRequestsOverHTTP2(w *town) {
	w.warm("page")
	w.widgets(2, true, 200)
	w.widgets(6, true, 503)
}

// sceneHammersOverHTTP2: all parts of a page ask for something else; what fails is asked for four times, at once.
func sceneHammersOverHTTP2(w *town) {
	w.warm("page")
	w.widgets(5, false, 200)
	for n := range 12 {
		at := time.Duration(len(w.attempts)) * second
		for range 4 {
			a := stream(get("page", fmt.Sprintf("/hammered/%d", n), at))
			a.Answered = at + 300*time.Microsecond
			at = w.put(a, 503, "").Answered + 200*time.Microsecond
		}
	}
}

// sceneNeverRepeatsInAPool: four workers that go on with something else whatever they get.
func sceneNeverRepeatsInAPool(w *town) {
	w.warm("pool")
	for worker := range 4 {
		at := 20 * second
		for n := range 20 {
			at = w.put(get("pool", fmt.Sprintf("/job/%d/%d", worker, n), at), 503, "").Answered + time.Duration(w.draw()*float64(200*ms))
		}
	}
}

// sceneNeverRepeatsAndEnds: a command that asks for twelve things at once, repeats none, and is over.
func sceneNeverRepeatsAndEnds(w *town) {
	w.warm("command")
	for n := range 12 {
		w.put(get("command", fmt.Sprintf("/thing/%d", n), 20*second+time.Duration(n)*ms/10), 503, "")
	}
}

// sceneNeverRepeatsAndGoesElsewhere: one that goes on with what is at another endpoint.
func sceneNeverRepeatsAndGoesElsewhere(w *town) {
	sceneNeverRepeatsAndEnds(w)
	for n := range 3 {
		a := get("command", fmt.Sprintf("/other/%d", n), time.Duration(21+10*n)*second)
		a.Endpoint = groove.Genres
		w.put(a, 200, "")
	}
}

// sceneNeverRepeatsInVolleys: a page that asks for twelve things at once and repeats none, while other pages ask on.
func sceneNeverRepeatsInVolleys(w *town) {
	w.warm("page")
	for view := range 3 {
		at := time.Duration(20+view) * second
		for n := range 12 {
			w.put(get("page", fmt.Sprintf("/part/%d/%d", view, n), at+time.Duration(n)*ms/10), 503, "")
		}
		for n := range 5 {
			w.put(get("page", fmt.Sprintf("/other/%d/%d", view, n), at+time.Duration(n+1)*180*ms), 200, "")
		}
	}
}

// multiplies makes 25 calls in an outage, of eight attempts each, with the waits between them that it is given.
func (w *town) multiplies(named bool, wait func(k int) time.Duration) {
	w.warm("svc")
	at := 20 * second
	for n := range 25 {
		for k := range 8 {
			a := get("svc", fmt.Sprintf("/down/%d", n), at)
			if named {
				a.CallID, a.CallIDHeader = fmt.Sprintf("call%d", n), observe.CallHeader
			}
			at = w.put(a, 503, "").Answered + wait(k)
		}
		at += time.Minute
	}
}

// sceneMultipliesRising: the waits rise to their cap, which two parts of a page that begin anew do not.
func sceneMultipliesRising(w *town) {
	w.multiplies(false, func(k int) time.Duration { return min(200*ms<<k, 8*second) + w.late()/100 })
}

// sceneMultipliesWithIDs: equal waits, which say nothing, in calls that have names.
func sceneMultipliesWithIDs(w *town) {
	w.multiplies(true, func(int) time.Duration { return 300 * ms })
}
