package proxy

import (
	"bytes"
	"errors"
	"io"
	"sync/atomic"

	"github.com/groovechaos/groovechaos/faults/observe"
)

var errBodyClosed = errors.New("read request body: the exchange is over")

// intake is the body of a request that net/http reads. Its beginning is read
// ahead of the decision; all of it is digested as it passes, wherever it goes.
type intake struct {
	src    io.Reader
	closed atomic.Bool
	// ending, when not nil, is called before the upstream side sees the end.
	ending func()
	// stall ends a read that takes too long, for good.
	stall guard

	// turn is held while reading, which may take as long as the client likes: a
	// channel, since a wait for a mutex is no wait to testing/synctest.
	turn   chan struct{}
	prefix bytes.Buffer
	digest *observe.Digest
	ended  bool
	err    error
}

// newIntake takes the body of a request, of which it is known whether there is
// none.
func newIntake(src io.Reader, empty bool) *intake {
	return &intake{src: src, turn: make(chan struct{}, 1), digest: observe.NewDigest(), ended: empty}
}

func (i *intake) lock()   { i.turn <- struct{}{} }
func (i *intake) unlock() { <-i.turn }

// fill reads the beginning of the body and returns its digest.
func (i *intake) fill() (string, error) {
	i.lock()
	defer i.unlock()
	if i.ended {
		return "", nil
	}
	_, err := i.prefix.ReadFrom(io.LimitReader(readerFunc(i.next), maxPrefix))
	return i.digest.Sum(), err
}

// Read is for the upstream side, until Close.
func (i *intake) Read(p []byte) (n int, err error) {
	i.lock()
	defer i.unlock()
	defer func() {
		if d := caught(recover()); d != nil { // net/http reads, and would end the process
			n, err, i.err = 0, d, d
		}
	}()
	if i.closed.Load() {
		return 0, errBodyClosed
	}
	if i.prefix.Len() > 0 {
		return i.prefix.Read(p)
	}
	n, err = i.next(p)
	if errors.Is(err, io.EOF) && i.ending != nil {
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
	i.stall.begin()
	n, err := i.src.Read(p)
	i.stall.end()
	_, _ = i.digest.Write(p[:n]) // never fails
	if errors.Is(err, io.EOF) {
		i.ended = true
	} else {
		i.err = err
	}
	return n, err
}

// Close ends the upstream side's reading. It never blocks, not even on a read
// in progress.
func (i *intake) Close() error {
	i.closed.Store(true)
	return nil
}

// drain reads what is left. The upstream side reads no more from then on.
func (i *intake) drain() error {
	i.closed.Store(true)
	i.lock()
	defer i.unlock()
	i.prefix.Reset()
	_, err := io.Copy(io.Discard, readerFunc(i.next))
	return err
}

// leave ends the reading for good. A read in progress is ended by giveUp.
func (i *intake) leave(giveUp func()) {
	i.closed.Store(true)
	select {
	case i.turn <- struct{}{}:
	default:
		giveUp()
		i.lock()
	}
	i.src = nil
	if !i.ended && i.err == nil {
		i.err = errBodyClosed
	}
	i.unlock()
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
