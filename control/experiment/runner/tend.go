package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// tendTime is between two looks for runs that were cut off.
const tendTime = time.Second

// silence is since when nothing was heard of a run.
type silence struct {
	revision uint64
	since    time.Time
}

// Tend ends the records of runs that were cut off and takes their faults away, until ctx ends.
func (k *Kept) Tend(ctx context.Context) {
	silent := make(map[string]silence)
	ticker := time.NewTicker(tendTime)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if err := k.look(ctx, silent); err != nil && ctx.Err() == nil {
			k.o.Logger.WarnContext(ctx, "a run that was cut off cannot be ended yet", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// look ends those runs that were cut off by now.
func (k *Kept) look(ctx context.Context, silent map[string]silence) error {
	if !k.o.Shelf.Connected() {
		clear(silent) // Nobody can be heard.
		return nil
	}
	runs, err := k.o.Shelf.List(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for i := range runs {
		run := &runs[i]
		if run.Over || run.Problem != "" || k.own(run.ID) {
			continue // What cannot be read is left to whoever can.
		}
		known, heard := silent[run.ID]
		if !heard || known.revision != run.Revision {
			known = silence{revision: run.Revision, since: time.Now()}
			silent[run.ID] = known
		}
		if k.o.Shelf.Sole() || time.Since(known.since) >= lostTime {
			errs = append(errs, k.end(ctx, run))
		}
	}
	return errors.Join(errs...)
}

// end ends the record of a run that was cut off. It is taken over first, so that its process, if it is there after all,
// knows that its faults are gone.
func (k *Kept) end(ctx context.Context, run *store.Run) error {
	record, err := recordOf(run)
	if err != nil {
		return err
	}
	node := run.Node
	run.Node = k.o.Node
	taken, err := k.o.Shelf.Update(ctx, *run, nil)
	if _, moved := errors.AsType[*store.RunMovedError](err); moved {
		return nil
	}
	if err == nil {
		err = k.sweep(ctx, &record)
	}
	if err != nil {
		return fmt.Errorf("end run %.80q: %w", run.ID, err)
	}
	conclusion := cutOff(&record, node)
	ended, err := storeRun(&record, k.o.Node)
	if err != nil {
		return err
	}
	ended.Revision = taken.Revision
	if _, err = k.update(ctx, ended, conclusion); err == nil {
		k.o.Logger.WarnContext(ctx, "run ended that was cut off", slog.String("run", record.ID), slog.String("node", node))
	}
	return err
}

// cutOff is what a run came to of whose end nobody knows, and writes that into its record.
func cutOff(record *Record, node string) *experiment.Conclusion {
	record.Status.State, record.Status.Ended, record.Status.Phase = experiment.StateStopped, time.Now(), ""
	record.Status.Reason = fmt.Sprintf("it was cut off: the groovechaos that ran it (%s) ended or was lost while it went on", node)
	record.Result = verdict.Inconclusive
	reason := "the run was stopped: " + record.Status.Reason
	return &experiment.Conclusion{
		Result: verdict.Inconclusive, Reasons: []string{reason},
		Verdict: verdict.Report{
			Version: verdict.ReportVersion, Result: verdict.Inconclusive, Clients: []verdict.Verdict{},
			Reasons: []string{"the run was never judged: see what was recorded meanwhile with groovechaos verdict"},
		},
	}
}

// sweep takes away what a run has left in force: faults of its names that were made since it began.
func (k *Kept) sweep(ctx context.Context, record *Record) error {
	kept, err := k.o.Faults.Faults(ctx)
	if err != nil {
		return err
	}
	for i := range kept {
		if !slices.Contains(record.Faults, kept[i].Name) || kept[i].Created.Before(record.Status.Started) {
			continue
		}
		var missing *store.MissingError
		if err := k.o.Faults.Delete(ctx, kept[i].Name, 0); err != nil && !errors.As(err, &missing) {
			return err
		}
	}
	return nil
}
