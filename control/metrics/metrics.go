// Package metrics tells Prometheus what a groovechaos does.
//
// What happens often is counted as it is recorded, in memory that was taken before; what is counted elsewhere already is
// read when somebody asks.
package metrics

import (
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// namespace begins the name of every metric.
const namespace = "groovechaos"

// mostStatus bounds the status codes that are told apart.
const mostStatus = 1000

// origins and ends are in the order of their counters.
var (
	origins = [...]observe.Origin{observe.OriginUpstream, observe.OriginInjected, observe.OriginOurs}
	ends    = [...]observe.End{observe.EndComplete, observe.EndClientLeft, observe.EndBroken}
)

// seconds are the bounds of the buckets of all times, from a millisecond to two minutes.
var seconds = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120}

// Metrics counts attempts and gathers what others count. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests [len(origins)][mostStatus]atomic.Uint64
	ended    [len(ends)]atomic.Uint64
	took     [len(origins)]prometheus.Observer
	delayed  prometheus.Histogram
}

// New makes the metrics of a groovechaos of some version, whose state is read from the source.
func New(version string, from Source) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	exchange := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: "exchange_seconds", Help: "From the head of a request to the last byte of its answer, by who made the answer.", Buckets: seconds,
	}, []string{"origin"})
	for i, origin := range origins {
		m.took[i] = exchange.WithLabelValues(string(origin))
	}
	m.delayed = prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: namespace, Name: "delay_seconds", Help: "How long faults held exchanges back, of those that they did.", Buckets: seconds,
	})
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "1, with the version as a label.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(
		exchange, m.delayed, build, counted{m}, read{from},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Handler answers Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, MaxRequestsInFlight: 4})
}

// Record counts an attempt, and keeps nothing of it. It allocates nothing.
func (m *Metrics) Record(a *observe.Attempt) {
	for i, origin := range origins {
		if a.Origin == origin {
			m.requests[i][min(max(a.Status, 0), mostStatus-1)].Add(1)
			m.took[i].Observe((a.Answered - a.Received).Seconds())
		}
	}
	for i, end := range ends {
		if a.End == end {
			m.ended[i].Add(1)
		}
	}
	if a.Delay > 0 {
		m.delayed.Observe(a.Delay.Seconds())
	}
}

// Broken returns how many attempts broke off on our side.
func (m *Metrics) Broken() uint64 { return m.ended[len(ends)-1].Load() }

var (
	requestsTotal = describe("requests_total", "Attempts that have ended, by who made the answer and its status; 0 for none.", "origin", "status")
	endedTotal    = describe("attempts_ended_total", "Attempts by how they ended: complete, client_left or broken.", "end")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

// counted gathers what Record counts.
type counted struct{ *Metrics }

// Describe names the metrics.
func (counted) Describe(to chan<- *prometheus.Desc) {
	to <- requestsTotal
	to <- endedTotal
}

// Collect gathers them, the requests only where there were any.
func (c counted) Collect(to chan<- prometheus.Metric) {
	for i, origin := range origins {
		for status := range c.requests[i] {
			if n := c.requests[i][status].Load(); n > 0 {
				to <- prometheus.MustNewConstMetric(requestsTotal, prometheus.CounterValue, float64(n), string(origin), strconv.Itoa(status))
			}
		}
	}
	for i, end := range ends {
		to <- prometheus.MustNewConstMetric(endedTotal, prometheus.CounterValue, float64(c.ended[i].Load()), string(end))
	}
}
