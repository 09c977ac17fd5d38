package verdict

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// town is callers who do nothing wrong, all of them at Groove at the same time while it misbehaves. Every figure follows from
// its number alone.
type town struct {
	attempts []observe.Attempt
	calls    int
	draws    uint64
}

func (w *town) draw() float64 {
	w.draws++
	return float64(scatter(w.draws)>>11) / (1 << 53)
}

func (w *town) below(n int) int { return int(w.draw() * float64(n)) }

// late is how much later than meant a request comes: mostly a few milliseconds, one time in twenty up to 3 s.
func (w *town) late() time.Duration {
	if w.below(20) == 0 {
		return time.Duration(w.draw() * float64(3*time.Second))
	}
	return 500*time.Microsecond + time.Duration(-math.Log(1-w.draw())*float64(2*time.Millisecond))
}

// storm is what Groove answers at a moment: it is well for the first minute, then fails in several ways, and in the end recovers.
func (w *town) storm(target string, at time.Duration) (status int, ra string) {
	minute := int(at / time.Minute)
	sick := [...]int{0, 503, 429, 500, 502, 429, 404, 503, 0, 0}
	status = sick[min(minute, len(sick)-1)]
	if status == 0 || w.draw() > 0.6 || target == "/well" {
		return 200, ""
	}
	if status == 429 && minute == 2 || minute == 7 {
		ra = [...]string{"1", "2", "3"}[w.below(3)]
	}
	return status, ra
}

// ask makes one request and returns its attempt.
func (w *town) ask(who, method, target string, at time.Duration) *observe.Attempt {
	a := observe.Attempt{
		Received: at, Answered: at + time.Millisecond + time.Duration(w.draw()*float64(30*time.Millisecond)), Time: epoch.Add(at),
		Conn: uint64(len(w.attempts) + 1), ConnUse: 1, Client: who, UserAgent: "Go-http-client/1.1", Endpoint: groove.Search, Method: method,
		Target: target, BodyComplete: true, Counter: observe.NoCounter, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete,
	}
	if method == "POST" {
		a.Endpoint, a.BodyLength, a.BodyDigest = groove.CollectionAdd, 8, fmt.Sprintf("body %d", w.calls)
	}
	a.Status, a.RetryAfter = w.storm(target, at)
	if a.Status >= 400 {
		a.Class, a.Origin = groove.ClassFailure, observe.OriginInjected
	}
	w.attempts = append(w.attempts, a)
	return &w.attempts[len(w.attempts)-1]
}

// call is one operation of a client that retries as it should, with full jitter on 0.5 s doubled, at most four attempts.
func (w *town) call(who, method, target string, at time.Duration) time.Duration {
	w.calls++
	for k := 1; ; k++ {
		a := w.ask(who, method, target, at)
		if method == "POST" || k == 4 || a.Status < 429 {
			return a.Answered
		}
		wait := 50*time.Millisecond + time.Duration(w.draw()*float64(500*time.Millisecond<<(k-1)))
		if asked, ok := a.Wait(); ok {
			wait = max(wait, asked.Wait)
		}
		at = a.Answered + wait + w.late()
	}
}

// worker makes calls one after the other, to a few pages that come again and to many that do not.
func (w *town) worker(who string, calls int) {
	for at := time.Duration(w.below(1000)) * time.Millisecond; calls > 0; calls-- {
		target := fmt.Sprintf("/page/%d", w.below(8))
		if w.below(2) == 0 {
			target = fmt.Sprintf("/item/%d", w.calls)
		}
		method := "GET"
		if w.below(10) == 0 {
			method = "POST"
		}
		at = w.call(who, method, target, at) + time.Duration(w.draw()*float64(8*time.Second)) + w.late()
	}
}

// poller asks for the same thing again and again, whatever it gets.
func (w *town) poller(who string, polls int) {
	every := time.Duration(100+w.below(10_000)) * time.Millisecond
	for at := time.Duration(0); polls > 0; polls-- {
		w.calls++
		at = w.ask(who, "GET", "/poll/"+who, at).Answered + every + w.late()
	}
}

// reader opens pages and loads them again once or twice by hand if they fail.
func (w *town) reader(who string, pages int) {
	at := time.Duration(w.below(20_000)) * time.Millisecond
	for ; pages > 0; pages-- {
		target := fmt.Sprintf("/read/%d", w.calls)
		for range 3 {
			w.calls++
			a := w.ask(who, "GET", target, at)
			at = a.Answered + time.Second + time.Duration(w.draw()*float64(6*time.Second))
			if a.Status < 400 {
				break
			}
		}
		at += time.Duration(w.draw() * float64(10*time.Second))
	}
}

// rush sends many requests at a time, some of them alike, just as the first 429 is on its way.
func (w *town) rush(who string, at time.Duration, size int) {
	for i := range 12 {
		w.call(who, "GET", fmt.Sprintf("/before/%d", i), time.Duration(i)*time.Second)
	}
	for i := range size {
		target := "/same"
		if i%2 == 0 {
			target = fmt.Sprintf("/rush/%d", i)
		}
		w.call(who, "GET", target, at+time.Duration(w.draw()*float64(15*time.Millisecond)))
	}
}

// people makes at least so many calls of everybody.
func people(calls int, seed uint64) *town {
	w := &town{draws: seed << 32}
	for n := 0; w.calls < calls; n++ {
		name := func(kind string) string { return fmt.Sprintf("%s %d", kind, n) }
		w.worker(name("worker"), 120)
		w.poller(name("poller"), 60)
		w.reader(name("reader"), 40)
		w.rush(name("rush"), 2*time.Minute-5*time.Millisecond, 40)
		// Three workers, a poller and a reader behind one credential.
		for range 3 {
			w.worker(name("office"), 30)
		}
		w.poller(name("office"), 30)
		w.reader(name("office"), 20)
	}
	return w
}

// TestTenThousandInnocentCalls holds that nobody who does nothing wrong fails anything.
func TestTenThousandInnocentCalls(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		w := people(5_000, seed)
		e := ether{attempts: w.attempts}
		report := Judge(Journal{Attempts: Of(e.number()), Ended: true}, Options{})
		results := map[Result]int{}
		for _, v := range report.Clients {
			for _, f := range v.Findings {
				results[f.Result]++
				if f.Result == Fail {
					t.Errorf("seed %d: %s fails %s (%d): %s, calls %v, grouping %s", seed, v.Client, f.Check, f.Status, f.Summary, f.Calls, f.Grouping)
				}
			}
		}
		t.Logf("seed %d: %d calls of %d clients in %d attempts: %v", seed, w.calls, len(report.Clients), len(w.attempts), results)
	}
}
