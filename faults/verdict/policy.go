package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// Severity is what a policy makes of a check.
type Severity string

const (
	// SeverityOff does not judge.
	SeverityOff Severity = "off"
	// SeverityInfo makes no more than information of a failure.
	SeverityInfo Severity = "info"
	// SeverityWarn makes no more than a warning of a failure.
	SeverityWarn Severity = "warn"
	// SeverityFail makes a failure of a warning, if the evidence is that of a failure.
	SeverityFail Severity = "fail"
)

// severities are the words for Severity, in the order in which an error lists them.
var severities = []Severity{SeverityOff, SeverityInfo, SeverityWarn, SeverityFail}

// soften makes of a result what the severity allows.
func (s Severity) soften(r Result) Result {
	switch {
	case s == SeverityInfo && (r == Fail || r == Warn):
		return Info
	case s == SeverityWarn && r == Fail:
		return Warn
	}
	return r
}

// Limits are the figures by which the checks judge. In a Rule what is zero leaves the figure as it is.
type Limits struct {
	// Transient are the statuses that transient-retried wants repeated, out of 429, 500, 502, 503 and 504. By default 429, 502 and
	// 503, and 500 for a warning.
	Transient []int
	// Final are the statuses that final-not-retried wants left alone, out of 400 to 599. By default 400, 403 and 404.
	Final []int
	// Attempts is the most attempts that one call may take, 1 to 1000, by default 10.
	Attempts int
	// Amplification is the most attempts a call, in the mean, while everything fails, 1 to 1000, by default 5.
	Amplification float64
	// Quick is the wait under which nobody waited on purpose, above 0 to 1 s, by default 20 ms.
	Quick time.Duration
	// Early is by how much a client may come before a Retry-After in seconds is over, above 0 to 1 m, by default 10 ms.
	Early time.Duration
	// Delay is the longest sound wait between two attempts, Call the longest time from the first attempt to the last, above
	// 0 to 24 h, by default 60 s and 5 min.
	Delay, Call time.Duration
	// Answer is how soon the caller must answer its own user, Recovery how soon it must do so rightly once the faults have ended, above 0 to
	// 24 h, by default 30 s each.
	Answer, Recovery time.Duration
}

// DefaultLimits are those of the catalogue.
func DefaultLimits() Limits {
	return Limits{
		Transient: []int{429, 502, 503}, Final: []int{400, 403, 404},
		Attempts: mostAttempts, Amplification: excessive, Quick: instant, Early: earlyWait,
		Delay: time.Minute, Call: 5 * time.Minute, Answer: 30 * time.Second, Recovery: 30 * time.Second,
	}
}

// over returns l with what it leaves open taken from base.
func (l Limits) over(base Limits) Limits {
	transient, final := l.Transient, l.Final
	if transient == nil {
		transient = base.Transient
	}
	if final == nil {
		final = base.Final
	}
	return Limits{
		Transient: transient, Final: final,
		Attempts: cmp.Or(l.Attempts, base.Attempts), Amplification: cmp.Or(l.Amplification, base.Amplification),
		Quick: cmp.Or(l.Quick, base.Quick), Early: cmp.Or(l.Early, base.Early),
		Delay: cmp.Or(l.Delay, base.Delay), Call: cmp.Or(l.Call, base.Call),
		Answer: cmp.Or(l.Answer, base.Answer), Recovery: cmp.Or(l.Recovery, base.Recovery),
	}
}

// Rule says how some checks are to judge some clients on some endpoints.
type Rule struct {
	// Checks are names of the catalogue, Endpoints those of the contract, Clients patterns in which "*" stands for
	// anything. An empty list stands for all.
	Checks, Clients, Endpoints []string
	// Severity is what becomes of the findings, "" for what the catalogue says.
	Severity Severity
	Limits   Limits
}

// Policy is rules in order; of those that apply the later ones have the last word. The zero value is the catalogue as it is.
type Policy []Rule

// setting is what a policy says of one check, for one client and one endpoint.
type setting struct {
	severity Severity
	limits   Limits
	// narrow reports that a rule about some endpoints is part of it, endpoints are those that it was found for.
	narrow    bool
	endpoints []string
	// key is equal for equal settings.
	key string
}

// applies reports that a rule is about a check and a client.
func (r *Rule) applies(check, client string) bool {
	return among(r.Checks, check) && (len(r.Clients) == 0 || slices.ContainsFunc(r.Clients, func(text string) bool { return faults.Fits(text, client) }))
}

