package sweep

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// blindByPairs is blind as it is told in words: it looks at all that follows each attempt.
func blindByPairs(c *Case, attempts []observe.Attempt, fault string) bool {
	for i := range attempts {
		before := &attempts[i]
		again := slices.IndexFunc(attempts[i+1:], func(a observe.Attempt) bool { return requestKey(&a) == requestKey(before) })
		if !strikes(before, fault) || again < 0 {
			continue
		}
		between, after := attempts[i+1:i+1+again], &attempts[i+1+again]
		fresh := className(c.info()) == nameExpired && before.Credential != after.Credential
		if !fresh && !slices.ContainsFunc(between, func(a observe.Attempt) bool { return c.mends(&a) }) {
			return true
		}
	}
	return false
}

// anyAttempt draws an attempt of few kinds, so that they come again, are struck, and are mended.
var anyAttempt = rapid.Custom(func(t *rapid.T) observe.Attempt {
	a := observe.Attempt{
		Method: "GET", Target: rapid.SampledFrom([]string{"/a", "/b", "/c"}).Draw(t, "target"),
		Endpoint:   rapid.SampledFrom([]string{groove.Search, groove.Token, groove.CollectionBrowse, groove.CollectionAdd}).Draw(t, "endpoint"),
		Credential: rapid.SampledFrom([]string{"one", "two"}).Draw(t, "credential"),
	}
	if rapid.Bool().Draw(t, "struck") {
		a.Fault = struckBy
	}
	return a
})

func TestBlindIsThatOfPairs(t *testing.T) {
	t.Parallel()
	cases := []Case{caseOf(t, "search/401-expired-token/once"), caseOf(t, "collection.add/409-conflict/once")}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(cases).Draw(t, "case")
		attempts := rapid.SliceOfN(anyAttempt, 0, 8).Draw(t, "attempts")
		if got, want := blind(&c, attempts, struckBy), blindByPairs(&c, attempts, struckBy); got != want {
			t.Fatalf("it is %v, want %v", got, want)
		}
	})
}

// BenchmarkBlind shows that an attempt costs the same in a long run: each request comes again once, all of them after all others.
func BenchmarkBlind(b *testing.B) {
	c := Case{Endpoint: groove.Search, Fault: Fault{Name: nameExpired, Kind: KindAnswer, Status: 401, Code: groove.CodeAccessTokenExpired}, Mode: Once}
	for _, n := range []int{1_000, 10_000, 100_000} {
		attempts := make([]observe.Attempt, n)
		for i := range attempts {
			attempts[i] = observe.Attempt{Method: "GET", Endpoint: groove.Search, Target: fmt.Sprint(i % (n / 2)), Fault: struckBy, Credential: fmt.Sprint(i / (n / 2))}
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				blind(&c, attempts, struckBy)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/attempt")
		})
	}
}
