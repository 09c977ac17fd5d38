package observe

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestIndexLeavesNoneOut holds that an outcome which the index does not look at fits none of the calls, whatever is said of them.
func TestIndexLeavesNoneOut(t *testing.T) {
	t.Parallel()
	fitted := 0
	rapid.Check(t, func(t *rapid.T) {
		pick := func(what string, of ...string) string { return rapid.SampledFrom(of).Draw(t, what) }
		var calls []Call
		for i := range rapid.IntRange(1, 8).Draw(t, "calls") {
			c := told(uint64(i+1), pick("target", "/a", "/b"), i, i+1)
			a := c.Attempts[0]
			c.Client, a.Node = pick("client", "app", "web"), pick("node", "", "n#1")
			a.CallID, a.Trace = pick("id", "", "c1", keyDigest("c2")), pick("trace", "", "t1", "t2")
			calls = append(calls, c)
		}
		outcomes := make([]Outcome, rapid.IntRange(1, 8).Draw(t, "outcomes"))
		for i := range outcomes {
			o := &outcomes[i]
			o.Time, o.Client, o.Node = onDay(rapid.IntRange(0, 12).Draw(t, "told")), pick("for", "", "app", "web", "other"), pick("at", "", "n#1")
			o.CallID, o.Trace = pick("said id", "", "c1", "c2", "c3"), pick("said trace", "", "t1", "t3")
			o.Attempt = rapid.Uint64Range(0, 9).Draw(t, "attempt")
			if o.Target = pick("said target", "", "/a", "/c"); o.Target != "" {
				o.Method = "GET"
			}
		}
		x := IndexOutcomes(outcomes)
		found, every := maps.Collect(x.Attribute(calls)), newTies(x, calls)
		for i := range outcomes {
			want := every.tie(&outcomes[i])
			if got := found[i]; got.Fits != want.Fits || want.Fits > 0 && got.Call != want.Call {
				t.Fatalf("outcome %+v fits %d calls and is about %d by the index, want %d and %d", outcomes[i], got.Fits, got.Call, want.Fits, want.Call)
			}
			fitted += want.Fits
		}
	})
	if fitted == 0 {
		t.Error("no outcome fitted any call: nothing was compared")
	}
}

// TestIndexLooksAtWhatIsNear holds that the calls of a client cost no look at the outcomes of a thousand others.
func TestIndexLooksAtWhatIsNear(t *testing.T) {
	t.Parallel()
	outcomes := make([]Outcome, 1000)
	for i := range outcomes {
		outcomes[i] = Outcome{Time: onDay(5), Client: fmt.Sprint("app", i), Method: "GET", Target: "/a", Trace: fmt.Sprint("t", i), Attempt: uint64(i + 1)}
	}
	call := told(8, "/a", 1, 2)
	call.Client, call.Attempts[0].Trace = "app7", "t7"
	if got := newTies(IndexOutcomes(outcomes), []Call{call}).near(); !slices.Equal(got, []int{7}) {
		t.Errorf("the index looks at %v, want the outcome of that client alone", got)
	}
}
