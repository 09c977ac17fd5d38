package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// proxyNode is a proxy that is steered by others, with a door for its health.
func proxyNode(t *testing.T, url, more string) *config.Config {
	t.Helper()
	c := free(t, fmt.Sprintf("[store]\nurl = %q\n[node]\nrole = \"proxy\"\nname = \"edge\"\nhealth = \"127.0.0.1:0\"\n%s", url, more))
	return c
}

// TestAProxyTellsHowItIs holds that a node without a control API has metrics, health and readiness, to whoever calls it by a
// name of this machine, and not one method of the control API.
func TestAProxyTellsHowItIs(t *testing.T) {
	t.Parallel()
	d, _ := run(t, proxyNode(t, socket(t), ""))
	at := d.Addresses().Health
	if d.Addresses().REST != "" || at == "" {
		t.Fatalf("addresses are %+v, want health alone", d.Addresses())
	}
	get(t, d.Addresses().Proxy, genres)
	for path, want := range map[string]string{"/healthz": `"ok"`, "/readyz": `"ready"`} {
		if status, body := get(t, at, path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: got %d %s, want 200 and %s", path, status, body, want)
		}
	}
	await(t, func() bool {
		_, body := get(t, at, "/metrics")
		return strings.Contains(body, `groovechaos_requests_total{origin="upstream",status="200"} 1`) &&
			strings.Contains(body, "groovechaos_store_connected 1") && strings.Contains(body, "groovechaos_store_shipped_attempts_total 1") &&
			strings.Contains(body, "groovechaos_store_waiting_attempts 0") && strings.Contains(body, "groovechaos_upstream_dials_total 1")
	})
	for _, path := range []string{"/v1/faults", "/v1/status", "/v1/brake", "/docs/", "/openapi.json", "/"} {
		if status, body := get(t, at, path); status != http.StatusNotFound {
			t.Errorf("%s: got %d %s, want 404", path, status, body)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+at+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "evil.example"
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("by another name: got %d, want 403", response.StatusCode)
	}
}

// TestEachNodeCountsItsOwnAttempts holds that the metrics of all nodes can be added up: one that knows of the attempts of others
// does not count them.
func TestEachNodeCountsItsOwnAttempts(t *testing.T) {
	t.Parallel()
	url := socket(t)
	control, _ := run(t, free(t, fmt.Sprintf("[store]\nurl = %q\n[node]\nname = \"control\"\n", url)))
	edge, _ := run(t, proxyNode(t, url, ""))
	for range 3 {
		get(t, edge.Addresses().Proxy, genres)
	}
	get(t, control.Addresses().Proxy, genres)
	await(t, func() bool { return len(control.attempts.All()) == 4 })
	for at, want := range map[string]string{edge.Addresses().Health: "3", control.Addresses().REST: "1"} {
		if _, body := get(t, at, "/metrics"); !strings.Contains(body, "\ngroovechaos_attempts_recorded_total "+want+"\n") {
			t.Errorf("%s: got %s, want groovechaos_attempts_recorded_total %s", at, body, want)
		}
	}
}

// TestAProxyMayHaveNoDoor holds that "" opens none.
func TestAProxyMayHaveNoDoor(t *testing.T) {
	t.Parallel()
	c := proxyNode(t, socket(t), "")
	c.Node.Health = ""
	d, _ := run(t, c)
	if d.Addresses().Health != "" {
		t.Errorf("health is at %s, want nowhere", d.Addresses().Health)
	}
}

// TestMetricsOfAProxyAskWhoCalls holds that with required = true nobody reads them without a token, and health asks nobody.
func TestMetricsOfAProxyAskWhoCalls(t *testing.T) {
	t.Parallel()
	d, _ := run(t, proxyNode(t, socket(t), fmt.Sprintf("[control.auth]\nrequired = true\ntoken_file = %q\n", t.TempDir()+"/token")))
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/readyz": http.StatusOK, "/metrics": http.StatusUnauthorized} {
		if status, body := get(t, d.Addresses().Health, path); status != want {
			t.Errorf("%s: got %d %s, want %d", path, status, body, want)
		}
	}
}

// TestReadinessSaysWhatIsMissing goes through what there may be in the way. Liveness has no part in it.
func TestReadinessSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	c := free(t, fmt.Sprintf("[store]\ndir = %q\n", t.TempDir()))
	d, err := New(t.Context(), Options{Config: c})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { d.endStreams(); _ = d.Close() }()
	want := func(text string) {
		t.Helper()
		if err := d.ready(t.Context()); text == "" && err != nil || text != "" && (err == nil || err.Error() != text) {
			t.Errorf("ready: %v, want %q", err, text)
		}
	}
	want("starting")
	d.serving.Store(true)
	want("")
	d.stopping.Store(true)
	want("stopping")
	d.stopping.Store(false)
	want("")
	if err := d.fleet.hub.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.ready(t.Context()); err == nil || !strings.Contains(err.Error(), "store") {
		t.Errorf("ready without a store: %v, want it named", err)
	}
}

