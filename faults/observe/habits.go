package observe

import (
	"slices"
	"time"
)

// leastContent is how many more requests a client must have left alone after a success than not, before
// it is believed to come back to none.
const leastContent = 3

// habits are what is known of a client over all its requests.
type habits struct {
	// left counts the routes that it left alone after the first success, less those to which it came back.
	left int
	// returns are its gaps after success on any fingerprint.
	returns []time.Duration
	// learned is the rhythm of the returns, once it was asked for.
	learned *rhythm
}

// learn takes in one route.
func (h *habits) learn(attempts []*Attempt, i *inference) {
	switch slices.IndexFunc(attempts, (*Attempt).Succeeded) {
	case -1:
	case len(attempts) - 1:
		h.left++
	default:
		h.left--
	}
	for _, story := range i.bodies {
		h.returns = append(h.returns, story.success...)
	}
}

// content reports that the client does not come back to what has succeeded.
func (h *habits) content() bool { return h.left >= leastContent }

// rhythm is how the client comes back to anything. No more can be learned afterwards.
func (h *habits) rhythm() rhythm {
	if h.learned == nil {
		r := learnRhythm(h.returns)
		h.learned = &r
	}
	return *h.learned
}
