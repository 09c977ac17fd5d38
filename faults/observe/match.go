package observe

import (
	"math"
	"slices"
	"time"
)

const (
	// crowdWindow is how many attempts are matched at a time where several calls wait, crowdHorizon how long after
	// the first of them the others come at most.
	crowdWindow, crowdHorizon = 8, 2 * time.Second
	// clearly is how much likelier, as a logarithm, the best matching must be than the next.
	clearly = 4.6
	// impossible is the cost of what cannot be.
	impossible = 1e6
	// maxWaitingCalls bounds the calls that a matching looks at: among more, nothing is certain.
	maxWaitingCalls = 96
	// reluctance is by how much likelier it must be that a call opens before it is taken to.
	reluctance = 2 * clearly
)

// defers reports that a is held back because others of its like are. They are matched first if enough of them came.
func (i *inference) defers(a *Attempt, story *bodyStory) bool {
	if len(story.pending) == 0 {
		return false
	}
	if len(story.pending) >= crowdWindow || i.due(a.Received, story) {
		i.resolve(story)
		return false
	}
	story.pending = append(story.pending, a)
	return true
}

// due reports that no attempt that comes now is matched together with those that are held back.
func (i *inference) due(now time.Duration, story *bodyStory) bool {
	return len(story.pending) > 0 && now > story.pending[0].Received+crowdHorizon
}

// slot is a failed attempt that may have a next: the last of a call, or one of those that are matched.
type slot struct {
	after flight
	tries int
	until time.Duration
	call  *draft
	// from is the place among those that are matched, -1 for none.
	from int
}

// matching is several attempts, and the calls that they may go on with.
type matching struct {
	arrivals []*Attempt
	slots    []slot
	// cost is what each pairing costs, in logarithms: a row for each attempt, a column for each slot, and one for each
	// attempt that may open a call.
	cost [][]float64
}

// resolve matches the attempts that are held back with the calls that wait, and returns the calls that they are in.
func (i *inference) resolve(story *bodyStory) []*draft {
	if len(story.pending) == 0 {
		return nil
	}
	m := i.matching(story)
	story.pending = nil
	best, total := assign(m.cost)
	placed := make([]*draft, len(m.arrivals))
	doubtful := make([]bool, len(m.slots))
	margins := make([]float64, len(m.arrivals))
	for row, column := range best {
		margins[row] = m.margin(row, best, total, doubtful)
		if margins[row] < clearly && column < len(m.slots) {
			doubtful[column] = true
		}
	}
	for row, column := range best {
		a := m.arrivals[row]
		if column >= len(m.slots) {
			placed[row] = i.begin(a, story)
			if margins[row] < clearly {
				placed[row].grouping = GroupingAmbiguous
			}
			continue
		}
		d := m.call(column, placed)
		placed[row] = d
		i.attachMatched(d, a, margins[row])
	}
	for column, doubt := range doubtful {
		if doubt {
			m.call(column, placed).grouping = GroupingAmbiguous
		}
	}
	return placed
}

// attachMatched makes a the next attempt of a call, which is in doubt unless the matching is clearly the best.
func (i *inference) attachMatched(d *draft, a *Attempt, margin float64) {
	if margin < clearly || d.story.rhythm.covers(a.Received-d.last().Answered) {
		d.grouping = GroupingAmbiguous
	}
	sure := min(i.posterior(d, a, d.story), math.Round(1e4/(1+math.Exp(-margin)))/1e4)
	i.doubtful(d, sure)
	i.attach(d, a, sure)
}

// call is the call of a slot, once the attempts before were placed.
func (m *matching) call(column int, placed []*draft) *draft {
	if s := &m.slots[column]; s.from >= 0 {
		return placed[s.from]
	}
	return m.slots[column].call
}

// matching lists what may go on with what, and what that costs.
func (i *inference) matching(story *bodyStory) *matching {
	m := &matching{arrivals: story.pending}
	story.expire(m.arrivals[0].Received)
	end := m.arrivals[len(m.arrivals)-1].Received
	for _, d := range story.open {
		if d.last().Answered <= end && d.last().Failed() {
			m.slots = append(m.slots, slot{after: flightOf(d.last()), tries: len(d.attempts), until: d.until, call: d, from: -1})
		}
	}
	for row, a := range m.arrivals {
		if a.Failed() && a.Answered <= end {
			f := flightOf(a)
			m.slots = append(m.slots, slot{after: f, tries: 2, until: a.Answered + f.least(), from: row})
		}
	}
	m.price(i.caller.known.of(), story, end)
	return m
}

// price finds the costs.
func (m *matching) price(known *study, story *bodyStory, end time.Duration) {
	m.cost = make([][]float64, len(m.arrivals))
	for row, a := range m.arrivals {
		m.cost[row] = make([]float64, len(m.slots)+len(m.arrivals))
		for column := range m.cost[row] {
			m.cost[row][column] = impossible
		}
		for column := range m.slots {
			if s := &m.slots[column]; s.from < row && s.after.answered <= a.Received && a.Received <= s.until {
				m.cost[row][column] = known.pairing(s, a, end)
			}
		}
		m.cost[row][len(m.slots)+row] = known.opening(story) + reluctance
	}
}

