package verdict

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// resultsOf are the results of one check on the tape's client, under a policy, each with the endpoints it is narrowed to.
func resultsOf(p *tape, check string, policy Policy) map[string]Result {
	results := map[string]Result{}
	for _, f := range judgeCalls(p.calls, nil, Options{Policy: policy}).Clients[0].Findings {
		if f.Check == check {
			results[strings.Join(f.Endpoints, " ")] = f.Result
		}
	}
	return results
}

func TestPolicySetsTheSeverity(t *testing.T) {
	t.Parallel()
	hammers := newTape(0).times(10, op{endpoint: groove.Search, tries: []try{{status: 200}}}).times(3, op{endpoint: groove.Search, tries: fails(503, 0, 0, 0)})
	rewrites := newTape(10).times(3, write(try{status: 503}, try{after: 4 * second, status: 200}))
	once := newTape(10).add(write(try{status: 500}, try{after: 4 * second, status: 200}))
	tests := map[string]struct {
		tape   *tape
		check  string
		policy Policy
		want   map[string]Result
	}{
		"none":                          {hammers, "backs-off", nil, map[string]Result{"": Fail}},
		"of another check":              {hammers, "backs-off", Policy{{Checks: []string{"body-kept"}, Severity: SeverityOff}}, map[string]Result{"": Fail}},
		"of another client":             {hammers, "backs-off", Policy{{Clients: []string{"kiosk*"}, Severity: SeverityOff}}, map[string]Result{"": Fail}},
		"off":                           {hammers, "backs-off", Policy{{Checks: []string{"backs-off"}, Severity: SeverityOff}}, map[string]Result{}},
		"info":                          {hammers, "backs-off", Policy{{Clients: []string{"call*"}, Severity: SeverityInfo}}, map[string]Result{"": Info}},
		"the last word":                 {hammers, "backs-off", Policy{{Severity: SeverityInfo}, {Severity: SeverityWarn}}, map[string]Result{"": Warn}},
		"a warning made a failure":      {rewrites, "write-not-repeated", Policy{{Severity: SeverityFail}}, map[string]Result{"": Fail}},
		"a warning with one witness":    {once, "write-not-repeated", Policy{{Severity: SeverityFail}}, map[string]Result{"": Warn}},
		"on one endpoint":               {hammers, "backs-off", Policy{{Endpoints: []string{groove.Search}, Severity: SeverityWarn}}, map[string]Result{groove.Search: Warn}},
		"on an endpoint that is not it": {hammers, "backs-off", Policy{{Endpoints: []string{groove.Lookup}, Severity: SeverityWarn}}, map[string]Result{"": Fail}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, resultsOf(tt.tape, tt.check, tt.policy)); diff != "" {
				t.Errorf("results of %s (-want +got):\n%s", tt.check, diff)
			}
		})
	}
}

func TestPolicyValidates(t *testing.T) {
	t.Parallel()
	whole := Rule{
		Checks: []string{"backs-off"}, Clients: []string{"*"}, Endpoints: []string{groove.Search}, Severity: SeverityWarn,
		Limits: Limits{
			Transient: []int{503, 500}, Final: []int{}, Attempts: 4, Amplification: 2.5, Quick: time.Second, Early: time.Second,
			Delay: time.Minute, Call: time.Hour, Answer: 2 * time.Second, Recovery: time.Second,
		},
	}
	if err := (Policy{{}, whole}).Validate(); err != nil {
		t.Errorf("a sound policy is refused: %v", err)
	}
	for field, r := range map[string]Rule{
		"checks":               {Checks: []string{"backs-of"}},
		"endpoints":            {Endpoints: []string{"serach"}},
		"clients":              {Clients: []string{""}},
		"severity":             {Severity: "fatal"},
		"limits.transient":     {Limits: Limits{Transient: []int{404}}},
		"limits.final":         {Limits: Limits{Final: []int{200}}},
		"limits.attempts":      {Limits: Limits{Attempts: -1}},
		"limits.amplification": {Limits: Limits{Amplification: math.NaN()}},
		"limits.quick":         {Limits: Limits{Quick: 2 * time.Second}},
		"limits.early":         {Limits: Limits{Early: -1}},
		"limits.delay":         {Limits: Limits{Delay: 25 * time.Hour}},
		"limits.call":          {Limits: Limits{Call: -1}},
		"limits.answer":        {Limits: Limits{Answer: -1}},
		"limits.recovery":      {Limits: Limits{Recovery: -1}},
	} {
		err := (Policy{{}, r}).Validate()
		var problems faults.Problems
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Field != "[1]."+field {
			t.Errorf("got %v, want one problem of [1].%s", err, field)
		}
	}
}

// A check that was asked for and that the policy has switched off has seen nothing, which the report says.
func TestWhatIsAskedForIsMissedIfItIsOff(t *testing.T) {
	t.Parallel()
	calls := newTape(10).times(5, op{tries: append(fails(503, second, 2*second), try{after: 4 * second, status: 200})}).calls
	report := judgeCalls(calls, nil, Options{Checks: []string{"backs-off"}, Policy: Policy{{Checks: []string{"backs-off"}, Severity: SeverityOff}}})
	if report.Result != Inconclusive || len(report.Reasons) != 1 || !strings.Contains(report.Reasons[0], "backs-off was asked for") {
		t.Errorf("the result is %s because of %q, want inconclusive and the check named", report.Result, report.Reasons)
	}
}
