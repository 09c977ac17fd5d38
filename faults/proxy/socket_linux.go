package proxy

import (
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket is a TCP connection that is read and written by raw system calls.
// The runtime takes it for granted that a system call may block, and makes
// arrangements that cost more than a read of a socket that cannot; where it
// would block, the runtime's poller waits as ever.
type socket struct {
	*net.TCPConn
	raw syscall.RawConn

	reading, writing transfer
	// request is what ask sends, asked is set once it has; whole is set if its
	// answer was read whole.
	request            []byte
	sent               int
	look, asked, whole bool
	asking             func(fd uintptr) bool
	// attendant is who is attended to; attending is the call.
	attendant attendant
	attending func(fd uintptr) bool
}

// transfer is a call in progress, in one direction. At most one goroutine
// reads and one writes at a time, which holds for all of this package.
type transfer struct {
	p    []byte
	n    int
	err  syscall.Errno
	step func(fd uintptr) bool
}

// quick makes the reads and writes of a TCP connection cheap.
func quick(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return ease(c)
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c
	}
	s := &socket{TCPConn: tcp, raw: raw}
	s.reading.step, s.writing.step = s.readOnce, s.writeOnce
	s.asking, s.attending = s.askOnce, s.attendOnce
	_ = raw.Control(func(fd uintptr) { // without it, nothing is known to have been read whole
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_INQ, 1)
	})
	return s
}

// NetConn is the connection beneath.
func (s *socket) NetConn() net.Conn { return s.TCPConn }

func (s *socket) tcp() *net.TCPConn { return s.TCPConn }

// Read reads once.
func (s *socket) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	t := &s.reading
	t.p, t.n, t.err, s.whole = p, 0, 0, false
	err := s.raw.Read(t.step)
	t.p = nil
	switch {
	case err != nil:
		return 0, err
	case t.err != 0:
		return 0, &net.OpError{Op: "read", Net: "tcp", Source: s.LocalAddr(), Addr: s.RemoteAddr(), Err: os.NewSyscallError("read", t.err)}
	case t.n == 0:
		return 0, io.EOF
	default:
		return t.n, nil
	}
}

// readOnce is false when there is nothing to read yet.
func (s *socket) readOnce(fd uintptr) bool {
	t := &s.reading
	for {
		n, err := receive(fd, t.p, 0)
		switch err {
		case 0:
			t.n = n
			return true
		case syscall.EINTR:
		case syscall.EAGAIN:
			return false
		default:
			t.err = err
			return true
		}
	}
}

// Write writes all of p.
func (s *socket) Write(p []byte) (int, error) {
	t := &s.writing
	t.p, t.n, t.err = p, 0, 0
	err := s.raw.Write(t.step)
	t.p = nil
	if err == nil && t.err != 0 {
		err = &net.OpError{Op: "write", Net: "tcp", Source: s.LocalAddr(), Addr: s.RemoteAddr(), Err: os.NewSyscallError("write", t.err)}
	}
	return t.n, err
}

// writeOnce is false when the peer takes no more yet.
func (s *socket) writeOnce(fd uintptr) bool {
	t := &s.writing
	for t.n < len(t.p) {
		n, err := transmit(fd, t.p[t.n:])
		switch err {
		case 0:
			t.n += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return false
		default:
			t.err = err
			return true
		}
	}
	return true
}

// ask sends a request and waits for its answer: see asker. What the poller
// knew before the request is of no interest, so that, unlike Read, it need not
// read in vain first.
func (s *socket) ask(request, room []byte, look bool) (n, got int, err error) {
	t := &s.reading
	t.p, t.n, t.err = room, 0, 0
	s.request, s.sent, s.look, s.asked, s.whole = request, 0, look, false, false
	err = s.raw.Read(s.asking)
	t.p, s.request = nil, nil
	switch {
	case err != nil:
	case t.err == syscall.ESTALE:
		err = errStale
	case t.err != 0:
		err = &net.OpError{Op: "ask", Net: "tcp", Source: s.LocalAddr(), Addr: s.RemoteAddr(), Err: os.NewSyscallError("ask", t.err)}
	case s.sent == len(request) && t.n == 0:
		err = io.EOF
	}
	return s.sent, t.n, err
}

