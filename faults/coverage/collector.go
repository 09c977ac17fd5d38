package coverage

import (
	"fmt"
	"iter"
	"slices"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// Options steers a Collector.
type Options struct {
	// Client narrows it to the attempts of one client, "" for all.
	Client string
}

// Collector gathers a Matrix from attempts, in any order. Its memory is bounded by the contract and not by the number of
// attempts. It is not safe for concurrent use; New makes one.
type Collector struct {
	options       Options
	used          map[string]*tracks
	outside, ours uint64
}

// tracks is what was met on one endpoint.
type tracks struct {
	attempts uint64
	met      map[Error]*Cell
}

// mostBeyond bounds the errors of an endpoint that the contract does not know: an upstream may invent codes.
const mostBeyond = 256

// New makes an empty Collector.
func New(o Options) *Collector { return &Collector{options: o, used: map[string]*tracks{}} }

// Of is the Matrix of attempts.
func Of(attempts iter.Seq[*observe.Attempt], o Options) Matrix {
	c := New(o)
	for a := range attempts {
		c.Add(a)
	}
	return c.Matrix()
}

// Add takes in an attempt, and does not keep it.
func (c *Collector) Add(a *observe.Attempt) {
	if c.options.Client != "" && a.Client != c.options.Client {
		return
	}
	t := c.used[a.Endpoint]
	if t == nil {
		if _, ok := groove.EndpointByName(a.Endpoint); !ok {
			c.outside++
			return
		}
		t = &tracks{met: map[Error]*Cell{}}
		c.used[a.Endpoint] = t
	}
	t.attempts++
	if a.Origin == observe.OriginOurs {
		c.ours++
	}
	for _, e := range Exposures(a) {
		t.add(e, a)
	}
}

func (t *tracks) add(e Error, a *observe.Attempt) {
	cell := t.met[e]
	if cell == nil {
		if len(t.met) >= mostBeyond {
			return
		}
		cell = &Cell{Error: e}
		t.met[e] = cell
	}
	cell.Attempts++
	if a.Origin == observe.OriginInjected || e.Kind == KindTransport || len(a.SpoiledBy) > 0 {
		cell.Injected++
	}
}

// Matrix is what was gathered so far.
func (c *Collector) Matrix() Matrix {
	m := Matrix{Version: Version, Endpoints: []Endpoint{}, Outside: c.outside, Ours: c.ours}
	for _, kind := range Kinds() {
		m.Kinds = append(m.Kinds, KindTally{Kind: kind})
	}
	for _, e := range groove.Endpoints() {
		if t := c.used[e.Name]; t != nil {
			m.Endpoints = append(m.Endpoints, m.count(e, t))
		}
	}
	m.Basis = m.basis()
	return m
}

// count makes the row of an endpoint and adds it to the tallies.
func (m *Matrix) count(e groove.Endpoint, t *tracks) Endpoint {
	row := Endpoint{Endpoint: e.Name, Attempts: t.attempts}
	m.Attempts += t.attempts
	listed := Applicable(e)
	for _, applicable := range listed {
		cell := Cell{Error: applicable}
		if met := t.met[applicable]; met != nil {
			cell = *met
		}
		row.Errors = append(row.Errors, cell)
		row.add(cell.Attempts > 0)
		m.add(cell.Attempts > 0)
		m.Kinds[slices.Index(Kinds(), applicable.Kind)].add(cell.Attempts > 0)
	}
	for met, cell := range t.met {
		if !slices.Contains(listed, met) {
			row.Beyond = append(row.Beyond, *cell)
		}
	}
	slices.SortFunc(row.Beyond, func(a, b Cell) int { return compare(a.Error, b.Error) })
	return row
}

// basis explains the denominator.
func (m *Matrix) basis() string {
	if m.Of == 0 {
		return "No endpoint of the contract was used, so that there was nothing to cover."
	}
	return fmt.Sprintf("Of %s that were used: each status, error code and soft error that the contract lets them answer, and %d kinds of trouble on the way; %d in all.",
		endpoints(len(m.Endpoints)), len(transport), m.Of)
}

func endpoints(n int) string {
	if n == 1 {
		return "1 endpoint"
	}
	return fmt.Sprintf("%d endpoints", n)
}
