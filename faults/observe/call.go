package observe

import (
	"slices"
	"time"
)

// Grouping says how the attempts of a call were brought together.
type Grouping string

const (
	// GroupingExplicit rests on an identifier that the client sent.
	GroupingExplicit Grouping = "explicit"
	// GroupingSingleFlight rests on a fault that struck at most one call of the client and fingerprint at
	// a time: what came after a failed attempt can only be its repeat.
	GroupingSingleFlight Grouping = "single-flight"
	// GroupingInferred rests on equal fingerprints and on time.
	GroupingInferred Grouping = "inferred"
	// GroupingAmbiguous marks a call whose attempts could belong elsewhere. It
	// never counts against a client.
	GroupingAmbiguous Grouping = "ambiguous"
)

// Call is the attempts that belong to one operation of a client.
type Call struct {
	// ID is stable for one journal: the sequence number of the first attempt.
	ID       string   `json:"id"`
	Client   string   `json:"client"`
	Endpoint string   `json:"endpoint,omitempty"`
	Method   string   `json:"method"`
	Target   string   `json:"target"`
	Grouping Grouping `json:"grouping"`
	// Attempts are in order of arrival.
	Attempts []*Attempt `json:"attempts"`
	// Transport holds the sequence numbers of attempts that the client's HTTP stack made by itself
	// after a reused connection died. They are among Attempts but are no retries.
	Transport []uint64 `json:"transport,omitempty"`
	// Hedges holds the sequence numbers of attempts by a safe method that came while the same request was under way
	// and unanswered. They are among Attempts but are no retries. One that is named by nothing is a call of its own: it may have
	// been another caller's.
	Hedges []uint64 `json:"hedges,omitempty"`
	// Posteriors holds, for each attempt, how likely it is that it goes on with this call, by the client's own law of waiting and by
	// how often the request comes of its own accord; nil stands for certain throughout.
	Posteriors []float64 `json:"posteriors,omitempty"`
	// Polling reports that this client repeats this request whether it failed or not, so
	// that its repeats are no retries. Such a call is ambiguous.
	Polling bool `json:"polling,omitempty"`
	// Censored reports that a further attempt could still have come when
	// watching ended, so that its absence proves nothing.
	Censored bool `json:"censored,omitempty"`
	// Content is a hash of what the first attempt asks for, equal for calls by the same method, for the same target and with the same body,
	// whoever made them; 0 where nobody asked.
	Content uint64 `json:"-"`
}

// Gap is the time between two attempts of a call that follow each other. It
// points into the call's Attempts.
type Gap struct {
	// Index counts the repeats of the call, from 1.
	Index         int
	Before, After *Attempt
	// Wait runs from the end of the answer to the arrival of the next attempt. It is 0
	// when they overlap.
	Wait time.Duration
	// Overlap reports that the next attempt arrived before the answer had ended.
	Overlap bool
	// RetryAfter is what the answer asked for, nil for nothing that can be read.
	RetryAfter *RetryAfter
	// Confidence is how likely it is that After is the repeat of Before: see Call.Posteriors.
	Confidence float64
	// Inexact reports that two nodes saw the attempts: Wait is only known to ClockDoubt.
	Inexact bool
	// Hedge reports that After was sent although nothing had gone wrong yet: see Call.Hedges.
	Hedge bool
}

// Confidence is how likely the least likely attempt of the call is to belong to it, 1 for a call that an identifier makes.
func (c *Call) Confidence() float64 {
	if len(c.Posteriors) == 0 {
		return 1
	}
	return slices.Min(c.Posteriors)
}

// Gaps returns the gaps in order. Repeats by the client's HTTP stack make none, and
// gaps after a success are among them: see Before.Failed.
func (c *Call) Gaps() []Gap {
	if len(c.Attempts) < 2 {
		return nil
	}
	gaps := make([]Gap, 0, len(c.Attempts)-1)
	for i := 1; i < len(c.Attempts); i++ {
		before, after := c.Attempts[i-1], c.Attempts[i]
		if slices.Contains(c.Transport, after.Sequence) {
			continue
		}
		gap := Gap{Index: len(gaps) + 1, Before: before, After: after, Wait: after.Received - before.Answered, Confidence: 1}
		if i < len(c.Posteriors) {
			gap.Confidence = c.Posteriors[i]
		}
		gap.Inexact = before.Node != after.Node
		gap.Hedge = slices.Contains(c.Hedges, after.Sequence)
		if gap.Wait < 0 {
			gap.Wait, gap.Overlap = 0, true
		}
		if wait, ok := before.Wait(); ok {
			gap.RetryAfter = &wait
		}
		gaps = append(gaps, gap)
	}
	return gaps
}

// Overlaps returns the gaps in which the next attempt did not wait for the answer.
func (c *Call) Overlaps() []Gap {
	return slices.DeleteFunc(c.Gaps(), func(g Gap) bool { return !g.Overlap })
}

// Failed reports that the last attempt failed.
func (c *Call) Failed() bool {
	return len(c.Attempts) > 0 && c.Attempts[len(c.Attempts)-1].Failed()
}

// Tries counts the attempts that the application made: those of its HTTP stack are left out, and hedges but for one that
// opens the call.
func (c *Call) Tries() int {
	tries := len(c.Attempts) - len(c.Transport) - len(c.Hedges)
	if len(c.Hedges) > 0 && c.Hedges[0] == c.Attempts[0].Sequence {
		tries++
	}
	return tries
}
