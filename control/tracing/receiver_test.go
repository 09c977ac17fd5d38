package tracing

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver is a collector in this process.
type receiver struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	resource map[string]string
	spans    []*wire.Span
	// answer is the status that is answered next, 0 for 200.
	answer int
	// partial is what is said of a batch that was not taken whole, nil for nothing.
	partial *collector.ExportTracePartialSuccess
	paths   []string
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t}
	r.Server = httptest.NewServer(r)
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	var message collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &message)
	}
	if err != nil {
		r.t.Errorf("read what was exported: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, request.URL.Path)
	if r.answer != 0 {
		w.WriteHeader(r.answer)
		return
	}
	for _, of := range message.GetResourceSpans() {
		r.resource = make(map[string]string)
		for _, a := range of.GetResource().GetAttributes() {
			r.resource[a.GetKey()] = a.GetValue().GetStringValue()
		}
		for _, scope := range of.GetScopeSpans() {
			r.spans = append(r.spans, scope.GetSpans()...)
		}
	}
	text, err := proto.Marshal(&collector.ExportTraceServiceResponse{PartialSuccess: r.partial})
	if err != nil {
		r.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(text)
}

// took returns the spans by the number of their attempt.
func (r *receiver) took() map[uint64]*wire.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	spans := make(map[uint64]*wire.Span)
	for _, s := range r.spans {
		n, err := strconv.ParseUint(attributes(s)["groovechaos.sequence"], 10, 64)
		if err != nil || spans[n] != nil {
			r.t.Errorf("span of attempt %d, %v: want one each", n, err)
		}
		spans[n] = s
	}
	return spans
}

// attributes are those of a span, as text.
func attributes(s *wire.Span) map[string]string {
	all := make(map[string]string)
	for _, a := range s.GetAttributes() {
		switch v := a.GetValue(); {
		case v.GetArrayValue() != nil:
			text := ""
			for _, item := range v.GetArrayValue().GetValues() {
				text += "[" + item.GetStringValue() + "]"
			}
			all[a.GetKey()] = text
		case v.GetStringValue() != "":
			all[a.GetKey()] = v.GetStringValue()
		default:
			all[a.GetKey()] = strconv.FormatInt(v.GetIntValue(), 10)
			if v.GetDoubleValue() != 0 {
				all[a.GetKey()] = strconv.FormatFloat(v.GetDoubleValue(), 'g', -1, 64)
			}
			if v.GetBoolValue() {
				all[a.GetKey()] = "true"
			}
		}
	}
	return all
}

// rig is an exporter at work on a journal of its own.
type rig struct {
	*Exporter
	journal *store.Attempts
	cancel  context.CancelFunc
	ended   chan error
}

// start starts an exporter to a URL; change may change its options.
func start(t *testing.T, endpoint string, change func(*Options)) *rig {
	t.Helper()
	r := &rig{journal: store.NewAttempts(1000), ended: make(chan error, 1)}
	o := Options{
		Endpoint: endpoint, Sample: 1, Timeout: time.Second, Service: "groovechaos", Version: "v1", Node: "edge-1", Journal: r.journal,
		Effects: func() map[string]string { return map[string]string{"cut": "truncate"} },
		Last:    func() time.Duration { return 5 * time.Second }, Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&o)
	}
	if journal, ok := o.Journal.(*store.Attempts); ok {
		r.journal = journal
	}
	var err error
	if r.Exporter, err = New(t.Context(), o); err != nil || r.Exporter == nil {
		t.Fatalf("New: %v and %v", r.Exporter, err)
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // It ends before the test does, by stop.
	r.cancel = cancel
	go func() { r.ended <- r.Run(ctx) }()
	t.Cleanup(func() { r.stop(t) })
	return r
}

// stop ends the exporter and waits for it. It may be called again.
func (r *rig) stop(t *testing.T) {
	t.Helper()
	r.cancel()
	if err := <-r.ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	r.ended <- nil
}

// seen is an attempt like most.
func seen(sequence uint64) *observe.Attempt {
	return &observe.Attempt{
		Sequence: sequence, Time: time.Unix(1_700_000_000, 5).UTC(), Received: time.Second, Answered: 3 * time.Second, Client: "credential:0123abcd",
		Endpoint: "search", Method: "GET", Host: "music.xboxlive.com", Target: "/1/content/music/search?q=daft", Status: 200,
		Origin: observe.OriginUpstream, End: observe.EndComplete, Counter: observe.NoCounter, Forwarded: true,
	}
}

// silent is a journal without attempts.
type silent struct{}

func (silent) Page(position uint64, _ int) ([]observe.Attempt, uint64) { return nil, position }

func (silent) Wait(ctx context.Context, _ uint64) error {
	<-ctx.Done()
	return ctx.Err()
}
