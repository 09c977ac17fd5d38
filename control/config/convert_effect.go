package config

import (
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

func (t *answerTable) answer() *faults.Answer {
	if t == nil {
		return nil
	}
	a := &faults.Answer{
		At:        faults.Side(t.At),
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

func answerTableOf(a *faults.Answer) *answerTable {
	if a == nil {
		return nil
	}
	t := &answerTable{
		At:        string(a.At),
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

func (t *delayTable) delay() *faults.Delay {
	if t == nil {
		return nil
	}
	return &faults.Delay{
		At:          faults.Side(t.At),
		Fixed:       t.Fixed,
		Uniform:     (*faults.Uniform)(t.Uniform),
		Normal:      (*faults.Normal)(t.Normal),
		LogNormal:   (*faults.LogNormal)(t.LogNormal),
		Exponential: (*faults.Exponential)(t.Exponential),
		Pareto:      (*faults.Pareto)(t.Pareto),
		Max:         zeroIfNil(t.Max),
	}
}

func delayTableOf(d *faults.Delay) *delayTable {
	if d == nil {
		return nil
	}
	return &delayTable{
		At:          string(d.At),
		Fixed:       d.Fixed,
		Uniform:     (*uniformTable)(d.Uniform),
		Normal:      (*normalTable)(d.Normal),
		LogNormal:   (*logNormalTable)(d.LogNormal),
		Exponential: (*exponentialTable)(d.Exponential),
		Pareto:      (*paretoTable)(d.Pareto),
		Max:         nilIfZero(d.Max),
	}
}

func (t *softErrorTable) softError() *faults.SoftError {
	if t == nil {
		return nil
	}
	return &faults.SoftError{
		ErrorCode: groove.ErrorCode(t.ErrorCode), Message: t.Message,
		Items: (*float64)(t.Items), ItemCode: groove.ErrorCode(t.ItemCode),
	}
}

func softErrorTableOf(e *faults.SoftError) *softErrorTable {
	if e == nil {
		return nil
	}
	return &softErrorTable{
		ErrorCode: string(e.ErrorCode), Message: e.Message, Items: (*share)(e.Items), ItemCode: string(e.ItemCode),
	}
}

// effect is not called break, as the word is taken.
func (t *breakTable) effect() *faults.Break {
	if t == nil {
		return nil
	}
	return &faults.Break{How: faults.BreakKind(t.How), At: faults.BreakPoint(t.At)}
}

func breakTableOf(b *faults.Break) *breakTable {
	if b == nil {
		return nil
	}
	return &breakTable{How: string(b.How), At: string(b.At)}
}

func (t *throttleTable) throttle() *faults.Throttle {
	if t == nil {
		return nil
	}
	return &faults.Throttle{BytesPerSecond: uint64(t.BytesPerSecond), Chunk: uint64(zeroIfNil(t.Chunk))}
}

func throttleTableOf(t *faults.Throttle) *throttleTable {
	if t == nil {
		return nil
	}
	return &throttleTable{BytesPerSecond: count(t.BytesPerSecond), Chunk: nilIfZero(count(t.Chunk))}
}

func (t *truncateTable) truncate() *faults.Truncate {
	if t == nil {
		return nil
	}
	return &faults.Truncate{Bytes: (*uint64)(t.Bytes), Share: (*float64)(t.Share)}
}

func truncateTableOf(t *faults.Truncate) *truncateTable {
	if t == nil {
		return nil
	}
	return &truncateTable{Bytes: (*count)(t.Bytes), Share: (*share)(t.Share)}
}

func (t *corruptTable) corrupt() *faults.Corrupt {
	if t == nil {
		return nil
	}
	return &faults.Corrupt{How: faults.CorruptKind(t.How), Share: float64(zeroIfNil(t.Share))}
}

func corruptTableOf(c *faults.Corrupt) *corruptTable {
	if c == nil {
		return nil
	}
	return &corruptTable{How: string(c.How), Share: nilIfZero(share(c.Share))}
}
