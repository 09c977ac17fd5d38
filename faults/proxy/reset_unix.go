//go:build unix

package proxy

import (
	"net"

	"golang.org/x/sys/unix"
)

// watchReset calls seen, from another goroutine, if the client resets the
// connection while nobody writes to it. Others may read. Stop ends the watch,
// and leaves the writes without a deadline.
func watchReset(c *net.TCPConn, seen func()) (stop func()) {
	raw, err := c.SyscallConn()
	if err != nil {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		over := false
		_ = raw.Write(func(fd uintptr) bool { // ended by the deadline
			over = overAt(fd)
			return over
		})
		if over {
			seen()
		}
	}()
	return func() {
		_ = c.SetWriteDeadline(past) // it is closed if this fails
		<-done
		_ = c.SetWriteDeadline(noDeadline)
	}
}

// awaitReset waits for a reset of a connection whose sending half has ended,
// and of which nobody else reads. It is false when the deadline of the reads
// passes first.
func awaitReset(c *net.TCPConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	over := false
	err = raw.Read(func(fd uintptr) bool {
		over = overAt(fd)
		return over
	})
	return err == nil && over
}

// overAt reports whether a connection has ended in both directions. The
// poller of the runtime tells of that as of something to read or to write.
func overAt(fd uintptr) bool {
	polled := [...]unix.PollFd{{Fd: int32(fd)}} //nolint:gosec // Descriptors are small.
	n, err := unix.Poll(polled[:], 0)
	return err == nil && n > 0 && polled[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0
}
