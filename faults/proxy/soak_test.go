//go:build soak

package proxy_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// largeBody is the length of the bodies that must take no memory.
const largeBody = 1 << 30

var soakTime = flag.Duration("soak", 10*time.Minute, "how long the soak lasts")

// soakFaults strike about half of the exchanges, each in its way.
func soakFaults() []faults.Fault {
	share := func(s float64) faults.Trigger { return faults.Trigger{Share: &s} }
	set := []faults.Fault{
		{Name: "busy", Answer: &faults.Answer{Status: 503}},
		{Name: "late-busy", Answer: &faults.Answer{Status: 500, At: faults.SideAfter}},
		{Name: "reset", Break: &faults.Break{How: faults.BreakReset}},
		{Name: "lost", Break: &faults.Break{How: faults.BreakClose, At: faults.BreakAfter}},
		{Name: "cut", Break: &faults.Break{How: faults.BreakReset, At: faults.BreakMidBody}},
		{Name: "slow", Delay: &faults.Delay{Exponential: &faults.Exponential{Mean: 5 * time.Millisecond}}},
		{Name: "late", Delay: &faults.Delay{At: faults.SideAfter, Exponential: &faults.Exponential{Mean: 5 * time.Millisecond}}},
		{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: 100_000}},
		{Name: "short", Truncate: &faults.Truncate{Share: new(0.5)}},
		{Name: "bits", Corrupt: &faults.Corrupt{How: faults.CorruptBits}},
		{Name: "soft", SoftError: &faults.SoftError{}},
	}
	for i := range set {
		set[i].Trigger = share(0.05)
	}
	quota := faults.Fault{Name: "quota"}
	quota.Trigger.Quota = &faults.Quota{Requests: 1_000_000, All: true}
	return append(set, quota)
}

// TestSoak runs mixed faults at full load and wants memory and goroutines to
// stay where they are after the first fifth of the time.
//
//nolint:paralleltest // It measures the process.
func TestSoak(t *testing.T) {
	origin := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"Tracks":{"Items":[`+strings.Repeat(`{"Name":"x"},`, 50)+`{"Name":"y"}]}}`)
	})
	var recorded atomic.Int64
	rig := newRig(t, origin, func(o *proxy.Options) { o.Record = func(*observe.Attempt) { recorded.Add(1) } })
	rig.apply(soakFaults()...)
	end := time.Now().Add(*soakTime)
	var wg sync.WaitGroup
	var failed atomic.Int64
	for range 64 {
		wg.Go(func() {
			client := newClient()
			client.Timeout = 2 * time.Second
			defer client.CloseIdleConnections()
			for time.Now().Before(end) {
				if err := soakOnce(client, rig.url); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	var base [2]float64
	for lap := 0; time.Now().Before(end); lap++ {
		time.Sleep(*soakTime / 20)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		now := [2]float64{float64(m.HeapInuse + m.StackInuse), float64(runtime.NumGoroutine())}
		fmt.Printf("%3d %%: %.1f MB, %.0f goroutines, %d attempts, %d failed calls\n", (lap+1)*5, now[0]/1e6, now[1], recorded.Load(), failed.Load())
		if lap < 4 {
			base = [2]float64{max(base[0], now[0]), max(base[1], now[1])}
			continue
		}
		if now[0] > 1.5*base[0] || now[1] > 1.5*base[1] {
			t.Errorf("memory or goroutines grew: %.1f MB and %.0f, at first at most %.1f MB and %.0f", now[0]/1e6, now[1], base[0]/1e6, base[1])
		}
	}
	wg.Wait()
	if recorded.Load() == 0 || failed.Load() == 0 {
		t.Errorf("got %d attempts, %d failed calls, want some of both", recorded.Load(), failed.Load())
	}
}

// soakOnce makes one call: a search, or a write of up to 100 kB.
func soakOnce(client *http.Client, url string) error {
	var (
		response *http.Response
		err      error
	)
	if rand.IntN(4) == 0 {
		response, err = client.Post(url+addPath, "application/json", strings.NewReader(strings.Repeat("x", rand.IntN(100_000))))
	} else {
		response, err = client.Get(fmt.Sprintf("%s%s&n=%d", url, searchPath, rand.IntN(1000)))
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return errors.Join(err, response.Body.Close())
}
