package daemon

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults/standin"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// BenchmarkReady is the start of a groovechaos with an empty store, until it is ready to serve.
func BenchmarkReady(b *testing.B) {
	for b.Loop() {
		d, err := New(b.Context(), Options{Config: benched(b, fmt.Sprintf("[store]\ndir = %q", b.TempDir()))})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		d.endStreams()
		if err := d.closeAll(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkSwitch is how long it takes from the call that switches a fault on to the end of the first exchange that it
// strikes: p50-ms in the middle. The exchanges follow one another, at one node and at another one.
func BenchmarkSwitch(b *testing.B) {
	b.Run("one process", func(b *testing.B) {
		d := started(b, fmt.Sprintf("[store]\ndir = %q\n", b.TempDir())+down)
		benchSwitch(b, d, d)
	})
	b.Run("across nodes", func(b *testing.B) {
		url := socket(b)
		a := started(b, fmt.Sprintf("[store]\nurl = %q\n[node]\nname = \"a\"\n", url)+down)
		benchSwitch(b, a, started(b, fmt.Sprintf("[store]\nurl = %q\n[node]\nname = \"b\"\n", url)))
	})
}

func benchSwitch(b *testing.B, control, proxy *Daemon) {
	b.Helper()
	c, err := client.Dial(control.Addresses().GRPC, client.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	var took []time.Duration
	for b.Loop() {
		if _, err := c.Faults.DisableFault(b.Context(), &pb.DisableFaultRequest{Name: "down"}); err != nil {
			b.Fatal(err)
		}
		askUntil(b, transport, proxy, http.StatusOK)
		began := time.Now()
		if _, err := c.Faults.EnableFault(b.Context(), &pb.EnableFaultRequest{Name: "down"}); err != nil {
			b.Fatal(err)
		}
		askUntil(b, transport, proxy, http.StatusServiceUnavailable)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}

// askUntil goes on until an exchange has a status.
func askUntil(b *testing.B, transport *http.Transport, d *Daemon, want int) {
	b.Helper()
	for got := 0; got != want; {
		got = asked(b, transport, d)
	}
}

// asked is the status of one exchange.
func asked(b *testing.B, transport *http.Transport, d *Daemon) int {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+d.Addresses().Proxy+genres, nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+standin.ApplicationToken)
	response, err := transport.RoundTrip(request)
	if err != nil {
		b.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		b.Fatal(err)
	}
	return response.StatusCode
}

func benched(b *testing.B, text string) *config.Config {
	b.Helper()
	c, err := config.Parse("bench", []byte(text))
	if err != nil {
		b.Fatal(err)
	}
	for _, address := range listens(c) {
		*address = "127.0.0.1:0"
	}
	return c
}

// started is a daemon that runs until the end of the benchmark.
func started(b *testing.B, text string) *Daemon {
	b.Helper()
	d, err := New(b.Context(), Options{Config: benched(b, text)})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			b.Errorf("run: %v", err)
		}
	})
	return d
}

// socket is the URL of a NATS server that several nodes reach, until the end of the test.
func socket(b testing.TB) string {
	b.Helper()
	return cluster(b).ClientURL()
}

// cluster is a NATS server with JetStream, until the end of the test.
func cluster(b testing.TB) *server.Server {
	b.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: b.TempDir(), NoSigs: true, NoLog: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	s.Start()
	b.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(time.Minute) {
		b.Fatal("the NATS server is not ready")
	}
	return s
}
