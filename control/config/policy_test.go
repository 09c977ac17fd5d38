package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestPolicyIsReadWhole(t *testing.T) {
	t.Parallel()
	const rules = `[[verdict.policies]]
checks = ["transient-retried"]
clients = ["batch*"]
endpoints = ["search"]
severity = "fail"
limits = { transient = [429, 500], final = [], attempts = 20, amplification = 8, quick = "5ms", early = "1s", delay = "2m", call = "1h", answer = "9s", recovery = "8s" }
`
	want := verdict.Policy{{
		Checks: []string{"transient-retried"}, Clients: []string{"batch*"}, Endpoints: []string{"search"}, Severity: verdict.SeverityFail,
		Limits: verdict.Limits{
			Transient: []int{429, 500}, Final: []int{}, Attempts: 20, Amplification: 8, Quick: 5 * time.Millisecond, Early: time.Second,
			Delay: 2 * time.Minute, Call: time.Hour, Answer: 9 * time.Second, Recovery: 8 * time.Second,
		},
	}}
	c, err := Parse("config.toml", []byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, c.Verdict.Policy()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
