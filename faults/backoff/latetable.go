package backoff

import "math"

// Range and fineness of the tables: from 2^leastOctave seconds on, in steps of an eighth of an octave and a line between
// them. What is less is the least, what is more is never seen.
const (
	leastOctave, octaves = -14, 20
	stepBits             = 4
	steps                = 1 << stepBits
)

// lateTable is a function of the lateness in seconds for each noise level.
type lateTable [octaves*steps + 1][noiseLevels]float64

// lateBy holds how probable it is, at each noise level, that a wait is later than so many seconds, and how fast that falls: their
// exponentials are most of what classifying costs.
var lateBy = struct{ rest, slope *lateTable }{
	rest:  tabulate(func(x, scale float64) float64 { return math.Exp(-x / scale) }),
	slope: tabulate(func(x, scale float64) float64 { return math.Exp(-x/scale) / scale }),
}

func tabulate(of func(x, scale float64) float64) *lateTable {
	var t lateTable
	for i := range t {
		x := math.Ldexp(1+float64(i%steps)/steps, leastOctave+i/steps)
		for level := range t[i] {
			for s, scale := range lateness {
				t[i][level] += busy[level][s] * of(x, scale)
			}
		}
	}
	return &t
}

// read is the function at x seconds.
func (t *lateTable) read(x float64) [noiseLevels]float64 {
	const least = 1.0 / (1 << -leastOctave)
	if x <= least {
		return t[0]
	}
	bits := math.Float64bits(x)
	const mantissa = 52 - stepBits
	place := int(bits>>mantissa) - (1023+leastOctave)<<stepBits // the sign is 0: 11 + stepBits bits are left
	if place >= len(t)-1 {
		return [noiseLevels]float64{}
	}
	share := float64(bits&(1<<mantissa-1)) / (1 << mantissa)
	low, high := &t[place], &t[place+1]
	return [noiseLevels]float64{ // written out, as is all that is done to every gap: a loop takes twice as long
		low[0] + share*(high[0]-low[0]),
		low[1] + share*(high[1]-low[1]),
		low[2] + share*(high[2]-low[2]),
	}
}
