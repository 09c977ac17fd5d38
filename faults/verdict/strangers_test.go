package verdict

import (
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// put records one exchange, on a connection of its own and answered soon unless it says otherwise.
func (w *town) put(a observe.Attempt, status int, ra string) *observe.Attempt {
	if took := ms + time.Duration(w.draw()*float64(20*ms)); a.Answered == 0 {
		a.Answered = a.Received + took
	}
	a.Time = epoch.Add(a.Received)
	if a.Conn == 0 {
		a.Conn, a.ConnUse = uint64(len(w.attempts)+1), 1
	}
	if a.UserAgent == "" {
		a.UserAgent = "Go-http-client/1.1"
	}
	a.BodyComplete = true
	if a.End == "" {
		a.End = observe.EndComplete
	}
	a.Status, a.RetryAfter, a.Class, a.Origin = status, ra, groove.ClassSuccess, observe.OriginUpstream
	if status == 0 || status >= 400 {
		a.Class, a.Origin = groove.ClassFailure, observe.OriginInjected
	}
	w.attempts = append(w.attempts, a)
	return &w.attempts[len(w.attempts)-1]
}

func get(who, target string, at time.Duration) observe.Attempt {
	return observe.Attempt{Received: at, Client: who, Credential: who, Address: "10.0.0.1", Endpoint: groove.Search, Method: "GET", Target: target, Counter: observe.NoCounter}
}

func post(who, body string, at time.Duration) observe.Attempt {
	a := get(who, "/collection/add", at)
	a.Endpoint, a.Method, a.BodyLength, a.BodyDigest = groove.CollectionAdd, "POST", 8, body
	return a
}

func (w *town) warm(who string) {
	for i := range 15 {
		w.put(get(who, fmt.Sprintf("/warm/%s/%d", who, i), time.Duration(i)*700*ms), 200, "")
	}
}

// full is a full jitter wait.
func (w *town) full(base time.Duration, k int) time.Duration {
	return 25*ms + time.Duration(w.draw()*float64(base<<(k-1))) + w.late()/4
}

// strangers are sound clients, and people, in one scene each.
var strangers = map[string]func(w *town){
	"counters cross":                    sceneCountersCross,
	"instances":                         sceneInstances,
	"instances in step":                 sceneInstancesInStep,
	"a person writes again":             sceneAPersonWritesAgain,
	"a person reloads 404 and 401":      sceneAPersonReloads404And401,
	"a fast clock":                      sceneAFastClock,
	"a hidden timeout":                  sceneAHiddenTimeout,
	"hedges with ids":                   sceneHedgesWithIDs,
	"a job queue":                       sceneAJobQueue,
	"a job queue without keys":          sceneAJobQueueWithoutKeys,
	"adds twice":                        sceneAddsTwice,
	"adds twice, only failing":          sceneAddsTwiceOnlyFailing,
	"batches":                           sceneBatches,
	"refreshers behind NAT":             sceneRefreshersBehindNat,
	"workers share a token":             sceneWorkersShareAToken,
	"a breaker":                         sceneABreaker,
	"a poller with traces":              sceneAPollerWithTraces,
	"people press where reads back off": scenePeoplePressWhereReadsBackOff,
	"pages with traces":                 scenePagesWithTraces,
	"two parts in an outage":            sceneTwoPartsInAnOutage,
	"two parts far apart in an outage":  sceneTwoPartsFarApartInAnOutage,
	"two parts in an outage, no traces": sceneTwoPartsInAnOutageWithoutTraces,
	"two parts apart, no traces":        sceneTwoPartsApartWithoutTraces,
	"a hasty and a slow part":           sceneAHastyAndASlowPart,
	"a breaker that opens at once":      sceneABreakerThatOpensAtOnce,
	"a pause over HTTP/2":               sceneAPauseOverHTTP2,
	"like requests over HTTP/2":         sceneLikeRequestsOverHTTP2,
	"like requests, unmarked HTTP/2":    sceneLikeRequestsOverUnmarkedHTTP2,
	"like requests that never overlap":  sceneLikeRequestsThatNeverOverlap,
	"a fast burst behind a breaker":     sceneAFastBurstBehindABreaker,
	"jobs under one key":                sceneJobsUnderOneKey,
}

// TestStrangersNeverFail holds that none of them fails anything, whatever the draws.
func TestStrangersNeverFail(t *testing.T) {
	t.Parallel()
	for name, play := range strangers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(6) {
				w := &town{draws: seed << 32}
				play(w)
				e := ether{attempts: w.attempts}
				for _, v := range Judge(Journal{Attempts: Of(e.number()), Ended: true}, Options{}).Clients {
					for _, f := range v.Findings {
						if f.Result == Fail {
							t.Errorf("seed %d: %s fails %s (%d): %s, grouping %s", seed, v.Client, f.Check, f.Status, f.Summary, f.Grouping)
						}
					}
				}
			}
		})
	}
}

