package proxy

import "sync"

// Sizes of what a client connection reads into.
const (
	// windowSize is what an idle connection holds: short heads fit, and a client
	// with longer ones has a larger window from the first of them on.
	windowSize = 512
	// maxKept is the largest window that is kept between exchanges.
	maxKept = 16 << 10
	// maxAhead is how far a window is read ahead while an exchange is under way:
	// what a client sends meanwhile waits there, and the rest in its own socket.
	maxAhead = 64 << 10
)

var windows = sync.Pool{New: func() any { return new([windowSize]byte) }}

// window is what was read from a connection and is not used up. While an
// exchange is under way bytes are only added to it and never moved, for the
// exchange points into them: what becomes too small is left to the garbage
// collector and not used again.
type window struct {
	buf []byte
	// small is where buf came from, nil for one that has grown.
	small *[windowSize]byte
	// used is where the bytes begin that are left, end where they end.
	used, end int
}

func (w *window) rest() []byte { return w.buf[w.used:w.end] }
func (w *window) empty() bool  { return w.used == w.end }

// room returns space for at least one more byte.
func (w *window) room() []byte {
	switch {
	case w.buf == nil:
		w.small = windows.Get().(*[windowSize]byte)
		w.buf = w.small[:]
	case w.end == len(w.buf):
		w.grow(2 * len(w.buf))
	}
	return w.buf[w.end:]
}

func (w *window) grow(size int) {
	larger := make([]byte, size)
	copy(larger, w.buf[:w.end])
	w.buf, w.small = larger, nil
}

// add keeps bytes that were read elsewhere.
func (w *window) add(p []byte) {
	if w.buf == nil {
		_ = w.room()
	}
	if need := w.end + len(p); need > len(w.buf) {
		w.grow(max(2*len(w.buf), need))
	}
	w.end += copy(w.buf[w.end:], p)
}

// settle moves what is left to the beginning. Nothing may point into the window.
func (w *window) settle() {
	w.end = copy(w.buf, w.rest())
	w.used = 0
	if w.end == 0 && len(w.buf) > maxKept {
		w.buf = nil
	}
}

// release gives the memory back. Nothing may point into the window.
func (w *window) release() {
	if w.small != nil {
		windows.Put(w.small)
	}
	*w = window{}
}
