package observe

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Attribution is an outcome with the call that it is about.
type Attribution struct {
	Outcome Outcome
	// Call is the call's index, -1 for none; Doubt then says why: no call fits, or several do.
	Call  int
	Doubt string
	// Fits counts the calls that fit.
	Fits int
}

// slack is how much longer a user may have waited than the caller says.
const slack = 100 * time.Millisecond

// Attribute ties outcomes to the calls that they are about, in the order of the outcomes. It never guesses: an outcome that
// several calls fit has none. One that says no more than method and target is about the call that ended since the
// same was last reported; Took narrows that down.
func Attribute(outcomes []Outcome, calls []Call) []Attribution {
	t := newTies(outcomes, calls)
	tied := make([]Attribution, len(outcomes))
	for i := range outcomes {
		tied[i] = t.tie(&outcomes[i])
	}
	return tied
}

// ties finds calls by what outcomes say of them.
type ties struct {
	calls                    []Call
	byID, byTrace, byRequest map[string][]int
	byAttempt                map[attemptKey][]int
	// unnamed says that there are attempts without the name of a node.
	unnamed bool
	// reported is when outcomes with a request were reported, by the request.
	reported map[string][]time.Time
	// ids, traces and attempts say that outcomes ask for them at all.
	ids, traces, attempts bool
}

// attemptKey is a sequence number on a node, "" for one without a name, and anyNode for whichever.
type attemptKey struct {
	node   string
	number uint64
}

// anyNode is no name that a node has.
const anyNode = "*"

// requestKey is a method and a target in one.
func requestKey(method, target string) string { return method + " " + target }

func newTies(outcomes []Outcome, calls []Call) *ties {
	t := &ties{
		calls: calls, byID: map[string][]int{}, byTrace: map[string][]int{}, byRequest: map[string][]int{},
		byAttempt: map[attemptKey][]int{}, reported: map[string][]time.Time{},
	}
	wanted := map[string]bool{}
	for i := range outcomes {
		o := &outcomes[i]
		t.ids, t.traces, t.attempts = t.ids || o.CallID != "", t.traces || o.Trace != "", t.attempts || o.Attempt != 0
		if o.Method != "" {
			key := requestKey(o.Method, o.Target)
			wanted[key] = true
			t.reported[key] = append(t.reported[key], o.Time)
		}
	}
	for _, times := range t.reported {
		slices.SortFunc(times, time.Time.Compare)
	}
	for i := range calls {
		t.file(i, wanted)
	}
	return t
}

// file files a call under what outcomes may ask for.
func (t *ties) file(i int, wanted map[string]bool) {
	call := &t.calls[i]
	if key := requestKey(call.Method, call.Target); wanted[key] {
		t.byRequest[key] = append(t.byRequest[key], i)
	}
	for j := range call.Attempts {
		a := call.Attempts[j]
		if t.ids && a.CallID != "" {
			t.byID[a.CallID] = withCall(t.byID[a.CallID], i)
		}
		if t.traces && a.Trace != "" {
			t.byTrace[a.Trace] = withCall(t.byTrace[a.Trace], i)
		}
		if t.attempts {
			t.fileAttempt(a, i)
		}
	}
}

// fileAttempt files an attempt under its number.
func (t *ties) fileAttempt(a *Attempt, call int) {
	t.unnamed = t.unnamed || a.Node == ""
	for _, node := range []string{a.Node, anyNode} {
		key := attemptKey{node, a.Sequence}
		t.byAttempt[key] = withCall(t.byAttempt[key], call)
	}
}

// ofAttempt are the calls with the attempt of which an outcome gives the number. Each process numbers its own: what was
// told long before an attempt is about another of its number.
func (t *ties) ofAttempt(o *Outcome) []int {
	node := o.Node
	if node == "" && !t.unnamed {
		node = anyNode
	}
	return slices.DeleteFunc(slices.Clone(t.byAttempt[attemptKey{node, o.Attempt}]), func(call int) bool {
		return !o.Time.IsZero() && t.calls[call].Attempts[0].Time.After(o.Time.Add(mostSkew))
	})
}

// mostSkew is by how much the clocks of a caller and of a proxy may differ.
const mostSkew = 5 * time.Minute

// withCall appends a call to those of a key, once.
func withCall(list []int, call int) []int {
	if len(list) > 0 && list[len(list)-1] == call {
		return list
	}
	return append(list, call)
}

func (t *ties) tie(o *Outcome) Attribution {
	found := t.candidates(o)
	switch len(found) {
	case 1:
		return Attribution{Outcome: *o, Call: found[0], Fits: 1}
	case 0:
		return Attribution{Outcome: *o, Call: -1, Doubt: "no call fits"}
	default:
		return Attribution{Outcome: *o, Call: -1, Doubt: fmt.Sprintf("%d calls fit", len(found)), Fits: len(found)}
	}
}

// candidates are the calls that all fits which an outcome says.
func (t *ties) candidates(o *Outcome) []int {
	var lists [][]int
	if o.CallID != "" {
		lists = append(lists, slices.Concat(t.byID[o.CallID], t.byID[keyDigest(o.CallID)]))
	}
	if o.Trace != "" {
		lists = append(lists, t.byTrace[o.Trace])
	}
	if o.Attempt != 0 {
		lists = append(lists, t.ofAttempt(o))
	}
	requested := o.Method != ""
	if requested {
		lists = append(lists, t.byRequest[requestKey(o.Method, o.Target)])
	}
	if len(lists) == 0 {
		return nil
	}
	alone := requested && len(lists) == 1
	var found []int
	for _, i := range lists[0] {
		common := !slices.ContainsFunc(lists[1:], func(list []int) bool { return !slices.Contains(list, i) })
		if common && (o.Client == "" || t.calls[i].Client == o.Client) && (!alone || t.fits(o, &t.calls[i])) {
			found = append(found, i)
		}
	}
	return found
}

// fits reports that a call can be what an outcome with no more than a request is about: it ended before, and after the same was
// last reported. With Took it also began when the user began to wait.
func (t *ties) fits(o *Outcome, call *Call) bool {
	first, last := call.Attempts[0], call.Attempts[len(call.Attempts)-1]
	ended := last.Time.Add(last.Answered - last.Received)
	if ended.After(o.Time) {
		return false
	}
	if o.Took > 0 && first.Time.Before(o.Time.Add(-o.Took-slack)) {
		return false
	}
	times := t.reported[requestKey(o.Method, o.Target)]
	i, _ := slices.BinarySearchFunc(times, o.Time, time.Time.Compare)
	return i == 0 || cmp.Compare(ended.UnixNano(), times[i-1].UnixNano()) > 0
}