// sceneCountersCross: instances with one credential that count their repeats; a mix of Retry-After and none.
func sceneCountersCross(w *town) {
	w.warm("shop")
	for n := range 30 {
		target := fmt.Sprintf("/popular/%d", n)
		for range 3 {
			at := 20*second + time.Duration(n)*20*second + time.Duration(w.draw()*float64(second))
			for k := range 4 {
				a := get("shop", target, at)
				a.Counter, a.CallIDHeader = k, "X-Stainless-Retry-Count"
				if k == 0 {
					a.Counter = 0
				}
				ra := ""
				status := 503
				if w.below(2) == 0 {
					ra, status = [...]string{"1", "2", "3"}[w.below(3)], 429
				}
				if k == 3 {
					status, ra = 200, ""
				}
				got := w.put(a, status, ra)
				wait := w.full(400*ms, k+1)
				if asked, ok := got.Wait(); ok {
					wait = asked.Wait + w.late()
				}
				at = got.Answered + wait
			}
		}
	}
}

// sceneInstances: several instances, same credential, same requests, no ids; all sound, and only this pair.
func sceneInstances(w *town) {
	w.warm("shop")
	for n := range 40 {
		target := fmt.Sprintf("/popular/%d", n)
		for range 2 + w.below(2) {
			at := 20*second + time.Duration(n)*15*second + time.Duration(w.draw()*float64(2*second))
			for k := 1; k <= 4; k++ {
				ra, status := "", 503
				if w.below(2) == 0 {
					ra, status = [...]string{"1", "2", "4"}[w.below(3)], 429
				}
				got := w.put(get("shop", target, at), status, ra)
				wait := w.full(400*ms, k)
				if asked, ok := got.Wait(); ok {
					wait = asked.Wait + w.late()
				}
				at = got.Answered + wait
			}
		}
	}
}

// sceneInstancesInStep: same, constant schedule, no jitter.
func sceneInstancesInStep(w *town) {
	w.warm("shop")
	for n := range 40 {
		target := fmt.Sprintf("/popular/%d", n)
		for i := range 2 {
			at := 20*second + time.Duration(n)*15*second + time.Duration(i)*300*ms
			for k := 1; k <= 4; k++ {
				ra, status := "", 503
				if (i+k+n)%2 == 0 {
					ra, status = [...]string{"1", "2", "4"}[n%3], 429
				}
				got := w.put(get("shop", target, at), status, ra)
				wait := 500*ms<<(k-1) + ms
				if asked, ok := got.Wait(); ok {
					wait = asked.Wait + ms
				}
				at = got.Answered + wait
			}
		}
	}
}

// sceneAPersonWritesAgain: a person who presses "try again" after failed writes.
func sceneAPersonWritesAgain(w *town) {
	w.warm("ann")
	at := 20 * second
	for n := range 12 {
		for k := range 3 {
			status := 500
			if k == 2 {
				status = 200
			}
			got := w.put(post("ann", fmt.Sprintf("b%d", n), at), status, "")
			at = got.Answered + 1500*ms + time.Duration(w.draw()*float64(8*second))
		}
		at += 10 * second
	}
}

// sceneAPersonReloads404And401: a person reloads 404 and 401.
func sceneAPersonReloads404And401(w *town) {
	w.warm("ann")
	at := 20 * second
	for n := range 30 {
		for range 3 {
			got := w.put(get("ann", fmt.Sprintf("/lost/%d", n), at), 404-3*(n%2), "")
			at = got.Answered + 700*ms + time.Duration(w.draw()*float64(6*second))
		}
		at += 10 * second
	}
}

// sceneAFastClock: own clock is fast: dates are met early, seconds to the point.
func sceneAFastClock(w *town) {
	w.warm("box")
	at := 20 * second
	for n := range 30 {
		for k := range 2 {
			ask := time.Duration(6+n%4) * second
			a := get("box", fmt.Sprintf("/dated/%d", n), at)
			ra := epoch.Add(at + ask).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
			status := 429
			if k == 1 {
				status, ra = 200, ""
			}
			got := w.put(a, status, ra)
			at = got.Answered + ask - 3*second + w.late()/8
		}
		at += 5 * second
	}
}

