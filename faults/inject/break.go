package inject

import (
	"cmp"

	"github.com/groovechaos/groovechaos/faults"
)

// PointOf returns where a break happens: b.At, or the default for "".
//
// What a data path has to do, by point:
//
//	accept      take the connection and read nothing from it
//	before      read the request's head; do not ask the upstream
//	after       take the head of the upstream's answer; send nothing of it
//	after_head  send the head of the answer as it is; nothing of the body
//	mid_body    send the head and as much of the body as MidBody says
//
// and then, by kind:
//
//	reset  end the connection with RST: what was sent must have left first, and
//	       nothing follows; HTTP/2 resets the stream (RST_STREAM)
//	close  end the connection with FIN: no last chunk is sent; an HTTP/2 stream
//	       has no such end inside an answer, and is reset
//	hang   stay silent until the client leaves or the fault goes (Active.Gone) or
//	       expires (Bound); then go on where the exchange stopped, as if there
//	       were no fault
//
// The head goes out as the upstream sent it, its framing included, so that the
// client can tell that something is missing. A close-delimited body cannot show
// it: there a close looks like the end.
func PointOf(b *faults.Break) faults.BreakPoint { return cmp.Or(b.At, faults.BreakBefore) }

// SideOf returns on which side of the upstream's work an answer lies: a.At, or
// the default for "" and for no answer at all.
func SideOf(a *faults.Answer) faults.Side {
	if a == nil {
		return faults.SideBefore
	}
	return cmp.Or(a.At, faults.SideBefore)
}

// MidBody returns how many bytes of a body go out before a break in its middle:
// half of the length, rounded down, but at least 1. Of an unknown length, -1,
// that is the first byte. An empty body has no middle: 0.
func MidBody(length int64) int64 {
	switch {
	case length < 0:
		return 1
	case length == 0:
		return 0
	default:
		return max(length/2, 1)
	}
}
