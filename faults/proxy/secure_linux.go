package proxy

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// carrier is what TLS reads from and writes to. It keeps account of the records
// that pass, and can hold back what is written until it is waited for the answer.
//
// crypto/tls reads on only if it has no whole record left; so what it still has
// is known by what it was given last.
type carrier struct {
	net.Conn
	socket *socket
	records
	// held is what is written while holding is set; asks is set while it is to be
	// sent by the next read, and sent is how much of it was.
	held          []byte
	holding, asks bool
	look          bool
	sent          int
	// attended is set while reads do not wait, and are from fd.
	attended bool
	fd       uintptr
}

// carry returns a connection for TLS to be on, which may be c: see ease.
func carry(c net.Conn) net.Conn {
	c = quick(c)
	s := bottom(c)
	if s == nil {
		return c
	}
	return &carrier{Conn: c, socket: s}
}

// bottom is the socket at the bottom of connections that wrap each other, nil
// for none. TCP becomes one.
func bottom(c net.Conn) *socket {
	for {
		switch at := c.(type) {
		case *socket:
			return at
		case *tls.Conn:
			return nil // its bytes are not those beneath
		case interface{ NetConn() net.Conn }:
			c = at.NetConn()
		default:
			return nil
		}
	}
}

// NetConn is the connection beneath.
func (k *carrier) NetConn() net.Conn { return k.Conn }

// maxHeld is the largest room for held bytes that is kept.
const maxHeld = 2 << 10

// Write writes all of p, or holds it.
func (k *carrier) Write(p []byte) (int, error) {
	if k.holding {
		k.held = append(k.held, p...)
		return len(p), nil
	}
	return k.socket.Write(p)
}

// Read reads once.
func (k *carrier) Read(p []byte) (n int, err error) {
	switch {
	case k.attended:
		n, err = k.readNow(p)
	case k.asks:
		n, err = k.readAnswer(p)
	default:
		n, err = k.Conn.Read(p)
	}
	k.pass(p[:n])
	return n, err
}

// errNothingYet is temporary to TLS, which goes on later from where it was.
var errNothingYet net.Error = nothingYetError{}

type nothingYetError struct{}

func (nothingYetError) Error() string   { return "nothing has come yet" }
func (nothingYetError) Timeout() bool   { return true }
func (nothingYetError) Temporary() bool { return true }

// readNow reads what is there.
func (k *carrier) readNow(p []byte) (int, error) {
	for {
		n, whole, err := receiveWhole(k.fd, p)
		k.socket.whole = whole
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return 0, errNothingYet
		case err != 0:
			return 0, os.NewSyscallError("recvmsg", err)
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// readAnswer sends what was held, and reads the beginning of what comes then.
func (k *carrier) readAnswer(p []byte) (n int, err error) {
	k.asks = false
	k.sent, n, err = k.socket.ask(k.held, p, k.look)
	late := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case k.sent == len(k.held) || err != nil && !late:
		return n, err
	case k.sent == 0 && !k.socket.silent():
		return 0, errStale // this was not looked at, or so long ago
	}
	more, err := k.socket.Write(k.held[k.sent:])
	k.sent += more
	if err != nil {
		return 0, err
	}
	return k.socket.Read(p)
}

// silent reports whether nothing has come that was not read.
func (s *socket) silent() (silent bool) {
	err := s.raw.Control(func(fd uintptr) { silent = quiet(fd) })
	return silent && err == nil
}

// secured is TLS on a socket. Like that it can wait for the answer to what it
// sends without reading in vain, and for what the client sends next; and it
// knows when nothing is left that was read already.
type secured struct {
	*tls.Conn
	carrier *carrier
	// drained is set while nothing is left.
	drained bool

	attendant attendant
	attending func(fd uintptr) bool
	n         int
	err       error
}

// ease makes TLS on a carrier cheap once it has shaken hands: all that came
// ahead of that is used up by then. Other connections it leaves as they are.
func ease(c net.Conn) net.Conn {
	t, ok := c.(*tls.Conn)
	if !ok {
		return c
	}
	k, ok := t.NetConn().(*carrier)
	if !ok {
		return c
	}
	k.Conn = k.socket
	e := &secured{Conn: t, carrier: k}
	e.attending = e.attendOnce
	return e
}

// Read reads once.
func (c *secured) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.drained = n < len(p) && c.carrier.settled() && (err == nil || errors.Is(err, os.ErrDeadlineExceeded))
	return n, err
}

// ask sends a request and waits for its answer: see asker. Either all of the
// request counts as sent or none, but for a connection that is of no more use.
func (c *secured) ask(request, room []byte, look bool) (n, got int, err error) {
	k := c.carrier
	k.held, k.holding = k.held[:0], true
	_, err = c.Conn.Write(request)
	k.holding = false
	if err != nil {
		return 0, 0, err
	}
	k.sent, k.asks, k.look, k.socket.whole = 0, true, look, false
	got, err = c.Read(room)
	if k.asks && err == nil { // it had something left to read
		k.sent, err = k.socket.Write(k.held)
	}
	k.asks = false
	n = k.sent
	if n == len(k.held) {
		n = len(request)
	} else if n > 0 {
		n = min(n, len(request)-1)
	}
	if cap(k.held) > maxHeld {
		k.held = nil
	}
	return n, got, err
}

// answered reports whether the last answer was all there was.
func (c *secured) answered() bool { return c.drained && c.carrier.socket.answered() }

// empty reports whether nothing is left that was read already; if not, it may be so all the same.
func (c *secured) empty() bool { return c.drained }

// attend waits for what the client sends: see attender.
func (c *secured) attend(a attendant) (n int, err error) {
	c.n, c.err, c.attendant = 0, nil, a
	err = c.carrier.socket.raw.Read(c.attending)
	c.attendant = nil
	if err != nil {
		return 0, err
	}
	return c.n, c.err
}

// attendOnce is false when the client has nothing more to say for now.
func (c *secured) attendOnce(fd uintptr) bool {
	for {
		room := c.attendant.space()
		n, err := c.readNow(fd, room)
		switch {
		case err == errNothingYet: //nolint:errorlint // It comes as it is.
			return false
		case n == 0 && err != nil:
			c.err = err
			return true
		case err != nil || !c.answered():
			c.n = n
			return true
		default:
			return !c.attendant.attended(n)
		}
	}
}

// readNow reads what is there.
func (c *secured) readNow(fd uintptr, p []byte) (int, error) {
	k := c.carrier
	k.attended, k.fd = true, fd
	defer func() { k.attended = false }()
	return c.Read(p)
}
