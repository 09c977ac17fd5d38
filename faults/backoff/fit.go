package backoff

import "time"

// Answer is a yes or a no, if enough was seen to say.
type Answer string

// The answers.
const (
	Unknown Answer = "unknown"
	No      Answer = "no"
	Yes     Answer = "yes"
)

// Options say how sure a name must be.
type Options struct {
	// Lead is by how much, as a logarithm, a family must be likelier than the next to be named alone; 4.6, a hundred times, is taken for
	// anything that is not above 0.
	Lead float64
}

// Fit is what a client's gaps say of its law. Durations are written in nanoseconds.
type Fit struct {
	// Laws are those that are named, the likelier first: none if too little was seen or nothing fits, two if the
	// gaps cannot tell them apart.
	Laws []Law `json:"laws"`
	// Best is the likeliest law whether it is named or not, nil if nothing was seen.
	Best *Law `json:"best,omitempty"`
	// Lead is by how much, as a logarithm, the first of Laws is likelier than the best law of a family that is not named. It ends at 12.
	Lead float64 `json:"lead"`
	// Grows and Jitters are answered even where no family can be named.
	Grows   Answer `json:"grows"`
	Jitters Answer `json:"jitters"`
	// CapSeen says that the waits were seen to stop growing; Cap of the law is at what. Else the cap was not seen.
	CapSeen bool `json:"cap_seen"`
	// Measured is what the gaps say without a law.
	Measured Measured `json:"measured"`
	// GivesUpAfter is how many retries the client made before it gave up, 0 if that was not seen twice, or not alike.
	GivesUpAfter int `json:"gives_up_after,omitempty"`
	// Calls and Gaps count what the fit rests on; LeftOut counts what it does not.
	Calls   int     `json:"calls"`
	Gaps    int     `json:"gaps"`
	LeftOut LeftOut `json:"left_out"`
	// Points are the gaps by index, for a plot.
	Points []Point `json:"points"`
}

// Measured is what the gaps say by themselves.
type Measured struct {
	// Factor is by how much the least wait grows from one index to the next, by regression; 0 with one index.
	Factor float64 `json:"factor,omitempty"`
	// Ratio is the least wait of an index over the greatest, in the median over the indices that have three gaps.
	Ratio float64 `json:"ratio,omitempty"`
	// Spread is the widest p90 − min of an index.
	Spread time.Duration `json:"spread_ns,omitempty"`
}

// LeftOut counts the gaps that say nothing of the client's own law.
type LeftOut struct {
	// RetryAfter counts the gaps after an answer that said how long to wait.
	RetryAfter int `json:"retry_after,omitempty"`
	// Stalls counts the gaps of more than five times the median of their index.
	Stalls int `json:"stalls,omitempty"`
	// Beyond counts the gaps and the calls' later gaps that were too many to keep.
	Beyond int `json:"beyond,omitempty"`
	// Invalid counts the gaps with a negative wait or an index below 1.
	Invalid int `json:"invalid,omitempty"`
}

// Point is one index of a plot.
type Point struct {
	Index int `json:"index"`
	// Waits are the gaps, rising; at most 64 of them, the least and the greatest included.
	Waits []time.Duration `json:"waits_ns"`
	// Low, Median and High are what the likeliest law gives: its least wait, its median and its greatest. They are 0 without a law.
	Low    time.Duration `json:"low_ns"`
	Median time.Duration `json:"median_ns"`
	High   time.Duration `json:"high_ns"`
}
