package proxy

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/inject"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// core is what all data paths share.
type core struct {
	engine      *faults.Engine
	identity    observe.Identity
	tracker     *observe.Tracker
	record      func(observe.Attempt)
	now         func() time.Time
	epoch       time.Time
	sequence    atomic.Uint64
	connections atomic.Uint64
}

func newCore(o Options) *core {
	return &core{
		engine:   o.Engine,
		identity: o.Identity,
		tracker:  observe.NewTracker(o.MaxTracked),
		record:   o.Record,
		now:      o.Now,
		epoch:    o.Now(),
	}
}

// clock is the time since the proxy was made.
func (c *core) clock() time.Duration { return c.now().Sub(c.epoch) }

// head is what the core must know of a request when its head has arrived.
type head struct {
	method string
	// target is the path and the query as sent, host the host as sent.
	target, host string
	header       faults.Header
	// remoteAddr is the client's address without a port.
	remoteAddr string
	// conn numbers the client's connection, use the exchange on it.
	conn, use uint64
}

// exchange is one request on its way, from its head to the record of its end.
// It is used by one goroutine at a time, in the order arrive, decide, hold,
// answer, finish; whatever comes in between may be left out.
type exchange struct {
	core     *core
	head     head
	path     string
	query    string
	endpoint groove.Endpoint
	stable   string
	attempt  observe.Attempt
	decision faults.Decision

	place   faults.Place
	tracked bool
}

// arrive opens an exchange.
func (c *core) arrive(h head) *exchange {
	now := c.now()
	x := &exchange{core: c, head: h}
	x.path, x.query, _ = strings.Cut(h.target, "?")
	if e, ok := groove.Resolve(h.method, x.path); ok {
		x.endpoint = *e
	}
	host := hostname(h.host)
	client := c.identity.Of(observe.Request{
		Method: h.method, Host: host, Path: x.path, Query: x.query,
		Header: h.header, RemoteAddr: h.remoteAddr,
	})
	x.stable = client.Stable
	callID, callHeader, counter := observe.ExplicitCall(h.header)
	x.attempt = observe.Attempt{
		Sequence: c.sequence.Add(1), Time: now.Round(0), Received: now.Sub(c.epoch),
		Conn: h.conn, ConnUse: h.use,
		Client: client.Name, Credential: client.Credential, UserAgent: client.UserAgent,
		Endpoint: x.endpoint.Name, Method: h.method, Host: host, Target: observe.NormaliseTarget(x.path, x.query),
		CallID: callID, CallIDHeader: callHeader, Counter: counter,
		IdempotencyKey: observe.IdempotencyKey(h.header), RequestID: observe.RequestID(h.header),
		Origin: observe.OriginUpstream,
	}
	return x
}

// hostname returns the host without its port, in lower case.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// decide asks the engine. The digest is that of the beginning of the body, ""
// for no body.
func (x *exchange) decide(digest string) {
	fingerprint := observe.Fingerprint(x.stable, x.head.method, x.attempt.Target, digest)
	x.place = x.core.tracker.Begin(fingerprint, x.attempt.CallID, x.attempt.Counter, x.attempt.Received)
	x.tracked = true
	x.decision = x.core.engine.Decide(&faults.Exchange{
		Endpoint: x.endpoint.Name,
		Method:   x.head.method,
		Host:     x.attempt.Host,
		Path:     x.path,
		Query:    x.query,
		Header:   x.head.header,
		Client:   x.attempt.Client,
		Place:    x.place,
		Now:      x.core.now(),
	})
	x.attempt.Reason = x.decision.Reason
}

// hold waits for the delays of the decision. It ends early when the client's
// context ends, and releases the exchange when the proxy drains.
func (x *exchange) hold(client, drain context.Context) {
	if len(x.decision.Holds) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(client)
	defer cancel()
	defer context.AfterFunc(drain, cancel)()
	for _, hold := range x.decision.Holds {
		held, ending := inject.Wait(ctx, hold, x.core.now())
		if held > 0 {
			x.attempt.Delay += held
			x.attempt.DelayedBy = append(x.attempt.DelayedBy, hold.Fault.Fault.Name)
		}
		if ending == inject.Cancelled {
			break
		}
	}
	if client.Err() != nil && x.attempt.Delay > 0 {
		x.attempt.Origin = observe.OriginInjected
	}
	x.reconsider()
}

// reconsider drops an answer whose fault went while the exchange was held back.
func (x *exchange) reconsider() {
	a := x.decision.Answer
	if a == nil {
		return
	}
	expiry := a.Fault.ExpiresAt
	gone := !expiry.IsZero() && !x.core.now().Before(expiry)
	select {
	case <-a.Gone():
		gone = true
	default:
	}
	if gone {
		x.decision.Answer = nil
		x.attempt.Reason += "; gone before it answered"
	}
}

// answers reports whether a fault is to answer, answersLate whether after a delay.
func (x *exchange) answers() bool     { return x.decision.Answer != nil }
func (x *exchange) answersLate() bool { return x.answers() && len(x.decision.Holds) > 0 }

// injection makes the answer of the fault that answers. It is called when that
// is about to go out, for the fault has fired by then.
func (x *exchange) injection(accept, acceptEncoding string) inject.Response {
	a := x.decision.Answer
	a.Fire()
	x.attempt.Origin, x.attempt.Fault = observe.OriginInjected, a.Fault.Name
	return inject.Answer(*a.Fault.Answer, inject.Request{
		Method:   x.head.method,
		Endpoint: x.endpoint,
		Wanted:   groove.Negotiate(accept, acceptEncoding, x.query),
		Now:      x.core.now(),
	})
}

// answer notes the head of the final answer, before it is written. From the
// moment in which a client can read a failure it may call again, perhaps on
// another connection; the tracker must know by then.
func (x *exchange) answer(origin observe.Origin, status int, retryAfter string) {
	x.attempt.Origin, x.attempt.Status, x.attempt.RetryAfter = origin, status, retryAfter
	if groove.Classify(status, nil).Class == groove.ClassFailure {
		x.settle(true)
	}
}

// blame notes who is at fault that no whole answer came, and why.
func (x *exchange) blame(origin observe.Origin, reason string) {
	x.attempt.Origin, x.attempt.Reason = origin, reason
}

// settle tells the tracker once how the exchange went.
func (x *exchange) settle(failed bool) {
	if !x.tracked {
		return
	}
	x.tracked = false
	after, _ := observe.ParseRetryAfter(x.attempt.RetryAfter, x.core.now())
	x.core.tracker.End(x.place, x.attempt.CallID, failed, x.core.clock(), after.Wait)
}

// ending is how an exchange ended, as the data path saw it.
type ending struct {
	end      observe.End
	answered time.Duration
	// status is what the client got, 0 when the head of the answer never left.
	status int
	// body is the beginning of the answer's body, as it was before any coding.
	body []byte

	requestLength   int64
	requestDigest   string
	requestComplete bool
}

// finish records the attempt.
func (x *exchange) finish(e ending) {
	a := &x.attempt
	a.End, a.Answered, a.Status = e.end, e.answered, e.status
	a.BodyLength, a.BodyDigest, a.BodyComplete = e.requestLength, e.requestDigest, e.requestComplete
	a.Class = groove.ClassFailure
	if e.status == 0 {
		a.RetryAfter = ""
	} else if e.end != observe.EndBroken {
		classification := groove.Classify(e.status, e.body)
		a.Class, a.ErrorCode = classification.Class, classification.Code
	}
	x.settle(a.Class == groove.ClassFailure)
	x.core.record(*a)
}
