package proxy

import (
	"context"
	"net"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/route"
)

// newBareServer is a server that accepts nothing.
func newBareServer(t *testing.T) *server {
	t.Helper()
	p, err := New(Options{Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Engine: faults.NewEngine(1)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := p.newServer(ctx, Modes{Reverse: true})
	t.Cleanup(func() {
		cancel()
		s.cut(nil)
	})
	return s
}

// minedHeader is a header section that cannot be read.
type minedHeader struct{}

func (minedHeader) Value(string) (string, bool) { panic("planted") }
func (minedHeader) Len() int                    { panic("planted") }
func (minedHeader) At(int) (string, string)     { panic("planted") }

// TestDefectInTheFirstLookIsTheSessions: it shows in another goroutine, and
// must end up where the exchange can be ended.
func TestDefectInTheFirstLookIsTheSessions(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	s := newBareServer(t).newSession(here, here, 1)
	s.used = 1
	s.exchange.head.header = minedHeader{}
	d := try(s.arrive)
	if d == nil || d.value != "planted" {
		t.Errorf("got %v, want the defect that was planted", d)
	}
}

// TestDefectOfAGuardIsTheGuardeds: it shows in the goroutine of a timer, and must
// end up where the exchange can be ended.
func TestDefectOfAGuardIsTheGuardeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := guard{limit: time.Second, act: func() { panic("planted") }}
		g.begin()
		time.Sleep(2 * time.Second)
		if d := try(g.end); d == nil || d.value != "planted" {
			t.Errorf("got %v, want the defect that was planted", d)
		}
		if !g.tooLong() {
			t.Error("nobody hears that it took too long")
		}
	})
}

// closing is a connection that does as it is told when it is closed.
type closing struct {
	net.Conn
	f func()
}

func (c closing) Close() error {
	c.f()
	return nil
}

// TestDefectInTidyingEndsNothingElse: it shows in the goroutine of a timer, and
// there is no exchange that it could end.
func TestDefectInTidyingEndsNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reported []*defect
		p := newPool(time.Second, new(tally), func(d *defect) {
			if d != nil {
				reported = append(reported, d)
			}
		})
		closed := 0
		for _, f := range []func(){func() { panic("planted") }, func() { closed++ }} {
			p.put(&link{Conn: closing{f: f}, key: route.Key{}}, time.Now())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(reported) != 1 || reported[0].value != "planted" || closed != 1 {
			t.Errorf("reported %v and closed %d others, want the defect that was planted and 1", reported, closed)
		}
		p.put(&link{Conn: closing{f: func() { closed++ }}, key: route.Key{}}, time.Now())
		p.close()
		if closed != 2 {
			t.Errorf("closed %d, want 2: the pool goes on", closed)
		}
	})
}
