package faults

import (
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// Fault is a named, switchable fault: what it matches, when it fires, what it
// does and how long it lives. Exactly one effect is set; only a fault with a
// quota may have none, which then answers 429.
type Fault struct {
	// Name identifies the fault: 1 to 63 lower-case letters, digits, dots,
	// hyphens and underscores, beginning with a letter or digit.
	Name string
	// Disabled keeps the fault in the set without effect.
	Disabled bool
	Match    Match
	Trigger  Trigger
	// Answer, when set, answers in Groove's place.
	Answer *Answer
	// SoftError, when set, puts an Error object into the upstream's 200.
	SoftError *SoftError
	// Delay, when set, holds the exchange back.
	Delay *Delay
	// Break, when set, ends or silences the client's connection.
	Break *Break
	// Throttle, when set, slows the body of the answer down.
	Throttle *Throttle
	// Truncate, when set, ends the answer before its body is complete.
	Truncate *Truncate
	// Corrupt, when set, spoils the body of the answer.
	Corrupt *Corrupt
	// TTL is the lifetime from creation on; 0 means none. At most MaxTTL.
	TTL time.Duration

	// ExpiresAt is the end of the lifetime, zero for none. Whoever accepts the
	// fault computes it once from TTL, so that a restart does not extend it.
	ExpiresAt time.Time

	// Since tells apart faults of one name that follow one another: what is made anew or strikes otherwise has another one,
	// and begins to count anew. Whoever keeps the faults sets it, alike for all engines; 0 for where there is one engine
	// and no need. It is no part of what a fault says.
	Since uint64 `json:"-"`
}

// Alike reports whether two faults strike alike, whatever their lifetime, whether they are switched on, and Since when they
// count.
func (f *Fault) Alike(other *Fault) bool {
	a, b := *f, *other
	a.Since, b.Since = 0, 0
	return sameFault(&a, &b)
}

// Terminal reports whether the effect ends the exchange, so that it shares
// the draw with the other terminal faults.
func (f *Fault) Terminal() bool {
	return f.Answer != nil || f.Break != nil || f.Trigger.Quota != nil
}

// Spoils reports whether the effect changes an answer on its way to the client.
func (f *Fault) Spoils() bool {
	return f.SoftError != nil || f.Throttle != nil || f.Truncate != nil || f.Corrupt != nil
}

// Match says which exchanges a fault is about. Every part that is given must
// hold; a list holds when one of its entries does; an empty Match holds for
// everything.
type Match struct {
	// Endpoints are endpoint names of the contract.
	Endpoints []string
	// Methods are HTTP methods, upper case.
	Methods []string
	// Hosts are host names without a port, compared without regard to case; "*" stands for
	// any run of characters.
	Hosts []string
	// Path is a template such as "/1/content/{id}/lookup": words compare
	// without regard to case, {name} stands for one segment, and a final
	// {name...} for the rest.
	Path string
	// Query maps names (compared without regard to case) to patterns of the decoded value, in
	// which "*" stands for any run of characters; "*" alone wants only presence.
	Query map[string]string
	// Headers maps field names to patterns, like Query.
	Headers map[string]string
	// Clients are patterns of the client identity, like Hosts but keeping case.
	Clients []string
}

// Trigger says when a matching fault fires. At most one of Share, First, Every
// and Quota is given; none of them means always.
type Trigger struct {
	// Share fires on this part of the exchanges, 0 to 1; nil for not given.
	// With Attempts it is the part of the calls.
	Share *float64
	// First fires on the first n matching exchanges that no earlier counting
	// fault answers, then never again; 0 for not given. One whose client leaves
	// before the fault strikes has been spent.
	First uint64
	// Every fires on each nth matching exchange, of those that no earlier
	// counting fault answers; 0 for not given.
	Every uint64
	// Attempts fires on attempts 1 to k of each call and lets the following
	// pass; 0 for not given.
	Attempts uint64
	// Quota fires on what exceeds a rate; nil for not given.
	Quota *Quota
	// Limit bounds the number of firings; 0 for no bound.
	Limit uint64
	// MaxActive bounds the exchanges that the fault strikes at the same time,
	// from the decision to the end of the exchange; 0 for no bound. What exceeds
	// it passes, and is counted in Use.Overflow.
	MaxActive uint64
}

// Quota is a token bucket: exchanges that find it empty are struck and take
// nothing, all others take a token each and pass.
type Quota struct {
	// Requests is how many exchanges pass in each Per, 1 to MaxQuota.
	Requests uint64
	// Per is the time in which an empty bucket is filled with Requests tokens, a
	// millisecond to MaxTTL; 0 stands for a second.
	Per time.Duration
	// Burst is how many tokens the bucket holds, at most MaxQuota and what comes in within
	// MaxTTL; 0 stands for Requests.
	Burst uint64
	// All shares one bucket among all clients; otherwise each has its own.
	All bool
}

// Side says on which side of the upstream's work an effect lies.
type Side string

// The sides. They are a closed set.
const (
	// SideBefore is before the upstream has seen the request. It is what "" stands for.
	SideBefore Side = "before"
	// SideAfter is after the upstream has answered: it did the work, and the
	// client does not hear of it or hears late.
	SideAfter Side = "after"
)

// Answer is the effect that answers in Groove's place. Status or ErrorCode is
// given, the other follows from the contract; with a quota both may be left out.
type Answer struct {
	// At says whether the upstream is asked first, its answer then being thrown
	// away; "" for SideBefore.
	At Side
	// Status is 200 or a documented error status; 0 takes the default of ErrorCode.
	Status int
	// ErrorCode is a documented code; "" takes what the endpoint most
	// plausibly sends with Status, which for 503 is no Error object at all.
	ErrorCode groove.ErrorCode
	// Message is the optional contextual text of the Error object.
	Message string
	// RetryAfter is the Retry-After field; nil for absent, as Groove's
	// reference has it, but with a quota for the seconds until a token is there.
	RetryAfter *RetryAfter
	// Headers are further fields of the answer; they replace ours of the same name.
	Headers map[string]string
	// Body, when not nil, replaces the Error object byte for byte.
	Body *string
}

// RetryAfter is one form of the Retry-After field (RFC 9110, 10.2.3). Exactly
// one is given.
type RetryAfter struct {
	// Seconds is the delay-seconds form. Zero and huge values are sent as they are.
	Seconds *uint64
	// DateIn is the HTTP-date form: so long after the moment of the answer,
	// rounded up to a whole second; may be negative.
	DateIn *time.Duration
	// Raw is sent as it stands: for malformed values.
	Raw *string
}

// Delay is the effect that holds an exchange back. Exactly one distribution is
// given. No drawn delay passes Max.
type Delay struct {
	// At says whether the request is held back or the answer; "" for SideBefore.
	At Side
	// Fixed waits always as long.
	Fixed *time.Duration
	// Uniform draws evenly from Min to Max.
	Uniform *Uniform
	// Normal draws from a normal distribution, cut off at 0.
	Normal *Normal
	// LogNormal draws from a log-normal distribution given by two quantiles.
	LogNormal *LogNormal
	// Exponential draws from an exponential distribution.
	Exponential *Exponential
	// Pareto draws from a Pareto distribution.
	Pareto *Pareto
	// Max bounds what is drawn; 0 stands for MaxDelay.
	Max time.Duration
}

// Uniform is an even distribution over [Min, Max].
type Uniform struct{ Min, Max time.Duration }

// Normal is a normal distribution. A draw below 0 counts as 0.
type Normal struct{ Mean, Stddev time.Duration }

// LogNormal is a log-normal distribution given by its median and its 99th
// percentile, the two figures that dashboards show.
type LogNormal struct{ P50, P99 time.Duration }

// Exponential is an exponential distribution.
type Exponential struct{ Mean time.Duration }

// Pareto is a Pareto (type I) distribution: never below Min, the heavier in
// the tail the smaller Shape.
type Pareto struct {
	Min   time.Duration
	Shape float64
}

// Bounds of the model.
const (
	// MaxDelay bounds every single delay.
	MaxDelay = time.Hour
	// MaxTTL bounds the lifetime of a fault.
	MaxTTL = 30 * 24 * time.Hour
	// MaxBody bounds Answer.Body, in bytes: half of what the control API takes
	// in one request.
	MaxBody = 512 << 10
	// MaxQuota bounds the requests and the burst of a quota. A bucket fills within
	// MaxTTL besides.
	MaxQuota = 1_000_000_000
	// MaxFaults bounds a fault set.
	MaxFaults = 10_000
)
