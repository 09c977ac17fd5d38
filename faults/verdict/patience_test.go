package verdict

import (
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// TestAwaits holds what shows that a client waited for answers.
func TestAwaits(t *testing.T) {
	t.Parallel()
	steady := func(n int, took, after time.Duration) (paces []pace) {
		for i := range n {
			varied := took + time.Duration(i%5)*took/2
			paces = append(paces, pace{varied, varied + after})
		}
		return paces
	}
	tests := map[string]struct {
		paces []pace
		want  bool
	}{
		"nothing seen":            {nil, false},
		"answers all alike":       {[]pace{{ms, 3 * ms}, {ms, 3 * ms}, {ms, 3 * ms}, {ms, 3 * ms}}, false},
		"at once after unlike":    {steady(12, ms, ms/10), true},
		"too few":                 {steady(3, ms, ms/10), false},
		"much later than answers": {steady(12, ms, 20*ms), false},
		"at a pace of their own":  {[]pace{{ms / 5, ms}, {ms / 3, ms / 2}, {ms / 4, 2 * ms}, {ms / 3, ms / 2}, {ms / 5, ms}, {ms / 4, ms}}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := awaits(tt.paces); got != tt.want {
				t.Errorf("waited for the answers is %t, want %t", got, tt.want)
			}
		})
	}
}

// unmarked is an attempt over HTTP/2 in a journal from before that was noted.
func unmarked(a observe.Attempt) observe.Attempt {
	a = stream(a)
	a.Multiplexed = false
	return a
}

// withoutMarks are the attempts of a scene as earlier programs recorded them.
func (w *town) withoutMarks(scene func(w *town)) {
	scene(w)
	for i := range w.attempts {
		w.attempts[i].Multiplexed = false
	}
}

// sceneLikeRequestsOverUnmarkedHTTP2: the parts of other pages overlapped on the connection, so that it was no HTTP/1.1; those that ask for the same never did.
func sceneLikeRequestsOverUnmarkedHTTP2(w *town) {
	w.withoutMarks(func(w *town) {
		w.warm("page")
		w.widgets(3, false, 200)
		w.side("page", groove.Genres, 6, unmarked)
	})
}

// sceneHammersOverUnmarkedHTTP2: the same hammer, in an earlier journal.
func sceneHammersOverUnmarkedHTTP2(w *town) { w.withoutMarks(sceneHammersOverHTTP2) }

// side opens pages of which four parts ask for the same, half a millisecond or so one after the other, and are answered before the next is sent.
func (w *town) side(who, endpoint string, pages int, on func(observe.Attempt) observe.Attempt) {
	for n := range pages {
		begin := time.Duration(len(w.attempts)+60) * second
		for part := range 4 {
			a := on(get(who, fmt.Sprintf("/side/%d", n), begin+time.Duration(part)*ms/2+time.Duration(w.draw()*float64(ms)/10)))
			a.Endpoint = endpoint
			a.Answered = a.Received + 200*time.Microsecond + time.Duration(w.draw()*float64(ms)/10)
			w.put(a, 503, "")
		}
	}
}

// sceneLikeRequestsThatNeverOverlap: nobody repeats anything, and no answer takes as long as a part waits for its turn.
func sceneLikeRequestsThatNeverOverlap(w *town) {
	w.warm("page")
	w.side("page", groove.Genres, 6, func(a observe.Attempt) observe.Attempt { return a })
}

// sceneHammersAfterQuickAnswers: what fails is asked for four times, each at once when the answer is there, be it sooner or later.
func sceneHammersAfterQuickAnswers(w *town) {
	w.warm("loop")
	for n := range 6 {
		at := time.Duration(len(w.attempts)+60) * second
		for range 4 {
			a := get("loop", fmt.Sprintf("/hammered/%d", n), at)
			a.Endpoint, a.Answered = groove.Genres, at+200*time.Microsecond+time.Duration(w.draw()*float64(ms))
			at = w.put(a, 503, "").Answered + time.Duration(w.draw()*float64(ms)/5)
		}
	}
}

// burst sends twelve requests, each answered within a third of a millisecond, and comes back every half minute with one more.
func (w *town) burst(next func(answered, sent time.Duration) time.Duration) {
	w.warm("svc")
	at := 20 * second
	for outage := range 3 {
		for n := range 12 {
			a := get("svc", fmt.Sprintf("/thing/%d/%d", outage, n), at)
			a.Answered = a.Received + ms/10 + time.Duration(w.draw()*float64(ms)/4)
			at = next(w.put(a, 503, "").Answered, a.Received)
		}
		for probe := range 8 {
			at += 30 * second
			status := 503
			if probe == 7 {
				status = 200
			}
			w.put(get("svc", fmt.Sprintf("/probe/%d/%d", outage, probe), at), status, "")
		}
		at += 2 * second
	}
}

// sceneAFastBurstBehindABreaker: half a millisecond apart whatever came, so that none overlaps; then the breaker is open.
func sceneAFastBurstBehindABreaker(w *town) {
	w.burst(func(_, sent time.Duration) time.Duration { return sent + ms/2 })
}

// sceneNeverRepeatsInTurn: each when the one before is answered.
func sceneNeverRepeatsInTurn(w *town) {
	w.burst(func(answered, _ time.Duration) time.Duration { return answered + ms/50 })
}

// keyed makes 25 writes, each with a key of its own, and so many attempts with waits between them.
func (w *town) keyed(attempts int, wait func(k int) time.Duration) {
	w.warm("jobs")
	at := 20 * second
	for n := range 25 {
		for k := range attempts {
			a := post("jobs", fmt.Sprintf("b%d", n), at)
			a.IdempotencyKey, a.CallID, a.CallIDHeader = fmt.Sprintf("key%d", n), fmt.Sprintf("key%d", n), "Idempotency-Key"
			at = w.put(a, 503, "").Answered + wait(k)
		}
		at += 20 * time.Minute
	}
}

// sceneJobsUnderOneKey: a job that runs every two minutes takes the key of its order each time.
func sceneJobsUnderOneKey(w *town) {
	w.keyed(20, func(int) time.Duration { return 2*time.Minute + w.late() })
}

// sceneMultipliesWithKeys: eight attempts in a row under one key.
func sceneMultipliesWithKeys(w *town) {
	w.keyed(8, func(k int) time.Duration { return 200*ms<<k + w.late()/100 })
}
