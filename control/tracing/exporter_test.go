package tracing

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	traceID  = "4bf92f3577b34da6a3ce929d0e0e4736"
	parentID = "00f067aa0ba902b7"
)

func TestASpanContinuesTheCallersTrace(t *testing.T) {
	t.Parallel()
	r := receive(t)
	x := start(t, r.URL, nil)
	a := seen(1)
	a.Trace, a.TraceParent = traceID, parentID+"-01"
	a.Status, a.Origin, a.Fault, a.DelayedBy, a.Delay = 503, observe.OriginInjected, "down", []string{"slow"}, 80*time.Millisecond
	a.ErrorCode, a.Address, a.UserAgent, a.Credential, a.Reason = "SERVICE_UNAVAILABLE", "127.0.0.1", "curl/8", "0123abcd", "down: first 3, this is 1"
	a.BodyLength, a.Forwarded = 7, false
	x.journal.Record(a)
	odd := seen(2)
	odd.Method, odd.Endpoint, odd.Target, odd.SpoiledBy, odd.End = "BREW", "", "/tea", []string{"cut", "gone"}, observe.EndBroken
	x.journal.Record(odd)
	lost := seen(3)
	lost.Status, lost.Fault, lost.Break = 0, "reset", faults.BreakReset
	x.journal.Record(lost)
	silent := seen(4)
	silent.Status, silent.Fault, silent.Break, silent.DelayedBy = 0, "hang", faults.BreakHang, []string{"slow", "hang"}
	x.journal.Record(silent)
	x.stop(t)

	spans := r.took()
	s := spans[1]
	if got := hex.EncodeToString(s.GetTraceId()) + " " + hex.EncodeToString(s.GetParentSpanId()); got != traceID+" "+parentID {
		t.Errorf("trace and parent are %s, want the caller's", got)
	}
	begin := uint64(a.Time.UnixNano())
	if s.GetStartTimeUnixNano() != begin || s.GetEndTimeUnixNano() != begin+uint64(2*time.Second) {
		t.Errorf("from %d to %d, want 2 s from %d on", s.GetStartTimeUnixNano(), s.GetEndTimeUnixNano(), begin)
	}
	if s.GetKind() != wire.Span_SPAN_KIND_SERVER || s.GetStatus().GetCode() != wire.Status_STATUS_CODE_ERROR || s.GetName() != "GET /1/content/{namespace}/search" {
		t.Errorf("got a span %q of kind %v with status %v", s.GetName(), s.GetKind(), s.GetStatus())
	}
	if diff := cmp.Diff(map[string]string{
		"http.request.method": "GET", "http.route": "/1/content/{namespace}/search", "url.path": "/1/content/music/search", "url.query": "q=daft",
		"server.address": "music.xboxlive.com", "client.address": "127.0.0.1", "user_agent.original": "curl/8", "http.request.body.size": "7",
		"http.response.status_code": "503", "error.type": "503", "groovechaos.sequence": "1", "groovechaos.forwarded": "0",
		"groovechaos.origin": "injected", "groovechaos.endpoint": "search", "groovechaos.client": "credential:0123abcd", "groovechaos.end": "complete",
		"groovechaos.error_code": "SERVICE_UNAVAILABLE", "groovechaos.delay_ms": "80", "groovechaos.fault": "[slow][down]", "groovechaos.effect": "[delay][answer]",
	}, attributes(s)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	for n, want := range map[uint64]map[string]string{
		2: {"http.request.method": "_OTHER", "http.request.method_original": "BREW", "groovechaos.fault": "[cut][gone]", "groovechaos.effect": "[truncate][]", "error.type": "broken"},
		3: {"error.type": "break_reset", "groovechaos.effect": "[break]", "http.response.status_code": ""},
		4: {"error.type": "break_hang", "groovechaos.fault": "[slow][hang]", "groovechaos.effect": "[delay][break]"},
	} {
		for key, value := range want {
			if got := attributes(spans[n])[key]; got != value {
				t.Errorf("span %d: %s is %q, want %q", n, key, got, value)
			}
		}
	}
	if spans[2].GetName() != "HTTP" || len(spans[2].GetParentSpanId()) != 0 {
		t.Errorf("span 2 is %q with parent %x, want HTTP and none", spans[2].GetName(), spans[2].GetParentSpanId())
	}
	if r.resource["service.name"] != "groovechaos" || r.resource["service.instance.id"] != "edge-1" || r.paths[0] != "/v1/traces" {
		t.Errorf("resource is %v, path %q", r.resource, r.paths[0])
	}
	if got := x.Counts(); got != (Counts{Exported: 4}) {
		t.Errorf("counts are %+v", got)
	}
}

// What is secret in a request is so in the journal already, and a span takes nothing from elsewhere.
func TestSpansHoldNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3tvalue"
	request := observe.Request{
		Method: "GET", Path: "/1/content/music/search", Query: "q=x&access_token=" + secret + "&clientSecret=" + secret,
		Header: pairs{{"Authorization", "Bearer " + secret}, {"User-Agent", "tool Bearer " + secret}, {"Cookie", "session=" + secret}},
	}
	identity, err := observe.NewIdentity(nil)
	if err != nil {
		t.Fatal(err)
	}
	var scratch observe.Scratch
	var sight observe.Sight
	scratch.Of(&identity, &request, &sight)
	a := seen(1)
	a.Target, a.Client, a.UserAgent, a.Credential = sight.Target, sight.Name, sight.UserAgent, sight.Credential
	r := receive(t)
	x := start(t, r.URL, nil)
	x.journal.Record(a)
	x.stop(t)
	if text := fmt.Sprint(r.took()[1]); strings.Contains(text, secret) || !strings.Contains(text, "q=x") {
		t.Errorf("the span is %s, want the query without secrets", text)
	}
}

