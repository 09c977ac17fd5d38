package config

import (
	"fmt"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// faultsOf turns tables into faults, and reports keys that are given and say
// nothing.
func faultsOf(tables []faultTable) ([]faults.Fault, faults.Problems) {
	var set []faults.Fault
	var problems faults.Problems
	for i := range tables {
		set = append(set, tables[i].fault())
		problems = append(problems, tables[i].empty().Prefix(fmt.Sprintf("faults[%d].", i))...)
	}
	return set, problems
}

// empty reports the keys whose zero the model takes as not given.
func (t *faultTable) empty() faults.Problems {
	var problems faults.Problems
	for _, n := range []struct {
		field string
		value *count
	}{{"first", t.First}, {"every", t.Every}, {"attempts", t.Attempts}, {"limit", t.Limit}} {
		if n.value != nil && *n.value == 0 {
			problems = append(problems, faults.Problem{Field: n.field, Text: "is 0, want 1 or more, or no such key"})
		}
	}
	longest := map[string]*time.Duration{"ttl": t.TTL}
	if t.Delay != nil {
		longest["delay.max"] = t.Delay.Max
	}
	for _, field := range sortedKeys(longest) {
		if d := longest[field]; d != nil && *d == 0 {
			problems = append(problems, faults.Problem{Field: field, Text: "is 0s, want a longer time, or no such key"})
		}
	}
	return problems
}

func (t *faultTable) fault() faults.Fault {
	f := faults.Fault{
		Name:     t.Name,
		Disabled: t.Disabled,
		Trigger: faults.Trigger{
			Share:    (*float64)(t.Share),
			First:    uint64(zeroIfNil(t.First)),
			Every:    uint64(zeroIfNil(t.Every)),
			Attempts: uint64(zeroIfNil(t.Attempts)),
			Limit:    uint64(zeroIfNil(t.Limit)),
		},
		TTL: zeroIfNil(t.TTL),
	}
	if t.Match != nil {
		f.Match = faults.Match(*t.Match)
	}
	if t.Answer != nil {
		f.Answer = t.Answer.answer()
	}
	if t.Delay != nil {
		f.Delay = t.Delay.delay()
	}
	return f
}

func (t *answerTable) answer() *faults.Answer {
	a := &faults.Answer{
		Status:    t.Status,
		ErrorCode: groove.ErrorCode(t.ErrorCode),
		Message:   t.Message,
		Headers:   t.Headers,
		Body:      t.Body,
	}
	if r := t.RetryAfter; r != nil {
		a.RetryAfter = &faults.RetryAfter{Seconds: (*uint64)(r.Seconds), DateIn: r.DateIn, Raw: r.Raw}
	}
	return a
}

func (t *delayTable) delay() *faults.Delay {
	return &faults.Delay{
		Fixed:       t.Fixed,
		Uniform:     (*faults.Uniform)(t.Uniform),
		Normal:      (*faults.Normal)(t.Normal),
		LogNormal:   (*faults.LogNormal)(t.LogNormal),
		Exponential: (*faults.Exponential)(t.Exponential),
		Pareto:      (*faults.Pareto)(t.Pareto),
		Max:         zeroIfNil(t.Max),
	}
}

// tableOf is the reverse of faultTable.fault.
func tableOf(f *faults.Fault) faultTable {
	t := faultTable{
		Name:     f.Name,
		Disabled: f.Disabled,
		Share:    (*share)(f.Trigger.Share),
		First:    nilIfZero(count(f.Trigger.First)),
		Every:    nilIfZero(count(f.Trigger.Every)),
		Attempts: nilIfZero(count(f.Trigger.Attempts)),
		Limit:    nilIfZero(count(f.Trigger.Limit)),
		TTL:      nilIfZero(f.TTL),
	}
	if match := matchTable(f.Match); !match.empty() {
		t.Match = &match
	}
	if f.Answer != nil {
		t.Answer = answerTableOf(f.Answer)
	}
	if f.Delay != nil {
		t.Delay = delayTableOf(f.Delay)
	}
	return t
}

func (t *matchTable) empty() bool {
	return len(t.Endpoints)+len(t.Methods)+len(t.Hosts)+len(t.Path)+len(t.Query)+len(t.Headers)+len(t.Clients) == 0
}

func answerTableOf(a *faults.Answer) *answerTable {
	t := &answerTable{
		Status:    a.Status,
		ErrorCode: string(a.ErrorCode),
		Message:   a.Message,
		Headers:   a.Headers,
		Body:      a.Body,
	}
	if r := a.RetryAfter; r != nil {
		t.RetryAfter = &retryAfterTable{Seconds: (*count)(r.Seconds), DateIn: r.DateIn, Raw: r.Raw}
	}
	return t
}

func delayTableOf(d *faults.Delay) *delayTable {
	return &delayTable{
		Fixed:       d.Fixed,
		Uniform:     (*uniformTable)(d.Uniform),
		Normal:      (*normalTable)(d.Normal),
		LogNormal:   (*logNormalTable)(d.LogNormal),
		Exponential: (*exponentialTable)(d.Exponential),
		Pareto:      (*paretoTable)(d.Pareto),
		Max:         nilIfZero(d.Max),
	}
}

func zeroIfNil[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func nilIfZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
