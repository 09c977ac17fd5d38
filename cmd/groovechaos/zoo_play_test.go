//go:build e2e

package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// weather is what a machine does to the timers of the clients on it.
type weather struct {
	name string
	// usual is by how much a client is late in the mean, beyond half a millisecond. A share of the waits is later, by slowness in the mean, and
	// another by anything up to latest.
	usual, slowness, latest time.Duration
	slow, late              float64
	// stalls is how often in a second everything stands still, for a time between 5 ms and longest.
	stalls  float64
	longest time.Duration
	// stood is what the watch of the machine finds, where that is not a matter of the stalls.
	stood time.Duration
}

// weathers are what the zoo was seen to run in: a quiet machine, one that stands still now and then, and one on which single processes are late.
var weathers = []weather{
	{name: "calm", usual: 1500 * time.Microsecond, slow: 0.1, slowness: 10 * time.Millisecond, stood: 5 * time.Millisecond},
	{name: "brisk", usual: 3 * time.Millisecond, slow: 0.15, slowness: 25 * time.Millisecond, stood: 12 * time.Millisecond},
	{name: "stalling", usual: 1500 * time.Microsecond, slow: 0.1, slowness: 10 * time.Millisecond, stalls: 1, longest: 50 * time.Millisecond},
	{
		name: "lagging", usual: 3 * time.Millisecond, slow: 0.15, slowness: 25 * time.Millisecond,
		late: 0.05, latest: 400 * time.Millisecond, stalls: 1, longest: 50 * time.Millisecond,
	},
}

// play is a client of the zoo that only its source moves: no process, no proxy, no clock.
type play struct {
	*resident
	weather
	chance *rand.Rand
	// pauses are when everything stands still, in order.
	pauses   []stall
	attempts []observe.Attempt
	// spent is what a budget has paid for.
	spent int
	// struck counts the attempts at each scenario.
	struck map[string]int
}

type stall struct{ from, until time.Duration }

// horizon is how long the zoo is open at most.
const horizon = 3 * time.Minute

// playful lets a resident go through its scenarios once, and returns the attempts in order and for how long the machine stood still.
func playful(r *resident, w weather, seed uint64) ([]observe.Attempt, time.Duration) {
	p := &play{resident: r, weather: w, chance: rand.New(rand.NewPCG(seed, 7)), struck: make(map[string]int)}
	stood := p.stall()
	end := p.undergoes(&baseline, time.Second)
	for i := range r.scenarios {
		s := &r.scenarios[i]
		start := time.Second + end + s.start
		if r.inTurn {
			start = time.Second + end
		}
		over := p.undergoes(s, start)
		if r.inTurn {
			end = over
		}
	}
	p.number()
	return p.attempts, stood
}

// stall decides when everything stands still, and returns for how long at most.
func (p *play) stall() time.Duration {
	if p.stalls == 0 {
		return p.stood
	}
	const least = 5 * time.Millisecond
	longest := p.stood
	for at := 0.0; at < horizon.Seconds(); at += p.chance.ExpFloat64() / p.stalls {
		from := time.Duration(at * float64(time.Second))
		length := least + time.Duration(p.chance.Float64()*float64(p.longest-least))
		p.pauses, longest = append(p.pauses, stall{from, from + length}), max(longest, length)
	}
	return longest
}

// awake is when something happens that is due at a time.
func (p *play) awake(at time.Duration) time.Duration {
	i, _ := slices.BinarySearchFunc(p.pauses, at, func(s stall, at time.Duration) int { return cmp.Compare(s.from, at) })
	for _, s := range p.pauses[max(0, i-3):min(i+3, len(p.pauses))] {
		if s.from <= at && at < s.until {
			at = s.until
		}
	}
	return at
}

// undergoes makes the calls of a scenario and returns when the last has ended.
func (p *play) undergoes(s *scenario, start time.Duration) time.Duration {
	end := start
	for i := range s.requests {
		at := start + delayed(i)
		if s.inTurn || p.inTurn {
			at = end + time.Millisecond
		}
		for j := range max(1, s.visits, s.crowd) {
			over := p.call(s, i, j, at)
			if s.visits > 0 {
				at = over + s.waits[(i+j)%len(s.waits)]
			}
			end = max(end, over)
		}
	}
	return end
}

// call makes one call, and returns when it has ended.
func (p *play) call(s *scenario, i, j int, at time.Duration) time.Duration {
	call := s.call(i, j)
	most := 1
	if p.policy.repeats(s) {
		most = p.policy.attempts
	}
	if p.policy.budget > 0 {
		most = min(most, p.policy.budget-p.spent+1)
	}
	previous := 0.0
	for k := 1; ; k++ {
		a := p.attempt(s, call, k, at)
		p.attempts = append(p.attempts, a)
		if k > 1 {
			p.spent++
		}
		if !a.Failed() || k == most || p.watched > 0 && a.Answered > p.watched {
			return a.Answered
		}
		previous = p.draw(s, k, previous)
		at = a.Answered + p.lateness() + time.Duration(previous*float64(time.Second))
		if s.field == date && p.policy.dates {
			wait, _ := a.Wait()
			at = a.Answered + p.lateness() + wait.Wait
		}
	}
}

// draw is the wait before a retry, in seconds.
func (p *play) draw(s *scenario, k int, previous float64) float64 {
	low, high := p.policy.delayAt(s, k)
	if p.law.Curve == backoff.Decorrelated {
		const base, limit = 0.1, 3
		return min(limit, base+p.chance.Float64()*(3*max(previous, base)-base))
	}
	return low + p.chance.Float64()*(high-low)
}