// TestReadinessAsksTheStore holds that a proxy which has lost the cluster is alive and not ready.
func TestReadinessAsksTheStore(t *testing.T) {
	t.Parallel()
	server := cluster(t)
	var log lockedLog
	d, _ := runWith(t, Options{Config: proxyNode(t, server.ClientURL(), ""), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	at := d.Addresses().Health
	await(t, func() bool { status, _ := get(t, at, "/readyz"); return status == http.StatusOK })
	server.Shutdown()
	server.WaitForShutdown()
	await(t, func() bool {
		status, body := get(t, at, "/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, `"not ready: the store cannot be used"`)
	})
	if text := log.String(); !strings.Contains(text, `msg="not ready" error="the store cannot be reached"`) {
		t.Errorf("the log is %s, want why it is not ready", text)
	}
	if status, _ := get(t, at, "/healthz"); status != http.StatusOK {
		t.Errorf("liveness is %d, want 200", status)
	}
	if _, body := get(t, at, "/metrics"); !strings.Contains(body, "groovechaos_up") {
		t.Errorf("metrics are %.200s", body)
	}
}

// TestReadinessTellsWhatIsRefused holds that a proxy which cannot put in force what a newer groovechaos wrote is not ready, and that
// its metrics and the list of nodes say what it is behind, and why.
func TestReadinessTellsWhatIsRefused(t *testing.T) {
	t.Parallel()
	url := socket(t)
	control, _ := run(t, free(t, fmt.Sprintf("[store]\nurl = %q\n[node]\nname = \"control\"\n", url)))
	edge, _ := run(t, proxyNode(t, url, ""))
	at := edge.Addresses().Health
	await(t, func() bool { status, _ := get(t, at, "/readyz"); return status == http.StatusOK })
	writeState(t, url, `{"format":2,"sum":1,"revision":9}`)
	const problem = "read the faults: they are in format 2, want 1"
	await(t, func() bool {
		status, body := get(t, at, "/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, `"not ready: the newest faults are not in force"`)
	})
	if err := edge.ready(t.Context()); err == nil || !strings.Contains(err.Error(), "newer faults are refused: revision 0 is in force, revision 9 is not: "+problem) {
		t.Errorf("ready: %v, want what is refused and why", err)
	}
	if _, body := get(t, at, "/metrics"); !strings.Contains(body, "\ngroovechaos_faults_refused 1\n") ||
		!strings.Contains(body, "\ngroovechaos_store_revision 9\n") || !strings.Contains(body, "\ngroovechaos_applied_revision 0\n") {
		t.Errorf("metrics are %s, want what is refused", body)
	}
	system := pb.NewSystemServiceClient(dial(t, control))
	if s, err := system.GetStatus(t.Context(), &pb.GetStatusRequest{}); err != nil || !strings.Contains(s.GetNotReady(), problem) {
		t.Errorf("the status of a node that refuses it as well is %v, %v; want why", s, err)
	}
	await(t, func() bool {
		list, err := system.ListNodes(t.Context(), &pb.ListNodesRequest{})
		return err == nil && slices.ContainsFunc(list.GetNodes(), func(n *pb.Node) bool {
			return n.GetName() == "edge" && n.GetRefusedRevision() == 9 && strings.HasPrefix(n.GetProblem(), problem) && !n.GetCurrent()
		})
	})
}

// writeState writes what another groovechaos keeps in a cluster.
func writeState(t *testing.T, url, text string) {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := js.KeyValue(t.Context(), "groovechaos-state")
	if err == nil {
		_, err = keys.PutString(t.Context(), "state", text)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestTheDrainIsNotReady holds that readiness falls as soon as the end has begun, while calls are still in flight.
func TestTheDrainIsNotReady(t *testing.T) {
	t.Parallel()
	d := newPlayed()
	d.streams, d.faults = t.Context(), store.NewMortal(faults.NewEngine(1), time.Now, 0)
	d.serving.Store(true)
	release := make(chan struct{})
	slow := &running{name: "proxy", cancel: func() {}, ended: make(chan error, 1)}
	go func() {
		<-release
		slow.ended <- nil
	}()
	ended := make(chan error, 1)
	go func() { ended <- d.stop(t.Context(), []*running{slow}) }()
	await(t, func() bool { err := d.ready(t.Context()); return err != nil && err.Error() == "stopping" })
	close(release)
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error(errors.New("the end does not come"))
	}
}
