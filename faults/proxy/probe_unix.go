//go:build unix

package proxy

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// probe looks at an unused connection without waiting.
type probe struct {
	raw  syscall.RawConn
	look func(fd uintptr)
	// quiet is what the last look saw: nothing, not even an end.
	quiet bool
	byte  [1]byte
}

// newProbe returns nil for a connection that is no socket.
func newProbe(c net.Conn) *probe {
	s, ok := beneath(c).(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return nil
	}
	p := &probe{raw: raw}
	p.look = func(fd uintptr) {
		_, _, err := unix.Recvfrom(int(fd), p.byte[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		p.quiet = errors.Is(err, unix.EAGAIN)
	}
	return p
}

// alive reports whether nothing has come on an unused connection: its end and
// bytes that nobody asked for both mean that it is of no more use.
func (p *probe) alive() bool {
	if p == nil {
		return true
	}
	p.quiet = false
	return p.raw.Control(p.look) == nil && p.quiet
}

// socketError takes the pending error of a connection, nil for none: a reset
// that came after the end of what the peer sent shows nowhere else.
func socketError(c net.Conn) (pending error) {
	s, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	err = raw.Control(func(fd uintptr) {
		code, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		switch {
		case err != nil:
			pending = err
		case code != 0:
			pending = syscall.Errno(code)
		}
	})
	return errors.Join(err, pending)
}
