package simulate

import "math"

// Source gives numbers that look like chance and follow from its seed (splitmix64). It is not safe for concurrent use.
type Source struct{ state uint64 }

// NewSource returns the source of a seed.
func NewSource(seed uint64) *Source { return &Source{state: seed} }

// Uint64 is the next number.
func (s *Source) Uint64() uint64 {
	s.state += 0x9e3779b97f4a7c15
	x := s.state
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Float is evenly distributed from 0 to below 1.
func (s *Source) Float() float64 { return float64(s.Uint64()>>11) / (1 << 53) }

// Between is evenly distributed on a logarithmic scale from low to below high, both above 0.
func (s *Source) Between(low, high float64) float64 {
	return low * math.Pow(high/low, s.Float())
}

// exponential is exponentially distributed with a mean.
func (s *Source) exponential(mean float64) float64 { return -mean * math.Log(1-s.Float()) }
