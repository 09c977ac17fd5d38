package observe

import (
	"time"
)

// Knowledge is what the first pass learned of a journal. Its size is bounded: see Learn. It does not change
// any more and is safe for concurrent use.
type Knowledge struct {
	clients map[string]*ClientKnowledge
	// aliases maps the names that clients took on with another credential to those that they are known by.
	aliases map[string]string
	lost    filter
	counts  Counts
	clocks  clocks
}

// Counts says what became of the attempts in the first pass.
func (k *Knowledge) Counts() Counts { return k.counts }

// Begin is when the first attempt arrived, on the clock that the calls are on; 0 for no attempts.
func (k *Knowledge) Begin() time.Duration { return k.clocks.begin() }

// Client returns what is known of a client by the name that its calls have, or nil for nothing. All methods of a
// ClientKnowledge take nil for that.
func (k *Knowledge) Client(name string) *ClientKnowledge {
	if k == nil {
		return nil
	}
	return k.clients[k.name(name)]
}

// Alias returns the name under which the calls of a client go on that has a new credential, the name itself if it is its own.
func (k *Knowledge) Alias(name string) string {
	if k == nil {
		return name
	}
	return k.name(name)
}

func (k *Knowledge) name(name string) string {
	if of, ok := k.aliases[name]; ok {
		return of
	}
	return name
}

// ClientKnowledge is what the first pass learned of one client over the whole journal, however many chapters its calls come in.
type ClientKnowledge struct{ study *study }

func (c *ClientKnowledge) of() *study {
	if c == nil {
		return nil
	}
	return c.study
}

// Attempts counts the attempts of the client.
func (c *ClientKnowledge) Attempts() uint64 {
	if s := c.of(); s != nil {
		return s.attempts
	}
	return 0
}

// Healthy counts the calls that succeeded at once, but for those that look like polling.
func (c *ClientKnowledge) Healthy() int {
	if s := c.of(); s != nil {
		return s.total.healthy
	}
	return 0
}

// Content reports that the client leaves alone what has succeeded: it did so for three routes more than not.
func (c *ClientKnowledge) Content() bool { return c.of().content() }

// Returns counts the requests that succeeded, and those of them to which the client came back after that. Writing selects the
// requests a repeat of which does its work twice, by the contract, instead of all others. Calls with an identifier are not among them.
func (c *ClientKnowledge) Returns(writing bool) (returned, satisfied int) {
	s := c.of()
	switch {
	case s == nil:
		return 0, 0
	case writing:
		return s.total.returned[1], s.total.satisfied[1]
	}
	return s.total.returned[0], s.total.satisfied[0]
}

// Repeated counts the requests that came as more than one call.
func (c *ClientKnowledge) Repeated() int {
	if s := c.of(); s != nil {
		return s.total.repeated
	}
	return 0
}

// Crowded counts the requests that were under way twice at a time. Those with an identifier are not among them.
func (c *ClientKnowledge) Crowded() int {
	if s := c.of(); s != nil {
		return s.total.crowded
	}
	return 0
}

// Singly reports that the client never had two requests under way at a time.
func (c *ClientKnowledge) Singly() bool {
	s := c.of()
	return s != nil && !s.overlaps
}

// Cap returns after how many attempts the client gives up when an answer has that status, 0 where that is not known: five
// calls or more did so alike, and none went on longer.
func (c *ClientKnowledge) Cap(status int) int {
	if s := c.of(); s != nil {
		return s.caps.of(status)
	}
	return 0
}

// End is when the client was last seen: the latest arrival or answer.
func (c *ClientKnowledge) End() time.Duration {
	if s := c.of(); s != nil {
		return s.end
	}
	return 0
}
