package proxy

import (
	"bytes"
	"errors"
	"io"
	"sync/atomic"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// maxPrefix is how much of a body is looked at: of a request's before the
// decision, of an answer's to classify it.
const maxPrefix = 64 << 10

// maxAhead is how much of a request's body is read ahead of a delay that an
// injected answer is to follow: so much memory may each such exchange take.
const maxAhead = 1 << 20

var errBodyClosed = errors.New("read request body: the exchange is over")

// intake is the body of a request. Its beginning is read ahead of the
// decision; all of it is digested as it passes, wherever it goes.
type intake struct {
	src    io.Reader
	closed atomic.Bool
	// ending, when not nil, is called before the upstream side sees the end.
	ending func()

	// turn is held while reading, which may take as long as the client likes: a
	// channel, since a wait for a mutex is no wait to testing/synctest.
	turn   chan struct{}
	prefix bytes.Buffer
	digest *observe.Digest
	ended  bool
	err    error
}

// newIntake takes the body of a request, of which the length is known to be 0
// or not.
func newIntake(src io.Reader, empty bool) *intake {
	return &intake{src: src, turn: make(chan struct{}, 1), digest: observe.NewDigest(), ended: empty}
}

// fill reads the beginning of the body and returns its digest.
func (i *intake) fill() (string, error) {
	i.lock()
	defer i.unlock()
	if i.ended {
		return "", nil
	}
	err := i.keep(maxPrefix)
	return i.digest.Sum(), err
}

// readAhead reads on up to maxAhead, and keeps what it reads, since the answer
// that is to follow may be dropped and the request relayed after all. Once a
// body is at its end, net/http watches for the client to leave.
func (i *intake) readAhead() error {
	i.lock()
	defer i.unlock()
	return i.keep(maxAhead)
}

// keep reads until the prefix has the length limit. The caller holds the lock.
func (i *intake) keep(limit int) error {
	_, err := i.prefix.ReadFrom(io.LimitReader(readerFunc(i.next), int64(limit-i.prefix.Len())))
	return err
}

func (i *intake) lock()   { i.turn <- struct{}{} }
func (i *intake) unlock() { <-i.turn }

// take notes what was read. The caller holds the lock.
func (i *intake) take(p []byte, err error) {
	_, _ = i.digest.Write(p) // never fails
	if err == io.EOF {
		i.ended = true
	} else {
		i.err = err
	}
}

// Read is for the upstream side, until Close.
func (i *intake) Read(p []byte) (int, error) {
	i.lock()
	defer i.unlock()
	if i.closed.Load() {
		return 0, errBodyClosed
	}
	if i.prefix.Len() > 0 {
		return i.prefix.Read(p)
	}
	n, err := i.next(p)
	if err == io.EOF && i.ending != nil {
		i.ending()
	}
	return n, err
}

// next reads on behind the prefix. The caller holds the lock.
func (i *intake) next(p []byte) (int, error) {
	switch {
	case i.err != nil:
		return 0, i.err
	case i.ended:
		return 0, io.EOF
	}
	n, err := i.src.Read(p)
	i.take(p[:n], err)
	return n, err
}

// Close ends the upstream side's reading. It never blocks, not even on a read
// in progress.
func (i *intake) Close() error {
	i.closed.Store(true)
	return nil
}

// drain reads what is left, so that the connection can be used again. The
// upstream side reads no more from then on.
func (i *intake) drain() error {
	i.closed.Store(true)
	i.lock()
	defer i.unlock()
	i.prefix.Reset()
	_, err := io.Copy(io.Discard, readerFunc(i.next))
	return err
}

// summary returns what the record says of the body.
func (i *intake) summary() (length int64, digest string, complete bool) {
	i.lock()
	defer i.unlock()
	return i.digest.Length(), i.digest.Sum(), i.ended
}

// failure returns why the body broke off, nil if it did not.
func (i *intake) failure() error {
	i.lock()
	defer i.unlock()
	return i.err
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// capture is the body of an upstream's answer. It keeps the beginning and
// notes whether the body broke off.
type capture struct {
	io.ReadCloser
	prefix *bytes.Buffer
	err    error
}

func (c *capture) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.prefix.Write(p[:min(n, maxPrefix-c.prefix.Len())])
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
