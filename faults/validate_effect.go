package faults

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// maxText bounds messages and field values, in bytes.
const maxText = 4096

// effectNames lists the effects in the order in which they are named.
const effectNames = "answer, soft_error, delay, break, throttle, truncate and corrupt"

func reviewEffect(r *Review, f *Fault) {
	given := givenOf([]named{
		{"answer", f.Answer != nil},
		{"soft_error", f.SoftError != nil},
		{"delay", f.Delay != nil},
		{"break", f.Break != nil},
		{"throttle", f.Throttle != nil},
		{"truncate", f.Truncate != nil},
		{"corrupt", f.Corrupt != nil},
	})
	switch {
	case len(given) > 1:
		r.problem(given[1], "does not go with %s: want one effect a fault, and a second fault for the other", given[0])
	case len(given) == 1:
		if f.Trigger.Quota != nil && f.Answer == nil && f.Break == nil {
			r.problem(given[0], "does not go with quota: want answer, break or no effect")
		}
		reviewOne(r, f)
	case f.Trigger.Quota == nil:
		r.problem("answer", "is missing: want one of %s", effectNames)
	}
}

// reviewOne reviews the effect of a fault that has exactly one.
func reviewOne(r *Review, f *Fault) {
	switch {
	case f.Answer != nil:
		reviewAnswer(r, f)
	case f.SoftError != nil:
		reviewSoftError(r, f)
	case f.Delay != nil:
		reviewDelay(r, f.Delay)
	case f.Break != nil:
		reviewBreak(r, f)
	case f.Throttle != nil:
		reviewThrottle(r, f.Throttle)
	case f.Truncate != nil:
		reviewTruncate(r, f.Truncate)
	case f.Corrupt != nil:
		reviewCorrupt(r, f.Corrupt)
	}
}

func reviewAnswer(r *Review, f *Fault) {
	a := f.Answer
	reviewSide(r, "answer.at", a.At)
	reviewStatus(r, a, f.Trigger.Quota != nil)
	reviewErrorCode(r, a, f.Match.Endpoints)
	reviewMessage(r, "answer.message", a.Message)
	if a.Body != nil && len(*a.Body) > MaxBody {
		r.problem("answer.body", "has %d bytes, want at most %d", len(*a.Body), MaxBody)
	}
	if a.RetryAfter != nil {
		reviewRetryAfter(r, a.RetryAfter)
	}
	reviewHeaders(r, a)
}

func reviewSide(r *Review, field string, at Side) {
	switch at {
	case "", SideBefore, SideAfter:
	default:
		r.problem(field, "is %q, want before or after", clip(string(at)))
	}
}

func reviewMessage(r *Review, field, message string) {
	if len(message) > maxText || !utf8.ValidString(message) {
		r.problem(field, "has %d bytes, want at most %d of valid UTF-8", len(message), maxText)
	}
}

// reviewStatus reviews what is answered; a quota that says neither status nor
// code answers 429.
func reviewStatus(r *Review, a *Answer, quota bool) {
	_, documented := groove.StatusByCode(a.Status)
	switch {
	case a.Status == 0 && a.ErrorCode == "" && quota:
	case a.Status == 0 && a.ErrorCode == "":
		r.problem("answer.status", "is missing: want status or error_code")
	case a.Status != 0 && !documented:
		r.problem("answer.status", "is %d, want one that the API documents: 200, 400, 401, 403, 404, 409, 429, 500, 502 or 503", a.Status)
	case a.Status == 200 && a.ErrorCode == "" && a.Body == nil:
		r.problem("answer.error_code", "is missing: a 200 wants error_code or body")
	}
}

func reviewErrorCode(r *Review, a *Answer, endpoints []string) {
	if a.ErrorCode == "" {
		return
	}
	info, ok := groove.ErrorCodeByName(string(a.ErrorCode))
	if !ok {
		r.problem("answer.error_code", "is %q, which the API does not document", clip(string(a.ErrorCode)))
		return
	}
	if a.Status != 0 && a.Status != 200 && a.Status != info.Status {
		r.warning("answer.status", "is %d, but %s comes with %d", a.Status, info.Code, info.Status)
	}
	reviewFit(r, "answer.error_code", info.Code, endpoints)
}