// pairs is a header section.
type pairs [][2]string

func (p pairs) Value(name string) (string, bool) {
	for _, field := range p {
		if strings.EqualFold(field[0], name) {
			return field[1], true
		}
	}
	return "", false
}

func TestTheCallersChoiceHolds(t *testing.T) {
	t.Parallel()
	r := receive(t)
	x := start(t, r.URL, func(o *Options) { o.Sample = 0 })
	for n, flags := range []string{"-00", "-01", ""} {
		a := seen(uint64(n) + 1)
		if flags != "" {
			a.Trace, a.TraceParent = traceID, parentID+flags
		}
		x.journal.Record(a)
	}
	x.stop(t)
	if spans := r.took(); len(spans) != 1 || spans[2] == nil {
		t.Errorf("got %d spans, want that of the sampled caller alone", len(spans))
	}
	if got := x.Counts(); got != (Counts{Exported: 1, Unsampled: 2}) {
		t.Errorf("counts are %+v", got)
	}
}

// TestACollectorMayComeLate holds that attempts wait in the journal, and that those for which it has no room are counted.
func TestACollectorMayComeLate(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := listener.Addr().String()
	_ = listener.Close()
	x := start(t, "http://"+at, func(o *Options) { o.Journal = store.NewAttempts(10) })
	for n := range uint64(25) {
		x.journal.Record(seen(n + 1))
	}
	for x.Counts().Dropped != 15 { // It has tried, and begins with the oldest.
		time.Sleep(time.Millisecond)
	}
	r := &receiver{t: t}
	listener, err = net.Listen("tcp", at)
	if err != nil {
		t.Skipf("another process took the port meanwhile: %v", err)
	}
	r.Server = httptest.NewUnstartedServer(r)
	_ = r.Server.Listener.Close()
	r.Server.Listener = listener
	r.Start()
	defer r.Close()
	defer r.CloseClientConnections()
	x.stop(t)
	if got := x.Counts(); got != (Counts{Exported: 10, Dropped: 15}) || len(r.took()) != 10 {
		t.Errorf("counts are %+v and %d spans came, want 10 exported and 15 dropped", got, len(r.took()))
	}
}

func TestWhatIsRefusedIsCounted(t *testing.T) {
	t.Parallel()
	r := receive(t)
	r.answer = http.StatusBadRequest
	x := start(t, r.URL, nil)
	x.journal.Record(seen(1))
	for x.Counts().Dropped == 0 {
		time.Sleep(time.Millisecond)
	}
	r.mu.Lock()
	r.answer = 0
	r.mu.Unlock()
	x.journal.Record(seen(2))
	x.stop(t)
	if got := x.Counts(); got != (Counts{Exported: 1, Dropped: 1}) || r.took()[2] == nil {
		t.Errorf("counts are %+v, want the second exported", got)
	}
}

// Of a batch that a collector took in part, or about which it warns, no more counts as dropped than it says.
func TestWhatIsRefusedInPartIsCounted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rejected int64
		text     string
		want     Counts
	}{
		"some spans":       {2, "too\nlong (99 spans rejected)", Counts{Exported: 3, Dropped: 2}},
		"without a reason": {4, "", Counts{Exported: 1, Dropped: 4}},
		"a warning":        {0, "slow down", Counts{Exported: 5}},
		"more than came":   {7, "no", Counts{Dropped: 5}},
		"less than none":   {-1, "no", Counts{Exported: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t)
			r.partial = &collector.ExportTracePartialSuccess{RejectedSpans: test.rejected, ErrorMessage: test.text}
			journal := store.NewAttempts(10)
			for n := range uint64(5) {
				journal.Record(seen(n + 1))
			}
			x := start(t, r.URL, func(o *Options) { o.Journal = journal })
			x.stop(t)
			if got := x.Counts(); got != test.want {
				t.Errorf("counts are %+v, want %+v", got, test.want)
			}
		})
	}
}

// TestTheEndHasABound holds that a collector which hangs holds nobody up, and that what it did not take is counted.
func TestTheEndHasABound(t *testing.T) {
	t.Parallel()
	asked, over := make(chan struct{}, 9), make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-over
	}))
	defer hung.Close()
	defer close(over)
	x := start(t, hung.URL, func(o *Options) {
		o.Timeout, o.Last = time.Hour, func() time.Duration { return 20 * time.Millisecond }
	})
	x.journal.Record(seen(1))
	<-asked
	x.journal.Record(seen(2))
	x.stop(t)
	if got := x.Counts(); got != (Counts{Dropped: 2}) {
		t.Errorf("counts are %+v, want both dropped", got)
	}
}
