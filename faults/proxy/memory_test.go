package proxy_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// memory is a network of pipes for use inside a synctest bubble.
type memory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemory() *memory {
	return &memory{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

func (m *memory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (m *memory) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case m.conns <- there:
		return here, nil
	case <-m.closed:
		return nil, errors.New("connection refused")
	}
}

// bubble is a proxy and an origin in memory.
type bubble struct {
	engine *faults.Engine
	client *http.Client
	front  *memory
	// stop ends the proxy and returns what Serve returned, close the rest.
	stop  func() error
	close func()

	mu       sync.Mutex
	attempts []observe.Attempt
}

func newBubble(t *testing.T, handler http.HandlerFunc, change ...func(*proxy.Options)) *bubble {
	t.Helper()
	front, back := newMemory(), newMemory()
	origin := &http.Server{Handler: handler}
	var wg sync.WaitGroup
	wg.Go(func() { _ = origin.Serve(back) })
	b := &bubble{engine: faults.NewEngine(1), front: front}
	options := proxy.Options{
		Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Engine: b.engine, Dial: back.dial,
		Record: func(a *observe.Attempt) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.attempts = append(b.attempts, a.Clone())
		},
	}
	for _, c := range change {
		c(&options)
	}
	p, err := proxy.New(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	var served error
	go func() {
		defer close(ended)
		served = p.Serve(ctx, front)
	}()
	transport := &http.Transport{DialContext: front.dial, DisableCompression: true, MaxIdleConnsPerHost: 1000}
	b.client = &http.Client{Transport: transport}
	b.stop = func() error {
		cancel()
		<-ended
		return served
	}
	b.close = func() {
		transport.CloseIdleConnections()
		if err := b.stop(); err != nil {
			t.Errorf("serve: %v", err)
		}
		origin.Close()
		wg.Wait()
		time.Sleep(time.Second) // net/http's server lingers on connections that broke off
	}
	return b
}

func (b *bubble) recorded() []observe.Attempt {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]observe.Attempt(nil), b.attempts...)
}

func slow(wait time.Duration) faults.Fault {
	return faults.Fault{Name: "slow", Delay: &faults.Delay{Fixed: &wait}}
}

func TestDelayIsNeverEarly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, func(http.ResponseWriter, *http.Request) {})
		defer b.close()
		if err := b.engine.Apply([]faults.Fault{slow(3 * time.Second)}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		response, err := b.client.Get("http://proxy" + searchPath)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("got an answer after %v, want 3s", took)
		}
		synctest.Wait()
		a := b.recorded()[0]
		if a.Delay != 3*time.Second || a.Answered-a.Received != 3*time.Second || a.Origin != observe.OriginUpstream || a.Reason == "" {
			t.Errorf("recorded a delay of %v, %v in all, origin %s, reason %q; want 3s by the upstream with a reason", a.Delay, a.Answered-a.Received, a.Origin, a.Reason)
		}
	})
}

// What ends a wait of a minute, 500 times at once.
func TestHeldExchangesAreReleased(t *testing.T) {
	t.Parallel()
	const held = 500
	expiring := slow(time.Minute)
	expiring.TTL = 10 * time.Second
	for name, test := range map[string]struct {
		fault   faults.Fault
		release func(t *testing.T, b *bubble)
	}{
		"when the fault is removed": {slow(time.Minute), func(_ *testing.T, b *bubble) { _ = b.engine.Apply(nil) }},
		"when the brake is pulled":  {slow(time.Minute), func(_ *testing.T, b *bubble) { b.engine.Brake(true) }},
		"when the lifetime ends":    {expiring, func(*testing.T, *bubble) {}},
		"when the proxy is to end":  {slow(time.Minute), func(_ *testing.T, b *bubble) { go func() { _ = b.stop() }() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(http.ResponseWriter, *http.Request) {})
				defer b.close()
				if test.fault.TTL > 0 {
					test.fault.ExpiresAt = time.Now().Add(test.fault.TTL)
				}
				if err := b.engine.Apply([]faults.Fault{test.fault}); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				var wg sync.WaitGroup
				for range held {
					wg.Go(func() {
						response, err := b.client.Get("http://proxy" + searchPath)
						if err != nil {
							t.Error(err)
							return
						}
						response.Body.Close()
						if response.StatusCode != 200 {
							t.Errorf("got %s, want the upstream's answer", response.Status)
						}
					})
				}
				synctest.Wait()
				if got := b.engine.Uses()[0].Held; got != held {
					t.Errorf("got %d held, want %d", got, held)
				}
				time.Sleep(10 * time.Second)
				test.release(t, b)
				wg.Wait()
				if took := time.Since(start); took > 11*time.Second {
					t.Errorf("got all answers after %v, want within a second of the release at 10s", took)
				}
				for _, use := range b.engine.Uses() {
					if use.Held != 0 {
						t.Errorf("got %d still held, want none", use.Held)
					}
				}
			})
		})
	}
}

