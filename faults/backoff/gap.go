package backoff

import "time"

// Gap is one wait of a client before it asked again.
type Gap struct {
	// Index is the number of the retry that ended the wait, from 1.
	Index int `json:"index"`
	// Wait runs from the end of the answer to the arrival of the next attempt.
	Wait time.Duration `json:"wait_ns"`
	// AfterRetryAfter says that the answer told the client how long to wait: such a gap is not its own law.
	AfterRetryAfter bool `json:"after_retry_after,omitempty"`
}

// Call is the gaps of one call, in the order of their index.
type Call struct {
	Gaps []Gap `json:"gaps"`
	// GaveUp says that the client stopped by itself while the answers still failed.
	GaveUp bool `json:"gave_up,omitempty"`
}
