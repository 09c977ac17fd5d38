package observe

import (
	"time"

	"github.com/cespare/xxhash/v2"
)

// imprint is what is known of one request of a client, that is of a fingerprint.
type imprint struct {
	// all follows every attempt that no identifier names, plain those without a request id. It is nil as long as they are the same.
	all   track
	plain *track
	// counted reports that an attempt came with a counter alone, so that one without opens a call.
	counted bool
	// repeated reports that a request id came again, late that an attempt came too far out of order.
	repeated, late bool
	// chain is the call that the attempts make so far, as far as that is plain to see.
	chain chain
	// opens counts the calls, healthy those of them that succeeded at once.
	opens, healthy int
	// wellBegun reports that the first call of all succeeded at once.
	wellBegun bool
	// satisfied reports that it succeeded, returned that it came again after that, writing that a repeat does its work twice.
	satisfied, returned, writing bool
	// crowded reports that it was under way twice at a time.
	crowded bool
	// traffic counts attempts and openings where calls cross.
	traffic traffic
	// idle is how long no call was under way, returns how often that time ended with a call.
	idle    time.Duration
	returns int
}

// routeOf hashes what the attempts of a call have in common even if its body was lost on the way.
func routeOf(a *Attempt) uint64 {
	const spread = 0x9E3779B97F4A7C15
	return xxhash.Sum64String(a.Target)*spread + xxhash.Sum64String(a.Method)
}

// contentOf hashes what a request asks for, on a route.
func contentOf(route uint64, body string) uint64 {
	if body == "" {
		return route
	}
	return mix(route, xxhash.Sum64String(body))
}

// mix brings two hashes together, the order of which matters.
func mix(a, b uint64) uint64 {
	a = (a ^ b>>32) * 0xD6E8FEB86659FD93
	return (a ^ a>>29 ^ b) * 0x9E3779B97F4A7C15
}

// take takes in an attempt that no identifier names.
func (p *imprint) take(a *Attempt, s *study) {
	f := flightOf(a)
	p.counted = p.counted || countedAlone(a)
	named := identified(a)
	if named && p.plain == nil {
		p.plain = p.all.clone()
	}
	if p.plain != nil && !named {
		p.plain.arrive(a)
		p.plain.depart(a, f)
	}
	p.returned = p.returned || p.satisfied
	p.satisfied = p.satisfied || f.succeeded
	p.traffic.fail(p.all.arrive(a))
	p.traffic.arrive(a)
	p.crowded = p.crowded || len(p.all.flying) > 0
	p.follow(a, s)
	p.all.depart(a, f)
}

// settle lets go what only the first pass needs.
func (p *imprint) settle() {
	p.chain, p.all.flying = chain{}, nil
	if p.plain != nil {
		p.plain.flying = nil
	}
}

// rest is what is known of the attempts that are not grouped by a request id.
func (p *imprint) rest(believed bool) *track {
	if p.plain != nil && believed && p.repeated {
		return p.plain
	}
	return &p.all
}

// notable reports that something is known of the request that a later attempt of it could need.
func (p *imprint) notable() bool {
	return p.counted || p.repeated || p.late || p.all.success.n > 0 || p.all.failure.n > 0 || p.plain != nil
}
