package wire

import "math"

// Body follows a body through the slices it comes in. It is small, holds nothing
// of the message and never allocates. Start makes it ready; it is not safe for
// concurrent use.
type Body struct {
	framing Framing
	limits  Limits
	// left are the bytes of data still to come, in the body or in the chunk.
	left int64
	done bool
	err  Error
	chunked
}

// Start begins a body with this framing. The limits are for trailers.
func (b *Body) Start(framing Framing, limits Limits) {
	*b = Body{framing: framing, limits: limits.effective(), left: framing.Length}
	switch framing.Kind {
	case None:
		b.done = true
	case Length:
		b.done = b.left <= 0
	case Chunked:
		b.left = 0
	case UntilClose, Tunnel:
		b.left = math.MaxInt64
	}
}

// Done reports whether the body has ended. UntilClose and Tunnel do not end by
// themselves; a connection that closes before any other body is done has cut it.
func (b *Body) Done() bool { return b.done }

// Framing is what Start was called with.
func (b *Body) Framing() Framing { return b.framing }

// Next takes bytes off the beginning of p: n belong to the body and may be
// forwarded, data are those among them that are payload. It stops after one run
// of payload, so it is called with p[n:] until p is empty or the body is done.
// An Error means that the byte at n is not what must follow; it stays.
func (b *Body) Next(p []byte) (n int, data []byte, err error) {
	if b.framing.Kind != Chunked {
		n, data = b.payload(p)
		return n, data, nil
	}
	for n < len(p) && !b.done && b.err == 0 {
		if b.step == inData {
			taken, data := b.payload(p[n:])
			return n + taken, data, nil
		}
		if b.err = b.octet(p[n]); b.err == 0 {
			n++
		}
	}
	if b.err != 0 {
		return n, nil, b.err
	}
	return n, nil, nil
}

// payload takes what is left of the data, or as much of it as there is.
func (b *Body) payload(p []byte) (n int, data []byte) {
	if b.done || len(p) == 0 {
		return 0, nil
	}
	n = int(min(b.left, int64(len(p))))
	switch b.framing.Kind {
	case UntilClose, Tunnel:
		return n, p[:n]
	case None, Length, Chunked:
	}
	b.left -= int64(n)
	if b.left == 0 && b.framing.Kind == Chunked {
		b.step = afterData
	}
	b.done = b.left == 0 && b.framing.Kind == Length
	return n, p[:n]
}
