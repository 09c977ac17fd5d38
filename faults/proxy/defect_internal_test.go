package proxy

import (
	"context"
	"net"
	"net/url"
	"testing"

	"github.com/groovechaos/groovechaos/faults"
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