// sceneAHiddenTimeout: times out after 2 s and tries again by a forward proxy that hides that it left.
func sceneAHiddenTimeout(w *town) {
	w.warm("sdk")
	at := 20 * second
	for n := range 20 {
		a := post("sdk", fmt.Sprintf("b%d", n), at)
		a.CallID, a.CallIDHeader = fmt.Sprintf("call%d", n), "Idempotency-Key"
		a.IdempotencyKey = a.CallID
		a.Answered = at + 5*second
		w.put(a, 200, "")
		a.Received, a.Answered = at+2*second+w.full(300*ms, 1), 0
		w.put(a, 200, "")
		at += 9 * second
	}
}

// sceneHedgesWithIDs: hedges with ids.
func sceneHedgesWithIDs(w *town) {
	w.warm("sdk")
	at := 20 * second
	for n := range 30 {
		a := get("sdk", fmt.Sprintf("/hedged/%d", n), at)
		a.CallID, a.CallIDHeader = fmt.Sprintf("call%d", n), observe.CallHeader
		a.Answered = at + 80*ms + time.Duration(w.draw()*float64(100*ms))
		one := *w.put(a, [...]int{200, 503, 429}[w.below(3)], "")
		a.Received, a.Answered = at+100*ms, 0
		if one.Answered > at+100*ms || one.Failed() {
			two := *w.put(a, [...]int{200, 503, 429}[w.below(3)], [...]string{"", "1", "2"}[w.below(3)])
			if one.Failed() && two.Failed() {
				wait := w.full(500*ms, 1)
				if asked, ok := two.Wait(); ok {
					wait = asked.Wait
				}
				a.Received, a.Answered = max(one.Answered, two.Answered)+wait+w.late(), 0
				w.put(a, 200, "")
			}
		}
		at += 9 * second
	}
}

// sceneAJobQueue: a queue runs a job again minutes later, with the same key, three attempts each time.
func sceneAJobQueue(w *town) {
	w.warm("queue")
	for n := range 10 {
		at := 20*second + time.Duration(n)*second
		for run := range 6 {
			for k := range 3 {
				a := post("queue", fmt.Sprintf("b%d", n), at)
				a.CallID, a.CallIDHeader = fmt.Sprintf("job%d", n), "Idempotency-Key"
				a.IdempotencyKey = a.CallID
				got := w.put(a, 503, "")
				at = got.Answered + w.full(500*ms, k+1)
			}
			at += time.Duration(5+run) * time.Minute
		}
	}
}

// sceneAJobQueueWithoutKeys: a job queue without keys.
func sceneAJobQueueWithoutKeys(w *town) {
	w.warm("queue")
	for n := range 10 {
		at := 20*second + time.Duration(n)*second
		for run := range 6 {
			for k := range 3 {
				got := w.put(get("queue", fmt.Sprintf("/job/%d", n), at), 503, "")
				at = got.Answered + w.full(500*ms, k+1)
			}
			at += time.Duration(1+run) * 20 * second
		}
	}
}

// sceneAddsTwice: adds the same track twice on purpose whatever happens.
func sceneAddsTwice(w *town) {
	w.warm("dj")
	at := 20 * second
	for n := range 20 {
		for range 2 {
			status := 200
			if n > 10 {
				status = 500
			}
			got := w.put(post("dj", fmt.Sprintf("b%d", n), at), status, "")
			at = got.Answered + 100*ms + time.Duration(w.draw()*float64(200*ms))
		}
		at += 5 * second
	}
}

// sceneAddsTwiceOnlyFailing: the same, failing from its first write on.
func sceneAddsTwiceOnlyFailing(w *town) {
	w.warm("dj")
	at := 20 * second
	for n := range 20 {
		for range 2 {
			got := w.put(post("dj", fmt.Sprintf("b%d", n), at), 500, "")
			at = got.Answered + 100*ms + time.Duration(w.draw()*float64(200*ms))
		}
		at += 5 * second
	}
	for n := range 10 {
		for range 2 {
			got := w.put(post("dj", fmt.Sprintf("late%d", n), at), 200, "")
			at = got.Answered + 100*ms
		}
		at += 5 * second
	}
}

