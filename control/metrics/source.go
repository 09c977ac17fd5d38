package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/groovechaos/groovechaos/faults"
)

// State is what is read when somebody asks.
type State struct {
	// Faults are the faults of the set and what each did. Their counters begin anew when a fault is changed.
	Faults []Fault
	// Braked says that the brake is pulled.
	Braked bool
	// Revision is that of the store.
	Revision uint64
	// Recorded counts the attempts that were kept, Dropped those of them that were forgotten for want of room.
	Recorded, Dropped uint64
}

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
	recorded = describe("attempts_recorded_total", "Attempts that were recorded.")
	dropped  = describe("attempts_dropped_total", "Attempts that were forgotten for want of room.")
)

// read gathers what the source reads.
type read struct{ from Source }

// Describe names the metrics.
func (read) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{up, matched, fired, overflow, held, braked, revision, recorded, dropped} {
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
	counter(to, recorded, state.Recorded)
	counter(to, dropped, state.Dropped)
	for i := range state.Faults {
		f := &state.Faults[i]
		counter(to, matched, f.Matched, f.Name, f.Effect)
		counter(to, fired, f.Fired, f.Name, f.Effect)
		counter(to, overflow, f.Overflow, f.Name, f.Effect)
		gauge(to, held, float64(f.Held), f.Name, f.Effect)
	}
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