// lateness is by how much a timer is late.
func (p *play) lateness() time.Duration {
	late := float64(500*time.Microsecond) + p.chance.ExpFloat64()*float64(p.usual)
	if p.chance.Float64() < p.slow {
		late += p.chance.ExpFloat64() * float64(p.slowness)
	}
	if p.chance.Float64() < p.late {
		late += p.chance.Float64() * float64(p.latest)
	}
	return time.Duration(late)
}

// opened is the wall clock when the zoo opens.
var opened = time.Date(2026, 1, 1, 0, 0, 0, 123456789, time.UTC)

// attempt is one attempt as the proxy sees it.
func (p *play) attempt(s *scenario, c zooCall, k int, at time.Duration) observe.Attempt {
	received := p.awake(at)
	answered := p.awake(received + 200*time.Microsecond + time.Duration(p.chance.ExpFloat64()*float64(400*time.Microsecond)))
	a := observe.Attempt{
		Time: opened.Add(received), Received: received, Answered: answered,
		Client: p.resident.name, Credential: "credential", UserAgent: p.agent(), Address: "127.0.0.1",
		Endpoint: "lookup", Method: c.Method, Target: c.Path, BodyComplete: true, Counter: observe.NoCounter,
		Status: http.StatusOK, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete,
		Headers: "user-agent=" + p.resident.name + ";x-zoo-call=" + c.ID,
	}
	if s.writes {
		a.Endpoint = "collection.add"
	}
	if c.Body != "" && (k == 1 || !p.policy.loses) {
		a.BodyLength, a.BodyDigest = int64(len(c.Body)), "body"
	}
	if slices.Contains(p.driver, "named") {
		a.CallID, a.CallIDHeader = c.ID, observe.CallHeader
	}
	if p.strikes(s, k) {
		s.strike(&a)
	} else {
		a.Forwarded, a.UpstreamStatus = true, http.StatusOK
	}
	return a
}

// strikes reports whether the fault of a scenario strikes the attempt.
func (p *play) strikes(s *scenario, k int) bool {
	p.struck[s.name]++
	switch {
	case !s.faulty():
		return false
	case s.every > 0:
		return p.struck[s.name]%s.every == 0
	default:
		return s.failures == 0 || k <= s.failures
	}
}

// strike makes an attempt fail.
func (s *scenario) strike(a *observe.Attempt) {
	a.Status, a.Class, a.Origin, a.Fault, a.ErrorCode = s.status, groove.ClassFailure, observe.OriginInjected, s.name, groove.ErrorCode(s.code)
	switch {
	case s.lost:
		a.End, a.Break, a.BreakAt, a.Forwarded, a.UpstreamStatus = observe.EndBroken, "reset", "after", true, http.StatusOK
	case s.field == seconds:
		a.RetryAfter = strconv.Itoa(int(s.wait.Seconds()))
	case s.field == garbage:
		a.RetryAfter = "soon"
	case s.field == date:
		ahead := opened.Add(a.Answered + s.wait)
		if whole := ahead.Truncate(time.Second); whole != ahead {
			ahead = whole.Add(time.Second)
		}
		a.RetryAfter = ahead.Format(http.TimeFormat)
	}
}

// agent is the User-Agent of a resident.
func (p *play) agent() string {
	switch kind := p.driver[0]; {
	case kind == "python":
		return "python-requests/2.28.1"
	case kind == "node" && p.driver[1] == "got":
		return "got (https://github.com/sindresorhus/got)"
	case kind == "node" && (p.driver[1] == "ky" || p.driver[1] == "wretch"):
		return "node"
	case kind == "node":
		return ""
	case len(p.driver) > 2:
		return p.driver[2]
	}
	return "Go-http-client/1.1"
}

// number brings the attempts into order and gives each its number, and a connection that is free.
func (p *play) number() {
	slices.SortStableFunc(p.attempts, func(a, b observe.Attempt) int { return cmp.Compare(a.Received, b.Received) })
	fresh := slices.Contains(p.driver, "command")
	var free []time.Duration
	var uses []uint64
	for i := range p.attempts {
		a := &p.attempts[i]
		a.Sequence = uint64(i + 1)
		conn := slices.IndexFunc(free, func(until time.Duration) bool { return until < a.Received && !fresh })
		if conn < 0 {
			conn = len(free)
			free, uses = append(free, 0), append(uses, 0)
		}
		free[conn] = a.Answered
		uses[conn]++
		if a.Break != "" {
			free[conn] = math.MaxInt64
		}
		a.Conn, a.ConnUse = uint64(conn+1), uses[conn]
	}
}

// truthOf is what a client did, as readTruth reads it from the journal.
func truthOf(attempts []observe.Attempt) truth {
	all := make(truth)
	for i := range attempts {
		a := &attempts[i]
		_, query, _ := strings.Cut(a.Target, "?")
		scene, request, _ := strings.Cut(query, "&")
		name := strings.TrimPrefix(scene, "zoo=")
		if all[name] == nil {
			all[name] = make(map[string][]sighting)
		}
		all[name][request] = append(all[name][request], sighting{
			Sequence: a.Sequence, Client: a.Client, Method: a.Method, Target: a.Target, Status: a.Status, BodyLength: a.BodyLength,
			received: a.Received, answered: a.Answered,
		})
	}
	return all
}
