package config

import (
	"github.com/groovechaos/groovechaos/faults"
)

func (t *faultTable) fault() faults.Fault {
	f := faults.Fault{
		Name:      t.Name,
		Disabled:  t.Disabled,
		Trigger:   t.trigger(),
		Answer:    t.Answer.answer(),
		SoftError: t.SoftError.softError(),
		Delay:     t.Delay.delay(),
		Break:     t.Break.effect(),
		Throttle:  t.Throttle.throttle(),
		Truncate:  t.Truncate.truncate(),
		Corrupt:   t.Corrupt.corrupt(),
		TTL:       zeroIfNil(t.TTL),
	}
	if t.Match != nil {
		f.Match = faults.Match(*t.Match)
	}
	return f
}

func (t *faultTable) trigger() faults.Trigger {
	trigger := faults.Trigger{
		Share:     (*float64)(t.Share),
		First:     uint64(zeroIfNil(t.First)),
		Every:     uint64(zeroIfNil(t.Every)),
		Attempts:  uint64(zeroIfNil(t.Attempts)),
		Limit:     uint64(zeroIfNil(t.Limit)),
		MaxActive: uint64(zeroIfNil(t.MaxActive)),
	}
	if q := t.Quota; q != nil {
		trigger.Quota = &faults.Quota{
			Requests: uint64(q.Requests), Per: zeroIfNil(q.Per), Burst: uint64(zeroIfNil(q.Burst)), All: q.All,
		}
	}
	return trigger
}

// tableOf is the reverse of faultTable.fault.
func tableOf(f *faults.Fault) faultTable {
	t := faultTable{
		Name:      f.Name,
		Disabled:  f.Disabled,
		Share:     (*share)(f.Trigger.Share),
		First:     nilIfZero(count(f.Trigger.First)),
		Every:     nilIfZero(count(f.Trigger.Every)),
		Attempts:  nilIfZero(count(f.Trigger.Attempts)),
		Limit:     nilIfZero(count(f.Trigger.Limit)),
		MaxActive: nilIfZero(count(f.Trigger.MaxActive)),
		TTL:       nilIfZero(f.TTL),
		Quota:     quotaTableOf(f.Trigger.Quota),
		Answer:    answerTableOf(f.Answer),
		SoftError: softErrorTableOf(f.SoftError),
		Delay:     delayTableOf(f.Delay),
		Break:     breakTableOf(f.Break),
		Throttle:  throttleTableOf(f.Throttle),
		Truncate:  truncateTableOf(f.Truncate),
		Corrupt:   corruptTableOf(f.Corrupt),
	}
	if match := matchTable(f.Match); !match.empty() {
		t.Match = &match
	}
	return t
}

func (t *matchTable) empty() bool {
	return len(t.Endpoints)+len(t.Methods)+len(t.Hosts)+len(t.Path)+len(t.Query)+len(t.Headers)+len(t.Clients) == 0
}

func quotaTableOf(q *faults.Quota) *quotaTable {
	if q == nil {
		return nil
	}
	return &quotaTable{Requests: count(q.Requests), Per: nilIfZero(q.Per), Burst: nilIfZero(count(q.Burst)), All: q.All}
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
