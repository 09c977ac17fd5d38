package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults/standin"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// free is a configuration on free ports, with more in TOML.
func free(t *testing.T, more string) *config.Config {
	t.Helper()
	c, err := config.Parse("test", []byte(more))
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range listens(c) {
		*address = "127.0.0.1:0"
	}
	if !strings.Contains(more, "[store]") {
		c.Store.Storage = config.StorageMemory
	}
	return c
}

// listens are the addresses of a configuration by their keys.
func listens(c *config.Config) map[string]*string {
	return map[string]*string{
		"[proxy] listen": &c.Proxy.Listen, "[standin] listen": &c.Standin.Listen,
		"[control] grpc": &c.Control.GRPC, "[control] rest": &c.Control.REST,
	}
}

// run starts a daemon and returns what ends it and gives the error of Run.
func run(t *testing.T, c *config.Config) (d *Daemon, end func() error) {
	t.Helper()
	return runWith(t, Options{Config: c, Version: "v0-test"})
}

// runWith is run with more options.
func runWith(t *testing.T, o Options) (d *Daemon, end func() error) {
	t.Helper()
	d, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	end = sync.OnceValue(func() error {
		cancel()
		return <-ran
	})
	t.Cleanup(func() { _ = end() })
	return d, end
}

// get asks for a path on a connection of its own, and returns the status and
// what came with it.
func get(t *testing.T, address, path string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+standin.ApplicationToken)
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	text, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(text)
}

const genres = "/1/content/music/catalog/genres"

func TestEverythingServesAndEnds(t *testing.T) {
	t.Parallel()
	d, end := run(t, free(t, ""))
	a := d.Addresses()
	if status, _ := get(t, a.Proxy, genres); status != http.StatusOK {
		t.Errorf("through the proxy: status is %d, want 200", status)
	}
	if status, _ := get(t, a.Standin, genres); status != http.StatusOK {
		t.Errorf("at the stand-in: status is %d, want 200", status)
	}
	if status, body := get(t, a.REST, "/v1/status"); status != http.StatusOK || !strings.Contains(body, a.Proxy) {
		t.Errorf("over REST: %d %s, want 200 and the proxy's address", status, body)
	}
	status, err := systemStatus(t, a.GRPC)
	if err != nil {
		t.Fatal(err)
	}
	got := [...]string{
		status.GetVersion(), status.GetProxyAddress(), status.GetUpstream(), status.GetStandinAddress(), status.GetGrpcAddress(), status.GetRestAddress(),
	}
	if want := [...]string{"v0-test", a.Proxy, a.Upstream, a.Standin, a.GRPC, a.REST}; got != want {
		t.Errorf("over gRPC: status is %v, want %v", got, want)
	}
	if err := end(); err != nil {
		t.Errorf("run: %v, want nil", err)
	}
	for _, address := range []string{a.Proxy, a.Standin, a.GRPC, a.REST} {
		if listening(address) {
			t.Errorf("somebody still listens at %s", address)
		}
	}
}

func systemStatus(t *testing.T, address string) (*pb.Status, error) {
	t.Helper()
	c, err := client.Dial(address, client.Options{})
	if err != nil {
		return nil, err
	}
	status, err := c.System.GetStatus(t.Context(), &pb.GetStatusRequest{})
	return status, errors.Join(err, c.Close())
}

