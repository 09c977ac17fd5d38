package observe

import (
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// Origin says who made the answer of an attempt.
type Origin string

const (
	// OriginUpstream is an answer relayed from the upstream.
	OriginUpstream Origin = "upstream"
	// OriginInjected is an answer made by a fault.
	OriginInjected Origin = "injected"
	// OriginOurs is a failure of the proxy or of its way to the upstream. It is
	// never held against a client as if it were a fault.
	OriginOurs Origin = "ours"
)

// End says how an attempt ended.
type End string

const (
	// EndComplete means that the whole answer was handed to the client.
	EndComplete End = "complete"
	// EndClientLeft means that the client went away before that.
	EndClientLeft End = "client_left"
	// EndBroken means that the answer broke off on our side.
	EndBroken End = "broken"
)

// NoCounter is the Counter of an attempt that carried none.
const NoCounter = -1

// MaxHeaders bounds the fields whose digests an attempt carries.
const MaxHeaders = 24

// Attempt is one HTTP exchange as the proxy saw it. It is plain data: it holds
// no secret, and its JSON form is the journal's format.
type Attempt struct {
	// Sequence numbers the attempts of one proxy in order of arrival, from 1.
	Sequence uint64 `json:"sequence"`
	// Time is the wall clock at Received, for people.
	Time time.Time `json:"time"`
	// Received is when the request's head had arrived, Answered when the last
	// byte of the answer had been handed to the client's connection. Both are on the
	// monotonic clock of the proxy, counted from its start, in nanoseconds.
	Received time.Duration `json:"received_ns"`
	Answered time.Duration `json:"answered_ns"`
	// Conn numbers the client's connections, ConnUse the exchanges on one, both from 1.
	Conn    uint64 `json:"conn"`
	ConnUse uint64 `json:"conn_use"`
	// Multiplexed reports that the connection carries several exchanges at a time (HTTP/2): that another attempt came on it says
	// nothing of whether the answer before was waited for.
	Multiplexed bool `json:"multiplexed,omitempty"`

	// Client is the identity of the caller, Credential the digest of what it
	// authenticated with ("" for none).
	Client     string `json:"client"`
	Credential string `json:"credential,omitempty"`
	UserAgent  string `json:"user_agent,omitempty"`
	// Address is the IP address that the client connected from, without a port.
	Address string `json:"address,omitempty"`
	// Node names the proxy that saw the attempt, "" where there is only one. Sequence, Conn,
	// Received and Answered compare within a node alone.
	Node string `json:"node,omitempty"`

	// Endpoint is the contract's name, "" for a target outside it.
	Endpoint string `json:"endpoint,omitempty"`
	Method   string `json:"method"`
	Host     string `json:"host,omitempty"`
	// Target is the path and the normalised query, without volatile
	// parameters and with short digests for secrets.
	Target string `json:"target"`
	// BodyLength is the length of the request body as received, BodyDigest its digest ("" for
	// no body). BodyComplete is false when the client broke off.
	BodyLength   int64  `json:"body_length"`
	BodyDigest   string `json:"body_digest,omitempty"`
	BodyComplete bool   `json:"body_complete"`

	// CallID is an explicit identifier that the client sent, CallIDHeader the field it came
	// in, Counter the attempt number that came with it (0 or 1 for the first, as the field
	// has it), NoCounter for none.
	CallID       string `json:"call_id,omitempty"`
	CallIDHeader string `json:"call_id_header,omitempty"`
	Counter      int    `json:"counter"`
	// IdempotencyKey is the digest of an idempotency key, "" for none.
	IdempotencyKey string `json:"idempotency_key,omitempty"`
	// RequestID is an identifier that may or may not stay the same over the attempts of a
	// call, "" for none. It groups only where it was seen to repeat, and then the grouping
	// is inferred.
	RequestID string `json:"request_id,omitempty"`
	// Trace is the trace id of a traceparent field, 32 hex digits, "" for none. It stays the same
	// over the attempts of a call, and over other calls of the same operation.
	Trace string `json:"trace,omitempty"`
	// TraceParent is what followed it in the traceparent field, as in "00f067aa0ba902b7-01": the id of the caller's span
	// and the flags; "" for none. It changes from attempt to attempt and groups nothing.
	TraceParent string `json:"trace_parent,omitempty"`
	// Headers are digests of the fields that should stay the same over the attempts of a call: "name=digest", the name in
	// lower case, in order of the names and joined by semicolons, at most MaxHeaders; "" where they were not
	// recorded. Credentials, counters, trace fields, cookies and what belongs to one connection are not among them.
	Headers string `json:"headers,omitempty"`

	// Status is the status code that the client got, 0 for none.
	Status    int              `json:"status"`
	Class     groove.Class     `json:"class"`
	ErrorCode groove.ErrorCode `json:"error_code,omitempty"`
	Origin    Origin           `json:"origin"`
	End       End              `json:"end"`
	// RetryAfter is the Retry-After field of the answer as sent, "" for none.
	RetryAfter string `json:"retry_after,omitempty"`

	// Fault names the fault that made the answer, DelayedBy those that held
	// it back, Delay how long they did.
	Fault     string        `json:"fault,omitempty"`
	DelayedBy []string      `json:"delayed_by,omitempty"`
	Delay     time.Duration `json:"delay_ns,omitempty"`
	// SpoiledBy names the faults that changed the answer on its way.
	SpoiledBy []string `json:"spoiled_by,omitempty"`
	// Break says how and BreakAt when the fault broke the connection; "" for not
	// at all. A hang that was let go is a delay instead.
	Break   faults.BreakKind  `json:"break,omitempty"`
	BreakAt faults.BreakPoint `json:"break_at,omitempty"`
	// Forwarded reports that some of the request went to the upstream, which may
	// therefore have done the work, whatever the client got.
	Forwarded bool `json:"forwarded,omitempty"`
	// UpstreamStatus is the status of the upstream's own answer, 0 for none. It
	// differs from Status when a fault answered after the upstream had.
	UpstreamStatus int `json:"upstream_status,omitempty"`
	// SingleFlight reports that the fault struck at most one call of this client and fingerprint at a
	// time, so that a repeat of a failed attempt can only be that call's.
	SingleFlight bool `json:"single_flight,omitempty"`
	// Marker is a text that stood in the Message or the Description of the injected answer and nowhere else, "" for
	// none: where an end user gets to see it, internal text has leaked.
	Marker string `json:"marker,omitempty"`
	// Reason says why the fault fired or the failure is ours.
	Reason string `json:"reason,omitempty"`
}

// Failed reports that the client did not get what it asked for. An answer that a fault broke off is a
// failure whatever its status. A soft error is not: it ends a call like any 200.
func (a *Attempt) Failed() bool { return a.Class == groove.ClassFailure || a.Break != "" }

// Spoiled reports that a fault changed the answer on its way so that nobody knows what the client made of
// it: it came slowly, cut short or corrupted. A soft error alone is read as such.
func (a *Attempt) Spoiled() bool {
	return len(a.SpoiledBy) > 1 || len(a.SpoiledBy) == 1 && a.Class != groove.ClassSoftError
}

// Succeeded reports that the client got what it asked for, so that there was no reason to ask again. Of a spoiled answer
// neither that is known nor that it failed.
func (a *Attempt) Succeeded() bool { return !a.Failed() && !a.Spoiled() }

// Wait is the Retry-After of the answer, counted from the moment when it was handed
// over. It reports false when there was none or none that can be read.
func (a *Attempt) Wait() (RetryAfter, bool) {
	if a.RetryAfter == "" {
		return RetryAfter{}, false
	}
	var answered time.Time
	if !a.Time.IsZero() {
		answered = a.Time.Add(a.Answered - a.Received)
	}
	return ParseRetryAfter(a.RetryAfter, answered)
}

// Fingerprint is the identity of the content of the request.
func (a *Attempt) Fingerprint() uint64 {
	return Fingerprint(a.Client, a.Method, a.Target, a.BodyDigest)
}