// pairing is the cost of going on with a slot: how likely that is at this moment, against not having gone on at all by the end.
func (s *study) pairing(at *slot, a *Attempt, end time.Duration) float64 {
	switch {
	case at.after.repeatedBy(a):
		return -20
	case s == nil:
		return 0
	case s.tooEarly(at.tries, &at.after, a.Received-at.after.answered):
		return 10 * clearly
	}
	going := s.law.going(at.after.status)
	density := s.law.pooled(at.tries, &at.after, a.Received-at.after.answered)
	silent := 1 - going + going*s.law.survival(at.tries, &at.after, end-at.after.answered)
	return -math.Log(max(going*density, 1e-12)) + math.Log(silent)
}

// opening is the cost of opening a call.
func (s *study) opening(story *bodyStory) float64 {
	if s == nil {
		return 0
	}
	rate := story.rate
	if story.print != nil {
		rate = max(rate, story.print.traffic.openings(s.law.going(503)))
	}
	return -math.Log(max(rate, 1e-9))
}

// margin is by how much the best matching beats the next that has something else in a row. It marks the slots that this one
// uses instead if the margin is not clear.
func (m *matching) margin(row int, best []int, total float64, doubtful []bool) float64 {
	if len(m.slots) > maxWaitingCalls {
		for column := range doubtful {
			doubtful[column] = true
		}
		return 0
	}
	column := best[row]
	was := slices.Clone(m.cost[row])
	if column < len(m.slots) {
		m.cost[row][len(m.slots)+row] -= reluctance
	}
	m.cost[row][column] = impossible
	other, cost := assign(m.cost)
	m.cost[row] = was
	margin := min(cost-total, impossible)
	if margin < clearly {
		for at, column := range other {
			if column != best[at] && column < len(m.slots) {
				doubtful[column] = true
			}
		}
	}
	return max(margin, 0)
}

// resolveInDoubt matches what is held back on the route before its time, so that all of it is in doubt.
func (i *inference) resolveInDoubt(now time.Duration) {
	for story := range i.stories() {
		if len(story.pending) == 0 {
			continue
		}
		for _, d := range slices.Concat(story.open, i.resolve(story)) {
			d.grouping = GroupingAmbiguous
		}
		i.tornUntil = max(i.tornUntil, now+1)
	}
}

// assign gives each row a column of its own so that the sum of the costs is least: the Hungarian method by shortest augmenting
// paths. There are at least as many columns as rows.
func assign(cost [][]float64) (columns []int, total float64) {
	rows, width := len(cost), len(cost[0])
	u, v := make([]float64, rows+1), make([]float64, width+1)
	owner := make([]int, width+1)
	for row := 1; row <= rows; row++ {
		augment(cost, row, owner, u, v)
	}
	columns = make([]int, rows)
	for column := 1; column <= width; column++ {
		if owner[column] > 0 {
			columns[owner[column]-1] = column - 1
			total += cost[owner[column]-1][column-1]
		}
	}
	return columns, total
}

// augment finds the cheapest way to give one more row a column. Rows and columns count from 1, owner 0 is none; u and v are
// the potentials.
func augment(cost [][]float64, row int, owner []int, u, v []float64) {
	width := len(owner) - 1
	p := &path{least: make([]float64, width+1), way: make([]int, width+1), used: make([]bool, width+1)}
	for column := range p.least {
		p.least[column] = math.Inf(1)
	}
	owner[0] = row
	at := 0
	for owner[at] != 0 {
		p.used[at] = true
		of := owner[at]
		delta, next := p.extend(cost[of-1], at, u[of], v)
		for column, used := range p.used {
			if used {
				u[owner[column]] += delta
				v[column] -= delta
			} else {
				p.least[column] -= delta
			}
		}
		at = next
	}
	for at != 0 {
		owner[at] = owner[p.way[at]]
		at = p.way[at]
	}
}

// path is the search for the cheapest way: what it costs at least to come to each column, from which other, and which were passed.
type path struct {
	least []float64
	way   []int
	used  []bool
}

// extend looks on from the column at, the row of which costs so much, and returns the nearest column and how far it is.
func (p *path) extend(cost []float64, at int, potential float64, v []float64) (delta float64, next int) {
	delta = math.Inf(1)
	for column := 1; column < len(p.used); column++ {
		if p.used[column] {
			continue
		}
		if reduced := cost[column-1] - potential - v[column]; reduced < p.least[column] {
			p.least[column], p.way[column] = reduced, at
		}
		if p.least[column] < delta {
			delta, next = p.least[column], column
		}
	}
	return delta, next
}
