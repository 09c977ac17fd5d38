package runner

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults"
)

// work starts and ends the workload.
type work struct {
	options *Options
	tell    func(context.Context, experiment.Event)
	front   *front
	// sent counts the requests of the load, failed those without an answer below 500.
	sent, failed atomic.Int64

	// ctx is that of the workload, cancel ends it; nil before the first launch.
	ctx    context.Context //nolint:containedctx // It lasts over all launches.
	cancel context.CancelFunc
	group  sync.WaitGroup
}

// launch starts the command, and with its first start the load and the wait until it is ready.
func (w *work) launch(ctx context.Context) {
	first := w.cancel == nil
	if first {
		w.ctx, w.cancel = context.WithCancel(ctx)
	}
	ctx = w.ctx
	e := w.options.Experiment
	if e.Workload.Command != nil {
		w.command(ctx)
	}
	if !first {
		return
	}
	w.group.Go(func() {
		if e.Workload.Ready != "" {
			w.await(ctx, e.Workload.Ready)
		}
		if e.Workload.Load != nil {
			w.load(ctx, e.Workload.Load)
		}
	})
}

// command runs the command once.
func (w *work) command(ctx context.Context) {
	w.group.Go(func() {
		before := firings(w.options.Uses())
		ended := w.options.Command(ctx)
		ended.Struck = w.struck(ctx, before, ended.Status != 0)
		if ctx.Err() == nil {
			w.tell(ctx, ended)
		}
	})
}

const (
	// countTime is how long a fault that spoils an answer may take to be counted: that is done when the answer is sent, and who got it may have
	// ended by then. countPause is between two looks.
	countTime, countPause = 500 * time.Millisecond, 5 * time.Millisecond
)

// struck reports that a fault has struck since before. Where it matters what is still to be counted is waited for.
func (w *work) struck(ctx context.Context, before fired, matters bool) bool {
	end := time.Now().Add(countTime)
	matters = matters && w.options.Experiment.Workload.Exit == experiment.ExitUnfaulted
	for {
		if firings(w.options.Uses()).more(before) {
			return true
		}
		if !matters || ctx.Err() != nil || !time.Now().Before(end) {
			return false
		}
		rest(ctx, countPause)
	}
}

// fired is how often each fault has struck, by its name and by when it began to count.
type fired map[faults.Use]uint64

func firings(uses []faults.Use) fired {
	f := make(fired, len(uses))
	for _, use := range uses {
		f[faults.Use{Name: use.Name, Since: use.Since}] = use.Fired
	}
	return f
}

// more reports that a fault has struck since before. Faults whose counts are forgotten meanwhile say nothing.
func (f fired) more(before fired) bool {
	for fault, count := range f {
		if count > before[fault] {
			return true
		}
	}
	return false
}

// halt asks the workload to end, and waits until it has.
func (w *work) halt() {
	if w.cancel != nil {
		w.cancel()
	}
	w.group.Wait()
}

// readyPause is the time between two questions whether the workload is ready.
const readyPause = 50 * time.Millisecond

// await asks for a URL until it answers with anything below 500.
func (w *work) await(ctx context.Context, url string) {
	for ctx.Err() == nil {
		if status, err := w.ask(ctx, &experiment.Request{URL: url, Method: http.MethodGet, Timeout: time.Second}); err == nil && status < 500 {
			w.tell(ctx, experiment.Ready{})
			return
		}
		rest(ctx, readyPause)
	}
}

func (w *work) ask(ctx context.Context, r *experiment.Request) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	request, err := requestOf(ctx, r)
	if err != nil {
		return 0, err
	}
	// A service that passes it on lets the verdict tell one request's calls from another's.
	_, trace := w.front.newTrace()
	request.Header.Set("Traceparent", trace)
	response, err := w.front.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// load sends requests until ctx ends.
func (w *work) load(ctx context.Context, l *experiment.Load) {
	var workers sync.WaitGroup
	turns := make(chan struct{})
	for range l.Concurrency {
		workers.Go(func() {
			for range turns {
				w.one(ctx, l)
			}
		})
	}
	start := time.Now()
	for sent := 0; ctx.Err() == nil; sent++ {
		if l.Rate > 0 {
			rest(ctx, time.Until(start.Add(time.Duration(float64(sent)/l.Rate*float64(time.Second)))))
		}
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
		}
	}
	close(turns)
	workers.Wait()
}

// one sends one request of the load.
func (w *work) one(ctx context.Context, l *experiment.Load) {
	status, err := w.ask(ctx, &l.Request)
	if ctx.Err() != nil {
		return // It was cut off: that says nothing.
	}
	w.sent.Add(1)
	if err != nil || status >= 500 {
		w.failed.Add(1)
	}
	if err != nil {
		rest(ctx, readyPause) // Nobody is there: asking as fast as one can helps nobody.
	}
}

// rest waits, unless ctx ends before.
func rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
