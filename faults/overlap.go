package faults

import (
	"fmt"
	"slices"
	"strings"
)

// shareSlack forgives what adding up tenths loses.
const shareSlack = 1e-9

// sharer is a fault whose share lies on the common draw.
type sharer struct {
	index int
	fault *Fault
}

// comparisons bounds how many pairs of faults are compared to find shares that
// may meet: less than a second's work. What certainly meets is always found.
const comparisons = 2_000_000

// reviewShares refuses shares that certainly add up to more than 1 on some
// exchange, and warns of those that may. Connections and exchanges draw apart.
func reviewShares(r *Review, set []Fault) {
	reviewDraw(r, set, true)
	reviewDraw(r, set, false)
}

// reviewDraw is reviewShares for the draw of connections, at accept, or for that of
// exchanges.
func reviewDraw(r *Review, set []Fault, accept bool) {
	sharers, total := sharersOf(set, accept)
	if total <= 1+shareSlack {
		return
	}
	index := newMatchIndex(sharers)
	certain, possible := make(map[int]sum), make(map[int]sum)
	for _, s := range sharers {
		surely, maybe := index.sums(s)
		switch {
		case surely.share > 1+shareSlack:
			certain[surely.last] = surely
		case maybe.share > 1+shareSlack:
			possible[maybe.last] = maybe
		}
	}
	if index.left < 0 {
		r.warning("faults", "are too many to tell whose shares may meet: what passes 1 is cut off")
	}
	for _, s := range sharers {
		if sum, ok := certain[s.index]; ok {
			r.problem(shareField(s.index), "adds up to %.6g with %s on the same exchanges, want at most 1 together", sum.share, sum.others(set))
		} else if sum, ok := possible[s.index]; ok {
			r.warning(shareField(s.index), "may add up to %.6g with %s where their matches meet: what passes 1 is cut off", sum.share, sum.others(set))
		}
	}
}

func shareField(i int) string { return fmt.Sprintf("faults[%d].share", i) }

// sharersOf returns the faults that share draws, and the sum of their shares.
func sharersOf(set []Fault, accept bool) ([]sharer, float64) {
	var sharers []sharer
	var total float64
	for i := range set {
		f := &set[i]
		if f.Disabled || f.atAccept() != accept || !f.Terminal() || f.Trigger.counted() || f.Trigger.share() == 0 {
			continue
		}
		sharers = append(sharers, sharer{index: i, fault: f})
		total += f.Trigger.share()
	}
	return sharers, total
}

// sum is the shares that meet on the exchanges of one fault.
type sum struct {
	share   float64
	last    int
	members []int
}

func (s *sum) add(other sharer) {
	s.share += other.fault.Trigger.share()
	s.last = max(s.last, other.index)
	s.members = append(s.members, other.index)
}

// others names the faults of the sum but the last, which is the one reported.
func (s *sum) others(set []Fault) string {
	const most = 5
	var names []string
	for _, i := range s.members {
		if i == s.last {
			continue
		}
		if len(names) == most {
			names = append(names, fmt.Sprintf("%d more", len(s.members)-1-most))
			break
		}
		names = append(names, fmt.Sprintf("%q", set[i].Name))
	}
	return strings.Join(names, ", ")
}

// matchIndex files sharers so that a set of thousands of faults for different
// clients or parameters is reviewed without comparing each with each.
type matchIndex struct {
	// clients holds those that name their clients, anyone the others.
	clients map[string][]sharer
	anyone  []sharer
	// all holds every one.
	all []sharer
	// needing holds those that cover only what has one certain need, wide the
	// others.
	needing map[string][]sharer
	wide    []sharer
	// left is how many comparisons may still be made.
	left int
}

func newMatchIndex(sharers []sharer) *matchIndex {
	index := &matchIndex{all: sharers, clients: make(map[string][]sharer), needing: make(map[string][]sharer), left: comparisons}
	for _, s := range sharers {
		m := &s.fault.Match
		if len(m.Clients) == 0 || slices.ContainsFunc(m.Clients, wild) {
			index.anyone = append(index.anyone, s)
		}
		for _, client := range m.Clients {
			if !slices.ContainsFunc(m.Clients, wild) {
				index.clients[client] = append(index.clients[client], s)
			}
		}
		if all := needs(m); len(all) == 0 || len(m.Clients) > 1 {
			index.wide = append(index.wide, s)
		} else {
			index.needing[all[0]] = append(index.needing[all[0]], s)
		}
	}
	return index
}

// needs returns what an exchange must have for m to hold, as far as one text
// can say it. What m covers has all of its needs, unless it names several
// clients.
func needs(m *Match) []string {
	var all []string
	for name, wanted := range m.Query {
		if wanted != "*" {
			all = append(all, "query "+strings.ToLower(name)+" "+wanted)
		}
	}
	for name, wanted := range m.Headers {
		if wanted != "*" {
			all = append(all, "header "+strings.ToLower(name)+" "+wanted)
		}
	}
	for _, client := range m.Clients {
		if client != "*" {
			all = append(all, "client "+client)
		}
	}
	slices.Sort(all)
	return all
}

// sums adds up the shares that certainly and those that possibly strike the
// exchanges of s, in creation order and until they pass 1.
func (x *matchIndex) sums(s sharer) (certain, possible sum) {
	for _, other := range x.near(s) {
		if x.left--; x.left < 0 || possible.share > 1+shareSlack {
			break
		}
		if !disjoint(&other.fault.Match, &s.fault.Match) {
			possible.add(other)
		}
	}
	for _, other := range x.above(s) {
		if certain.share > 1+shareSlack {
			break
		}
		// A limit ends, so beside it nothing is certain.
		if other.fault.Trigger.Limit == 0 && covers(&other.fault.Match, &s.fault.Match) {
			certain.add(other)
		}
	}
	return certain, possible
}

// near returns all sharers that may meet s, each once and in creation order.
func (x *matchIndex) near(s sharer) []sharer {
	clients := s.fault.Match.Clients
	if len(clients) == 0 || slices.ContainsFunc(clients, wild) {
		return x.all
	}
	var filed []sharer
	for _, client := range clients {
		filed = append(filed, x.clients[client]...)
	}
	return merged(x.anyone, filed)
}

// above returns all sharers that may cover s, each once and in creation order.
func (x *matchIndex) above(s sharer) []sharer {
	var filed []sharer
	for _, need := range needs(&s.fault.Match) {
		filed = append(filed, x.needing[need]...)
	}
	return merged(x.wide, filed)
}

// merged brings a list in creation order together with one in any order.
func merged(ordered, others []sharer) []sharer {
	if len(others) == 0 {
		return ordered
	}
	all := slices.Concat(ordered, others)
	slices.SortFunc(all, func(a, b sharer) int { return a.index - b.index })
	return slices.Compact(all)
}
