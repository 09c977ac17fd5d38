package backoff

import (
	"math"
	"time"
)

// Family is what laws have in common that differ in their figures alone.
type Family struct {
	Curve  Curve  `json:"curve"`
	Jitter Jitter `json:"jitter"`
}

// Law is how long a client waits before it asks again.
type Law struct {
	Family
	// Base is the wait before the first retry, jitter aside: e(1). With Immediate it is e(2); of a decorrelated
	// law it is the least wait.
	Base time.Duration `json:"base_ns"`
	// Factor is by how much each wait exceeds the one before it, for the curves that have a factor.
	Factor float64 `json:"factor,omitempty"`
	// Spread is the s of Proportional, from 0 to 1.
	Spread float64 `json:"spread,omitempty"`
	// Extra is the J of Additive.
	Extra time.Duration `json:"extra_ns,omitempty"`
	// Cap is the most that e grows to, 0 for none that was seen.
	Cap time.Duration `json:"cap_ns,omitempty"`
	// Immediate says that the first retry comes at once, and that the law begins at the second.
	Immediate bool `json:"immediate,omitempty"`
}

// farthest keeps sums of durations from overflowing.
const farthest = float64(math.MaxInt64 / 4)

// Window is what the wait before retry k, from 1, lies between. Previous is the wait before it, which the decorrelated
// law alone looks at; 0 stands for none.
func (l Law) Window(k int, previous time.Duration) (low, high time.Duration) {
	if l.Immediate {
		if k <= 1 {
			return 0, 0
		}
		k--
	}
	if l.Curve == Decorrelated {
		if k <= 1 || previous <= 0 {
			previous = l.Base
		}
		return l.Base, clamp(max(float64(l.Base), l.Factor*float64(previous)))
	}
	e := float64(l.Base) * l.Curve.unit(k, l.Factor)
	if l.Cap > 0 {
		e = min(e, float64(l.Cap))
	}
	a, b := l.Jitter.window(l.Spread)
	low, high = clamp(a*e), clamp(b*e)
	if l.Jitter == Additive {
		high = clamp(float64(high) + float64(l.Extra))
	}
	return low, high
}

// Draw is the wait before retry k, from 1, for a chance u from 0 to below 1. Previous is the wait before it.
func (l Law) Draw(k int, previous time.Duration, u float64) time.Duration {
	low, high := l.Window(k, previous)
	wait := low + time.Duration(u*float64(high-low))
	if l.Curve == Decorrelated && l.Cap > 0 {
		wait = min(wait, l.Cap)
	}
	return wait
}

// lawless is the family of waits that follow no law.
var lawless Family

// kin is the family that a name is of: with jitter one growing curve is hardly told from another, and the curve is a figure of the
// law like its factor.
func (f Family) kin() Family {
	if f != lawless && f.Jitter != NoJitter && f.Curve.grows() {
		f.Curve = Exponential
	}
	return f
}

// jittered reports that chance has a part in the waits.
func (f Family) jittered() bool { return f.Jitter != NoJitter || f.Curve == Decorrelated }

func clamp(x float64) time.Duration {
	switch {
	case !(x > 0): // also what is not a number
		return 0
	case x > farthest:
		return time.Duration(farthest)
	}
	return time.Duration(x)
}

// LogDensity is the logarithm of the density, per second, of a wait that is seen before retry k after the one before it, timers
// being as late as they usually are. It is never infinite: a gap may be a stray one.
func (l Law) LogDensity(k int, previous, wait time.Duration) float64 {
	low, high := l.Window(k, previous)
	most := math.Inf(1)
	if l.Curve == Decorrelated && l.Cap > 0 {
		most = l.Cap.Seconds()
	}
	w := max(wait, 0).Seconds()
	p := cappedDensity(w, strayDensity(w), window{low: low.Seconds(), high: high.Seconds()}, most)
	mean := 0.0
	for level := range p {
		mean += p[level] * math.Exp(levelPrior[level])
	}
	return math.Log(mean)
}

// band is the least wait before retry k, the median one and the greatest, whatever the one before it was.
func (l Law) band(k int) (low, median, high time.Duration) {
	if l.Curve != Decorrelated {
		low, high = l.Window(k, 0)
		return low, low + (high-low)/2, high
	}
	if l.Immediate {
		k--
	}
	low, median, high = l.Base, l.Base, l.Base
	for range min(max(k, 0), mostGaps) {
		median = (l.Base + clamp(l.Factor*float64(median))) / 2
		high = clamp(l.Factor * float64(high))
		if l.Cap > 0 {
			median, high = min(median, l.Cap), min(high, l.Cap)
		}
	}
	return low, median, high
}
