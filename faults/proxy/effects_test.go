package proxy_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// Effects compose: a delay, a soft error and a throttle in one exchange.
func TestEffectsCompose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body := document()
		b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body)
		})
		defer b.close()
		set := []faults.Fault{
			slow(3 * time.Second),
			late("late", 2*time.Second),
			{Name: "soft", SoftError: &faults.SoftError{ErrorCode: groove.CodeCatalogInvalidData}},
			{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: 1000}},
		}
		if err := b.engine.Apply(set); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		response, err := b.client.Get("http://proxy" + searchPath)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		got, err := io.ReadAll(response.Body)
		if err != nil || !json.Valid(got) || !strings.Contains(string(got), "CATALOG_INVALID_DATA") {
			t.Errorf("got %d bytes, %v, valid %t; want the error in the document", len(got), err, json.Valid(got))
		}
		want := 5*time.Second + time.Duration(len(got))*time.Millisecond
		if took := time.Since(start); took < want-200*time.Millisecond || took > want+200*time.Millisecond {
			t.Errorf("it took %v, want about %v", took, want)
		}
		synctest.Wait()
		a := b.recorded()[0]
		if diff := cmp.Diff([]string{"slow", "late"}, a.DelayedBy); diff != "" || a.Delay != 5*time.Second {
			t.Errorf("recorded a delay of %v by %v, want 5s by slow and late", a.Delay, a.DelayedBy)
		}
		if diff := cmp.Diff([]string{"soft", "thin"}, a.SpoiledBy); diff != "" || a.End != observe.EndComplete {
			t.Errorf("recorded %s, spoiled by %v; want complete, by soft and thin", a.End, a.SpoiledBy)
		}
	})
}

func TestQuotaIsPerClient(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	rig.apply(faults.Fault{Name: "quota", Trigger: faults.Trigger{Quota: &faults.Quota{Requests: 2, Per: time.Hour}}})
	for _, client := range []string{"Bearer one", "Bearer two"} {
		for i, want := range []int{200, 200, 429, 429} {
			response, body := rig.do("GET", searchPath, nil, "Authorization", client)
			if response.StatusCode != want {
				t.Errorf("%s, request %d: got %s, want %d", client, i+1, response.Status, want)
			}
			after, err := strconv.Atoi(response.Header.Get("Retry-After"))
			if limited := want == 429; limited && (err != nil || after < 1 || after > 1800 || groove.Classify(429, []byte(body)).Code != groove.CodeTooManyRequests) {
				t.Errorf("%s, request %d: got Retry-After %q and %q, want 1 to 1800 s and TOO_MANY_REQUESTS", client, i+1, response.Header.Get("Retry-After"), body)
			}
			if a := rig.wait(1)[0]; a.RetryAfter != response.Header.Get("Retry-After") || (a.Origin == observe.OriginInjected) != (want == 429) {
				t.Errorf("%s, request %d: recorded Retry-After %q, %s; want %q", client, i+1, a.RetryAfter, a.Origin, response.Header.Get("Retry-After"))
			}
		}
	}
}

// No more exchanges than max_active are struck at once, the rest passes and is
// counted, and those that are given up make room again.
func TestMaxActiveIsExact(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}))
	fault := slow(time.Minute)
	fault.Trigger.MaxActive = 7
	rig.apply(fault)
	const parallel = 50
	for round := range 3 {
		var (
			wg     sync.WaitGroup
			passed atomic.Int64
			conns  [parallel]net.Conn
		)
		for i := range parallel {
			c, r := rig.dial()
			conns[i] = c
			wg.Go(func() {
				_, _ = io.WriteString(c, "GET "+searchPath+strconv.Itoa(i)+" HTTP/1.1\r\nHost: a\r\n\r\n")
				if _, err := r.ReadString('\n'); err == nil {
					passed.Add(1)
				}
			})
		}
		for passed.Load() < parallel-7 || held(rig.engine) < 7 {
			time.Sleep(time.Millisecond) // until all have been decided about
		}
		use := rig.engine.Uses()[0]
		if want := uint64((parallel - 7) * (round + 1)); use.Held != 7 || use.Overflow != want {
			t.Errorf("round %d: got %d held, overflow %d; want 7, %d", round, use.Held, use.Overflow, want)
		}
		for _, c := range conns {
			c.Close()
		}
		wg.Wait()
		rig.wait(parallel)
		if n := held(rig.engine); n != 0 {
			t.Errorf("round %d: got %d held after all had left, want 0", round, n)
		}
	}
}
