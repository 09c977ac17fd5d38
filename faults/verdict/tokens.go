package verdict

import (
	"cmp"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// mostTokens bounds the requests for a token that are remembered.
const mostTokens = 1 << 14

// tokens remembers when anybody asked for a token, and from where. Such a request carries no token itself, so that it may
// come under another name than the calls that it is for.
type tokens struct {
	requests []tokenRequest
	sorted   bool
	// full reports that there were, or may have been, more than are remembered.
	full bool
}

type tokenRequest struct {
	at            time.Duration
	address, node string
}

// take takes in the requests for a token of a chapter.
func (t *tokens) take(c *observe.Chapter) {
	for i := range c.Calls {
		for j := range c.Calls[i].Attempts {
			if a := c.Calls[i].Attempts[j]; a.Endpoint == groove.Token {
				t.note(a)
			}
		}
	}
}

func (t *tokens) note(a *observe.Attempt) {
	if len(t.requests) >= mostTokens {
		t.full = true
		return
	}
	t.requests = append(t.requests, tokenRequest{at: a.Received, address: a.Address, node: a.Node})
	t.sorted = false
}

// routed reports that requests for a token from an address go through the proxy, as one did. One that came from nowhere
// known may have been from there.
func (t *tokens) routed(address string) bool {
	return t != nil && slices.ContainsFunc(t.requests, func(r tokenRequest) bool { return r.mayBeFrom(address) })
}

func (r *tokenRequest) mayBeFrom(address string) bool {
	return r.address == "" || address == "" || r.address == address
}

// inquiry says whether somebody asked for a token.
type inquiry int

const (
	// inquiryNone is nobody.
	inquiryNone inquiry = iota
	// inquiryElsewhere is somebody at another address, which may be the one that fetches tokens for all.
	inquiryElsewhere
	// inquiryMade is the client itself, as far as its address can tell.
	inquiryMade
)

// pause is a stretch of time between two attempts, with where and by which node they were seen.
type pause struct {
	deed

	from, to      time.Duration
	address, node string
}

// newPause is the time from the arrival of one attempt to that of its repeat: a client may ask for a token before it was refused.
func newPause(c *call, g *observe.Gap) pause {
	return pause{deed: newDeed(c, g), from: g.Before.Received, to: g.After.Received, address: g.Before.Address, node: g.Before.Node}
}

// during says who asked for a token in a pause. The clocks of two nodes may be apart.
func (t *tokens) during(p *pause) inquiry {
	if t == nil {
		return inquiryNone
	}
	t.sort()
	found := inquiryNone
	if t.full {
		found = inquiryElsewhere
	}
	start, _ := slices.BinarySearchFunc(t.requests, p.from-observe.ClockDoubt, func(r tokenRequest, at time.Duration) int { return cmp.Compare(r.at, at) })
	for _, r := range t.requests[start:] {
		if r.at > p.to+observe.ClockDoubt || found == inquiryMade {
			break
		}
		inside := r.at >= p.from && r.at <= p.to
		switch {
		case !inside && r.node == p.node:
		case r.mayBeFrom(p.address):
			found = inquiryMade
		default:
			found = inquiryElsewhere
		}
	}
	return found
}

func (t *tokens) sort() {
	if !t.sorted {
		slices.SortStableFunc(t.requests, func(a, b tokenRequest) int { return cmp.Compare(a.at, b.at) })
		t.sorted = true
	}
}
