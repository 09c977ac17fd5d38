package proxy

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	costRequest = "GET /1/content/music/catalog/genres?country=US HTTP/1.1\r\n" +
		"Host: api.media.microsoft.com\r\nUser-Agent: peerbench\r\nAccept: application/json\r\n\r\n"
	costAnswer = "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n" +
		"Content-Type: application/json\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}"
)

// BenchmarkCost measures what an exchange costs besides the system: the
// connections are memory that answers at once, so that neither system calls nor
// the scheduler take part. A relay has 100 faults loaded that are about other callers.
func BenchmarkCost(b *testing.B) {
	down := `{"Error":{"ErrorCode":"SERVICE_UNAVAILABLE"}}`
	for _, bench := range []struct {
		name string
		set  []faults.Fault
	}{
		{"relayed", bystanders(100)},
		{"injected", []faults.Fault{{Name: "down", Answer: &faults.Answer{Status: 503, Body: &down}}}},
		{"delayed", []faults.Fault{
			{Name: "down", Answer: &faults.Answer{Status: 503, Body: &down}},
			{Name: "slow", Delay: &faults.Delay{Fixed: new(time.Nanosecond)}},
		}},
	} {
		b.Run(bench.name, func(b *testing.B) { benchmarkCost(b, bench.set) })
	}
}

func benchmarkCost(b *testing.B, set []faults.Fault) {
	b.Helper()
	engine := faults.NewEngine(1)
	if err := engine.Apply(set); err != nil {
		b.Fatal(err)
	}
	var form []byte
	recorded := 0
	p, err := New(Options{
		Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Engine: engine,
		Dial:   func(context.Context, string, string) (net.Conn, error) { return &swiftUpstream{}, nil },
		Record: func(a *observe.Attempt) { form, recorded = a.AppendBinary(form[:0]), recorded+1 },
	})
	if err != nil {
		b.Fatal(err)
	}
	s := p.newServer(b.Context(), Modes{Reverse: true})
	defer s.links.close()
	b.ReportAllocs()
	b.ResetTimer()
	before := userTime(b)
	s.serve(&swiftClient{left: b.N})
	b.ReportMetric(float64(userTime(b)-before)/float64(b.N), "user-ns/op")
	if recorded != b.N {
		b.Fatalf("%d exchanges were recorded, want %d", recorded, b.N)
	}
}

// bystanders are faults that strike none of the exchanges.
func bystanders(count int) []faults.Fault {
	endpoints := groove.Endpoints()
	set := make([]faults.Fault, count)
	for i := range set {
		set[i] = faults.Fault{
			Name: fmt.Sprintf("f%d", i), Answer: &faults.Answer{Status: 503},
			Match: faults.Match{Clients: []string{fmt.Sprintf("nobody-%d", i)}},
		}
		if i%2 == 0 {
			set[i].Match.Endpoints = []string{endpoints[i%len(endpoints)].Name}
		}
	}
	return set
}

// swift is a connection without a peer: writes and deadlines do nothing.
type swift struct{}

func (swift) Write(p []byte) (int, error) { return len(p), nil }
func (swift) Close() error                { return nil }
func (swift) LocalAddr() net.Addr         { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (swift) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }
func (swift) SetDeadline(time.Time) error      { return nil }
func (swift) SetReadDeadline(time.Time) error  { return nil }
func (swift) SetWriteDeadline(time.Time) error { return nil }

// swiftClient sends so many requests, each as soon as it is asked for.
type swiftClient struct {
	swift
	left int
}

func (c *swiftClient) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	c.left--
	return copy(p, costRequest), nil
}

func (c *swiftClient) attend(a attendant) (int, error) {
	for c.left > 0 {
		c.left--
		if n := copy(a.space(), costRequest); !a.attended(n) {
			return 0, nil
		}
	}
	return 0, io.EOF
}

// swiftUpstream answers each request as soon as it comes.
type swiftUpstream struct{ swift }

func (*swiftUpstream) Read(p []byte) (int, error) { return copy(p, costAnswer), nil }

func (*swiftUpstream) ask(request, room []byte, _ bool) (n, got int, err error) {
	return len(request), copy(room, costAnswer), nil
}

func (*swiftUpstream) answered() bool { return true }

// userTime is the processor time of this process outside of the system.
func userTime(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano())
}
