package route_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/groovechaos/groovechaos/faults/route"
)

// names is a resolver whose answers a test sets. A name with several answers
// gives them in turn, and the last one from then on.
type names struct {
	mu      sync.Mutex
	answers map[string][][]string
	asked   int
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked++
	turns := n.answers[host]
	if len(turns) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(turns) > 1 {
		n.answers[host] = turns[1:]
	}
	out := make([]netip.Addr, len(turns[0]))
	for i, text := range turns[0] {
		out[i] = netip.MustParseAddr(text)
	}
	return out, nil
}

// resolves is a resolver of names with one answer each.
func resolves(answers map[string][]string) *names {
	n := &names{answers: make(map[string][][]string)}
	for name, addresses := range answers {
		n.answers[name] = [][]string{addresses}
	}
	return n
}

// errDialled is what dials ends with.
var errDialled = errors.New("dialled")

// dials notes the addresses that are dialled and connects to none of them.
type dials struct {
	mu sync.Mutex
	to []string
}

func (d *dials) dial(_ context.Context, _, address string) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = append(d.to, address)
	return nil, errDialled
}

// to is a dial function that ends up at one listener whatever is dialled.
func to(l net.Listener) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, l.Addr().String())
	}
}

func target(t testing.TB, text string) route.Target {
	t.Helper()
	out, err := route.ParseTarget(text)
	if err != nil {
		t.Fatalf("ParseTarget(%q): %v", text, err)
	}
	return out
}

func router(t testing.TB, o route.Options) *route.Router {
	t.Helper()
	r, err := route.New(o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return r
}

// reasonOf is the reason of a refusal, 0 for any other error or none.
func reasonOf(err error) route.Reason {
	if refused, ok := errors.AsType[*route.RefusedError](err); ok {
		return refused.Reason
	}
	return 0
}

// serve lets handle have every connection to a listener on loopback until the
// test ends.
func serve(t *testing.T, handle func(net.Conn)) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer c.Close()
				defer context.AfterFunc(t.Context(), func() { c.Close() })()
				handle(c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		open.Wait()
	})
	return l
}
