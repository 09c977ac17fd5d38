package verdict

import (
	"fmt"
	"iter"
	"runtime/metrics"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// traffic gives so many attempts of 20 clients, one after the other in time. One call in five fails, and is repeated up to three times with
// growing waits; one in ten comes back to a page that was there before.
func traffic(attempts int) iter.Seq[*observe.Attempt] { return trafficOf(attempts, &observe.Pool{}) }

// trafficOf is traffic in the memory of a pool.
func trafficOf(attempts int, pool *observe.Pool) iter.Seq[*observe.Attempt] {
	return func(yield func(*observe.Attempt) bool) {
		type pending struct {
			at     time.Duration
			target string
			tries  int
		}
		var waiting [20][]pending
		sent := 0
		give := func(client int, at time.Duration, target string, failed bool) bool {
			sent++
			a := pool.Get()
			*a = observe.Attempt{
				Sequence: uint64(sent), Time: epoch.Add(at), Received: at, Answered: at + 2*ms, Conn: uint64(client + 1), ConnUse: uint64(sent),
				Client: clientNames[client], UserAgent: "Go-http-client/1.1", Endpoint: groove.Search, Method: "GET", Host: "music.xboxlive.com", Target: target,
				BodyComplete: true, Counter: observe.NoCounter, Status: 200, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete, Forwarded: true,
			}
			if failed {
				a.Status, a.Class, a.Origin, a.Fault, a.Forwarded = 503, groove.ClassFailure, observe.OriginInjected, "overload", false
			}
			return yield(a) && sent < attempts
		}
		for step := 0; ; step++ {
			client, at := step%20, time.Duration(step)*ms
			if w := waiting[client]; len(w) > 0 && w[0].at <= at {
				again := w[0]
				waiting[client] = w[1:]
				failed := scatter(uint64(step))%2 == 0
				if !give(client, at, again.target, failed) {
					return
				}
				if failed && again.tries < 3 {
					waiting[client] = append(waiting[client], pending{at + time.Second<<again.tries, again.target, again.tries + 1})
				}
				continue
			}
			target := "/1/content/music/search?q=" + strconv.Itoa(step)
			if step%10 == 0 {
				target = "/1/content/music/search?q=" + strconv.Itoa(step/20%50)
			}
			failed := scatter(uint64(step))%5 == 0
			if !give(client, at, target, failed) {
				return
			}
			if failed {
				waiting[client] = append(waiting[client], pending{at + 500*ms, target, 1})
			}
		}
	}
}

var clientNames = func() (names [20]string) {
	for i := range names {
		names[i] = fmt.Sprintf("credential:%08x", scatter(uint64(i)))
	}
	return names
}()

// BenchmarkMillion judges a journal of several lengths, and reports the most that was alive at a collection meanwhile.
//
//	go test ./faults/verdict -run xxx -bench Million -benchtime 1x
func BenchmarkMillion(b *testing.B) {
	for _, attempts := range []int{100_000, 300_000, 1_000_000} {
		b.Run(strconv.Itoa(attempts), func(b *testing.B) {
			b.ReportAllocs()
			stop, peak := watchHeap()
			for b.Loop() {
				pool := &observe.Pool{}
				j := Journal{Attempts: trafficOf(attempts, pool), Release: pool.Put, Ended: true}
				if r := Judge(j, Options{}); len(r.Clients) != 20 {
					b.Fatalf("judged %d clients, want 20", len(r.Clients))
				}
			}
			stop()
			b.ReportMetric(float64(peak.Load())/(1<<20), "MB-live")
			b.ReportMetric(float64(attempts)*float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
		})
	}
}

// watchHeap samples what was alive at the last collection until it is stopped.
func watchHeap() (stop func(), peak *atomic.Uint64) {
	peak = &atomic.Uint64{}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		for {
			metrics.Read(live)
			peak.Store(max(peak.Load(), live[0].Value.Uint64()))
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() { close(done); <-ended }, peak
}
