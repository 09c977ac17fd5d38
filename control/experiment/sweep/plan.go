package sweep

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// Options says what is planned.
type Options struct {
	// EveryCode tries each error code by itself.
	EveryCode bool
	// Service reports that each case is followed by a round in peace, Elsewhere that the service cannot be started anew.
	Service, Elsewhere bool
	// Latency is how long a late answer is held back.
	Latency time.Duration
	// Only and Skip are patterns of the cases that are wanted and not wanted; none of Only stand for all. A pattern with
	// a slash is one of "endpoint/fault/mode", one without of any of the three, or of an error code that a fault stands for. "*"
	// stands for any run of characters.
	Only, Skip []string
}

// Case is one fault on one endpoint in one mode.
type Case struct {
	Endpoint string `json:"endpoint"`
	Fault    Fault  `json:"fault"`
	Mode     Mode   `json:"mode"`
}

// ID names a case: "search/503/once".
func (c *Case) ID() string { return c.Endpoint + "/" + c.Fault.Name + "/" + string(c.Mode) }

// endpoint is the endpoint of the contract.
func (c *Case) endpoint() groove.Endpoint {
	e, _ := groove.EndpointByName(c.Endpoint) // It comes from there.
	return e
}

// Plan is what is to be tried, in order.
type Plan struct {
	Cases []Case
	// Variants counts what the cases stand for: each error code and each way in each mode. Filtered counts the cases that
	// were not wanted.
	Variants, Filtered int
	// Idle are the patterns of Options.Only and Options.Skip that fit no case.
	Idle []string
	took time.Duration
	late time.Duration
	// calls counts the requests to each endpoint in peace.
	calls map[string]int
}

// NewPlan plans what can be tried on the endpoints that a workload uses.
func NewPlan(h *Habits, o Options) *Plan {
	p := &Plan{took: h.Took, late: o.Latency, calls: h.Calls}
	if o.Service {
		p.took *= 2
	}
	met := map[string]bool{}
	for _, e := range h.Endpoints() {
		for _, f := range FaultsOf(e, o.EveryCode) {
			if f.Told == ToldLong && o.Elsewhere {
				continue // Who heeds it for all calls stays away for an hour, and cannot be started anew.
			}
			for _, m := range f.Modes() {
				c := Case{Endpoint: e.Name, Fault: f, Mode: m}
				if !o.wants(&c, met) {
					p.Filtered++
					continue
				}
				p.Cases = append(p.Cases, c)
				p.Variants += 1 + len(f.Merged)
			}
		}
	}
	p.Idle = o.idle(met)
	slices.SortStableFunc(p.Cases, func(a, b Case) int { return cmp.Compare(a.rank(), b.rank()) })
	return p
}

// Unknown returns the patterns of Only and Skip that fit no case of any endpoint: whatever a workload calls, they name nothing.
func (o *Options) Unknown() []string {
	met := map[string]bool{}
	for _, e := range groove.Endpoints() {
		for _, f := range FaultsOf(e, o.EveryCode) {
			for _, m := range f.Modes() {
				o.wants(&Case{Endpoint: e.Name, Fault: f, Mode: m}, met)
			}
		}
	}
	return o.idle(met)
}

// idle are the patterns that are not met.
func (o *Options) idle(met map[string]bool) []string {
	return slices.DeleteFunc(slices.Concat(o.Only, o.Skip), func(pattern string) bool { return met[pattern] })
}

// wants reports that a case is wanted, and notes which patterns fit one.
func (o *Options) wants(c *Case, met map[string]bool) bool {
	fits := func(pattern string) bool {
		yes := c.fits(pattern)
		met[pattern] = met[pattern] || yes
		return yes
	}
	wanted, refused := len(o.Only) == 0, false
	for _, pattern := range o.Only {
		wanted = fits(pattern) || wanted
	}
	for _, pattern := range o.Skip {
		refused = fits(pattern) || refused
	}
	return wanted && !refused
}

