package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// turn is what was measured of one peer in one round.
type turn struct {
	// Round counts from 1.
	Round    int     `json:"round"`
	Peer     string  `json:"peer"`
	Requests int64   `json:"requests"`
	Failures int64   `json:"failures"`
	Seconds  float64 `json:"seconds"`
	// UserMicros and SystemMicros are CPU time per request, in microseconds.
	UserMicros   float64 `json:"user_us"`
	SystemMicros float64 `json:"system_us"`
	// P50Micros and P99Micros are latencies under the load.
	P50Micros float64 `json:"p50_us"`
	P99Micros float64 `json:"p99_us"`
	// AloneMicros is the median latency over one connection alone.
	AloneMicros float64 `json:"alone_us"`
	PeakBytes   int64   `json:"peak_bytes"`
	Processes   int     `json:"processes"`
}

// shortest is the least time for a warm-up and for the load over one connection.
const shortest = 500 * time.Millisecond

// turn measures one peer.
func (b *bencher) turn(ctx context.Context, r *running, c *scenario) (turn, error) {
	side := max(time.Duration(b.seconds)*time.Second/4, shortest)
	m := &meter{bencher: b, peer: r}
	loaded, err := b.loaded(ctx, m, c, side)
	if err != nil {
		return turn{}, errors.Join(err, r.alive())
	}
	used, err := m.end()
	if err != nil {
		return turn{}, err
	}
	if loaded.requests == 0 {
		return turn{}, errors.New("no request was answered: " + tail(r.log))
	}
	alone, err := b.own(r, c, 1).run(ctx, side/5, side, nil)
	if err != nil {
		return turn{}, err
	}
	count := float64(loaded.requests)
	return turn{
		Peer: r.name, Requests: loaded.requests, Failures: loaded.failures + alone.failures, Seconds: loaded.elapsed.Seconds(),
		UserMicros: micros(used.user) / count, SystemMicros: micros(used.system) / count,
		P50Micros: micros(loaded.p50), P99Micros: micros(loaded.p99), AloneMicros: micros(alone.p50),
		PeakBytes: used.peak, Processes: used.processes,
	}, nil
}

// loaded warms the peer up, has the meter begin and puts the load on.
func (b *bencher) loaded(ctx context.Context, m *meter, c *scenario, warm time.Duration) (result, error) {
	own := b.own(m.peer, c, c.connections)
	if c.kind != viaWrk {
		return own.run(ctx, warm, time.Duration(b.seconds)*time.Second, m.begin)
	}
	warmed, err := own.run(ctx, 0, warm, nil)
	if err != nil {
		return result{}, err
	}
	if err := m.begin(); err != nil {
		return result{}, err
	}
	r, err := b.wrk(ctx, m.peer, c)
	r.failures += warmed.failures
	return r, err
}

// own is a load without wrk.
func (b *bencher) own(r *running, c *scenario, connections int) *load {
	l := &load{status: b.expected(r, c), connections: connections}
	for _, request := range c.requests {
		l.requests = append(l.requests, request.bytes())
	}
	address := r.address
	if c.kind == viaTLS {
		if r == b.origin {
			address = b.secure
		}
		l.dial = func(ctx context.Context) (net.Conn, error) { return dialTLS(ctx, address, r.connect) }
		return l
	}
	var dialer net.Dialer
	l.dial = func(ctx context.Context) (net.Conn, error) { return dialer.DialContext(ctx, "tcp", address) }
	return l
}

// expected is the status of every answer: the origin has no faults.
func (s *site) expected(r *running, c *scenario) int {
	if r == s.origin {
		return http.StatusOK
	}
	return c.status
}

// meter takes the accounts of a peer around a load.
type meter struct {
	*bencher
	peer   *running
	before usage
}

func (m *meter) begin() (err error) {
	if m.profiled() {
		if err := signalProcess(m.peer.pid, signalProfile); err != nil {
			return err
		}
	}
	if err := resetPeak(m.peer.pid); err != nil {
		return err
	}
	m.before, err = use(m.peer.pid)
	return err
}

func (m *meter) end() (usage, error) {
	after, err := use(m.peer.pid)
	if err == nil && m.profiled() {
		err = signalProcess(m.peer.pid, signalProfile)
	}
	return after.since(m.before), err
}

func (m *meter) profiled() bool { return m.profile && m.peer.name == ours }

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
