package config

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// TestPolicyIsReadAlikeAtBothPlaces reads a policy out of a configuration and out of a file of its own.
func TestPolicyIsReadAlikeAtBothPlaces(t *testing.T) {
	t.Parallel()
	const rules = `policies]]
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
	c, err := Parse("config.toml", []byte("[[verdict."+rules))
	if err != nil {
		t.Fatal(err)
	}
	alone, err := ParsePolicy("policy.toml", []byte("[["+rules))
	if err != nil {
		t.Fatal(err)
	}
	for place, got := range map[string]verdict.Policy{"configuration": c.Verdict.Policy(), "file of its own": alone} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", place, diff)
		}
	}
}

func TestPolicyFileIsReadStrictly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[[policies]]\nseverity = \"grave\"\n":       `p.toml:2: policies[0].severity is "grave", want off, info, warn or fail`,
		"[[policies]]\nlimits.early = \"0s\"\n":      `p.toml:2: policies[0].limits.early is 0s, want a longer time, or no such key`,
		"[[policies]]\nsevere = true\n":              `p.toml:2: policies[0].severe is not a known key, want one of checks, clients, endpoints, limits, severity`,
		"[[verdict.policies]]\nseverity = \"off\"\n": `p.toml:1: verdict is not a known key, want one of policies`,
	} {
		_, err := ParsePolicy("p.toml", []byte(text))
		if _, ok := errors.AsType[*Error](err); !ok || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if _, err := LoadPolicy("testdata/none.toml"); err == nil {
		t.Error("a file that is not there gives no error")
	}
}
