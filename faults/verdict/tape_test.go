package verdict

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	ms     = time.Millisecond
	second = time.Second
)

// epoch is the wall clock at the start of every tape.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// try is one attempt of a call: so long after the answer before it, answered with status.
type try struct {
	after  time.Duration
	status int
	// ra is the Retry-After field, date the same as a date so many seconds ahead.
	ra   string
	date int
	code groove.ErrorCode
	// origin is injected for a failure unless given, end is complete unless given.
	origin observe.Origin
	end    observe.End
	// body replaces the call's, emptied drops it.
	body    string
	emptied bool
	// torn says that the client broke off.
	torn bool
	key  string
	conn uint64
	// credential is what the attempt came with, address where from, headers the digests of its fields.
	credential, address, headers string
	// upstream is what Groove itself answered, took how long the answer was under way instead of a millisecond.
	upstream int
	took     time.Duration
	// hedge says that it was sent beside the one before.
	hedge bool
	// counter is the number of the attempt by the client's count, 0 for none.
	counter int
	class   groove.Class
	// stack says that the client's HTTP stack made it.
	stack bool
	// node is the process that saw it.
	node string
}

// op is one call. The zero value is a GET of its own target, grouped by inference.
type op struct {
	method, endpoint, target, body string
	grouping                       observe.Grouping
	polling, censored              bool
	// byKey says that an idempotency key alone names the call.
	byKey bool
	// at starts the call at this moment instead of a second after the last one.
	at    time.Duration
	tries []try
}

// tape records the calls of one client one after the other.
type tape struct {
	client   string
	agent    string
	now      time.Duration
	sequence uint64
	calls    []observe.Call
	policy   Policy
}

// newTape makes a tape that begins with so many healthy calls.
func newTape(healthy int) *tape {
	p := &tape{client: "caller", agent: "Go-http-client/1.1"}
	for range healthy {
		p.add(op{tries: []try{{status: 200}}})
	}
	return p
}

// times adds the same call n times, each with a target of its own.
func (p *tape) times(n int, o op) *tape {
	for range n {
		p.add(o)
	}
	return p
}

func (p *tape) add(o op) *tape {
	if o.at != 0 {
		p.now = o.at
	} else {
		p.now += second
	}
	c := observe.Call{
		Client: p.client, Method: o.method, Endpoint: o.endpoint, Target: o.target,
		Grouping: o.grouping, Polling: o.polling, Censored: o.censored,
	}
	if c.Method == "" {
		c.Method = "GET"
	}
	if c.Target == "" {
		c.Target = "/t/" + strconv.Itoa(len(p.calls)+1)
	}
	if c.Grouping == "" {
		c.Grouping = observe.GroupingInferred
	}
	for _, a := range o.tries {
		made := p.attempt(&c, o, a)
		c.Attempts = append(c.Attempts, &made)
		if a.stack {
			c.Transport = append(c.Transport, p.sequence)
		}
		if a.hedge {
			c.Hedges = append(c.Hedges, p.sequence)
		}
	}
	c.ID = strconv.FormatUint(c.Attempts[0].Sequence, 10)
	p.calls = append(p.calls, c)
	return p
}

func (p *tape) attempt(c *observe.Call, o op, t try) observe.Attempt {
	p.sequence++
	received := p.now + t.after
	p.now = received + max(t.took, ms)
	a := observe.Attempt{
		Sequence: p.sequence, Time: epoch.Add(received), Received: received, Answered: p.now,
		Conn: p.sequence, ConnUse: 1, Client: p.client, UserAgent: p.agent,
		Endpoint: c.Endpoint, Method: c.Method, Target: c.Target, BodyComplete: !t.torn, Counter: observe.NoCounter,
		Status: t.status, Class: groove.ClassSuccess, ErrorCode: t.code, Origin: t.origin, End: t.end,
		RetryAfter: t.ra, IdempotencyKey: t.key, Credential: t.credential, Address: t.address, Headers: t.headers, UpstreamStatus: t.upstream,
	}
	switch {
	case o.byKey:
		a.CallID = t.key
	case c.Grouping == observe.GroupingExplicit:
		a.CallID = c.Target
	}
	if t.counter != 0 {
		a.Counter = t.counter
	}
	if t.conn != 0 {
		a.Conn = t.conn
	}
	a.Node = t.node
	if body := o.body; !t.emptied && body != "" {
		if t.body != "" {
			body = t.body
		}
		a.BodyLength, a.BodyDigest = int64(len(body)), "digest of "+body
	}
	if t.date != 0 {
		a.RetryAfter = epoch.Add(p.now).Add(time.Duration(t.date) * second).Truncate(second).Format("Mon, 02 Jan 2006 15:04:05 GMT")
	}
	if a.End == "" {
		a.End = observe.EndComplete
	}
	failed := t.status >= 400 || t.status == 0
	if failed {
		a.Class = groove.ClassFailure
	}
	if t.class != "" {
		a.Class = t.class
	}
	switch {
	case a.Origin != "":
	case failed:
		a.Origin = observe.OriginInjected
	default:
		a.Origin = observe.OriginUpstream
	}
	return a
}

