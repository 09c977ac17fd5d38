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
	tied := make([]Attribution, len(outcomes))
	for i := range outcomes {
		tied[i] = Attribution{Outcome: outcomes[i], Call: -1, Doubt: "no call fits"}
	}
	for i, found := range IndexOutcomes(outcomes).Attribute(calls) {
		tied[i] = found
	}
	return tied
}

// ties finds calls by what outcomes say of them.
type ties struct {
	*OutcomeIndex

	calls                        []Call
	withID, withTrace, requested map[string][]int
	withAttempt                  map[attemptKey][]int
	// unnamed says that there are attempts without the name of a node.
	unnamed bool
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

func newTies(x *OutcomeIndex, calls []Call) *ties {
	t := &ties{
		OutcomeIndex: x, calls: calls, withID: map[string][]int{}, withTrace: map[string][]int{}, requested: map[string][]int{},
		withAttempt: map[attemptKey][]int{},
	}
	for i := range calls {
		t.file(i)
	}
	return t
}

// file files a call under what outcomes may ask for.
func (t *ties) file(i int) {
	call := &t.calls[i]
	if key := requestKey(call.Method, call.Target); len(t.byRequest[key]) > 0 {
		t.requested[key] = append(t.requested[key], i)
	}
	for j := range call.Attempts {
		a := call.Attempts[j]
		if len(t.byID[a.CallID]) > 0 {
			t.withID[a.CallID] = withCall(t.withID[a.CallID], i)
		}
		if len(t.byTrace[a.Trace]) > 0 {
			t.withTrace[a.Trace] = withCall(t.withTrace[a.Trace], i)
		}
		if len(t.byAttempt) > 0 {
			t.fileAttempt(a, i)
		}
	}
}

// fileAttempt files an attempt under its number.
func (t *ties) fileAttempt(a *Attempt, call int) {
	t.unnamed = t.unnamed || a.Node == ""
	if len(t.byAttempt[a.Sequence]) == 0 {
		return
	}
	for _, node := range []string{a.Node, anyNode} {
		key := attemptKey{node, a.Sequence}
		t.withAttempt[key] = withCall(t.withAttempt[key], call)
	}
}

// ofAttempt are the calls with the attempt of which an outcome gives the number. Each process numbers its own: what was
// told long before an attempt is about another of its number.
func (t *ties) ofAttempt(o *Outcome) []int {
	node := o.Node
	if node == "" && !t.unnamed {
		node = anyNode
	}
	return slices.DeleteFunc(slices.Clone(t.withAttempt[attemptKey{node, o.Attempt}]), func(call int) bool {
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
		lists = append(lists, slices.Concat(t.withID[o.CallID], t.withID[keyDigest(o.CallID)]))
	}
	if o.Trace != "" {
		lists = append(lists, t.withTrace[o.Trace])
	}
	if o.Attempt != 0 {
		lists = append(lists, t.ofAttempt(o))
	}
	byRequest := o.Method != ""
	if byRequest {
		lists = append(lists, t.requested[requestKey(o.Method, o.Target)])
	}
	if len(lists) == 0 {
		return nil
	}
	alone := byRequest && len(lists) == 1
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
