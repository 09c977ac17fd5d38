package observe

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestOutcomesAreValidated(t *testing.T) {
	t.Parallel()
	sound := Outcome{Kind: OutcomeError, CallID: "c1"}
	for name, test := range map[string]struct {
		change func(*Outcome)
		field  string
	}{
		"sound":                  {func(*Outcome) {}, ""},
		"a request":              {func(o *Outcome) { o.CallID, o.Method, o.Target = "", "GET", "/1/x?q=1" }, ""},
		"a trace":                {func(o *Outcome) { o.CallID, o.Trace = "", strings.Repeat("Ab", 16) }, ""},
		"an attempt":             {func(o *Outcome) { o.CallID, o.Attempt = "", 7 }, ""},
		"the longest text":       {func(o *Outcome) { o.Text = strings.Repeat("x", MaxOutcomeText) }, ""},
		"no kind":                {func(o *Outcome) { o.Kind = "" }, "kind"},
		"another kind":           {func(o *Outcome) { o.Kind = "failure" }, "kind"},
		"nothing to find it by":  {func(o *Outcome) { o.CallID = "" }, "call_id"},
		"half a request":         {func(o *Outcome) { o.Method = "GET" }, "target"},
		"a target that is none":  {func(o *Outcome) { o.Method, o.Target = "GET", "x" }, "target"},
		"half a trace":           {func(o *Outcome) { o.Trace = "ab" }, "trace"},
		"a trace with no digits": {func(o *Outcome) { o.Trace = strings.Repeat("xy", 16) }, "trace"},
		"a code of a success":    {func(o *Outcome) { o.Kind, o.Code = OutcomeSuccess, "X" }, "code"},
		"a status below":         {func(o *Outcome) { o.Status = 99 }, "status"},
		"a status above":         {func(o *Outcome) { o.Status = 1000 }, "status"},
		"a text too long":        {func(o *Outcome) { o.Text = strings.Repeat("x", MaxOutcomeText+1) }, "text"},
		"a negative wait":        {func(o *Outcome) { o.Took = -1 }, "took"},
		"a wait too long":        {func(o *Outcome) { o.Took = MaxTook + 1 }, "took"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := sound
			test.change(&o)
			problems := o.Validate()
			if test.field == "" && len(problems) > 0 || test.field != "" && (len(problems) != 1 || problems[0].Field != test.field) {
				t.Errorf("got %v, want a problem with %q alone", problems, test.field)
			}
		})
	}
}

func TestOutcomesKeepNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "swordfish-swordfish"
	for _, text := range []string{
		"see https://h/x?accessToken=" + secret + "&a=1", `{"api_token": "` + secret + `", "code": 7}`, "Authorization: Bearer " + secret,
		"sent bearer " + secret, "password=" + secret, "eyJhbGciOi.eyJzdWIiOi." + secret + " was refused",
	} {
		got := Outcome{Text: text, Code: "Bearer " + secret, Target: "/1/x?accessToken=" + secret, CallID: "Bearer " + secret}.Clean(time.Unix(1, 0))
		if strings.Contains(fmt.Sprint(got), secret) {
			t.Errorf("%q is kept as %+v", text, got)
		}
	}
	const plain = "Sorry: something went wrong.\nBasic access is limited (ref gc-1a2b3c4d5e). session: gc-1a2b3c4d5e"
	got := Outcome{Text: plain + "\x1b[31m", Trace: strings.Repeat("AB", 16)}.Clean(time.Unix(1, 0))
	if got.Text != plain+"?[31m" || got.Trace != strings.Repeat("ab", 16) || !got.Time.Equal(time.Unix(1, 0)) {
		t.Errorf("got %+v, want the text as it is and the trace in lower case", got)
	}
}

// told makes a call of one attempt, from one second to another.
func told(sequence uint64, target string, from, to int) Call {
	a := Attempt{
		Sequence: sequence, Time: onDay(from), Received: time.Duration(from) * time.Second, Answered: time.Duration(to) * time.Second,
		Client: "app", Method: "GET", Target: target,
	}
	return Call{ID: fmt.Sprint(sequence), Client: "app", Method: "GET", Target: target, Attempts: []*Attempt{&a}}
}

func onDay(second int) time.Time { return time.Unix(1_000_000+int64(second), 0) }

