package proxy

import (
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
	answers     inject.Answers
	marks       bool
	record      func(*observe.Attempt)
	now         func() time.Time
	epoch       time.Time
	sequence    atomic.Uint64
	connections atomic.Uint64
	tally       tally
}

func newCore(o Options) *core {
	return &core{
		engine:   o.Engine,
		identity: o.Identity,
		tracker:  observe.NewTracker(o.MaxTracked),
		marks:    o.Marker,
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
	// multiplexed reports that the connection carries several exchanges at a time.
	multiplexed bool
}

// exchange is one request on its way, from its head to the record of its end.
// It is used by one goroutine at a time, in the order arrive, decide, hold,
// answer, finish; whatever comes in between may be left out. It can be used
// again after finish.
type exchange struct {
	core     *core
	head     head
	path     string
	query    string
	endpoint *groove.Endpoint
	stable   string
	attempt  observe.Attempt
	// scratch is what is kept of the client's last requests.
	scratch observe.Scratch
	// hosts knows the host of the client's last request.
	hosts knownHost
	// question is lent for as long as the exchange needs it, nil for none.
	question *question
	// decision is what the engine says.
	decision faults.Decision

	// made is when the answer of a fault was made: what follows at once goes by it.
	made time.Time

	place   faults.Place
	tracked bool
	stage   stage
}

// question is what others are asked about an exchange. It is lent: an exchange
// that is held back need not keep it.
type question struct {
	seen  observe.Request
	sight observe.Sight
	asked faults.Exchange
}

// inquiry returns the question that is lent to the exchange, or one of its own.
func (x *exchange) inquiry() *question {
	if x.question == nil {
		x.question = new(question)
	}
	return x.question
}

// elsewhere is the endpoint of targets outside the contract.
var elsewhere groove.Endpoint

// arrive opens an exchange whose head has just come.
func (c *core) arrive(x *exchange, h head) {
	x.head = h
	c.arriveAt(x, c.now())
}

// arriveAt opens an exchange whose head is noted in x already.
func (c *core) arriveAt(x *exchange, now time.Time) {
	h := &x.head
	x.core, x.tracked = c, false
	x.decision = faults.Decision{}
	x.path, x.query, _ = strings.Cut(h.target, "?")
	x.endpoint = &elsewhere
	if e, ok := groove.Resolve(h.method, x.path); ok {
		x.endpoint = e
	}
	host := x.hosts.name(h.host)
	q := x.inquiry()
	q.seen = observe.Request{
		Method: h.method, Host: host, Path: x.path, Query: x.query,
		Header: h.header, RemoteAddr: h.remoteAddr,
	}
	sight := &q.sight
	x.scratch.Of(&c.identity, &q.seen, sight)
	x.stable = sight.Stable
	a := &x.attempt
	*a = observe.Attempt{}
	a.Sequence, a.Time, a.Received = c.sequence.Add(1), now.Round(0), now.Sub(c.epoch)
	a.Conn, a.ConnUse, a.Multiplexed = h.conn, h.use, h.multiplexed
	a.Client, a.Credential, a.UserAgent = sight.Name, sight.Credential, sight.UserAgent
	a.Endpoint, a.Method, a.Host, a.Target = x.endpoint.Name, h.method, host, sight.Target
	a.CallID, a.CallIDHeader, a.Counter = sight.CallID, sight.CallIDHeader, sight.Counter
	a.IdempotencyKey, a.RequestID, a.Trace = sight.IdempotencyKey, sight.RequestID, sight.Trace
	a.TraceParent, a.Address, a.Headers = sight.TraceParent, h.remoteAddr, sight.Headers
	a.Origin = observe.OriginUpstream
	x.stage = underWay
}

// refuse opens an exchange of which nothing is known but who sent it, for the
// record of a request that could not be read.
func (c *core) refuse(x *exchange, h head) {
	now := c.now()
	x.core, x.head, x.decision, x.tracked, x.endpoint = c, h, faults.Decision{}, false, &elsewhere
	x.attempt = observe.Attempt{
		Sequence: c.sequence.Add(1), Time: now.Round(0), Received: now.Sub(c.epoch),
		Conn: h.conn, ConnUse: h.use, Multiplexed: h.multiplexed, Client: h.remoteAddr, Address: h.remoteAddr, Counter: observe.NoCounter,
		Origin: observe.OriginOurs,
	}
	x.stage = underWay
}

// knownHost is a host as it was sent, and its name.
type knownHost struct{ sent, hostname string }

// name returns what hostname does. It copies what it keeps.
func (k *knownHost) name(host string) string {
	const longest = 253 // RFC 1035 §2.3.4, written out
	switch {
	case k.sent == host && host != "":
	case len(host) > longest:
		return strings.Clone(hostname(host))
	default:
		k.sent = strings.Clone(host)
		k.hostname = hostname(k.sent)
	}
	return k.hostname
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
func (x *exchange) decide(digest string) { x.decideAt(digest, x.core.now()) }

func (x *exchange) decideAt(digest string, now time.Time) {
	fingerprint := observe.Fingerprint(x.stable, x.head.method, x.attempt.Target, digest)
	x.place = x.core.tracker.Begin(fingerprint, x.attempt.CallID, x.attempt.Counter, x.attempt.Received)
	x.tracked = true
	e := &x.inquiry().asked
	e.Endpoint, e.Method, e.Host = x.endpoint.Name, x.head.method, x.attempt.Host
	e.Path, e.Query, e.Header = x.path, x.query, x.head.header
	e.Client, e.Place, e.Now = x.attempt.Client, x.place, now
	x.decision = x.core.engine.Decide(e)
	x.attempt.Reason = x.decision.Reason
}

// reconsider drops an answer whose fault went while the exchange was held back.
func (x *exchange) reconsider() {
	a := x.decision.Terminal
	if a == nil {
		return
	}
	expiry := a.Fault.ExpiresAt
	if gone(a) || !expiry.IsZero() && !x.core.now().Before(expiry) {
		x.decision.Terminal = nil
		x.attempt.Reason += "; gone before it answered"
	}
}

// answers reports whether a fault is to answer, answersLate whether after a delay.
func (x *exchange) answers() bool     { return x.decision.Terminal != nil }
func (x *exchange) answersLate() bool { return x.answers() && len(x.decision.Holds) > 0 }

// injection appends the answer of the fault that answers, as HTTP/1.1 has it.
// It is called when that is about to go out, for the fault has fired by then.
func (x *exchange) injection(dst []byte, accept, acceptEncoding, connection string) ([]byte, inject.Info) {
	a := x.decision.Terminal
	a.Fire()
	x.attempt.Origin, x.attempt.Fault = observe.OriginInjected, a.Fault.Name
	request := x.request(accept, acceptEncoding, connection)
	dst, info := x.core.answers.Append(dst, inject.AnswerOf(&a.Fault), &request)
	x.attempt.Marker = info.Marker
	return dst, info
}

// marker is the text that an Error of ours is to carry, "" for none.
func (x *exchange) marker() string {
	if !x.core.marks {
		return ""
	}
	return x.core.engine.Marker(x.place)
}

// request is what an injected answer depends on.
func (x *exchange) request(accept, acceptEncoding, connection string) inject.Request {
	x.made = x.core.now()
	return inject.Request{
		Method:     x.head.method,
		Endpoint:   *x.endpoint,
		Wanted:     groove.Negotiate(accept, acceptEncoding, x.query),
		Now:        x.made,
		RetryAfter: x.decision.RetryAfter,
		Marker:     x.marker(),
		Connection: connection,
	}
}

// answer notes the head of the final answer, before it is written. From the
// moment in which a client can read a failure it may call again, perhaps on
// another connection; the tracker must know by then.
func (x *exchange) answer(origin observe.Origin, status int, retryAfter string) {
	x.attempt.Origin, x.attempt.Status, x.attempt.RetryAfter = origin, status, retryAfter
	if !x.tracked || groove.Classify(status, nil).Class != groove.ClassFailure {
		return
	}
	if origin == observe.OriginInjected {
		x.settleAt(true, x.made)
	} else {
		x.settle(true)
	}
}

// blame notes who is at fault that no whole answer came, and why.
func (x *exchange) blame(origin observe.Origin, reason string) {
	x.attempt.Origin, x.attempt.Reason = origin, reason
}

// settle tells the tracker once how the exchange went.
func (x *exchange) settle(failed bool) {
	switch {
	case !x.tracked:
	case failed:
		x.settleAt(true, x.core.now())
	default:
		x.settleAt(false, time.Time{})
	}
}

// settleAt is settle for an exchange that is tracked; when it failed is of no matter unless it did.
func (x *exchange) settleAt(failed bool, now time.Time) {
	x.tracked = false
	if !failed {
		x.decision.Settle(false, time.Time{})
		return // the tracker waits for no repeat
	}
	var after observe.RetryAfter
	if x.attempt.RetryAfter != "" {
		after, _ = observe.ParseRetryAfter(x.attempt.RetryAfter, now)
	}
	x.decision.Settle(true, now.Add(observe.Window(after.Wait)))
	x.core.tracker.End(x.place, x.attempt.CallID, failed, now.Sub(x.core.epoch), after.Wait)
}

// ending is how an exchange ended, as the data path saw it.
type ending struct {
	end      observe.End
	answered time.Duration
	// status is what the client got, 0 when the head of the answer never left.
	status int
	// body is the beginning of the answer's body, as it was before any coding;
	// class and code are how the client is to read it where that is known already.
	body  []byte
	class groove.Class
	code  groove.ErrorCode

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
	switch {
	case e.status == 0:
		a.RetryAfter = ""
	case e.end == observe.EndBroken, a.Break != "": // a client that waits no longer for a hang has no answer either
	case e.class != "":
		a.Class, a.ErrorCode = e.class, e.code
	default:
		classification := groove.Classify(e.status, e.body)
		a.Class, a.ErrorCode = classification.Class, classification.Code
	}
	a.SingleFlight = x.decision.SingleFlight() && (a.Fault != "" || len(a.SpoiledBy) > 0)
	x.settle(a.Class == groove.ClassFailure)
	x.stage = landed
	x.core.record(a)
	x.release()
}

// forget ends an exchange that is not to be recorded.
func (x *exchange) forget() {
	x.settle(false)
	x.stage = landed
	x.release()
}

// release gives back what the decision takes up. Doing so again does nothing.
func (x *exchange) release() { x.decision.Release() }
