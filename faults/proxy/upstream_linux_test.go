package proxy_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/groovechaos/groovechaos/faults/proxy"
)

// TestStaleConnectionsAreSeen uses an upstream that closes every connection
// after its answer without saying so: no client ever meets one whose end has
// come.
func TestStaleConnectionsAreSeen(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 1)
	var seen atomic.Int64
	var last atomic.Pointer[net.TCPConn]
	rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		size, err := bodySize(r)
		if err != nil {
			return
		}
		_, _ = io.CopyN(io.Discard, r, int64(size))
		seen.Add(1)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		c.Close()
		closed <- struct{}{}
	}), func(o *proxy.Options) {
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			if tcp, ok := c.(*net.TCPConn); ok {
				last.Store(tcp)
			}
			return c, err
		}
	})
	c, r := rig.dial()
	const requests = 500
	for i := range requests {
		size := i % 2 * 40_000 // leaves with the head, or behind it
		send(t, c, "POST "+addPath+" HTTP/1.1\r\nHost: a\r\nContent-Length: "+strconv.Itoa(size)+"\r\n\r\n"+strings.Repeat("x", size))
		response, body, err := finalResponse(r)
		if err != nil || response.StatusCode != 200 || body != "ok" {
			t.Fatalf("answer %d: got %v with %q (%v), want 200", i+1, response, body, err)
		}
		<-closed
		awaitEnd(t, last.Load())
	}
	if seen.Load() != requests {
		t.Errorf("the upstream saw %d requests, want %d", seen.Load(), requests)
	}
}

// awaitEnd waits until the system has taken what the peer of a connection sent
// last, its end, or the connection is closed.
func awaitEnd(t *testing.T, c *net.TCPConn) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var one [1]byte
	for waiting := true; waiting; {
		err := raw.Control(func(fd uintptr) {
			_, _, err := unix.Recvfrom(int(fd), one[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
			waiting = err == unix.EAGAIN
		})
		waiting = waiting && err == nil
		time.Sleep(10 * time.Microsecond)
	}
}

// TestSpentConnectionsAreSeen uses an upstream that closes a connection without
// a word after some answers: those that come together with its end are not
// followed by another request, however proven the connection.
func TestSpentConnectionsAreSeen(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for range 4 {
			if _, err := headLines(r); err != nil {
				return
			}
			seen.Add(1)
			if err := cork(c, true); err != nil {
				t.Error(err)
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			if seen.Load()%4 != 0 {
				_ = cork(c, false)
			}
		} // what is left goes out with the end
	}))
	c, r := rig.dial()
	const requests = 200
	for i := range requests {
		send(t, c, "GET "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
		response, body, err := finalResponse(r)
		if err != nil || response.StatusCode != 200 || body != "ok" {
			t.Fatalf("answer %d: got %v with %q (%v), want 200", i+1, response, body, err)
		}
	}
	if seen.Load() != requests {
		t.Errorf("the upstream saw %d requests, want %d", seen.Load(), requests)
	}
}

// cork holds what is written back, or lets it go.
func cork(c net.Conn, on bool) error {
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		return err
	}
	value := 0
	if on {
		value = 1
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_CORK, value)
	})
	return errors.Join(err, failed)
}
