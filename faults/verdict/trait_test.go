package verdict

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// drawAny is a call of any kind: what no client and no fault would do is among them.
func drawAny(t *rapid.T, n int) observe.Call {
	c := observe.Call{
		ID: fmt.Sprint(n), Client: outage().calls[0].Client, Method: rapid.SampledFrom([]string{"GET", "POST"}).Draw(t, "method"),
		Endpoint: rapid.SampledFrom([]string{"", groove.Search, groove.CollectionAdd}).Draw(t, "endpoint"), Target: fmt.Sprintf("/%d", n%3),
		Grouping: rapid.SampledFrom([]observe.Grouping{observe.GroupingExplicit, observe.GroupingInferred, observe.GroupingSingleFlight}).Draw(t, "grouping"),
	}
	at := outage().now + second
	for i := range rapid.IntRange(1, 4).Draw(t, "attempts") {
		a := drawAttempt(t, &c)
		a.Sequence, a.Received = uint64(1000+10*n+i), at
		a.Answered = at + ms
		a.Time = epoch.Add(at)
		at += second
		c.Attempts = append(c.Attempts, a)
	}
	return c
}

func drawAttempt(t *rapid.T, c *observe.Call) *observe.Attempt {
	word := func(name string, words ...string) string { return rapid.SampledFrom(words).Draw(t, name) }
	a := &observe.Attempt{
		Client: c.Client, Method: c.Method, Endpoint: c.Endpoint, Target: c.Target, Conn: rapid.Uint64Range(1, 3).Draw(t, "conn"), ConnUse: 1,
		BodyDigest: word("body", "", "b"), BodyLength: int64(rapid.IntRange(0, 1).Draw(t, "length")), BodyComplete: true, Counter: observe.NoCounter,
		CallID: word("id", "", "id"), CallIDHeader: observe.CallHeader, IdempotencyKey: word("key", "", "", "k"), Headers: word("headers", "", "a=1", "a=2"),
		Status: rapid.SampledFrom([]int{0, 200, 200, 304, 400, 401, 404, 409, 429, 500, 502, 503}).Draw(t, "status"),
		Class:  rapid.SampledFrom([]groove.Class{groove.ClassSuccess, groove.ClassSoftError, groove.ClassFailure}).Draw(t, "class"),
		Origin: rapid.SampledFrom([]observe.Origin{observe.OriginUpstream, observe.OriginInjected, observe.OriginOurs}).Draw(t, "origin"),
		End:    rapid.SampledFrom([]observe.End{observe.EndComplete, observe.EndComplete, observe.EndBroken, observe.EndClientLeft}).Draw(t, "end"),
		ErrorCode: groove.ErrorCode(word("code", "", string(groove.CodeAccessTokenExpired), string(groove.CodeCollectionConcurrentUpdate),
			string(groove.CodeDeliveryConcurrentStreaming))),
		RetryAfter: word("retry after", "", "0", "2", "3600"), Marker: word("marker", "", "gc-1"), UpstreamStatus: rapid.SampledFrom([]int{0, 200}).Draw(t, "upstream"),
	}
	if rapid.IntRange(0, 3).Draw(t, "held") == 0 {
		a.Delay = second
	}
	if rapid.IntRange(0, 3).Draw(t, "spoilt") == 0 {
		a.SpoiledBy = []string{"slow"}
	}
	if rapid.IntRange(0, 5).Draw(t, "broken") == 0 {
		a.Break = faults.BreakReset
	}
	return a
}

// said is what a check says of a client over the calls that it is given.
func said(c *Check, s *subject) []proposal {
	limits := DefaultLimits()
	tally := c.begin(s.who, &limits)
	tally.take(s)
	return tally.findings()
}

// TestTraitsLeaveNothingOut holds that a call without a trait that a check is about says nothing to it.
func TestTraitsLeaveNothingOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		calls := outage().calls
		for n := range rapid.IntRange(1, 4).Draw(t, "calls") {
			calls = append(calls, drawAny(t, n))
		}
		s := newSubjects(calls)[0]
		if rapid.Bool().Draw(t, "told") {
			last := s.all[len(s.all)-1]
			last.told = []*observe.Outcome{{Time: last.last().Time.Add(time.Minute), Kind: observe.OutcomeSuccess, Took: 2 * second, Text: "gc-1"}}
		}
		for i := range catalogue {
			check := &catalogue[i]
			want, got := said(check, s), said(check, s.about(check.about))
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(proposal{}, witness{})); diff != "" {
				t.Errorf("%s says something else without the calls that it is not about (-all +about):\n%s", check.Name, diff)
			}
		}
	})
}
