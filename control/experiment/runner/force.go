package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// did is by when it began to count what a fault of the run did: with other shares it counts anew. What is told of other nodes
// comes a little later, and grows for a while after the fault is gone.
type did map[uint64]faults.Use

// force puts faults in force and takes them away again.
type force struct {
	site *Site
	// names are those in force, order those that ever were.
	names, order []string
	// mu guards what did holds: several may judge a run at once.
	mu  sync.Mutex
	did map[string]did
}

// enter puts the faults of a phase in force.
func (f *force) enter(ctx context.Context, set []faults.Fault) experiment.Event {
	if len(set) == 0 {
		return nil
	}
	writes := make([]store.Write, len(set))
	for i := range set {
		writes[i] = store.Write{Fault: set[i], Create: true}
		if f.did[set[i].Name] == nil {
			f.did[set[i].Name] = did{}
			f.order = append(f.order, set[i].Name)
		}
	}
	if err := f.sweep(ctx, set); err != nil {
		return eventOf(err)
	}
	err := f.write(ctx, writes)
	if exists, ok := errors.AsType[*store.ExistsError](err); ok {
		return experiment.Failed{Err: fmt.Errorf("%w: an earlier run that was cut off may have left it; delete it, or wait for its lifetime to end", exists)}
	}
	if err != nil {
		return eventOf(err)
	}
	for i := range set {
		f.names = append(f.names, set[i].Name)
	}
	return nil
}

// write writes faults and notes since when they count.
func (f *force) write(ctx context.Context, writes []store.Write) error {
	written, err := f.site.Faults.Write(ctx, writes)
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range written {
		of, since := f.did[written[i].Name], written[i].Since
		if _, there := of[since]; !there {
			of[since] = faults.Use{}
		}
	}
	return err
}

// sweep removes those faults of the names of a set that have expired: a run that was cut off has left them.
func (f *force) sweep(ctx context.Context, set []faults.Fault) error {
	kept, err := f.site.Faults.Faults(ctx)
	if err != nil {
		return err
	}
	now := f.site.Now()
	for i := range kept {
		named := func(wanted faults.Fault) bool { return wanted.Name == kept[i].Name }
		if !kept[i].Expired(now) || !slices.ContainsFunc(set, named) {
			continue
		}
		if err := f.site.Faults.Delete(ctx, kept[i].Name, kept[i].Revision); err != nil {
			return err
		}
	}
	return nil
}

// eventOf tells a pulled brake from what fails.
func eventOf(err error) experiment.Event {
	if braked, ok := errors.AsType[*store.BrakedError](err); ok {
		return experiment.Braked{Reason: braked.Brake.Reason}
	}
	return experiment.Failed{Err: err}
}

// change gives the faults in force other shares. They count anew with that.
func (f *force) change(ctx context.Context, set []faults.Fault) experiment.Event {
	f.count()
	writes := make([]store.Write, len(set))
	for i := range set {
		writes[i] = store.Write{Fault: set[i]}
	}
	if err := f.write(ctx, writes); err != nil {
		return eventOf(err)
	}
	return nil
}

// count notes what the faults of the run did so far: what is forgotten later is not lost.
func (f *force) count() {
	uses := f.site.Uses()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, use := range uses {
		of := f.did[use.Name]
		if old, ours := of[use.Since]; ours {
			of[use.Since] = faults.Use{Matched: max(old.Matched, use.Matched), Fired: max(old.Fired, use.Fired)}
		}
	}
}

// sum is what a fault did in all of the run, and at the least what is told of it by so many attempts.
func (f *force) sum(name string, struck uint64) verdict.FaultUse {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := verdict.FaultUse{Name: name}
	for _, use := range f.did[name] {
		sum.Matched += use.Matched
		sum.Fired += use.Fired
	}
	sum.Fired = max(sum.Fired, struck)
	sum.Matched = max(sum.Matched, sum.Fired)
	return sum
}

// leave takes the faults in force away. One that is gone already has expired, or somebody took it away.
func (f *force) leave(ctx context.Context) experiment.Event {
	f.count()
	var errs []error
	for _, name := range f.names {
		var missing *store.MissingError
		if err := f.site.Faults.Delete(ctx, name, 0); err != nil && !errors.As(err, &missing) {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return experiment.Failed{Err: err}
	}
	f.names = nil
	return nil
}

// clear takes away what a run that failed has left.
func (f *force) clear(ctx context.Context) {
	if len(f.names) == 0 {
		return
	}
	if failed, ok := f.leave(ctx).(experiment.Failed); ok {
		f.site.Logger.ErrorContext(ctx, "a fault could not be taken away: it ends with its lifetime", slog.Any("error", failed.Err))
	}
}

// uses are what the faults of the run did, but for those of optional phases that never struck. Struck is how many attempts of
// the run say that a fault struck them: they may come before the counters of other nodes do.
func (f *force) uses(e *experiment.Experiment, struck map[string]uint64) []verdict.FaultUse {
	optional := map[string]bool{}
	for i := range e.Phases {
		for j := range e.Phases[i].Faults {
			optional[e.Phases[i].FaultName(e.Phases[i].Faults[j].Name)] = e.Phases[i].Optional
		}
	}
	f.count()
	var uses []verdict.FaultUse
	for _, name := range f.order {
		if use := f.sum(name, struck[name]); use.Fired > 0 || !optional[name] {
			uses = append(uses, use)
		}
	}
	return uses
}
