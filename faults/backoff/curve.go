package backoff

import "math"

// Curve is how the waits of a call grow with the number of the retry, jitter aside.
type Curve string

// The curves. The unit of each is the wait before the first retry.
const (
	// NoDelay: no wait at all.
	NoDelay Curve = "none"
	// Constant: 1, 1, 1.
	Constant Curve = "constant"
	// Linear: 1, 2, 3.
	Linear Curve = "linear"
	// Exponential: 1, f, f².
	Exponential Curve = "exponential"
	// LessOne: 1, 1 + f, 1 + f + f², which is (fᵏ − 1) / (f − 1): for f = 2 the 2ᵏ − 1 of the Azure SDKs.
	LessOne Curve = "exponential-less-one"
	// Decorrelated: between the base and the last wait times the factor, which is 3; its jitter is its own.
	Decorrelated Curve = "decorrelated"
)

// grows reports that later waits are longer.
func (c Curve) grows() bool { return c != NoDelay && c != Constant }

// unit is the wait before retry k, from 1, in units of the first one. It is never beyond 1e18.
func (c Curve) unit(k int, factor float64) float64 {
	k = max(k, 1)
	var unit float64
	switch c {
	case NoDelay:
		return 0
	case Constant:
		return 1
	case Linear:
		unit = float64(k)
	case Exponential, Decorrelated:
		unit = math.Pow(factor, float64(k-1))
	case LessOne:
		unit = float64(k)
		if factor != 1 {
			unit = (math.Pow(factor, float64(k)) - 1) / (factor - 1)
		}
	}
	if !(unit <= 1e18) { // also what is not a number
		return 1e18
	}
	return max(unit, 0)
}
