package inject

import (
	"errors"
	"math"
)

// defaultBits is the share that a Corrupt.Share of 0 stands for.
const defaultBits = 0.01

// Bits flips bits of a body as it passes by: in each byte one with the share,
// and in the first byte always, so that no body passes unchanged. Which ones
// depends on key alone, not on how the body is cut into pieces. Make it with
// NewBits.
type Bits struct {
	key uint64
	// scale is the logarithm of the part of bytes that stay.
	scale float64
	// at is how much of the body has passed, next where the next flip is, count
	// how many flips were before that one.
	at, next int64
	count    uint64
}

// NewBits makes a Bits for one body. A share of 0 stands for 0.01.
func NewBits(key uint64, share float64) *Bits {
	if share == 0 {
		share = defaultBits
	}
	return &Bits{key: key, scale: math.Log1p(-share)}
}

// Flip changes the next piece of the body in place.
func (b *Bits) Flip(piece []byte) {
	end := b.at + int64(len(piece))
	for b.next < end {
		figure := noise(b.key, b.count)
		piece[b.next-b.at] ^= 1 << (figure & 7)
		b.count++
		b.next += 1 + b.gap(figure)
	}
	b.at = end
}

// gap draws how many bytes stay before the next flip: the geometric
// distribution, by its quantile. The lowest bits of the figure have been used.
func (b *Bits) gap(figure uint64) int64 {
	const most = 1 << 62
	gap := math.Log1p(-unit(figure)) / b.scale
	if !(gap < most-float64(b.next)) {
		return most - b.next
	}
	return int64(gap)
}

// ErrNoJSON means that a body is no JSON document that could be made invalid.
var ErrNoJSON = errors.New("the body is no JSON document")

// InvalidJSON makes the JSON document in body invalid, and returns the new
// body. The document keeps its length, and its content coding (gzip or none)
// stays intact. In JSONP it is the argument of the call.
//
// It puts a wrong bracket in the place of the last character: no valid document
// ends with "]" that begins with anything but "[", and none with "}" that begins
// so. A reader meets everything else first.
func InvalidJSON(contentEncoding string, body []byte) ([]byte, error) {
	return rewrite(contentEncoding, body, func(text []byte) ([]byte, error) {
		from, to, ok := jsonIn(text)
		if !ok || from == to {
			return nil, ErrNoJSON
		}
		wrong := []byte("]")
		if text[from] == '[' {
			wrong = []byte("}")
		}
		return apply(text, []edit{{start: to - 1, end: to, text: wrong}}), nil
	})
}

// WrongLength is the length to declare of a body that has so many bytes: half
// of it, rounded down, which is at least 1 less than there is. An empty body
// has no wrong length that is shorter.
func WrongLength(length int64) int64 { return length / 2 }
