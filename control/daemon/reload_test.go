package daemon

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/store"
)

// reloading is a daemon whose configuration the test can write anew.
type reloading struct {
	*Daemon
	mu   sync.Mutex
	text string
}

func (r *reloading) write(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = text
}

func startReloading(t *testing.T, text string) *reloading {
	t.Helper()
	r := &reloading{text: text}
	d, err := New(t.Context(), Options{Config: free(t, text), Load: func() (*config.Config, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		c, err := config.Parse("anew.toml", []byte(r.text))
		if err == nil {
			for _, address := range listens(c) {
				*address = "127.0.0.1:0"
			}
			c.Store.Storage = config.StorageMemory
		}
		return c, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	r.Daemon = d
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return r
}

func (r *reloading) names(t *testing.T) (names []string) {
	t.Helper()
	set, err := r.faults.Faults(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range set {
		names = append(names, f.Name)
	}
	return names
}

const (
	once  = "[[faults]]\nname = \"once\"\nfirst = 2\nmatch.endpoints = [\"genres\"]\nanswer.status = 503\n"
	moods = "[[faults]]\nname = \"moods\"\nmatch.endpoints = [\"moods\"]\nanswer.status = 429\n"
)

// TestReloadLeavesAloneWhatTheFileDoes holds that a fault of which the file says the same keeps its counters, that one
// which was switched by the API stays switched, that what the file had and has no more goes, and what others made stays.
func TestReloadLeavesAloneWhatTheFileDoes(t *testing.T) {
	t.Parallel()
	r := startReloading(t, once+strings.ReplaceAll(moods, "moods", "search"))
	proxy := r.Addresses().Proxy
	if got, _ := get(t, proxy, genres); got != http.StatusServiceUnavailable {
		t.Errorf("the first: got %d, want 503", got)
	}
	own := strings.ReplaceAll(moods, "moods", "lookup")
	theirs, err := config.Parse("theirs", []byte(own))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.faults.Write(t.Context(), []store.Write{{Fault: theirs.Faults[0], Create: true}}); err != nil {
		t.Fatal(err)
	}
	site := r.Site() // As the runs have it from the start on.
	r.write(once + moods + "[verdict]\nchecks = [\"backs-off\"]\n")
	done, err := r.reload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(done.Written, []string{"moods"}) || !slices.Equal(done.Removed, []string{"search"}) || done.Unchanged != 1 || !slices.Equal(done.Sections, []string{"verdict"}) {
		t.Errorf("reloaded %+v, want moods written, search removed, once unchanged and the verdict", done)
	}
	if got := r.names(t); !slices.Equal(got, []string{"once", "lookup", "moods"}) {
		t.Errorf("faults are %q", got)
	}
	if checks, _ := r.verdict(); !slices.Equal(checks, []string{"backs-off"}) {
		t.Errorf("checks are %q, want those of the file", checks)
	}
	if checks, _ := site.Verdict(); !slices.Equal(checks, []string{"backs-off"}) {
		t.Errorf("a run asks for %q, want what the file says now", checks)
	}
	for i, want := range []int{503, 200, 200} {
		if got, _ := get(t, proxy, genres); got != want {
			t.Errorf("call %d after the reload: got %d, want %d", i+1, got, want)
		}
	}
}

// TestReloadIsAllOrNothing tries what cannot be put in force, and holds that nothing of it is.
func TestReloadIsAllOrNothing(t *testing.T) {
	t.Parallel()
	r := startReloading(t, once)
	mine, err := config.Parse("mine", []byte("[[faults]]\nname = \"mine\"\nmatch.endpoints = [\"moods\"]\nshare = 0.6\nanswer.status = 503\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.faults.Write(t.Context(), []store.Write{{Fault: mine.Faults[0]}}); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ text, reason, want string }{
		"a file that is wrong":       {moods + "frobnicate = 1\n", api.ReasonConfigInvalid, "frobnicate"},
		"what takes a restart":       {moods + "[observe]\nattempts = 9\n[proxy]\ndrain = \"1s\"\n", api.ReasonRestartNeeded, "observe.attempts, proxy.drain"},
		"shares beside those of API": {strings.Replace(moods, "[[faults]]", "[[faults]]\nshare = 0.6", 1), api.ReasonConfigInvalid, `"mine"`},
	} {
		r.write(tt.text)
		err := r.Reload(t.Context(), "SIGHUP")
		refused, ok := errors.AsType[*api.ReloadError](err)
		if !ok || refused.Reason != tt.reason || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s about %s", name, err, tt.reason, tt.want)
		}
		if got := r.names(t); !slices.Equal(got, []string{"once", "mine"}) {
			t.Errorf("%s: faults are %q, want those from before", name, got)
		}
	}
	if _, err := r.brake.SetBrake(t.Context(), true, "smoke"); err != nil {
		t.Fatal(err)
	}
	r.write(moods)
	if err := r.Reload(t.Context(), "SIGHUP"); err == nil || !strings.Contains(err.Error(), "brake") {
		t.Errorf("braked: got %v, want it refused", err)
	}
	entries, err := r.audit.List(t.Context(), 0, 100)
	if err != nil || len(entries) != 4 {
		t.Fatalf("the audit has %d entries, %v, want 4", len(entries), err)
	}
	for _, e := range entries {
		if e.Actor != "SIGHUP" || e.Result != "FAILED_PRECONDITION" || e.Resource != "config" || e.Time.IsZero() {
			t.Errorf("the audit has %+v", e)
		}
	}
}

func TestMetricsAndReadiness(t *testing.T) {
	t.Parallel()
	d, end := run(t, free(t, once))
	get(t, d.Addresses().Proxy, genres)
	rest := d.Addresses().REST
	await(t, func() bool { total, _ := d.attempts.Counts(); return total == 1 })
	status, text := get(t, rest, "/metrics")
	for _, want := range []string{
		`groovechaos_requests_total{origin="injected",status="503"} 1`, `groovechaos_fault_fired_total{effect="answer",fault="once"} 1`,
		"groovechaos_up 1", "groovechaos_attempts_recorded_total 1", "go_goroutines ",
	} {
		if status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("metrics: got %d without %s", status, want)
		}
	}
	if status, text := get(t, rest, "/readyz"); status != http.StatusOK || text != `{"status":"ready"}` {
		t.Errorf("readyz: got %d %s", status, text)
	}
	if err := end(); err != nil {
		t.Errorf("run: %v", err)
	}
	if err := d.ready(t.Context()); err == nil {
		t.Error("ready after the end")
	}
}