// sceneBatches: batches of identical reads, one after the other.
func sceneBatches(w *town) {
	w.warm("batch")
	at := 20 * second
	for n := range 20 {
		for range 5 {
			status := 200
			if n > 5 {
				status = [...]int{503, 404, 401, 429}[n%4]
			}
			got := w.put(get("batch", fmt.Sprintf("/batch/%d", n), at), status, "")
			at = got.Answered + ms
		}
		at += 5 * second
	}
}

// sceneRefreshersBehindNat: users behind a NAT, each with tokens that expire; the token requests of some go past the proxy.
func sceneRefreshersBehindNat(w *town) {
	for u := range 8 {
		cred := func(n int) string { return fmt.Sprintf("credential:%d-%d", u, n) }
		gen := 0
		at := time.Duration(w.below(5000)) * ms
		for n := range 60 {
			a := get(cred(gen), fmt.Sprintf("/page/%d", n%20), at)
			if n%12 == 11 {
				a.ErrorCode = groove.CodeAccessTokenExpired
				got := w.put(a, 401, "")
				gen++
				at = got.Answered + 50*ms
				if u%2 == 0 {
					tok := observe.Attempt{Received: at, Client: "app@10.0.0.1", Address: "10.0.0.1", Endpoint: groove.Token, Method: "POST", Target: "/accesstoken.srf", BodyDigest: fmt.Sprint(u, n), BodyLength: 9, Counter: observe.NoCounter}
					at = w.put(tok, 200, "").Answered
				}
				at += 5*ms + time.Duration(w.draw()*float64(100*ms))
				a = get(cred(gen), a.Target, at)
			}
			at = w.put(a, 200, "").Answered + time.Duration(w.draw()*float64(2*second))
		}
	}
}

// sceneWorkersShareAToken: workers share one token; the refresher is one of them, others repeat with the old one until they see it once.
func sceneWorkersShareAToken(w *town) {
	w.warm("farm")
	for epochN := range 8 {
		begin := 20*second + time.Duration(epochN)*60*second
		old, fresh := fmt.Sprintf("t%d", epochN), fmt.Sprintf("t%d", epochN+1)
		for i := range 6 {
			at := begin + time.Duration(w.draw()*float64(400*ms))
			a := get("farm", fmt.Sprintf("/shared/%d", i%2), at)
			a.Credential, a.ErrorCode = old, groove.CodeAccessTokenExpired
			got := *w.put(a, 401, "")
			if i == 0 {
				tok := observe.Attempt{Received: got.Answered + 5*ms, Client: "app@10.0.0.1", Address: "10.0.0.1", Endpoint: groove.Token, Method: "POST", Target: "/accesstoken.srf", BodyDigest: fmt.Sprint(epochN), BodyLength: 9, Counter: observe.NoCounter}
				w.put(tok, 200, "")
			}
			a.Received, a.Answered, a.Credential, a.ErrorCode = begin+600*ms+time.Duration(w.draw()*float64(100*ms)), 0, fresh, ""
			w.put(a, 200, "")
		}
	}
}

// sceneABreaker: two pools: one retries reads quickly after 250 ms, one slowly; a breaker stops both for a while.
func sceneABreaker(w *town) {
	w.warm("svc")
	at := 20 * second
	for n := range 60 {
		tries := 3
		if n%10 > 4 {
			at += 5 * second
			tries = 1
		}
		for k := 1; k <= tries; k++ {
			got := w.put(get("svc", fmt.Sprintf("/thing/%d", n%7), at), 503, "")
			at = got.Answered + w.full(250*ms<<(n%2*2), k)
		}
	}
}

