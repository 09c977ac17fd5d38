package proxy_test

import (
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// TestSingleFlightFailsOneOfManyAlike lets 64 identical calls be under way at once, on both paths: one is failed, its
// repeats are until the fault goes, and the attempts say so.
func TestSingleFlightFailsOneOfManyAlike(t *testing.T) {
	t.Parallel()
	const calls = 64
	for name, start := range map[string]func(*testing.T, string, ...func(*proxy.Options)) *rig{"HTTP/1.1": newRig, "HTTP/2": newPlainHTTP2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var gate sync.WaitGroup
			gate.Add(calls)
			arrive := func() { gate.Done(); gate.Wait() }
			var once sync.Map
			upstream := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				if _, again := once.LoadOrStore(r.Header.Get("X-Number"), true); !again {
					arrive()
				}
				io.WriteString(w, "{}")
			})
			engine := faults.NewEngineWith(faults.EngineOptions{Seed: 1, SingleFlight: true})
			rig := start(t, upstream, func(o *proxy.Options) { o.Engine = engine })
			if err := engine.Apply([]faults.Fault{{Name: "down", Answer: &faults.Answer{Status: 503, At: faults.SideAfter}}}); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for i := range calls {
				wg.Go(func() {
					request, _ := http.NewRequest(http.MethodGet, rig.url+searchPath, http.NoBody)
					request.Header.Set("X-Number", string(rune('0'+i)))
					response, err := rig.client.Do(request)
					if err != nil {
						t.Error(err)
						return
					}
					response.Body.Close()
				})
			}
			wg.Wait()
			checkFlights(t, rig.wait(calls), 1)
			rig.do(http.MethodGet, searchPath, nil, "X-Number", "0")
			checkFlights(t, rig.wait(1), 1)
			if err := engine.Apply(nil); err != nil {
				t.Fatal(err)
			}
			rig.do(http.MethodGet, searchPath, nil, "X-Number", "0")
			checkFlights(t, rig.wait(1), 0)
		})
	}
}

// checkFlights counts the attempts that a fault struck, all of which must say that they were alone.
func checkFlights(t *testing.T, attempts []observe.Attempt, want int) {
	t.Helper()
	struck := 0
	for _, a := range attempts {
		if a.Fault != "" {
			struck++
		}
		if a.SingleFlight != (a.Fault != "") {
			t.Errorf("attempt %d by %q says single-flight %v", a.Sequence, a.Fault, a.SingleFlight)
		}
	}
	if struck != want {
		t.Errorf("a fault struck %d attempts of %d, want %d", struck, len(attempts), want)
	}
}
