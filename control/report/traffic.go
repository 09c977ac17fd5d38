package report

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Traffic is what was seen, in figures and in examples. Its size is bounded, whatever the number of attempts.
type Traffic struct {
	// Calls and Attempts count all that were seen of the clients in question.
	Calls, Attempts int
	// Begin and End are when the first and the last attempt came, on the wall clock.
	Begin, End time.Time
	// Rate has the attempts over time, in equal parts from Begin to End.
	Rate []RateBin
	// Clients are in order of their names.
	Clients []ClientTraffic
}

// RateBin counts the attempts of a part of the time by what came of them.
type RateBin struct {
	Success, SoftError, Failed int
	// Ours counts what failed by the proxy's own doing.
	Ours int
}

// ClientTraffic is what was seen of one client.
type ClientTraffic struct {
	Client          string
	Calls, Attempts int
	// Tries counts the calls by how many attempts they made: Tries[0] those with one. The last counts those with as many or more.
	Tries []int
	// Timelines are examples: what the findings rest on first, worst finding first, then calls that met trouble.
	Timelines []Timeline
}

// Timeline is a call as an example.
type Timeline struct {
	// Call is a copy that may lack its later attempts.
	Call observe.Call
	// Attempts is how many it made, those that Call lacks included.
	Attempts int
	// Evidence names the checks whose findings rest on the call.
	Evidence []string
}

// CollectOptions steers Collect.
type CollectOptions struct {
	// Ended says that the workload is known to have ended: see verdict.Journal.
	Ended bool
	// Client narrows it to one client, "" for all.
	Client string
}

const (
	// rateBins is how many parts the time is cut into.
	rateBins = 60
	// mostTries is the number of attempts from which calls are counted together.
	mostTries = 12
	// mostClients bounds the clients of which examples are kept.
	mostClients = 25
)

// Collect puts together what a report says beside the verdict r on the attempts, which it goes through twice. What attempts
// gives is Collect's.
func Collect(r verdict.Report, attempts iter.Seq[*observe.Attempt], o CollectOptions) Content {
	c := &collection{
		options: o, traffic: &Traffic{}, covered: coverage.New(coverage.Options{}),
		clients: map[string]*ClientTraffic{}, samples: newSamples(&r),
	}
	known := observe.Learn(func(yield func(*observe.Attempt) bool) {
		for a := range attempts {
			c.traffic.widen(moment(a))
			if !yield(a) {
				return
			}
		}
	})
	c.traffic.Rate = make([]RateBin, rateBins)
	g := observe.NewGrouper(observe.Options{Known: known, Chapter: c.take})
	for a := range attempts {
		g.Add(a)
	}
	g.Close(o.Ended)
	return c.content(r)
}

// collection is the work of Collect.
type collection struct {
	options CollectOptions
	traffic *Traffic
	covered *coverage.Collector
	clients map[string]*ClientTraffic
	samples *samples
}

// moment is when an attempt came, on the wall clock if it has one.
func moment(a *observe.Attempt) time.Time {
	if a.Time.IsZero() {
		return time.Unix(0, 0).UTC().Add(a.Received)
	}
	return a.Time.UTC()
}

// widen stretches the time in which something was seen.
func (t *Traffic) widen(at time.Time) {
	if t.Begin.IsZero() || at.Before(t.Begin) {
		t.Begin = at
	}
	if at.After(t.End) {
		t.End = at
	}
}

func (c *collection) take(chapter *observe.Chapter) {
	if c.options.Client != "" && chapter.Client != c.options.Client {
		return
	}
	for i := range chapter.Calls {
		if call := &chapter.Calls[i]; len(call.Attempts) > 0 {
			c.call(call)
		}
	}
}

func (c *collection) call(call *observe.Call) {
	client := c.clients[call.Client]
	if client == nil {
		client = &ClientTraffic{Client: call.Client, Tries: make([]int, mostTries)}
		c.clients[call.Client] = client
	}
	client.Calls++
	client.Attempts += len(call.Attempts)
	client.Tries[min(max(call.Tries(), 1), mostTries)-1]++
	for _, a := range call.Attempts {
		c.covered.Add(a)
		c.traffic.bin(moment(a)).count(a)
	}
	c.samples.offer(call)
}

// bin is the part of the time that a moment is in.
func (t *Traffic) bin(at time.Time) *RateBin {
	span := t.End.Sub(t.Begin)
	if span <= 0 {
		return &t.Rate[0]
	}
	at64 := int(float64(at.Sub(t.Begin)) / float64(span) * float64(len(t.Rate)))
	return &t.Rate[min(max(at64, 0), len(t.Rate)-1)]
}

func (b *RateBin) count(a *observe.Attempt) {
	switch {
	case a.Origin == observe.OriginOurs:
		b.Ours++
	case a.Failed() || a.Spoiled():
		b.Failed++
	case !plainSuccess(a):
		b.SoftError++
	default:
		b.Success++
	}
}

func (b *RateBin) total() int { return b.Success + b.SoftError + b.Failed + b.Ours }

// content puts the parts together.
func (c *collection) content(r verdict.Report) Content {
	t := c.traffic
	for _, client := range c.clients {
		client.Timelines = c.samples.of(client.Client)
		t.Calls += client.Calls
		t.Attempts += client.Attempts
		t.Clients = append(t.Clients, *client)
	}
	slices.SortFunc(t.Clients, func(a, b ClientTraffic) int { return cmp.Compare(a.Client, b.Client) })
	matrix := c.covered.Matrix()
	return Content{Verdict: r, Traffic: t, Coverage: &matrix}
}