// sceneABreakerThatOpensAtOnce: twelve calls at once fail before the first is repeated, which opens the breaker; every half minute it lets one through, and the
// others are not sent.
func sceneABreakerThatOpensAtOnce(w *town) {
	w.warm("svc")
	at := 20 * second
	for outage := range 3 {
		for n := range 12 {
			a := get("svc", fmt.Sprintf("/thing/%d/%d", outage, n), at+time.Duration(n)*ms/10)
			a.Answered = a.Received + 5*ms
			w.put(a, 503, "")
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

// scenePeoplePressWhereReadsBackOff: the program backs off from failed reads and never repeats a write; people press again.
func scenePeoplePressWhereReadsBackOff(w *town) {
	w.warm("app")
	at := 20 * second
	for n := range 6 {
		at = w.put(get("app", fmt.Sprintf("/busy/%d", n), at), 503, "").Answered
		for k := range 4 {
			at = w.put(get("app", fmt.Sprintf("/busy/%d", n), at+200*ms<<k+w.late()/100), 503, "").Answered
		}
		at += 20 * second
	}
	for n := range 4 {
		wait := 5*second + time.Duration(n)*4*second + time.Duration(w.draw()*float64(second))
		at = w.put(post("app", fmt.Sprintf("b%d", n), at), 500, "").Answered + wait
		at = w.put(post("app", fmt.Sprintf("b%d", n), at), 200, "").Answered + 90*second
	}
}

// scenePagesWithTraces: each view of a page is one trace: three parts of it ask for the same, one after the other, and give up after four attempts; who
// looks at it presses again a minute and a half after a write failed.
func scenePagesWithTraces(w *town) {
	w.warm("page")
	at := 20 * second
	for n := range 5 {
		trace := fmt.Sprintf("%032x", n+1)
		a := post("page", fmt.Sprintf("b%d", n), at)
		a.Trace = trace
		over := w.put(a, 500, "").Answered
		for range 3 {
			for k := range 4 {
				a := get("page", fmt.Sprintf("/widget/%d", n), over+time.Duration(min(k, 1))*300*ms)
				a.Trace = trace
				over = w.put(a, 503, "").Answered
			}
			over += 310 * ms
		}
		a.Received, a.Answered = at+88*second+time.Duration(w.draw()*float64(6*second)), 0
		at = w.put(a, 200, "").Answered + 20*time.Minute
	}
}

// parts opens 25 views of a page in an outage. Two parts of it ask for the same, one a pause after the other has given up, with three equal waits between four
// attempts each. No view was ever seen to be well.
func (w *town) parts(wait, pause time.Duration, traced bool) {
	w.unlikeParts([2]time.Duration{wait, wait}, pause, traced)
}

// unlikeParts lets the parts wait unequally long.
func (w *town) unlikeParts(waits [2]time.Duration, pause time.Duration, traced bool) {
	w.warm("page")
	at := 20 * second
	for n := range 25 {
		for _, wait := range waits {
			for range 4 {
				a := get("page", fmt.Sprintf("/widget/%d", n), at)
				if traced {
					a.Trace = fmt.Sprintf("%032x", n+1)
				}
				at = w.put(a, 503, "").Answered + wait
			}
			at += pause - wait
		}
		at += time.Minute
	}
}

// sceneTwoPartsInAnOutage: the second part begins after just such a pause as each part makes.
func sceneTwoPartsInAnOutage(w *town) { w.parts(300*ms, 310*ms, true) }

// sceneTwoPartsFarApartInAnOutage: the second part has something else to do first.
func sceneTwoPartsFarApartInAnOutage(w *town) { w.parts(300*ms, 1200*ms, true) }

// sceneTwoPartsInAnOutageWithoutTraces: nothing ties the attempts together but what they ask for.
func sceneTwoPartsInAnOutageWithoutTraces(w *town) { w.parts(300*ms, 310*ms, false) }

// sceneTwoPartsApartWithoutTraces: as layers of retries would come.
func sceneTwoPartsApartWithoutTraces(w *town) { w.parts(300*ms, 1200*ms, false) }

// sceneAHastyAndASlowPart: two libraries on one page, of which the second waits longer.
func sceneAHastyAndASlowPart(w *town) {
	w.unlikeParts([2]time.Duration{100 * ms, 450 * ms}, 300*ms, true)
}

// sceneAPollerWithTraces: each tick of a poller is one trace and asks for three resources; a connection that is reset is tried again at once by the HTTP stack, with
// the same trace, and a resource that fails waits for the next tick.
func sceneAPollerWithTraces(w *town) {
	for tick := range 120 {
		at := time.Duration(tick) * 5 * second
		for resource := range 3 {
			a := get("poller", fmt.Sprintf("/state/%d", resource), at)
			a.Trace = fmt.Sprintf("%032x", tick+1)
			switch {
			case tick == 20+resource:
				a.End = observe.EndBroken
				broken := w.put(a, 0, "")
				broken.ConnUse = 7
				a.End, a.Received, a.Answered = observe.EndComplete, broken.Answered+ms, 0
				at = w.put(a, 200, "").Answered
			case tick%20 == 10:
				at = w.put(a, 503, "").Answered
			default:
				at = w.put(a, 200, "").Answered
			}
		}
	}
}
