package proxy_test

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// TestBackpressure: who reads slowly, or not at all, makes the proxy take no
// more than buffers hold.
func TestBackpressure(t *testing.T) {
	t.Parallel()
	const size, most = 100 << 20, 48 << 20 // sockets take up to 36 MB here
	t.Run("of an answer", func(t *testing.T) {
		t.Parallel()
		var wrote atomic.Int64
		rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
			if _, err := headLines(r); err != nil {
				return
			}
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(size)+"\r\n\r\n")
			for page := make([]byte, 64<<10); err == nil && wrote.Load() < size; wrote.Add(64 << 10) {
				_, err = c.Write(page)
			}
		}))
		c, _ := rig.dial()
		send(t, c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		if n := settled(&wrote); n > most {
			t.Errorf("the upstream could write %d MB to a client that reads nothing, want at most %d", n>>20, most>>20)
		}
		c.Close()
		rig.wait(1)
	})
	t.Run("of an upload", func(t *testing.T) {
		t.Parallel()
		release := make(chan struct{})
		rig := newRig(t, newRawOrigin(t, func(net.Conn, *bufio.Reader) { <-release }))
		c, _ := rig.dial()
		send(t, c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "+strconv.Itoa(size)+"\r\n\r\n")
		var wrote atomic.Int64
		go func() {
			page := make([]byte, 64<<10)
			for {
				n, err := c.Write(page)
				if wrote.Add(int64(n)); err != nil || wrote.Load() >= size {
					return
				}
			}
		}()
		if n := settled(&wrote); n > most {
			t.Errorf("the client could write %d MB to an upstream that reads nothing, want at most %d", n>>20, most>>20)
		}
		c.Close()
		close(release)
		rig.wait(1)
	})
}

// settled returns a count once it has not grown for a while.
func settled(n *atomic.Int64) int64 {
	for last := int64(-1); ; {
		now := n.Load()
		if now == last && now > 0 {
			return now
		}
		last = now
		time.Sleep(100 * time.Millisecond) // of no growth are taken for the end
	}
}