func (c *Case) fits(pattern string) bool {
	if strings.Contains(pattern, "/") {
		return faults.Fits(pattern, c.ID())
	}
	words := append([]string{c.Endpoint, c.Fault.Name, string(c.Mode), string(c.Fault.Code)}, c.Fault.Merged...)
	if c.Fault.Kind == KindAnswer {
		words = append(words, strconv.Itoa(c.Fault.Status))
	}
	return slices.ContainsFunc(words, func(word string) bool { return word != "" && faults.Fits(pattern, word) })
}

// rank orders cases, the most harm first.
func (c *Case) rank() int {
	const step = 3 // by which each further mode stands behind
	return c.harm() + step*slices.Index([]Mode{Once, Always, Twice}, c.Mode)
}

// harm ranks a fault on an endpoint, 0 for the most. The numbers are ours.
func (c *Case) harm() int {
	if e := c.endpoint(); e.Repeat == groove.RepeatUnsafe {
		return c.writeHarm()
	}
	switch c.Fault.Kind {
	case KindAnswer:
		return statusHarm(&c.Fault)
	case KindReset:
		return 4
	case KindLost, KindSoftError, KindSoftItems:
		return 6
	case KindTruncate, KindCorrupt:
		return 7
	case KindHang:
		return 8
	case KindLatency, KindThrottle:
	}
	return 9
}

// writeHarm is harm for a write, whose repeat is done twice.
func (c *Case) writeHarm() int {
	switch {
	case c.Fault.Kind == KindLost:
		return 0
	case c.Fault.Kind == KindReset || c.Fault.Status == 500 || c.Fault.Status == 502:
		return 1
	case c.Fault.Kind == KindSoftItems || c.Fault.Status == 409:
		return 4
	case c.Fault.Kind == KindTruncate || c.Fault.Kind == KindCorrupt:
		return 5
	case c.Fault.Kind == KindHang:
		return 8
	case c.Fault.Kind == KindAnswer:
		return statusHarm(&c.Fault)
	case c.Fault.Kind == KindSoftError:
		return 6
	default:
		return 9
	}
}

func statusHarm(f *Fault) int {
	switch {
	case f.Told == ToldSeconds:
		return 6
	case f.Told != "":
		return 9
	case f.Status == 503 || f.Status == 502:
		return 2
	case f.Status == 429:
		return 3
	case f.Status == 500 || f.Name == nameExpired:
		return 4
	case f.Status == 401:
		return 6
	default:
		return 7
	}
}

// Guesses of what a case takes beyond a run in peace.
const (
	// retried is for a caller that waits and comes back, patient for one that waits for an answer in vain.
	retried, patient = 500 * time.Millisecond, 5 * time.Second
)

// Estimate guesses how long a case takes: callers differ, and only what they did in peace is known.
func (p *Plan) Estimate(c *Case) time.Duration {
	calls := max(p.calls[c.Endpoint], 1)
	switch {
	case c.Fault.Kind == KindLatency:
		return p.took + time.Duration(calls)*p.late
	case c.Fault.Kind == KindHang:
		return p.took + patient
	case c.Fault.Told == ToldLong:
		return p.took + leastWindow
	case c.Fault.Told == ToldDate:
		return p.took + toldAhead
	case c.Fault.Told == ToldSeconds || c.Fault.Kind == KindThrottle:
		return p.took + toldSeconds*time.Second
	case c.transient():
		return p.took + retried
	default:
		return p.took
	}
}

// Text says in a sentence what is planned.
func (p *Plan) Text() string {
	text := fmt.Sprintf("%s on %s", counted(len(p.Cases), "case"), counted(len(p.calls), "endpoint"))
	if p.Variants > len(p.Cases) {
		text += fmt.Sprintf(", which stand for %d by error code", p.Variants)
	}
	if p.Filtered > 0 {
		text += fmt.Sprintf("; %d more were not asked for", p.Filtered)
	}
	return text
}
