package store

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// cable leads from one node to a server, and can be cut and mended while the others go on.
type cable struct {
	url string
	to  string

	// back is held by whoever keeps the node from hearing the server, which hears it all the same.
	back sync.Mutex

	mu    sync.Mutex
	isCut bool
	ends  []net.Conn
}

// layCable leads to a server until the test ends.
func layCable(t *testing.T, url string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{url: "nats://" + l.Addr().String(), to: strings.TrimPrefix(url, "nats://")}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { c.join(near) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		c.cut()
		group.Wait()
	})
	return c
}

// join leads one connection on.
func (c *cable) join(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer far.Close()
	if !c.lay(near, far) {
		return
	}
	var group sync.WaitGroup
	for _, way := range [][2]net.Conn{{wayBack{near, c}, far}, {far, near}} {
		group.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_, _ = near.Close(), far.Close()
		})
	}
	group.Wait()
}

// wayBack is where what the server says arrives.
type wayBack struct {
	net.Conn
	of *cable
}

func (w wayBack) Write(p []byte) (int, error) {
	w.of.back.Lock()
	defer w.of.back.Unlock()
	return w.Conn.Write(p)
}

// lay notes the ends of a connection, unless the cable is cut.
func (c *cable) lay(ends ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends = append(c.ends, ends...)
	return !c.isCut
}

func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isCut = true
	for _, end := range c.ends {
		_ = end.Close()
	}
	c.ends = nil
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isCut = false
}
