package main

import (
	"bufio"
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// exchangePatience bounds one exchange of the load.
const exchangePatience = 20 * time.Second

// maxBroken is how many exchanges of one connection may break before it is
// given up.
const maxBroken = 10

// load sends requests over a number of connections, one after another on each.
type load struct {
	// dial opens one connection.
	dial        func(context.Context) (net.Conn, error)
	requests    [][]byte
	status      int
	connections int
}

// window is the time whose exchanges count.
type window struct {
	length time.Duration
	// begin is nil in the warm-up.
	begin atomic.Pointer[time.Time]
}

// over reports whether the time has passed.
func (w *window) over(now time.Time) bool {
	begin := w.begin.Load()
	return begin != nil && now.Sub(*begin) >= w.length
}

// holds reports whether an exchange lies within the time as a whole.
func (w *window) holds(from, to time.Time) bool {
	begin := w.begin.Load()
	return begin != nil && !from.Before(*begin) && to.Sub(*begin) <= w.length
}

// run opens the connections, warms up, calls mark and measures. What begins
// before the mark or ends after the measured time does not count.
func (l *load) run(ctx context.Context, warm, measured time.Duration, mark func() error) (result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &window{length: measured}
	results := make([]lane, l.connections)
	var group sync.WaitGroup
	for i := range results {
		lane := &results[i]
		lane.next = i * len(l.requests) / l.connections
		group.Go(func() { l.drive(ctx, lane, w) })
	}
	err := wait(ctx, warm)
	if err == nil && mark != nil {
		err = mark()
	}
	if err != nil {
		cancel()
	}
	begin := time.Now()
	w.begin.Store(&begin)
	group.Wait()
	return total(results, measured), errors.Join(err, ctx.Err())
}

// lane is one connection and what was seen on it.
type lane struct {
	conn      net.Conn
	reader    *bufio.Reader
	next      int
	latencies []time.Duration
	failures  int64
	broken    int
}

func (l *load) drive(ctx context.Context, n *lane, w *window) {
	defer n.close()
	for !w.over(time.Now()) && ctx.Err() == nil && n.broken < maxBroken {
		begin := time.Now()
		status, err := l.exchange(ctx, n)
		end := time.Now()
		switch {
		case err != nil:
			n.close()
			n.broken++
			n.failures++ // in the warm-up too: it must not hide
		case status != l.status:
			n.failures++
		}
		if err == nil && w.holds(begin, end) {
			n.latencies = append(n.latencies, end.Sub(begin))
		}
	}
}

func (l *load) exchange(ctx context.Context, n *lane) (status int, err error) {
	if n.conn == nil {
		if n.conn, err = l.dial(ctx); err != nil {
			return 0, err
		}
		n.reader = bufio.NewReaderSize(n.conn, 32<<10)
	}
	if err := n.conn.SetDeadline(time.Now().Add(exchangePatience)); err != nil {
		return 0, err
	}
	request := l.requests[n.next%len(l.requests)]
	n.next++
	if _, err := n.conn.Write(request); err != nil {
		return 0, err
	}
	return readAnswer(n.reader)
}

func (n *lane) close() {
	if n.conn != nil {
		_ = n.conn.Close()
		n.conn = nil
	}
}

func total(lanes []lane, elapsed time.Duration) result {
	var all []time.Duration
	r := result{elapsed: elapsed}
	for i := range lanes {
		all = append(all, lanes[i].latencies...)
		r.failures += lanes[i].failures
	}
	slices.Sort(all)
	r.requests = int64(len(all))
	r.p50, r.p99 = percentile(all, 0.5), percentile(all, 0.99)
	return r
}

// wait returns after d, or earlier with the reason why ctx has ended.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
