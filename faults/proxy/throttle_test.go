package proxy_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestThrottleKeepsItsRate(t *testing.T) {
	t.Parallel()
	for _, framing := range []string{"length", "chunked"} {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const size, rate = 10_000, 1000
				b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) {
					if framing == "length" {
						w.Header().Set("Content-Length", strconv.Itoa(size))
					}
					_, _ = w.Write(bytes.Repeat([]byte("x"), size))
				})
				defer b.close()
				if err := b.engine.Apply([]faults.Fault{{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: rate}}}); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				response, err := b.client.Get("http://proxy" + searchPath)
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				var half time.Duration
				first, err := io.ReadFull(response.Body, make([]byte, size/2))
				half = time.Since(start)
				rest, err2 := io.ReadAll(response.Body)
				took := time.Since(start)
				if err != nil || err2 != nil || first+len(rest) != size {
					t.Fatalf("got %d bytes, %v, %v; want %d", first+len(rest), err, err2, size)
				}
				const step = 100 * time.Millisecond
				if half < 5*time.Second-2*step || half > 5*time.Second+step || took < 10*time.Second-2*step || took > 10*time.Second+step {
					t.Errorf("got half after %v and all after %v, want 5s and 10s", half, took)
				}
				synctest.Wait()
				if a := b.recorded()[0]; !slices.Equal(a.SpoiledBy, []string{"thin"}) || a.End != observe.EndComplete || a.Delay != 0 {
					t.Errorf("recorded %s, spoiled by %v, delay %v; want complete, by thin, none", a.End, a.SpoiledBy, a.Delay)
				}
			})
		})
	}
}

func TestClientThatLeavesAThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1000)) })
		defer b.close()
		if err := b.engine.Apply([]faults.Fault{{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: 1, Chunk: 10}}}); err != nil {
			t.Fatal(err)
		}
		response, err := b.client.Get("http://proxy" + searchPath)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(response.Body, make([]byte, 20)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second) // half of the next wait
		start := time.Now()
		response.Body.Close()
		synctest.Wait()
		a := b.recorded()[0]
		if a.End != observe.EndClientLeft || a.Status != 200 || time.Since(start) > time.Second || !slices.Equal(a.SpoiledBy, []string{"thin"}) {
			t.Errorf("recorded %s, %d, spoiled by %v; want client_left at once, 200, by thin", a.End, a.Status, a.SpoiledBy)
		}
	})
}
