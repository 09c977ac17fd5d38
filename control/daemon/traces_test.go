package daemon

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
)

// collecting is a collector in this process that keeps what it gets.
type collecting struct {
	mu    sync.Mutex
	spans []string
}

func (c *collecting) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var message collector.ExportTraceServiceRequest
	if proto.Unmarshal(body, &message) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range message.GetResourceSpans() {
		for _, scope := range of.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				c.spans = append(c.spans, hex.EncodeToString(s.GetTraceId())+" "+hex.EncodeToString(s.GetParentSpanId())+" "+fmt.Sprint(s))
			}
		}
	}
}

func (c *collecting) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spans
}

// TestExchangesBecomeSpans sends calls through a whole groovechaos, over both kinds of store: each becomes a span below the
// caller's, the upstream gets the caller's traceparent as it was sent, and what was recorded last is handed over at the end.
func TestExchangesBecomeSpans(t *testing.T) {
	t.Parallel()
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for name, store := range map[string]string{"memory": "", "files": fmt.Sprintf("[store]\ndir = %q\n", t.TempDir())} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got sync.Map
			upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got.Store(r.URL.Path, r.Header.Get("Traceparent"))
			}))
			defer upstream.Close()
			var to collecting
			collects := httptest.NewServer(&to)
			defer collects.Close()
			defer collects.CloseClientConnections()
			d, end := run(t, free(t, store+fmt.Sprintf(
				"[proxy]\nupstream = %q\n[telemetry]\ntraces = true\nendpoint = %q\n%s", upstream.URL, collects.URL, moods)))
			for i, path := range []string{genres, "/1/content/music/catalog/moods"} {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+d.Addresses().Proxy+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				request.Header.Set("Traceparent", parent)
				request.Header.Set("Authorization", "Bearer s3cr3t-token")
				response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
				if err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close()
				// The caller may have its answer before: spans come in the order of the records.
				await(t, func() bool { total, _ := d.attempts.Counts(); return total == uint64(i)+1 })
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			spans := to.all()
			if len(spans) != 2 {
				t.Fatalf("got %d spans, want one for each exchange", len(spans))
			}
			for i, want := range []string{"catalog/genres", "moods"} {
				if s := spans[i]; !strings.HasPrefix(s, "4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 ") || !strings.Contains(s, want) || strings.Contains(s, "s3cr3t") {
					t.Errorf("span %d is %s, want one of %s below the caller's, without a secret", i, s, want)
				}
			}
			if !strings.Contains(spans[1], "injected") || !strings.Contains(spans[1], "answer") {
				t.Errorf("the span is %s, want the fault in it", spans[1])
			}
			if field, _ := got.Load(genres); field != parent {
				t.Errorf("the upstream got %q, want the caller's own %q", field, parent)
			}
			if counts := d.traces.Counts(); counts.Exported != 2 || counts.Dropped != 0 {
				t.Errorf("counts are %+v, want both exported", counts)
			}
		})
	}
}

func TestThereAreNoTracesUnlessWanted(t *testing.T) {
	t.Parallel()
	if d, _ := run(t, free(t, "")); d.traces != nil {
		t.Error("attempts become spans, and nobody asked for it")
	}
}

func TestTracesThatCannotBeMadeStopTheStart(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	_, err := New(t.Context(), Options{Config: free(t, "[telemetry]\ntraces = true\n")})
	if err == nil || !strings.Contains(err.Error(), "[telemetry]") || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_PROTOCOL") {
		t.Errorf("got %v, want the variable named", err)
	}
}

// counting counts how often the set is read.
type counting struct {
	*store.Memory

	reads int
}

func (c *counting) Faults(ctx context.Context) ([]store.Fault, error) {
	c.reads++
	return c.Memory.Faults(ctx)
}

// What the faults do is read from the set once for each of its revisions, however many attempts they spoil.
func TestEffectsAreReadOncePerRevision(t *testing.T) {
	t.Parallel()
	kept := &counting{Memory: store.NewMortal(faults.NewEngine(1), time.Now, 0)}
	d := &Daemon{faults: kept, streams: t.Context()}
	cut := faults.Fault{Name: "cut", Truncate: &faults.Truncate{Bytes: new(uint64(3))}}
	for i, write := range []store.Write{{Fault: cut}, {Fault: faults.Fault{Name: "cut", Answer: &faults.Answer{Status: 503}}}} {
		if got := d.effects(); i == 0 && len(got) != 0 {
			t.Errorf("of no faults: got %v", got)
		}
		if _, err := kept.Write(t.Context(), []store.Write{write}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got, want := d.effects()["cut"], []string{"truncate", "answer"}[i]; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
	if kept.reads != 3 {
		t.Errorf("the set was read %d times, want once for each of 3 revisions", kept.reads)
	}
}
