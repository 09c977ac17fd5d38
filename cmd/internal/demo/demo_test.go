package demo

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults/groove"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// api answers everything with one status, or with what its caller wants, and
// counts.
type api struct {
	status int
	mu     sync.Mutex
	// seen counts requests by caller, method, target and body.
	seen map[[4]string]int
}

func newAPI(t *testing.T, status int) (*api, string) {
	t.Helper()
	a := &api{status: status, seen: make(map[[4]string]int)}
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return a, s.URL
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen[[4]string{r.Header.Get("X-Client-Name"), r.Method, r.URL.RequestURI(), string(body)}]++
	w.WriteHeader(a.status)
}

func TestCallersFollowTheScript(t *testing.T) {
	t.Parallel()
	a, url := newAPI(t, http.StatusOK)
	var titles []string
	if err := Play(t.Context(), url, func(p Phase) { titles = append(titles, p.Title) }); err != nil {
		t.Fatal(err)
	}
	if len(titles) != len(Script()) {
		t.Errorf("told of %d phases, want %d", len(titles), len(Script()))
	}
	calls := make(map[string]int)
	for key, n := range a.seen {
		calls[key[0]] += n
		if n != 1 {
			t.Errorf("%v came %d times though it succeeded, want once", key, n)
		}
	}
	for _, c := range newCallers() {
		if calls[c.name] != Calls() {
			t.Errorf("%s made %d calls, want %d", c.name, calls[c.name], Calls())
		}
	}
	if len(calls) != Callers {
		t.Errorf("%d callers came, want %d", len(calls), Callers)
	}
}

// The callers differ in this and in nothing else that the wire shows.
func TestCallersTakeFailuresInTheirWays(t *testing.T) {
	t.Parallel()
	want := map[string]map[string]int{
		"web-player": {http.MethodGet: attempts, http.MethodPost: 1},
		"importer":   {http.MethodGet: attempts, http.MethodPost: attempts},
		"kiosk":      {http.MethodGet: 1, http.MethodPost: 1},
	}
	a, url := newAPI(t, http.StatusServiceUnavailable)
	operations := []operation{add("music.1"), read("/1/content/music/catalog/genres", nil)}
	var wg sync.WaitGroup
	for _, c := range newCallers() {
		wg.Go(func() {
			c.play(t.Context(), url, operations)
			c.client.HTTPClient.CloseIdleConnections()
		})
	}
	wg.Wait()
	for key, got := range a.seen {
		if want := want[key[0]][key[1]]; got != want {
			t.Errorf("%s sent %s %d times, want %d", key[0], key[1], got, want)
		}
	}
	if len(a.seen) != len(operations)*Callers {
		t.Errorf("%d kinds of request came, want %d", len(a.seen), len(operations)*Callers)
	}
}

func TestPlayEndsWithItsContext(t *testing.T) {
	t.Parallel()
	_, url := newAPI(t, http.StatusServiceUnavailable)
	ctx, cancel := context.WithCancel(t.Context())
	err := Play(ctx, url, func(p Phase) {
		if p.Title != Script()[0].Title {
			t.Errorf("%q began after the end", p.Title)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
}

// Each fault of the configuration is about a call of the script, and the calls
// are the contract's.
func TestConfigIsAboutTheScript(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("demo.toml", Config)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) > 0 {
		t.Errorf("warnings are %v, want none", c.Warnings)
	}
	called := make(map[string]bool)
	for _, phase := range Script() {
		for _, o := range phase.operations {
			if e, ok := groove.Resolve(o.method, o.path); ok {
				called[e.Name] = true
			} else {
				t.Errorf("%s %s is no endpoint", o.method, o.path)
			}
		}
	}
	for i := range c.Faults {
		for _, name := range c.Faults[i].Match.Endpoints {
			if !called[name] {
				t.Errorf("fault %s is about %s, which nobody calls", c.Faults[i].Name, name)
			}
		}
	}
}
