package proxy

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/route"
)

// TestLateRequestLooksAtItsConnection: the bound of the first look at the
// answer has passed before the request is sent, as on a busy machine.
func TestLateRequestLooksAtItsConnection(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	upstream, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	k := newLink(quick(c), route.Key{}, time.Minute)
	k.reused = true
	upstream.Close()
	var b [1]byte
	if n, err := c.Read(b[:]); n > 0 || !errors.Is(err, io.EOF) { // waits for the end, and leaves it there
		t.Fatalf("got %d bytes, %v; want the end", n, err)
	}
	s := newBareServer(t).newSession(c, c, 1)
	s.link = k
	s.openInflow()
	defer s.closeInflow()
	s.sent = time.Now().Add(-time.Hour)
	if n, err := s.ask(k.quick, []byte("POST / HTTP/1.1\r\nHost: a\r\n\r\n")); n != 0 || !errors.Is(err, errStale) {
		t.Errorf("sent %d bytes on a connection that had ended, %v; want none and %v", n, err, errStale)
	}
}