// by adds what another client does.
func (p *tape) by(client string, o op) *tape {
	own := p.client
	p.client = client
	p.add(o)
	p.client = own
	return p
}

// under sets the policy that the tape is judged under.
func (p *tape) under(r Rule) *tape {
	p.policy = Policy{r}
	return p
}

// fails makes the attempts of a call that gets status each time, with waits between them.
func fails(status int, waits ...time.Duration) []try {
	tries := []try{{status: status}}
	for _, wait := range waits {
		tries = append(tries, try{after: wait, status: status})
	}
	return tries
}

// asks makes the attempts of a call that gets status with Retry-After each time.
func asks(status int, ra string, waits ...time.Duration) []try {
	tries := fails(status, waits...)
	for i := range tries {
		tries[i].ra = ra
	}
	return tries
}

// write is a call that changes the collection.
func write(tries ...try) op {
	return op{method: "POST", endpoint: groove.CollectionAdd, body: `{"TrackIds":["music.1"]}`, tries: tries}
}

// as returns o grouped so.
func (o op) as(grouping observe.Grouping) op {
	o.grouping = grouping
	return o
}

// findings returns what a check says of the tape, by status.
func (p *tape) findings(t *testing.T, check string) map[int]Finding {
	t.Helper()
	found := map[int]Finding{}
	for _, v := range judgeCalls(p.calls, nil, Options{Policy: p.policy}).Clients {
		for _, f := range v.Findings {
			if f.Check == check && v.Client == p.client {
				found[f.Status] = f
			}
		}
	}
	if len(found) == 0 {
		t.Fatalf("no finding of %s", check)
	}
	return found
}

// scene is a tape and what a check is to say of it.
type scene struct {
	tape   *tape
	status int
	want   Result
	// says is a part of the summary or of what is missing.
	says string
}

func play(t *testing.T, check string, scenes map[string]scene) {
	t.Helper()
	for name, s := range scenes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, ok := s.tape.findings(t, check)[s.status]
			if !ok {
				t.Fatalf("no finding of %s for status %d", check, s.status)
			}
			if f.Result != s.want {
				t.Errorf("%s is %s, want %s: %s (%s)", check, f.Result, s.want, f.Summary, f.Missing)
			}
			wellFormed(t, f, s.says)
		})
	}
}

func wellFormed(t *testing.T, f Finding, says string) {
	t.Helper()
	text := f.Summary + " / " + f.Missing
	if says != "" && !strings.Contains(text, says) {
		t.Errorf("finding says %q, want %q in it", text, says)
	}
	if f.Summary == "" || f.Norm == "" {
		t.Errorf("finding lacks a summary or a norm: %+v", f)
	}
	if accused := f.Result == Fail || f.Result == Warn; accused != (f.Advice != "") || accused && len(f.Calls) == 0 {
		t.Errorf("result %s with advice %q and calls %v", f.Result, f.Advice, f.Calls)
	}
	if (f.Result == Inconclusive) != (f.Missing != "") {
		t.Errorf("result %s with missing %q", f.Result, f.Missing)
	}
	if len(f.Calls) > MaxEvidence || len(f.Attempts) > MaxEvidence {
		t.Errorf("%d calls and %d attempts as evidence, want at most %d", len(f.Calls), len(f.Attempts), MaxEvidence)
	}
	if (f.Grouping == observe.GroupingAmbiguous) && f.Result != Inconclusive {
		t.Errorf("%s rests on ambiguous calls: %s", f.Result, fmt.Sprint(f.Calls))
	}
}

// newSubjects weighs calls, client by client.
func newSubjects(calls []observe.Call) []*subject {
	var subjects []*subject
	for _, c := range chapters(calls) {
		if s := newSubject(newClient(c.Client, nil), c, &desk{}); s != nil {
			subjects = append(subjects, s)
		}
	}
	return subjects
}

// chapters divides calls by client.
func chapters(calls []observe.Call) []*observe.Chapter {
	byClient := map[string]*observe.Chapter{}
	for i := range calls {
		name := calls[i].Client
		if byClient[name] == nil {
			byClient[name] = &observe.Chapter{Client: name, Last: true}
		}
		byClient[name].Calls = append(byClient[name].Calls, calls[i])
	}
	var list []*observe.Chapter
	for _, name := range slices.Sorted(maps.Keys(byClient)) {
		list = append(list, byClient[name])
	}
	return list
}

// judgeCalls judges calls that are grouped already.
func judgeCalls(calls []observe.Call, faults []FaultUse, o Options) Report {
	b := newBar(o)
	for _, c := range chapters(calls) {
		b.take(c)
	}
	return b.report(faults)
}

// flat are the attempts of a call as values.
func flat(c *observe.Call) []observe.Attempt {
	list := make([]observe.Attempt, len(c.Attempts))
	for i, a := range c.Attempts {
		list[i] = *a
	}
	return list
}