func among(names []string, name string) bool { return len(names) == 0 || slices.Contains(names, name) }

// divides reports that the endpoint matters for a check on a client.
func (p Policy) divides(check, client string) bool {
	return slices.ContainsFunc(p, func(r Rule) bool { return len(r.Endpoints) > 0 && r.applies(check, client) })
}

// setting puts the rules together that apply.
func (p Policy) setting(check, client, endpoint string) setting {
	set := setting{limits: DefaultLimits()}
	for i := range p {
		r := &p[i]
		if !r.applies(check, client) || !among(r.Endpoints, endpoint) {
			continue
		}
		set.severity = cmp.Or(r.Severity, set.severity)
		set.limits = r.Limits.over(set.limits)
		set.narrow = set.narrow || len(r.Endpoints) > 0
		set.key += fmt.Sprintf("%d.", i)
	}
	return set
}

// Validate returns what is wrong with a policy as faults.Problems, with fields such as "[1].limits.attempts", or nil.
func (p Policy) Validate() error {
	var problems faults.Problems
	for i := range p {
		problems = append(problems, p[i].problems().Prefix(fmt.Sprintf("[%d].", i))...)
	}
	if len(problems) == 0 {
		return nil
	}
	return problems
}

func (r *Rule) problems() faults.Problems {
	var list faults.Problems
	if err := ValidateChecks(r.Checks); err != nil {
		list = append(list, faults.Problem{Field: "checks", Text: fmt.Sprintf("name an %v", err)})
	}
	for _, name := range r.Endpoints {
		if _, ok := groove.EndpointByName(name); !ok {
			list = append(list, faults.Problem{Field: "endpoints", Text: fmt.Sprintf("name %.80q, want names of the contract", name)})
		}
	}
	if slices.Contains(r.Clients, "") {
		list = append(list, faults.Problem{Field: "clients", Text: `hold "", want patterns of client names`})
	}
	if r.Severity != "" && !slices.Contains(severities, r.Severity) {
		list = append(list, faults.Problem{Field: "severity", Text: fmt.Sprintf("is %.80q, want off, info, warn or fail", string(r.Severity))})
	}
	return append(list, r.Limits.problems().Prefix("limits.")...)
}

// bound is the range that a limit must be in when it is given.
type bound struct {
	field string
	given bool
	sound bool
	text  string
}

func (l *Limits) problems() faults.Problems {
	var list faults.Problems
	for _, b := range l.bounds() {
		if b.given && !b.sound {
			list = append(list, faults.Problem{Field: b.field, Text: b.text})
		}
	}
	return list
}

func (l *Limits) bounds() []bound {
	bounds := []bound{
		{"transient", l.Transient != nil, within(l.Transient, canBeTransient), fmt.Sprintf("is %v, want some of 429, 500, 502, 503 and 504", l.Transient)},
		{"final", l.Final != nil, within(l.Final, func(status int) bool { return status >= 400 && status <= 599 }), fmt.Sprintf("is %v, want statuses from 400 to 599", l.Final)},
		{"attempts", l.Attempts != 0, l.Attempts >= 1 && l.Attempts <= 1000, fmt.Sprintf("is %d, want 1 to 1000", l.Attempts)},
		{"amplification", l.Amplification != 0, l.Amplification >= 1 && l.Amplification <= 1000, fmt.Sprintf("is %v, want 1 to 1000", l.Amplification)},
	}
	for _, d := range []struct {
		field     string
		wait, max time.Duration
	}{
		{"quick", l.Quick, time.Second},
		{"early", l.Early, time.Minute},
		{"delay", l.Delay, 24 * time.Hour},
		{"call", l.Call, 24 * time.Hour},
		{"answer", l.Answer, 24 * time.Hour},
		{"recovery", l.Recovery, 24 * time.Hour},
	} {
		bounds = append(bounds, bound{d.field, d.wait != 0, d.wait > 0 && d.wait <= d.max, fmt.Sprintf("is %v, want more than 0s and at most %v", d.wait, d.max)})
	}
	return bounds
}

func within(statuses []int, sound func(int) bool) bool {
	return !slices.ContainsFunc(statuses, func(status int) bool { return !sound(status) })
}

func canBeTransient(status int) bool { return slices.Contains(transientStatuses, status) }

// Severities lists the words for a Severity.
func Severities() string {
	words := make([]string, len(severities))
	for i, s := range severities {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}
