package verdict

import (
	"strings"
	"testing"
)

func TestChecksAreComplete(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, c := range Checks() {
		if names[c.Name] {
			t.Errorf("check %s is there twice", c.Name)
		}
		names[c.Name] = true
		for what, text := range map[string]string{
			"name": c.Name, "family": string(c.Family), "rule": c.Rule, "needs": c.Needs, "norm": c.Norm, "advice": c.Advice,
		} {
			if text == "" {
				t.Errorf("check %q has no %s", c.Name, what)
			}
		}
		if warns := strings.HasPrefix(c.Rule, "a warning"); warns && !c.Mild {
			t.Errorf("check %q can only warn and is not mild", c.Name)
		}
		if c.Example == "" {
			t.Errorf("check %q has no example", c.Name)
		}
	}
}

// Every check says what it lacks when nothing happened, and counts nothing.
func TestChecksOfNothing(t *testing.T) {
	t.Parallel()
	for _, v := range judgeCalls(newTape(1).calls, nil, Options{}).Clients {
		for _, f := range v.Findings {
			if f.Exposed != 0 || f.Result != Inconclusive {
				t.Errorf("%s is %s with %d exposed, want inconclusive with none", f.Check, f.Result, f.Exposed)
			}
			wellFormed(t, f, "")
		}
	}
}

func TestChecksReturnsACopy(t *testing.T) {
	t.Parallel()
	Checks()[0].Name = "changed"
	if name := Checks()[0].Name; name != "transient-retried" {
		t.Errorf("first check is %q, want transient-retried", name)
	}
}

func TestValidateChecks(t *testing.T) {
	t.Parallel()
	var all []string
	for _, c := range Checks() {
		all = append(all, c.Name)
	}
	tests := map[string]struct {
		names []string
		want  string
	}{
		"none":    {nil, ""},
		"all":     {all, ""},
		"unknown": {[]string{"backs-off", "back-off"}, `unknown check "back-off", want transient-retried, final-not-retried, `},
		"two":     {[]string{"a", "b"}, `unknown check "a", "b", want `},
		"empty":   {[]string{""}, `unknown check "", want `},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := ValidateChecks(tt.names)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("error is %v, want none", err)
			case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)):
				t.Errorf("error is %v, want it to begin %q", err, tt.want)
			}
		})
	}
}
