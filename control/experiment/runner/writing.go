package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// writing writes down what becomes of one run of this process: the newest alone, and for as long as it takes where the
// store cannot be reached.
type writing struct {
	kept *Kept
	id   string
	news chan struct{}
	// done is closed once the end of the run is written down, ended once nothing goes on.
	done, ended chan struct{}
	context     context.Context //nolint:containedctx // It is the writing's own.
	stop        context.CancelFunc

	mu         sync.Mutex
	record     Record
	conclusion *experiment.Conclusion

	// revision is that of the record in the store, 0 for whichever. Only run uses it.
	revision uint64
}

func newWriting(k *Kept, record Record, revision uint64) *writing {
	w := &writing{
		kept: k, id: record.ID, record: record, revision: revision,
		news: make(chan struct{}, 1), done: make(chan struct{}), ended: make(chan struct{}),
	}
	w.context, w.stop = context.WithCancel(context.Background())
	return w
}

// take takes down what is to be written.
func (w *writing) take(record Record, conclusion *experiment.Conclusion) {
	w.mu.Lock()
	w.record, w.conclusion = record, conclusion
	w.mu.Unlock()
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// run writes until the end of the run is written down, or the process ends.
func (w *writing) run() {
	defer close(w.ended)
	beat := time.NewTimer(beatTime)
	defer beat.Stop()
	failing := false
	for {
		select {
		case <-w.news:
		case <-beat.C:
		case <-w.context.Done():
			return
		}
		over, err := w.write()
		if over && err == nil {
			close(w.done)
			return
		}
		if err != nil && !failing {
			w.kept.o.Logger.Warn("the record of a run cannot be kept yet", slog.String("run", w.id), slog.Any("error", err))
		}
		failing = err != nil
		beat.Reset(beatTime)
		if failing {
			beat.Reset(writeTime)
		}
		select {
		case <-time.After(writeTime):
		case <-w.context.Done():
			return
		}
	}
}

// write writes the newest once.
func (w *writing) write() (over bool, err error) {
	w.mu.Lock()
	record, conclusion := w.record, w.conclusion
	w.mu.Unlock()
	run, err := storeRun(&record, w.kept.o.Node)
	if err != nil {
		return false, err
	}
	run.Revision = w.revision
	if conclusion != nil {
		run.Revision = 0 // Nobody knows better how it ended.
	}
	kept, err := w.kept.update(w.context, run, conclusion)
	if _, moved := errors.AsType[*store.RunMovedError](err); moved {
		w.moved()
	} else if err == nil {
		w.revision = kept.Revision
	}
	return conclusion != nil, err
}

// moved looks who has written the record. If that was another node, the run is to end: it was taken for cut off, and its
// faults are gone. Else it was a writing of which we did not hear that it had been done.
func (w *writing) moved() {
	run, err := w.kept.o.Shelf.Get(w.context, w.id)
	switch {
	case err != nil:
	case run.Node == w.kept.o.Node:
		w.revision = run.Revision
	default:
		w.kept.mu.Lock()
		w.kept.given[w.id] = true
		w.kept.mu.Unlock()
		w.revision = 0
	}
}

// update keeps a run and what it came to, nil for nothing yet. A report that is too large to be kept is kept without its
// evidence.
func (k *Kept) update(ctx context.Context, run store.Run, conclusion *experiment.Conclusion) (store.Run, error) {
	if conclusion == nil {
		return k.o.Shelf.Update(ctx, run, nil)
	}
	report, err := storeConclusion(conclusion)
	if err != nil {
		return run, err
	}
	kept, err := k.o.Shelf.Update(ctx, run, report)
	large, ok := errors.AsType[*store.ReportSizeError](err)
	if !ok {
		return kept, err
	}
	k.o.Logger.WarnContext(ctx, "the report of a run is kept without its findings", slog.Any("error", large))
	if report, err = storeConclusion(without(conclusion, large)); err != nil {
		return run, err
	}
	return k.o.Shelf.Update(ctx, run, report)
}

// without is a conclusion without its evidence, which says so.
func without(c *experiment.Conclusion, why error) *experiment.Conclusion {
	short := *c
	short.Reasons = append([]string{fmt.Sprintf("the findings were not kept: %v", why)}, c.Reasons...)
	short.Verdict = verdict.Report{Version: c.Verdict.Version, Result: c.Verdict.Result, Reasons: c.Verdict.Reasons, Clients: []verdict.Verdict{}}
	return &short
}
