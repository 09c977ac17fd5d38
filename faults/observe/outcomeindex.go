package observe

import (
	"iter"
	"maps"
	"slices"
	"time"
)

// OutcomeIndex finds outcomes by what they say of calls, so that the calls of a journal can be asked about chapter by chapter. It does not change, and keeps
// the outcomes that it was made of.
type OutcomeIndex struct {
	outcomes []Outcome
	// byID holds those with an id by it and by its digest, as attempts carry either; the others hold them by what they are named for.
	byID, byTrace, byRequest map[string][]int
	byAttempt                map[uint64][]int
	// reported is when outcomes with a request were reported, by the request.
	reported map[string][]time.Time
}

// IndexOutcomes makes an index of outcomes.
func IndexOutcomes(outcomes []Outcome) *OutcomeIndex {
	x := &OutcomeIndex{
		outcomes: outcomes, byID: map[string][]int{}, byTrace: map[string][]int{}, byRequest: map[string][]int{},
		byAttempt: map[uint64][]int{}, reported: map[string][]time.Time{},
	}
	for i := range outcomes {
		x.file(i)
	}
	for _, times := range x.reported {
		slices.SortFunc(times, time.Time.Compare)
	}
	return x
}

// file files an outcome under all that it says.
func (x *OutcomeIndex) file(i int) {
	o := &x.outcomes[i]
	if o.CallID != "" {
		for _, id := range [...]string{o.CallID, keyDigest(o.CallID)} {
			x.byID[id] = append(x.byID[id], i)
		}
	}
	if o.Trace != "" {
		x.byTrace[o.Trace] = append(x.byTrace[o.Trace], i)
	}
	if o.Attempt != 0 {
		x.byAttempt[o.Attempt] = append(x.byAttempt[o.Attempt], i)
	}
	if o.Method != "" {
		key := requestKey(o.Method, o.Target)
		x.byRequest[key] = append(x.byRequest[key], i)
		x.reported[key] = append(x.reported[key], o.Time)
	}
}

// Attribute ties those of the outcomes to the calls which at least one of them fits, in the order of the outcomes: see the function of this name. It yields
// the index of each, and looks at no other that has nothing in common with a call.
func (x *OutcomeIndex) Attribute(calls []Call) iter.Seq2[int, Attribution] {
	return func(yield func(int, Attribution) bool) {
		t := newTies(x, calls)
		for _, i := range t.near() {
			if tied := t.tie(&x.outcomes[i]); tied.Fits > 0 && !yield(i, tied) {
				return
			}
		}
	}
}

// near are the outcomes that say anything that is true of one of the calls and do not name another client, in order.
func (t *ties) near() []int {
	clients, found := map[string]struct{}{"": {}}, map[int]struct{}{}
	for i := range t.calls {
		clients[t.calls[i].Client] = struct{}{}
	}
	add := func(list []int) {
		for _, i := range list {
			if _, ok := clients[t.outcomes[i].Client]; ok {
				found[i] = struct{}{}
			}
		}
	}
	for key := range t.requested {
		add(t.byRequest[key])
	}
	for id := range t.withID {
		add(t.byID[id])
	}
	for trace := range t.withTrace {
		add(t.byTrace[trace])
	}
	for attempt := range t.withAttempt {
		if attempt.node == anyNode {
			add(t.byAttempt[attempt.number])
		}
	}
	return slices.Sorted(maps.Keys(found))
}
