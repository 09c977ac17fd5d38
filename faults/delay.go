package faults

import (
	"math"
	"time"
)

// z99 is the 99th percentile of the standard normal distribution.
const z99 = 2.3263478740408408

// Quantile returns the delay at the quantile u, 0 ≤ u < 1: the inverse of the
// cumulative distribution, bounded by 0 and Max.
func (d *Delay) Quantile(u float64) time.Duration {
	longest := d.Max
	if longest == 0 {
		longest = MaxDelay
	}
	wait := d.value(u)
	// Written so that NaN ends in the first branch.
	if !(wait > 0) {
		return 0
	}
	if wait >= float64(longest) {
		return longest
	}
	return time.Duration(wait)
}

func (d *Delay) value(u float64) float64 {
	switch {
	case d.Fixed != nil:
		return float64(*d.Fixed)
	case d.Uniform != nil:
		return float64(d.Uniform.Min) + u*float64(d.Uniform.Max-d.Uniform.Min)
	case d.Normal != nil:
		return float64(d.Normal.Mean) + float64(d.Normal.Stddev)*normalQuantile(u)
	case d.LogNormal != nil:
		sigma := math.Log(float64(d.LogNormal.P99)/float64(d.LogNormal.P50)) / z99
		return float64(d.LogNormal.P50) * math.Exp(sigma*normalQuantile(u))
	case d.Exponential != nil:
		return -float64(d.Exponential.Mean) * math.Log1p(-u)
	case d.Pareto != nil:
		return float64(d.Pareto.Min) * math.Pow(1-u, -1/d.Pareto.Shape)
	default:
		return 0
	}
}

func normalQuantile(u float64) float64 {
	// A draw of exactly 0 would be minus infinity, which times a deviation of
	// 0 is NaN.
	u = max(u, 0x1p-54)
	return math.Sqrt2 * math.Erfinv(2*u-1)
}
