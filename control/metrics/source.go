package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/groovechaos/groovechaos/faults"
)

// State is what is read when somebody asks.
type State struct {
	// Faults are the faults of the set and what each did. Their counters begin anew when a fault is changed.
	Faults []Fault
	// Braked says that the brake is pulled.
	Braked bool
	// Revision is that of the store, as this node last heard of it, Applied that up to which everything is in force here. Refused
	// says that something newer cannot be put in force.
	Revision, Applied uint64
	Refused           bool
	// Recorded counts the attempts that this node recorded, Dropped those of them that it forgot for want of room.
	Recorded, Dropped uint64
	// Upstream is nil where there is no proxy, Shipping where attempts are handed to nobody, and Traces where nobody is told
	// of them.
	Upstream *Upstream
	Shipping *Shipping
	Traces   *Traces
}

// Upstream is the connections to upstreams.
type Upstream struct {
	// Dialled, Failed, Reused and Stale are those of proxy.Connections, and so are Open and Idle.
	Dialled, Failed, Reused, Stale uint64
	Open, Idle                     int
}

// Shipping is how far the attempts of this node have got on their way to the store.
type Shipping struct {
	// Connected says that the store can be reached.
	Connected bool
	// Waiting is how many are still to be handed over, Shipped counts those that were, Lost those that never will be.
	Waiting, Shipped, Lost uint64
	// Doubtful is how many of those that wait the store may have, without word of that.
	Doubtful uint64
	// Age is how long the oldest that waits has done so, 0 for none.
	Age time.Duration
}

// Traces is what became of attempts as spans.
type Traces struct{ Exported, Unsampled, Dropped uint64 }

// Fault is one fault of the set.
type Fault struct {
	faults.Use
	// Effect is the word for what it does, as in "answer".
	Effect string
}

// Source reads the state. An error leaves it out, and makes groovechaos_up 0.
type Source func() (State, error)

var (
	up       = describe("up", "Whether the state could be read.")
	matched  = describe("fault_matched_total", "Exchanges that matched a fault.", "fault", "effect")
	fired    = describe("fault_fired_total", "Exchanges that a fault struck.", "fault", "effect")
	overflow = describe("fault_overflow_total", "Exchanges that passed because max_active others were struck.", "fault", "effect")
	held     = describe("fault_held", "Exchanges that a fault holds back now.", "fault", "effect")
	braked   = describe("brake_pulled", "Whether the brake is pulled.")
	revision = describe("store_revision", "The revision of the faults and the brake.")
	applied  = describe("applied_revision", "The revision up to which all faults and the brake are in force on this node.")
	refused  = describe("faults_refused", "Whether this node has heard of faults that it cannot put in force.")
	recorded = describe("attempts_recorded_total", "Attempts that this node recorded.")
	dropped  = describe("attempts_dropped_total", "Attempts of this node that it forgot for want of room.")

	dialled = describe("upstream_dials_total", "Connections to upstreams that were made.")
	failed  = describe("upstream_dial_errors_total", "Attempts to connect to an upstream that failed.")
	reused  = describe("upstream_reused_total", "Connections to upstreams that were taken again, but for those of HTTP/2 clients.")
	stale   = describe("upstream_stale_total", "Connections to upstreams that had ended when they were taken again, but for those of HTTP/2 clients.")
	open    = describe("upstream_open_connections", "Connections to upstreams.")
	idle    = describe("upstream_idle_connections", "Connections to upstreams that nobody uses now.")

	connected = describe("store_connected", "Whether the store can be reached.")
	waiting   = describe("store_waiting_attempts", "Attempts of this node that are still to be handed to the store.")
	age       = describe("store_lag_seconds", "How long the oldest attempt that is still to be handed to the store has waited.")
	shipped   = describe("store_shipped_attempts_total", "Attempts of this node that the store has.")
	lost      = describe("store_lost_attempts_total", "Attempts of this node that the store will never get.")

	doubtful = describe("store_doubtful_attempts", "Waiting attempts of which it is not known yet whether the store has them: its word was lost on the way.")

	spans = describe("trace_spans_total", "Attempts as spans: exported, unsampled, or dropped because the collector did not take them.", "outcome")
)

// described are all metrics that are read.
var described = []*prometheus.Desc{
	up, matched, fired, overflow, held, braked, revision, applied, refused, recorded, dropped,
	dialled, failed, reused, stale, open, idle, connected, waiting, age, shipped, lost, doubtful, spans,
}

// read gathers what the source reads.
type read struct{ from Source }

// Describe names the metrics.
func (read) Describe(to chan<- *prometheus.Desc) {
	for _, d := range described {
		to <- d
	}
}

// Collect reads the state.
func (r read) Collect(to chan<- prometheus.Metric) {
	state, err := r.from()
	gauge(to, up, truth(err == nil))
	if err != nil {
		return
	}
	gauge(to, braked, truth(state.Braked))
	gauge(to, revision, float64(state.Revision))
	gauge(to, applied, float64(state.Applied))
	gauge(to, refused, truth(state.Refused))
	counter(to, recorded, state.Recorded)
	counter(to, dropped, state.Dropped)
	for i := range state.Faults {
		f := &state.Faults[i]
		counter(to, matched, f.Matched, f.Name, f.Effect)
		counter(to, fired, f.Fired, f.Name, f.Effect)
		counter(to, overflow, f.Overflow, f.Name, f.Effect)
		gauge(to, held, float64(f.Held), f.Name, f.Effect)
	}
	state.Upstream.collect(to)
	state.Shipping.collect(to)
	state.Traces.collect(to)
}

func (u *Upstream) collect(to chan<- prometheus.Metric) {
	if u == nil {
		return
	}
	counter(to, dialled, u.Dialled)
	counter(to, failed, u.Failed)
	counter(to, reused, u.Reused)
	counter(to, stale, u.Stale)
	gauge(to, open, float64(u.Open))
	gauge(to, idle, float64(u.Idle))
}

func (s *Shipping) collect(to chan<- prometheus.Metric) {
	if s == nil {
		return
	}
	gauge(to, connected, truth(s.Connected))
	gauge(to, waiting, float64(s.Waiting))
	gauge(to, age, s.Age.Seconds())
	counter(to, shipped, s.Shipped)
	counter(to, lost, s.Lost)
	gauge(to, doubtful, float64(s.Doubtful))
}

func (t *Traces) collect(to chan<- prometheus.Metric) {
	if t == nil {
		return
	}
	counter(to, spans, t.Exported, "exported")
	counter(to, spans, t.Unsampled, "unsampled")
	counter(to, spans, t.Dropped, "dropped")
}

func truth(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

func gauge(to chan<- prometheus.Metric, d *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func counter(to chan<- prometheus.Metric, d *prometheus.Desc, value uint64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
}
