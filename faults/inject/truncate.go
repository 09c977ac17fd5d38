package inject

import (
	"math"

	"github.com/groovechaos/groovechaos/faults"
)

// TruncateAt returns how many bytes of a body go out before the connection
// ends. The length is that of the body, -1 for unknown: then a share is of what
// was read ahead, whose length is to be passed here. It reports false when
// all of a body of known length goes out, so that nothing is truncated.
func TruncateAt(t *faults.Truncate, length int64) (at int64, cuts bool) {
	switch {
	case t.Bytes != nil:
		at = int64(min(*t.Bytes, math.MaxInt64))
	case t.Share != nil && length >= 0:
		at = part(*t.Share, length)
	default:
		return 0, false
	}
	return at, length < 0 || at < length
}

// part returns so much of a whole, rounded down. What a share in binary lacks to
// the decimal it was written as does not count: 0.29 of 100 is 29. Less than
// 1 is never all.
func part(share float64, whole int64) int64 {
	if !(share < 1) || whole == 0 {
		return whole
	}
	return min(int64(math.Nextafter(share*float64(whole), math.Inf(1))), whole-1)
}
