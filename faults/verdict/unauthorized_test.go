package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// refused makes the attempts of a call that gets 401 each time with one credential.
func refused(credential string, waits ...time.Duration) []try {
	tries := fails(401, waits...)
	for i := range tries {
		tries[i].credential, tries[i].address = credential, "10.0.0.1"
	}
	return tries
}

// asksToken is a request for a token from an address.
func asksToken(address string, at time.Duration) op {
	return op{method: "POST", endpoint: groove.Token, target: "/accesstoken.srf", at: at, tries: []try{{status: 200, address: address}}}
}

// amid adds calls, and for each a request for a token that arrives so long after its first attempt did.
func (p *tape) amid(n int, address string, after time.Duration, o op) *tape {
	for range n {
		p.add(o)
		end, begin := p.now, p.calls[len(p.calls)-1].Attempts[0].Received
		p.by("app@"+address, asksToken(address, begin+after))
		p.now = max(p.now, end)
	}
	return p
}

func TestUnauthorizedNotHammered(t *testing.T) {
	t.Parallel()
	const explicit = observe.GroupingExplicit
	once, twice, never := op{tries: refused("a", 200*ms)}, op{tries: refused("a", 100*ms, 200*ms)}, op{tries: refused("a")}
	fresh := op{tries: append(refused("a"), try{after: 100 * ms, status: 200, credential: "b"})}
	anew := op{tries: append(refused("a"), append(refused("b"), refused("c")...)...)}
	unsigned := op{tries: refused("", 100*ms, 200*ms)}
	polled, reloaded := op{polling: true, tries: refused("a", second, second)}, op{tries: refused("a", 3*second)}
	play(t, "unauthorized-not-hammered", map[string]scene{
		"nothing happened":                     {newTape(10).times(3, op{tries: fails(403)}), 0, Inconclusive, "saw none"},
		"left alone":                           {newTape(10).times(3, never), 0, Pass, "no refused credential was insisted on in 3 calls"},
		"left alone too seldom":                {newTape(10).times(2, never), 0, Inconclusive, "saw 2"},
		"three calls, three times each":        {newTape(10).times(3, twice), 0, Fail, "in 3 of 3 calls, up to 2 times in one"},
		"three calls, twice each":              {newTape(10).times(3, once), 0, Fail, "up to 1 time in one"},
		"two calls, twice each":                {newTape(10).times(2, once), 0, Inconclusive, "saw 2 with 1: that could be a person's reload"},
		"two named calls, twice each":          {newTape(0).times(2, once.as(explicit)), 0, Inconclusive, "reload"},
		"one named call, three times":          {newTape(0).add(twice.as(explicit)), 0, Fail, "1 of 1 call"},
		"one call, three times":                {newTape(10).add(twice), 0, Inconclusive, "3 different requests"},
		"signatures of one signer":             {newTape(10).times(3, op{tries: refused("hmac key", 100*ms, 200*ms)}), 0, Fail, ""},
		"another credential each time":         {newTape(10).times(3, anew), 0, Pass, ""},
		"another credential, once":             {newTape(10).times(3, fresh), 0, Pass, ""},
		"a scheme that nobody knows":           {newTape(10).times(3, unsigned), 0, Inconclusive, "a credential by which it can be told"},
		"a token is asked for in between":      {newTape(10).amid(3, "10.0.0.1", 50*ms, once), 0, Pass, ""},
		"and from nowhere known":               {newTape(10).amid(3, "", 50*ms, once), 0, Pass, ""},
		"and elsewhere, for all perhaps":       {newTape(10).amid(3, "10.0.0.9", 50*ms, once), 0, Inconclusive, "came again in 3 of 3"},
		"a token is asked for, then it goes":   {newTape(10).amid(3, "10.0.0.1", 50*ms, op{tries: refused("a", 100*ms, 200*ms, 400*ms)}), 0, Fail, "up to 2 times in one"},
		"a token is asked for, but later":      {newTape(10).amid(3, "10.0.0.1", 500*ms, once), 0, Fail, ""},
		"a token is asked for, but before":     {newTape(10).amid(3, "10.0.0.1", -100*ms, once), 0, Fail, ""},
		"polled":                               {newTape(10).times(3, polled), 0, Inconclusive, ""},
		"loaded again by a person":             {newTape(10).times(3, reloaded), 0, Inconclusive, "gaps that rise"},
		"as another call, a minute late":       {newTape(10).times(3, never).again(never), 0, Inconclusive, "came again in 1 of 4"},
		"ambiguous":                            {newTape(10).times(3, twice.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"no baseline":                          {newTape(0).times(3, twice), 0, Inconclusive, "baseline of 10 calls, saw 0"},
		"a loop over pages":                    {newTape(10).loops(6, refused("a", 200*ms)), 0, Inconclusive, ""},
		"ours":                                 {newTape(10).times(3, op{tries: []try{{status: 401, credential: "a", origin: observe.OriginOurs}, {after: ms, status: 401, credential: "a", origin: observe.OriginOurs}}}), 0, Inconclusive, "saw none"},
		"the upstream's":                       {newTape(10).times(3, op{tries: []try{{status: 401, credential: "a", origin: observe.OriginUpstream}, {after: ms, status: 401, credential: "a"}}}), 0, Fail, ""},
		"the client left and came back":        {newTape(10).times(3, op{tries: []try{{status: 401, credential: "a", end: observe.EndClientLeft}, {after: ms, status: 401, credential: "a"}}}), 0, Pass, ""},
		"in flight when the first was refused": {newTape(10).times(3, never).overlap(never).overlap(never), 0, Pass, "5 calls"},
		"watching ended":                       {newTape(10).times(3, op{censored: true, tries: refused("a")}), 0, Inconclusive, ""},
	})
}

// loops adds n calls that each come 50 ms after the one before and come again in that order.
func (p *tape) loops(n int, tries []try) *tape {
	start := p.now + second
	for i := range n {
		p.add(op{at: start + time.Duration(i)*30*ms, tries: tries})
	}
	return p
}
