package metrics

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func scrape(t *testing.T, m *Metrics) map[string]string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("got %d: %s", w.Code, w.Body)
	}
	values := make(map[string]string)
	for line := range strings.Lines(w.Body.String()) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			values[name] = value
		}
	}
	return values
}

func TestWhatIsCountedIsTold(t *testing.T) {
	t.Parallel()
	m := New("v1", func() (State, error) {
		return State{
			Faults: []Fault{{Use: faults.Use{Name: "down", Matched: 9, Fired: 4, Overflow: 2, Held: 1}, Effect: "answer"}},
			Braked: true, Revision: 7, Applied: 6, Refused: true, Recorded: 11, Dropped: 3,
			Upstream: &Upstream{Dialled: 21, Failed: 22, Reused: 23, Stale: 24, Open: 25, Idle: 26},
			Shipping: &Shipping{Connected: true, Waiting: 31, Shipped: 32, Lost: 33, Doubtful: 34, Age: 1500 * time.Millisecond},
			Traces:   &Traces{Exported: 41, Unsampled: 42, Dropped: 43},
		}, nil
	})
	for range 2 {
		m.Record(&observe.Attempt{Origin: observe.OriginInjected, Status: 503, End: observe.EndComplete, Delay: 2 * time.Second, Answered: 3 * time.Second})
	}
	m.Record(&observe.Attempt{Origin: observe.OriginUpstream, Status: 200, End: observe.EndClientLeft, Received: time.Second, Answered: time.Second + time.Millisecond})
	m.Record(&observe.Attempt{Origin: observe.OriginOurs, Status: -5, End: observe.EndBroken})
	m.Record(&observe.Attempt{Origin: "elsewhere", Status: 7000, End: "?"})
	got := scrape(t, m)
	for name, want := range map[string]string{
		`groovechaos_requests_total{origin="injected",status="503"}`:        "2",
		`groovechaos_requests_total{origin="upstream",status="200"}`:        "1",
		`groovechaos_requests_total{origin="ours",status="0"}`:              "1",
		`groovechaos_attempts_ended_total{end="complete"}`:                  "2",
		`groovechaos_attempts_ended_total{end="client_left"}`:               "1",
		`groovechaos_attempts_ended_total{end="broken"}`:                    "1",
		`groovechaos_delay_seconds_bucket{le="1"}`:                          "0",
		`groovechaos_delay_seconds_bucket{le="2.5"}`:                        "2",
		`groovechaos_delay_seconds_count`:                                   "2",
		`groovechaos_exchange_seconds_sum{origin="injected"}`:               "6",
		`groovechaos_exchange_seconds_bucket{origin="upstream",le="0.001"}`: "1",
		`groovechaos_fault_matched_total{effect="answer",fault="down"}`:     "9",
		`groovechaos_fault_fired_total{effect="answer",fault="down"}`:       "4",
		`groovechaos_fault_overflow_total{effect="answer",fault="down"}`:    "2",
		`groovechaos_fault_held{effect="answer",fault="down"}`:              "1",
		`groovechaos_brake_pulled`:                                          "1",
		`groovechaos_store_revision`:                                        "7",
		`groovechaos_applied_revision`:                                      "6",
		`groovechaos_faults_refused`:                                        "1",
		`groovechaos_attempts_recorded_total`:                               "11",
		`groovechaos_attempts_dropped_total`:                                "3",
		`groovechaos_build_info{version="v1"}`:                              "1",
		`groovechaos_up`:                                                    "1",
		`groovechaos_upstream_dials_total`:                                  "21",
		`groovechaos_upstream_dial_errors_total`:                            "22",
		`groovechaos_upstream_reused_total`:                                 "23",
		`groovechaos_upstream_stale_total`:                                  "24",
		`groovechaos_upstream_open_connections`:                             "25",
		`groovechaos_upstream_idle_connections`:                             "26",
		`groovechaos_store_connected`:                                       "1",
		`groovechaos_store_waiting_attempts`:                                "31",
		`groovechaos_store_lag_seconds`:                                     "1.5",
		`groovechaos_store_shipped_attempts_total`:                          "32",
		`groovechaos_store_lost_attempts_total`:                             "33",
		`groovechaos_store_doubtful_attempts`:                               "34",
		`groovechaos_trace_spans_total{outcome="exported"}`:                 "41",
		`groovechaos_trace_spans_total{outcome="unsampled"}`:                "42",
		`groovechaos_trace_spans_total{outcome="dropped"}`:                  "43",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %s", name, got[name], want)
		}
	}
}

// TestNamesKeepToTheConventions holds all that can be told against the linter of Prometheus, as promtool check metrics does.
func TestNamesKeepToTheConventions(t *testing.T) {
	t.Parallel()
	m := New("v1", func() (State, error) {
		return State{Faults: []Fault{{Effect: "answer"}}, Upstream: &Upstream{}, Shipping: &Shipping{}, Traces: &Traces{}}, nil
	})
	m.Record(&observe.Attempt{Origin: observe.OriginInjected, Status: 503, End: observe.EndComplete, Delay: time.Second})
	problems, err := testutil.GatherAndLint(m.registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	if n, err := testutil.GatherAndCount(m.registry); err != nil || n < len(described) {
		t.Errorf("%d metrics, %v: want %d at least", n, err, len(described))
	}
}

func TestAStateThatCannotBeReadIsTold(t *testing.T) {
	t.Parallel()
	m := New("v1", func() (State, error) { return State{}, errors.New("no store") })
	got := scrape(t, m)
	if got["groovechaos_up"] != "0" || got["groovechaos_brake_pulled"] != "" {
		t.Errorf("up is %q and the brake %q, want 0 and nothing", got["groovechaos_up"], got["groovechaos_brake_pulled"])
	}
}

//nolint:paralleltest // Others would allocate meanwhile.
func TestRecordingAllocatesNothing(t *testing.T) {
	m := New("v1", func() (State, error) { return State{}, nil })
	a := &observe.Attempt{Origin: observe.OriginInjected, Status: 503, End: observe.EndComplete, Delay: time.Second, Answered: time.Second}
	if n := testing.AllocsPerRun(1000, func() { m.Record(a) }); n > 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	m := New("v1", func() (State, error) { return State{}, nil })
	a := &observe.Attempt{Origin: observe.OriginUpstream, Status: 200, End: observe.EndComplete, Answered: time.Second}
	b.ReportAllocs()
	for b.Loop() {
		m.Record(a)
	}
}