func TestRunThatIsOverBeforeItBegins(t *testing.T) {
	t.Parallel()
	d, err := New(t.Context(), Options{Config: free(t, "")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Run(ctx); err != nil {
		t.Errorf("run: %v, want nil", err)
	}
}

func TestAnotherUpstream(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer elsewhere.Close()
	d, _ := run(t, free(t, fmt.Sprintf("[proxy]\nupstream = %q", elsewhere.URL)))
	if a := d.Addresses(); a.Standin != "" || a.Upstream != elsewhere.URL {
		t.Errorf("addresses are %+v, want no stand-in and the upstream %s", a, elsewhere.URL)
	}
	if status, _ := get(t, d.Addresses().Proxy, genres); status != http.StatusTeapot {
		t.Errorf("status is %d, want the upstream's 418", status)
	}
}

// spare gives a configuration the addresses of ports that are free, each only once, and that no other test takes: nobody
// else listens at this host.
func spare(t *testing.T, c *config.Config) {
	t.Helper()
	for _, address := range listens(c) {
		l := hold(t, "127.7.10.1:0")
		defer l.Close() //nolint:gocritic // Not before the last is had, so that none comes twice.
		*address = l.Addr().String()
	}
}

func hold(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

//nolint:paralleltest // The subtests share a pool of addresses.
func TestNothingIsOpenAfterAPortInUse(t *testing.T) {
	if runtime.GOOS == "darwin" {
		t.Skip("there is one loopback address only")
	}
	for key := range listens(config.Default()) {
		t.Run(key, func(t *testing.T) {
			c := free(t, "")
			spare(t, c)
			taken := hold(t, *listens(c)[key])
			defer taken.Close()
			_, err := New(t.Context(), Options{Config: c})
			if err == nil || !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), taken.Addr().String()) {
				t.Fatalf("error is %v, want one that names %s and %s", err, key, taken.Addr())
			}
			for other, address := range listens(c) {
				if other != key {
					_ = hold(t, *address).Close()
				}
			}
		})
	}
}

func TestFaultsOfTheConfigurationAreInForce(t *testing.T) {
	t.Parallel()
	const faults = `
[[faults]]
name = "down"
match.endpoints = ["genres"]
answer.status = 503
[[faults]]
name = "off"
disabled = true
match.endpoints = ["search"]
answer.status = 503
`
	d, _ := run(t, free(t, faults))
	if status, _ := get(t, d.Addresses().Proxy, genres); status != http.StatusServiceUnavailable {
		t.Errorf("status is %d, want the fault's 503", status)
	}
	if status, _ := get(t, d.Addresses().Proxy, "/1/content/music/search?q=muse"); status != http.StatusOK {
		t.Errorf("status is %d, want 200: the fault is disabled", status)
	}
}

// held is a fault that keeps every call until it is let go.
const held = "[[faults]]\nname = \"held\"\ndelay.fixed = \"30m\"\n"

func TestEveryAttemptIsJudgedOnceRunHasEnded(t *testing.T) {
	t.Parallel()
	const calls = 20
	d, end := run(t, free(t, held))
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() { get(t, d.Addresses().Proxy, fmt.Sprintf("%s?call=%d", genres, i)) })
	}
	await(t, func() bool { return d.engine.Uses()[0].Held == calls })
	if err := end(); err != nil {
		t.Errorf("run: %v", err)
	}
	wg.Wait()
	report := d.Judge(true)
	if len(report.Clients) != 1 || report.Clients[0].Attempts != calls {
		t.Errorf("the judge saw %+v, want %d attempts of one client", report.Clients, calls)
	}
}

// await waits until something that others do has come about.
func await(t *testing.T, done func() bool) {
	t.Helper()
	for !done() {
		select {
		case <-t.Context().Done():
			t.Fatal("the test is over")
		case <-time.After(time.Millisecond):
		}
	}
}

func TestForgottenAttemptsMakeNoPass(t *testing.T) {
	t.Parallel()
	d, end := run(t, free(t, "[observe]\nattempts = 3\n"))
	for range 4 {
		get(t, d.Addresses().Proxy, genres)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	report := d.Judge(true)
	if report.Result != verdict.Inconclusive || !strings.Contains(strings.Join(report.Reasons, "\n"), "1 older attempt") {
		t.Errorf("verdict is %s because of %q, want it inconclusive for what was forgotten", report.Result, report.Reasons)
	}
}

// An answer that comes after the end has begun reaches the client if there is a
// drain, and is cut off if there is none.
func TestDrain(t *testing.T) {
	t.Parallel()
	for drain, whole := range map[string]bool{"0s": false, "10s": true} {
		t.Run(drain, func(t *testing.T) {
			t.Parallel()
			arrived, closed := make(chan struct{}), make(chan struct{})
			elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				close(arrived)
				<-closed
				w.WriteHeader(http.StatusTeapot)
			}))
			defer elsewhere.Close()
			d, end := run(t, free(t, fmt.Sprintf("[proxy]\nupstream = %q\ndrain = %q", elsewhere.URL, drain)))
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+d.Addresses().Proxy+genres, nil)
			if err != nil {
				t.Fatal(err)
			}
			answered := make(chan error, 1)
			go func() {
				response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
				if err == nil {
					err = response.Body.Close()
				}
				answered <- err
			}()
			<-arrived
			ended := make(chan error, 1)
			go func() { ended <- end() }()
			await(t, func() bool { return !listening(d.Addresses().Proxy) })
			if !whole {
				// Run does not wait for the answer.
				if err := <-ended; err != nil {
					t.Errorf("run: %v", err)
				}
			}
			close(closed)
			if err := <-answered; (err == nil) != whole {
				t.Errorf("the client got %v, want an answer: %t", err, whole)
			}
		})
	}
}

func TestNoDrainIsNotTheDefaultOne(t *testing.T) {
	t.Parallel()
	c := config.Default()
	for configured, want := range map[time.Duration]time.Duration{0: 1, time.Second: time.Second} {
		c.Proxy.Drain = configured
		if got := drain(c); got != want {
			t.Errorf("drain of %s is %s, want %s", configured, got, want)
		}
	}
}

func listening(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}