func TestClientThatLeavesEndsItsWait(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		set    []faults.Fault
		origin observe.Origin
		by     int
	}{
		"inside a delay":           {[]faults.Fault{slow(time.Minute)}, observe.OriginInjected, 1},
		"inside the upstream call": {nil, observe.OriginUpstream, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				left := make(chan time.Time, 1)
				b := newBubble(t, func(_ http.ResponseWriter, r *http.Request) {
					<-r.Context().Done()
					left <- time.Now()
				})
				defer b.close()
				if err := b.engine.Apply(test.set); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				request, err := http.NewRequestWithContext(ctx, "GET", "http://proxy"+searchPath, nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := b.client.Do(request); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want the client's own bound", err)
				}
				synctest.Wait()
				if test.set == nil {
					if at := (<-left).Sub(start); at != 5*time.Second {
						t.Errorf("the upstream was told after %v, want at once after 5s", at)
					}
				}
				attempts := b.recorded()
				if len(attempts) != 1 {
					t.Fatalf("got %d records, want 1", len(attempts))
				}
				a := attempts[0]
				if a.End != observe.EndClientLeft || a.Status != 0 || a.Class != "failure" || a.Origin != test.origin || len(a.DelayedBy) != test.by {
					t.Errorf("got %s, status %d, %s, %s, delayed by %v; want client_left, 0, failure, %s", a.End, a.Status, a.Class, a.Origin, a.DelayedBy, test.origin)
				}
				if took := a.Answered - a.Received; took != 5*time.Second {
					t.Errorf("recorded an end after %v, want 5s", took)
				}
			})
		})
	}
}

func TestClientThatLeavesInsideTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "begin")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		defer b.close()
		response, err := b.client.Get("http://proxy" + searchPath)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		time.Sleep(time.Second) // somebody looks for the client only after a while
		synctest.Wait()
		if a := b.recorded()[0]; a.End != observe.EndClientLeft || a.Status != 200 {
			t.Errorf("got %s with status %d, want client_left with 200", a.End, a.Status)
		}
	})
}

func TestClientThatLeavesInsideItsBody(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]int{"before the decision": 10, "after the decision": 100 << 10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
				defer b.close()
				c, err := b.front.dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				send(t, c, "POST "+addPath+" HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
				if _, err := c.Write(make([]byte, sent)); err != nil {
					t.Fatal(err)
				}
				c.Close()
				synctest.Wait()
				a := b.recorded()[0]
				if a.End != observe.EndClientLeft || a.Status != 0 || a.BodyComplete || a.BodyLength != int64(sent) {
					t.Errorf("got %s, status %d, %d bytes, complete %t; want client_left, 0, %d, not complete", a.End, a.Status, a.BodyLength, a.BodyComplete, sent)
				}
			})
		})
	}
}

// An upstream may answer before the request has ended. The answer is over when
// its last byte is out, however long the request goes on.
func TestAnsweredDoesNotWaitForTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).EnableFullDuplex()
			w.Header().Set("Content-Length", "5")
			io.WriteString(w, "early")
			w.(http.Flusher).Flush()
			io.Copy(io.Discard, r.Body)
		})
		defer b.close()
		c, err := b.front.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		const size = 100 << 10
		answer := make(chan string, 1)
		go func() {
			response, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				answer <- err.Error()
				return
			}
			body, _ := io.ReadAll(response.Body)
			answer <- string(body)
		}()
		send(t, c, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", addPath, size))
		if _, err := c.Write(make([]byte, size*3/4)); err != nil {
			t.Fatal(err)
		}
		if got := <-answer; got != "early" {
			t.Fatalf("got %q, want the early answer", got)
		}
		time.Sleep(3 * time.Second)
		if _, err := c.Write(make([]byte, size/4)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		a := b.recorded()[0]
		if a.Answered-a.Received > time.Second || a.End != observe.EndComplete || a.BodyLength != size {
			t.Errorf("got an answer after %v, %s, %d bytes; want it at once, complete, %d", a.Answered-a.Received, a.End, a.BodyLength, size)
		}
		c.Close()
	})
}

func TestServeDrainsThenCuts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		takes time.Duration
		ends  time.Duration
		end   observe.End
	}{
		"an exchange that ends in time is answered": {2 * time.Second, 2 * time.Second, observe.EndComplete},
		"one that does not is cut":                  {time.Hour, 5 * time.Second, observe.EndBroken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(_ http.ResponseWriter, r *http.Request) {
					select {
					case <-time.After(test.takes):
					case <-r.Context().Done():
					}
				})
				defer b.close()
				failed := make(chan error, 1)
				go func() {
					response, err := b.client.Get("http://proxy" + searchPath)
					if err == nil {
						response.Body.Close()
					}
					failed <- err
				}()
				synctest.Wait()
				start := time.Now()
				if err := b.stop(); err != nil {
					t.Errorf("serve: %v", err)
				}
				if took := time.Since(start); took < test.ends || took > test.ends+time.Second {
					t.Errorf("serve ended after %v, want about %v", took, test.ends)
				}
				if err := <-failed; (err == nil) != (test.end == observe.EndComplete) {
					t.Errorf("the client got %v with the end %s", err, test.end)
				}
				a := b.recorded()[0] // Serve returns when everything is recorded
				if a.End != test.end {
					t.Errorf("recorded %s, want %s", a.End, test.end)
				}
				if cut := a.Origin == observe.OriginOurs; cut != (test.end == observe.EndBroken) {
					t.Errorf("recorded the origin %s with the end %s", a.Origin, a.End)
				}
			})
		})
	}
}

func TestServeReturnsWhenAcceptingFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, err := proxy.New(proxy.Options{Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Engine: faults.NewEngine(1)})
		if err != nil {
			t.Fatal(err)
		}
		l := newMemory()
		l.Close()
		if err := p.Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v, want what accepting returned", err)
		}
	})
}

func TestHalfAHeadIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, func(http.ResponseWriter, *http.Request) { t.Error("the upstream was asked") })
		defer b.close()
		c, err := b.front.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		send(t, c, "GET / HTTP/1.1\r\nHo")
		if _, err := io.ReadAll(c); err != nil || time.Since(start) != 30*time.Second {
			t.Errorf("got %v after %v, want the end after 30s", err, time.Since(start))
		}
	})
}