// reviewFit warns of a code that an endpoint of the match never sends.
func reviewFit(r *Review, field string, code groove.ErrorCode, endpoints []string) {
	for _, name := range endpoints {
		if endpoint, ok := groove.EndpointByName(name); ok && !endpoint.Fits(code) {
			r.warning(field, "is %s, which %s never sends", code, name)
		}
	}
}

func reviewRetryAfter(r *Review, after *RetryAfter) {
	given := 0
	for _, form := range []bool{after.Seconds != nil, after.DateIn != nil, after.Raw != nil} {
		if form {
			given++
		}
	}
	if given != 1 {
		r.problem("answer.retry_after", "has %d forms, want exactly one of seconds, date_in and raw", given)
	}
	if after.DateIn != nil && (*after.DateIn < -MaxTTL || *after.DateIn > MaxTTL) {
		r.problem("answer.retry_after.date_in", "is %v, want %v to %v", *after.DateIn, -MaxTTL, MaxTTL)
	}
	if after.Raw != nil && !validFieldValue(*after.Raw) {
		r.problem("answer.retry_after.raw", "is %q, want a field value on one line", clip(*after.Raw))
	}
}

func reviewHeaders(r *Review, a *Answer) {
	reviewNames(r, "answer.headers", a.Headers)
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		value := a.Headers[name]
		field := "answer.headers." + clip(name)
		switch {
		case name != "" && !validToken(name):
			r.problem(field, "is no field name")
		case !validFieldValue(value):
			r.problem(field, "is %q, want a field value on one line", clip(value))
		case framing(name):
			r.problem(field, "is framing, which follows from the body")
		case strings.EqualFold(name, "Retry-After") && a.RetryAfter != nil:
			r.problem(field, "does not go with answer.retry_after")
		}
	}
}

// framing reports whether the field belongs to the connection rather than to
// the answer.
func framing(name string) bool {
	switch strings.ToLower(name) {
	case "connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade":
		return true
	default:
		return false
	}
}

// validFieldValue reports whether text can stand in one field line (RFC 9110,
// 5.5).
func validFieldValue(text string) bool {
	return len(text) <= maxText && strings.TrimSpace(text) == text &&
		!strings.ContainsFunc(text, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f })
}

func reviewDelay(r *Review, d *Delay) {
	reviewSide(r, "delay.at", d.At)
	given := 0
	for _, distribution := range []bool{d.Fixed != nil, d.Uniform != nil, d.Normal != nil, d.LogNormal != nil, d.Exponential != nil, d.Pareto != nil} {
		if distribution {
			given++
		}
	}
	if given != 1 {
		r.problem("delay", "has %d distributions, want exactly one of fixed, uniform, normal, log_normal, exponential and pareto", given)
		return
	}
	r.duration("delay.max", d.Max, 0)
	reviewDistribution(r, d)
}

func reviewDistribution(r *Review, d *Delay) {
	switch {
	case d.Fixed != nil:
		r.duration("delay.fixed", *d.Fixed, 1)
	case d.Uniform != nil:
		r.duration("delay.uniform.min", d.Uniform.Min, 0)
		r.duration("delay.uniform.max", d.Uniform.Max, max(d.Uniform.Min, 1))
	case d.Normal != nil:
		r.duration("delay.normal.mean", d.Normal.Mean, 0)
		r.duration("delay.normal.stddev", d.Normal.Stddev, 0)
	case d.LogNormal != nil:
		r.duration("delay.log_normal.p50", d.LogNormal.P50, 1)
		r.duration("delay.log_normal.p99", d.LogNormal.P99, d.LogNormal.P50)
	case d.Exponential != nil:
		r.duration("delay.exponential.mean", d.Exponential.Mean, 1)
	case d.Pareto != nil:
		r.duration("delay.pareto.min", d.Pareto.Min, 1)
		if !(d.Pareto.Shape > 0 && d.Pareto.Shape <= math.MaxFloat64) {
			r.problem("delay.pareto.shape", "is %v, want a number above 0", d.Pareto.Shape)
		}
	}
}

// duration reviews one duration of a delay.
func (r *Review) duration(field string, value, least time.Duration) {
	if value < least || value > MaxDelay {
		r.problem(field, "is %v, want %v to %v", value, least, MaxDelay)
	}
}
