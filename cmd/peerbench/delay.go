package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"
)

const (
	// delayCycles is how many exchanges each connection makes. The first begin
	// at random within one delay and do not count.
	delayCycles = 4
	// delayPause lies between two looks at the memory.
	delayPause = 100 * time.Millisecond
	// dialsAtOnce bounds the connections that are being opened.
	dialsAtOnce = 64
	// delayWarm is how many exchanges warm the peer up.
	delayWarm = 100
)

// delayTurn is what was measured of one peer that holds exchanges back.
type delayTurn struct {
	// Round counts from 1.
	Round     int    `json:"round"`
	Peer      string `json:"peer"`
	Exchanges int    `json:"exchanges"`
	Failures  int    `json:"failures"`
	// The errors are what an exchange took beyond its delay, in microseconds:
	// below 0 it was early.
	MinMicros float64 `json:"min_us"`
	P50Micros float64 `json:"p50_us"`
	P99Micros float64 `json:"p99_us"`
	// Those of the bare timers, one beside each exchange, in the load's process.
	TimerP50Micros float64 `json:"timer_p50_us"`
	TimerP99Micros float64 `json:"timer_p99_us"`
	// BytesEach is what the peer's memory grew by per exchange.
	BytesEach float64 `json:"bytes_each"`
	// CPUMicros is the CPU time per exchange.
	CPUMicros float64 `json:"cpu_us"`
}

// delays measures the peers one after another, each in a process that is new.
func (b *bencher) delays(ctx context.Context, c *scenario) ([]delayTurn, error) {
	// Each exchange holds a connection open on both sides.
	if need := c.connections + 200; b.files < need {
		return nil, fmt.Errorf("%w: %d open files are allowed, want %d (ulimit -Hn)", errAbsent, b.files, need)
	}
	var turns []delayTurn
	peers, draw := among(b.peers, c), b.draw()
	for round := range b.options.rounds {
		for _, i := range draw.Perm(len(peers)) {
			t, err := b.delayTurn(ctx, peers[i], c)
			if err != nil {
				return nil, fmt.Errorf("measure %s: %w", peers[i].name, err)
			}
			t.Round, t.Peer = round+1, peers[i].name
			turns = append(turns, t)
			b.progress.delayTurn(c, &t)
		}
	}
	return turns, nil
}

func (b *bencher) delayTurn(ctx context.Context, p peer, c *scenario) (delayTurn, error) {
	r, err := p.start(ctx, b.site, c)
	if err != nil {
		return delayTurn{}, err
	}
	defer r.stop()
	warm := newHold(r.address, c, min(delayWarm, c.connections), 1)
	if err := warm.run(ctx); err != nil {
		return delayTurn{}, err
	}
	before, err := use(r.pid)
	if err != nil {
		return delayTurn{}, err
	}
	watching, stop := context.WithCancel(ctx)
	highest := make(chan int64, 1)
	go func() { highest <- watch(watching, r.pid) }()
	h := newHold(r.address, c, c.connections, delayCycles)
	err = h.run(ctx)
	stop()
	top := <-highest
	if err != nil {
		return delayTurn{}, err
	}
	after, err := use(r.pid)
	t := h.summary()
	used := after.since(before)
	t.CPUMicros = micros(used.user+used.system) / float64(c.connections*delayCycles)
	t.BytesEach = float64(top-before.resident) / float64(c.connections)
	return t, err
}

// watch looks at the resident memory of a process until ctx ends, and returns the
// highest figure.
func watch(ctx context.Context, pid int) (top int64) {
	for {
		if u, err := use(pid); err == nil {
			top = max(top, u.resident)
		}
		if wait(ctx, delayPause) != nil {
			return top
		}
	}
}

// hold is a load of exchanges that are all held back at once, beside bare
// timers of the same length.
type hold struct {
	address        string
	request        []byte
	status         int
	delay          time.Duration
	count, cycles  int
	errors, timers []time.Duration
	broken         []error
	group          sync.WaitGroup
}

func newHold(address string, c *scenario, count, cycles int) *hold {
	return &hold{
		address: address, request: c.requests[0].bytes(), status: c.status, delay: c.delay, count: count, cycles: cycles,
		errors: make([]time.Duration, count*cycles), timers: make([]time.Duration, count*cycles), broken: make([]error, count),
	}
}

// run opens all connections before the first exchange, and returns when the
// last one and the last timer have ended.
func (h *hold) run(ctx context.Context) error {
	conns, err := h.open(ctx)
	// At the end, or early to wake those that wait in a read.
	hangUp := func() {
		for _, conn := range conns {
			if conn != nil {
				_ = conn.Close()
			}
		}
	}
	defer hangUp()
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, hangUp)()
	draw := rand.New(rand.NewPCG(3, 3))
	for i, conn := range conns {
		offset := time.Duration(draw.Int64N(int64(h.delay)))
		h.group.Go(func() { h.broken[i] = h.drive(ctx, conn, i, offset) })
	}
	h.group.Wait()
	return ctx.Err()
}

func (h *hold) open(ctx context.Context) ([]net.Conn, error) {
	conns, errs := make([]net.Conn, h.count), make([]error, h.count)
	slots := make(chan struct{}, dialsAtOnce)
	var group sync.WaitGroup
	for i := range conns {
		slots <- struct{}{}
		group.Go(func() {
			var dialer net.Dialer
			conns[i], errs[i] = dialer.DialContext(ctx, "tcp", h.address)
			<-slots
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return conns, err
		}
	}
	return conns, nil
}

// drive makes all exchanges of one connection.
func (h *hold) drive(ctx context.Context, conn net.Conn, lane int, offset time.Duration) error {
	reader := bufio.NewReaderSize(conn, 1<<10)
	patience := offset + time.Duration(h.cycles)*h.delay + exchangePatience
	if err := errors.Join(conn.SetDeadline(time.Now().Add(patience)), wait(ctx, offset)); err != nil {
		return err
	}
	for cycle := range h.cycles {
		slot := lane*h.cycles + cycle
		begin := time.Now()
		h.group.Add(1)
		time.AfterFunc(h.delay, func() {
			h.timers[slot] = time.Since(begin) - h.delay
			h.group.Done()
		})
		if _, err := conn.Write(h.request); err != nil {
			return err
		}
		status, err := readAnswer(reader)
		if err != nil {
			return err
		}
		if status != h.status {
			return fmt.Errorf("the status is %d, want %d", status, h.status)
		}
		h.errors[slot] = time.Since(begin) - h.delay
	}
	return nil
}

// summary leaves the first cycle out, and connections that broke.
func (h *hold) summary() delayTurn {
	t := delayTurn{Exchanges: h.count * h.cycles}
	var errs, timers []time.Duration
	for i := range h.count {
		if h.broken[i] != nil {
			t.Failures++
			continue
		}
		errs = append(errs, h.errors[i*h.cycles+1:(i+1)*h.cycles]...)
		timers = append(timers, h.timers[i*h.cycles+1:(i+1)*h.cycles]...)
	}
	slices.Sort(errs)
	slices.Sort(timers)
	t.MinMicros = micros(percentile(errs, 0))
	t.P50Micros, t.P99Micros = micros(percentile(errs, 0.5)), micros(percentile(errs, 0.99))
	t.TimerP50Micros, t.TimerP99Micros = micros(percentile(timers, 0.5)), micros(percentile(timers, 0.99))
	return t
}
