package report

import (
	"cmp"
	"hash/fnv"
	"slices"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

const (
	// mostEvidence bounds the calls of a client that are kept as evidence, mostExamples those that are kept beside.
	mostEvidence, mostExamples = 16, 4
	// perFinding bounds the calls that one finding has kept, so that others have theirs.
	perFinding = 4
	// mostShown bounds the attempts of a call that are kept.
	mostShown = 40
)

// samples chooses the calls that are kept as examples. Which that are rests on the calls alone and not on their order.
type samples struct{ clients map[string]*sample }

// sample is the choice of one client.
type sample struct {
	// wanted are the calls that findings rest on, by id, with their rank and the checks.
	wanted map[string]*citation
	kept   []Timeline
	others []other
}

type citation struct {
	rank   int
	checks []string
}

// other is a call that no finding needs. The least draws are kept.
type other struct {
	draw uint64
	Timeline
}

// newSamples notes what the findings of a report rest on, of the clients with the worst results.
func newSamples(r *verdict.Report) *samples {
	s := &samples{clients: map[string]*sample{}}
	for _, v := range worstClients(r.Clients)[:min(mostClients, len(r.Clients))] {
		one := &sample{wanted: map[string]*citation{}}
		s.clients[v.Client] = one
		one.wantEach(slices.DeleteFunc(worstFirst(v.Findings), func(f verdict.Finding) bool { return !tellsInShort(&f) }), perFinding)
		one.wantEach(worstFirst(r.Findings), 2)
	}
	return s
}

// wantEach notes the first call of each finding, then the second of each, and so on, so that each has its turn.
func (s *sample) wantEach(findings []verdict.Finding, most int) {
	for turn := range most {
		for i := range findings {
			if f := &findings[i]; turn < len(f.Calls) {
				s.want(f.Calls[turn], f.Check)
			}
		}
	}
}

// want notes a call that a finding rests on.
func (s *sample) want(id, check string) {
	known := s.wanted[id]
	if known == nil {
		if len(s.wanted) == mostEvidence {
			return
		}
		known = &citation{rank: len(s.wanted)}
		s.wanted[id] = known
	}
	if !slices.Contains(known.checks, check) {
		known.checks = append(known.checks, check)
	}
}

// offer takes up a call if it is wanted, or if it is as good an example as any.
func (s *samples) offer(call *observe.Call) {
	one := s.clients[call.Client]
	if one == nil {
		return
	}
	if cited := one.wanted[call.ID]; cited != nil {
		one.kept = append(one.kept, timeline(call, cited.checks))
		return
	}
	if !troubled(call) {
		return
	}
	draw := fnv.New64a()
	_, _ = draw.Write([]byte(call.ID)) // A hash takes everything.
	candidate := other{draw: draw.Sum64()}
	at, _ := slices.BinarySearchFunc(one.others, candidate, func(a, b other) int { return cmp.Compare(a.draw, b.draw) })
	if at == mostExamples {
		return
	}
	candidate.Timeline = timeline(call, nil)
	one.others = slices.Insert(one.others, at, candidate)
	one.others = one.others[:min(mostExamples, len(one.others))]
}

// of are the examples of a client: evidence in the order of the findings, then others in the order in which they came.
func (s *samples) of(client string) []Timeline {
	one := s.clients[client]
	if one == nil {
		return nil
	}
	slices.SortFunc(one.kept, func(a, b Timeline) int { return one.wanted[a.Call.ID].rank - one.wanted[b.Call.ID].rank })
	slices.SortFunc(one.others, func(a, b other) int {
		return cmp.Compare(a.Call.Attempts[0].Received, b.Call.Attempts[0].Received)
	})
	list := one.kept
	for i := range one.others {
		list = append(list, one.others[i].Timeline)
	}
	return list
}

// troubled reports a call that is worth looking at: one that did not simply succeed.
func troubled(call *observe.Call) bool {
	return len(call.Attempts) > 1 || !plainSuccess(call.Attempts[0])
}

// plainSuccess reports an answer in peace.
func plainSuccess(a *observe.Attempt) bool { return a.Class == groove.ClassSuccess && a.Succeeded() }

// timeline keeps as much of a call as can be shown.
func timeline(call *observe.Call, checks []string) Timeline {
	t := Timeline{Call: *call, Attempts: len(call.Attempts), Evidence: checks}
	t.Call.Attempts = slices.Clone(call.Attempts[:min(mostShown, len(call.Attempts))])
	return t
}

// worstClients returns the verdicts, the worst first, and those of one result as they were.
func worstClients(clients []verdict.Verdict) []verdict.Verdict {
	sorted := slices.Clone(clients)
	slices.SortStableFunc(sorted, func(a, b verdict.Verdict) int { return severity(&a) - severity(&b) })
	return sorted
}

// severity ranks a verdict, 0 for the worst. Clients that met nothing come last.
func severity(v *verdict.Verdict) int {
	if untouched(*v) {
		return len(badToGood)
	}
	return slices.Index(badToGood, known(v.Result))
}
