package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// releases are the ways in which a fault goes.
var releases = map[string]func(*faults.Engine, faults.Fault) error{
	"removed": func(e *faults.Engine, _ faults.Fault) error { return e.Apply(nil) },
	"braked":  func(e *faults.Engine, _ faults.Fault) error { e.Brake(true); return nil },
	"disabled": func(e *faults.Engine, f faults.Fault) error {
		f.Disabled = true
		return e.Apply([]faults.Fault{f})
	},
	"changed": func(e *faults.Engine, f faults.Fault) error {
		f.Match.Methods = []string{"DELETE"}
		return e.Apply([]faults.Fault{f})
	},
	"expired": func(*faults.Engine, faults.Fault) error { return nil },
}

// TestAllAreLetGoWithinASecond holds many exchanges back and lets them go.
// None is early, none later than a second, and all go on as without the fault.
func TestAllAreLetGoWithinASecond(t *testing.T) {
	t.Parallel()
	for kind, test := range map[string]struct {
		exchanges int
		fault     faults.Fault
		// held says whether the engine counts what it holds back.
		held bool
	}{
		"delay":       {500, slow(time.Minute), true},
		"late delay":  {500, late("slow", time.Minute), true},
		"hang":        {200, breakAt(faults.BreakHang, faults.BreakBefore), true},
		"late hang":   {200, breakAt(faults.BreakHang, faults.BreakAfter), true},
		"middle hang": {200, breakAt(faults.BreakHang, faults.BreakMidBody), true},
		"accept hang": {200, breakAt(faults.BreakHang, faults.BreakAccept), true},
		"throttle":    {100, faults.Fault{Name: "slow", Throttle: &faults.Throttle{BytesPerSecond: 1, Chunk: 1}}, false},
	} {
		for how, release := range releases {
			if how == "changed" {
				continue // over sockets alone
			}
			t.Run(kind+" "+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, breakPayload) })
					defer b.close()
					fault := test.fault
					if how == "expired" {
						fault.ExpiresAt = time.Now().Add(10 * time.Second)
					}
					if err := b.engine.Apply([]faults.Fault{fault}); err != nil {
						t.Fatal(err)
					}
					var wg sync.WaitGroup
					var early, wrong atomic.Int64
					start := time.Now()
					for i := range test.exchanges {
						wg.Go(func() {
							body, err := fetchBody(b.client, fmt.Sprintf("http://proxy%s%d", searchPath, i))
							if err != nil || body != breakPayload {
								wrong.Add(1)
							}
							if time.Since(start) < 10*time.Second {
								early.Add(1)
							}
						})
					}
					time.Sleep(10*time.Second - time.Nanosecond)
					synctest.Wait()
					if n := held(b.engine); test.held && n != int64(test.exchanges) {
						t.Errorf("got %d held, want %d", n, test.exchanges)
					}
					time.Sleep(time.Nanosecond)
					if err := release(b.engine, fault); err != nil {
						t.Fatal(err)
					}
					wg.Wait()
					if took := time.Since(start); took > 11*time.Second || early.Load() > 0 || wrong.Load() > 0 {
						t.Errorf("all ended after %v, %d early, %d not whole; want them within a second of 10s, 0, 0", took, early.Load(), wrong.Load())
					}
					synctest.Wait()
					for _, a := range b.recorded() {
						if a.Status != 200 || a.End != observe.EndComplete || a.Fault != "" || a.Break != "" {
							t.Errorf("recorded %d, %s, fault %q, break %q; want the upstream's, complete", a.Status, a.End, a.Fault, a.Break)
							break
						}
					}
					if n := held(b.engine); n != 0 {
						t.Errorf("got %d held after all had ended, want 0", n)
					}
				})
			})
		}
	}
}

// fetchBody returns the body of an answer.
func fetchBody(client *http.Client, url string) (string, error) {
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// TestHeldSocketsAreLetGo is the same over real connections, which must all be
// usable afterwards.
func TestHeldSocketsAreLetGo(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "done") }))
	for how, release := range releases {
		if how == "expired" {
			continue // in the bubble alone
		}
		fault := slow(time.Minute)
		rig.engine.Brake(false)
		rig.apply(fault)
		const exchanges = 500
		var wg sync.WaitGroup
		var wrong atomic.Int64
		for i := range exchanges {
			wg.Go(func() {
				if body, err := fetchBody(rig.client, fmt.Sprintf("%s%s%s%d", rig.url, searchPath, how, i)); err != nil || body != "done" {
					wrong.Add(1)
				}
			})
		}
		for held(rig.engine) < exchanges {
			time.Sleep(time.Millisecond) // until all are held
		}
		if err := release(rig.engine, fault); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		wg.Wait()
		// The clients take their time too, on a machine that may be busy.
		if took := time.Since(began); took > 20*time.Second || wrong.Load() > 0 {
			t.Errorf("%s: all had their answers after %v, %d wrong; want a second or so, 0", how, took, wrong.Load())
		}
		for _, a := range rig.wait(exchanges) {
			if a.Delay <= 0 || a.Status != 200 {
				t.Errorf("%s: recorded %d after a delay of %v, want 200 after one", how, a.Status, a.Delay)
			}
		}
	}
}

// BenchmarkDelayedExchange tells how many bytes of our side one exchange takes
// that is held back: what the heap and the stacks grow by between open
// connections that have carried an exchange and the same ones in a delay
// (exchange), and between none and those (conn). The clients are bare pipes of
// which one goroutine reads nothing.
func BenchmarkDelayedExchange(b *testing.B) {
	for _, n := range []int{2000, 9000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				conn, exchange := measureHeld(b, n)
				b.ReportMetric(float64(conn)/float64(n), "B/conn")
				b.ReportMetric(float64(exchange)/float64(n), "B/exchange")
				b.ReportMetric(float64(conn+exchange)/float64(n), "B/both")
			}
		})
	}
}

// measureHeld returns what n connections take, and what n delays take on top.
func measureHeld(b *testing.B, n int) (conns, exchanges int64) {
	b.Helper()
	front := newMemory()
	engine := newEngine()
	p, err := proxy.New(proxy.Options{
		Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Engine: engine,
		Dial: func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed },
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, front) }()
	clients := make([]net.Conn, n)
	var buffer [4096]byte
	exchange := func(c net.Conn) {
		if _, err := io.WriteString(c, "GET "+searchPath+" HTTP/1.1\r\nHost: api.media.microsoft.com\r\nUser-Agent: bench\r\nAuthorization: Bearer abcdefghijklmnop\r\n\r\n"); err != nil {
			b.Fatal(err)
		}
	}
	empty := inUse()
	if err := engine.Apply([]faults.Fault{answerFault("down", 503)}); err != nil {
		b.Fatal(err)
	}
	for i := range clients {
		if clients[i], err = front.dial(ctx, "", ""); err != nil {
			b.Fatal(err)
		}
		exchange(clients[i])
		if _, err := clients[i].Read(buffer[:]); err != nil {
			b.Fatal(err)
		}
	}
	idle := inUse()
	if err := engine.Apply([]faults.Fault{slow(time.Minute)}); err != nil {
		b.Fatal(err)
	}
	for _, c := range clients {
		exchange(c)
	}
	for held(engine) < int64(n) {
		time.Sleep(time.Millisecond) // until all are held
	}
	full := inUse()
	for _, c := range clients {
		c.Close()
	}
	cancel()
	if err := <-served; err != nil {
		b.Error(err)
	}
	return idle - empty, full - idle
}

// inUse is what the heap and the stacks take.
func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
