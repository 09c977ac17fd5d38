package verdict_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Where attempts may be missing anywhere, what did not come again may have been among them.
func TestWhatMayBeMissingAnywhereAccusesNobody(t *testing.T) {
	t.Parallel()
	expired := unrepeated(4, time.Hour)
	for i := range expired {
		expired[i].Status, expired[i].ErrorCode, expired[i].Credential, expired[i].Address = 401, groove.CodeAccessTokenExpired, "old", "10.0.0.1"
	}
	token := unrepeated(1, 30*time.Minute)[0]
	token.Sequence, token.Method, token.Endpoint, token.Target, token.Address = 99, "POST", groove.Token, "/accesstoken.srf", "10.0.0.1"
	token.Status, token.Class, token.Origin = 200, groove.ClassSuccess, observe.OriginUpstream
	for what, attempts := range map[string][]observe.Attempt{
		"repeats": unrepeated(40, time.Hour), "requests for a token": append([]observe.Attempt{token}, expired...),
	} {
		judge := func(missed uint64) verdict.Report {
			return verdict.Judge(verdict.Journal{Attempts: verdict.Of(slices.Clone(attempts)), Ended: true, Dropped: missed, Missed: missed}, verdict.Options{})
		}
		if whole := judge(0); whole.Result != verdict.Fail {
			t.Errorf("%s: with all of them the result is %s, want fail", what, whole.Result)
		}
		torn := judge(3)
		if torn.Result != verdict.Inconclusive {
			t.Errorf("%s: with 3 missing the result is %s, want inconclusive: %+v", what, torn.Result, torn.Clients)
		}
		if !slices.ContainsFunc(torn.Reasons, func(r string) bool { return strings.Contains(r, "lost 3") }) {
			t.Errorf("%s: nothing says that 3 are missing: %q", what, torn.Reasons)
		}
	}
}