// answered reports whether ask read all there was, and nothing has been read
// since.
func (s *socket) answered() bool { return s.whole }

// askOnce is false while there is nothing to read.
func (s *socket) askOnce(fd uintptr) bool {
	if s.asked {
		return s.answerOnce(fd)
	}
	t := &s.reading
	if s.look && !quiet(fd) {
		t.err = syscall.ESTALE
		return true
	}
	s.asked = true
	for s.sent < len(s.request) {
		n, err := transmit(fd, s.request[s.sent:])
		switch err {
		case 0:
			s.sent += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return true // the rest is for Write, which waits for room
		default:
			t.err = err
			return true
		}
	}
	return false
}

// answerOnce is false while the answer has not begun.
func (s *socket) answerOnce(fd uintptr) bool {
	t := &s.reading
	for {
		n, whole, err := receiveWhole(fd, t.p)
		switch err {
		case 0:
			t.n, s.whole = n, whole
			return true
		case syscall.EINTR:
		case syscall.EAGAIN:
			return false
		default:
			t.err = err
			return true
		}
	}
}

// attend waits for what the client sends: see attender. The poller tells of
// each arrival once, and remembers it until it is waited for; so a wait that
// follows what was read whole, whatever was done in between, need not begin with
// a read in vain.
func (s *socket) attend(a attendant) (n int, err error) {
	t := &s.reading
	t.n, t.err, s.attendant = 0, 0, a
	err = s.raw.Read(s.attending)
	s.attendant = nil
	switch {
	case err != nil:
		return 0, err
	case t.err != 0:
		return 0, &net.OpError{Op: "read", Net: "tcp", Source: s.LocalAddr(), Addr: s.RemoteAddr(), Err: os.NewSyscallError("recvmsg", t.err)}
	default:
		return t.n, nil
	}
}

// attendOnce is false when the client has nothing more to say for now.
func (s *socket) attendOnce(fd uintptr) bool {
	t := &s.reading
	for {
		n, whole, err := receiveWhole(fd, s.attendant.space())
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return false
		case err != 0:
			t.err = err
			return true
		case !whole:
			t.n = n
			return true
		default:
			return !s.attendant.attended(n)
		}
	}
}

// quiet reports whether nothing has come, not even an end.
func quiet(fd uintptr) bool {
	var b [1]byte
	_, err := receive(fd, b[:], syscall.MSG_PEEK)
	return err == syscall.EAGAIN
}

// receive and transmit ask for what sockets alone can do: read and write take
// the way of files to the same end, which costs a tenth more over loopback.
func receive(fd uintptr, p []byte, flags uintptr) (int, syscall.Errno) {
	n, _, err := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), flags|syscall.MSG_DONTWAIT, 0, 0)
	return int(n), err
}

func transmit(fd uintptr, p []byte) (int, syscall.Errno) {
	n, _, err := syscall.RawSyscall6(syscall.SYS_SENDTO, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	return int(n), err
}

// control is what the system says about what it has received: how much is left
// to read, an end of it being one.
type control struct {
	unix.Cmsghdr
	left int32
}

// receiveWhole also reports whether it read all there is, and no end of it.
func receiveWhole(fd uintptr, p []byte) (n int, whole bool, err syscall.Errno) {
	var said control
	part := unix.Iovec{Base: unsafe.SliceData(p)}
	part.SetLen(len(p))
	message := unix.Msghdr{Iov: &part, Control: (*byte)(unsafe.Pointer(&said))}
	message.SetIovlen(1)
	message.SetControllen(int(unsafe.Sizeof(said)))
	r, _, err := syscall.RawSyscall(syscall.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&message)), syscall.MSG_DONTWAIT)
	told := said.Level == unix.IPPROTO_TCP && said.Type == unix.TCP_CM_INQ
	return int(r), r > 0 && told && said.left == 0, err
}