func TestAttribute(t *testing.T) {
	t.Parallel()
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	named, keyed, traced := told(1, "/a", 0, 1), told(2, "/a", 2, 3), told(3, "/b", 4, 5)
	named.Attempts[0].CallID, keyed.Attempts[0].CallID, traced.Attempts[0].Trace = "c1", keyDigest("key"), trace
	other := told(4, "/c", 6, 7)
	other.Attempts[0].Trace, other.Client = trace, "somebody else"
	calls := []Call{named, keyed, traced, other, told(5, "/d", 8, 9), told(6, "/d", 10, 11), told(7, "/e", 8, 9)}
	get := func(o Outcome) Outcome { o.Kind, o.Method = OutcomeError, "GET"; return o }
	for name, test := range map[string]struct {
		outcomes []Outcome
		// want are the sequence numbers of the calls, 0 for none.
		want []uint64
	}{
		"by its id":                       {[]Outcome{{CallID: "c1"}}, []uint64{1}},
		"by a key as it was sent":         {[]Outcome{{CallID: "key"}}, []uint64{2}},
		"by the digest of a key":          {[]Outcome{{CallID: keyDigest("key")}}, []uint64{2}},
		"by an id that nobody sent":       {[]Outcome{{CallID: "c9"}}, []uint64{0}},
		"by an attempt":                   {[]Outcome{{Attempt: 3}}, []uint64{3}},
		"by a trace of two calls":         {[]Outcome{{Trace: trace}}, []uint64{0}},
		"by a trace and a client":         {[]Outcome{{Trace: trace, Client: "app"}}, []uint64{3}},
		"by a trace and a request":        {[]Outcome{get(Outcome{Trace: trace, Target: "/c"})}, []uint64{4}},
		"by an id of another request":     {[]Outcome{get(Outcome{CallID: "c1", Target: "/b"})}, []uint64{0}},
		"by a request, once":              {[]Outcome{get(Outcome{Time: onDay(9), Target: "/e"})}, []uint64{7}},
		"by a request that has not ended": {[]Outcome{get(Outcome{Time: onDay(8), Target: "/e"})}, []uint64{0}},
		"by a request, each":              {[]Outcome{get(Outcome{Time: onDay(9), Target: "/d"}), get(Outcome{Time: onDay(11), Target: "/d"})}, []uint64{5, 6}},
		"by a request, out of order":      {[]Outcome{get(Outcome{Time: onDay(11), Target: "/d"}), get(Outcome{Time: onDay(9), Target: "/d"})}, []uint64{6, 5}},
		"by a request, one for two":       {[]Outcome{get(Outcome{Time: onDay(12), Target: "/d"})}, []uint64{0}},
		"by a request and its time":       {[]Outcome{get(Outcome{Time: onDay(11), Target: "/d", Took: time.Second})}, []uint64{6}},
		"by nothing":                      {[]Outcome{{}}, []uint64{0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, tied := range Attribute(test.outcomes, calls) {
				got := uint64(0)
				if tied.Call >= 0 {
					got = calls[tied.Call].Attempts[0].Sequence
				}
				if got != test.want[i] || (tied.Doubt == "") != (got != 0) {
					t.Errorf("outcome %d is about call %d (%s), want %d", i, got, tied.Doubt, test.want[i])
				}
			}
		})
	}
}

// Each process numbers its attempts from 1: what was told to an earlier one is about an attempt of its own.
func TestAttributeKnowsWhoseAttemptItIs(t *testing.T) {
	t.Parallel()
	mine, earlier, another := told(1, "/a", 100, 101), told(1, "/b", 2, 3), told(2, "/c", 4, 5)
	earlier.Attempts[0].Node, another.Attempts[0].Node = "n#1", "n#2"
	at := func(node string, attempt uint64, second int) Outcome {
		return Outcome{Node: node, Attempt: attempt, Time: onDay(second), Kind: OutcomeError}
	}
	for name, test := range map[string]struct {
		outcome Outcome
		calls   []Call
		want    int
	}{
		"of this process":                   {at("", 1, 102), []Call{earlier, mine}, 1},
		"of this process, forgotten":        {at("", 2, 102), []Call{mine, another}, -1},
		"of an earlier one":                 {at("n#1", 1, 4), []Call{mine, earlier}, 1},
		"of an earlier one, forgotten":      {at("n#2", 1, 4), []Call{mine, earlier}, -1},
		"where all have names":              {at("", 2, 6), []Call{earlier, another}, 1},
		"told long before there was one":    {at("", 1, 100-301), []Call{mine}, -1},
		"told before, but by another clock": {at("", 1, 100-299), []Call{mine}, 0},
	} {
		if got := Attribute([]Outcome{test.outcome}, test.calls)[0]; got.Call != test.want {
			t.Errorf("%s: it is about call %d (%s), want %d", name, got.Call, got.Doubt, test.want)
		}
	}
}

// TestAttributeNeverMistakes reports each of many calls on few requests after it ended, some late and some never: whatever is
// tied is tied to the call that it was about.
func TestAttributeNeverMistakes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var calls []Call
		var outcomes []Outcome
		var truth []int
		now := 0
		for i := range rapid.IntRange(1, 20).Draw(t, "calls") {
			now += rapid.IntRange(1, 5).Draw(t, "pause")
			call := told(uint64(i+1), rapid.SampledFrom([]string{"/a", "/b"}).Draw(t, "target"), now, now+1)
			now++
			calls = append(calls, call)
			if rapid.IntRange(0, 3).Draw(t, "reported") > 0 {
				truth = append(truth, i)
				outcomes = append(outcomes, Outcome{Time: onDay(now), Method: "GET", Target: call.Target, Kind: OutcomeError})
			}
		}
		order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range outcomes {
				if !yield(i) {
					return
				}
			}
		})).Draw(t, "order")
		shuffled := make([]Outcome, len(order))
		for i, from := range order {
			shuffled[i] = outcomes[from]
		}
		for i, tied := range Attribute(shuffled, calls) {
			if tied.Call >= 0 && tied.Call != truth[order[i]] {
				t.Fatalf("outcome %+v is tied to call %d, want %d", tied.Outcome, tied.Call, truth[order[i]])
			}
		}
	})
}
