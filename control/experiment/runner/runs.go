package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Record is what is kept of a run.
type Record struct {
	// ID names the run: the name of its experiment, a hyphen and a number.
	ID         string
	Experiment string
	Status     Status
	// Faults are the names of all faults that it may put in force.
	Faults []string
	// Result is what it came to; "" until it has ended.
	Result verdict.Result
	// Problem says why the record cannot be read, "" for one that can. Of one that cannot only ID and Status.Started are
	// known, if that.
	Problem string
}

// Over reports that the run has ended and was judged.
func (r *Record) Over() bool { return r.Result != "" }

// Records is where the records of runs are kept. A record that was given to it is not changed any more.
type Records interface { //nolint:interfacebloat // It is one store, which has one owner.
	// Create keeps the record of a run that is about to begin. The error may be ErrTaken or a *BusyError.
	Create(ctx context.Context, record Record) error
	// Put keeps a record in place of the one of its ID, with what the run came to, nil until it has ended. It does not
	// wait, unless for the end of a run to be kept.
	Put(ctx context.Context, record Record, conclusion *experiment.Conclusion) error
	// Get returns a record, or an error that is ErrNoRun.
	Get(ctx context.Context, id string) (Record, error)
	// Conclusion returns what a run came to. The error is ErrNoRun also for one that goes on.
	Conclusion(ctx context.Context, id string) (*experiment.Conclusion, error)
	// List returns all records, the oldest first, also those that cannot be read: see Record.Problem.
	List(ctx context.Context) ([]Record, error)
	// Changed is closed by the next change of any record, or when somebody asks for something.
	Changed() <-chan struct{}
	// Ask asks whoever runs a run to stop it, and says why; Asked returns that.
	Ask(ctx context.Context, id, reason string) error
	Asked(id string) (reason string, asked bool)
	// Tend ends the records of runs that were cut off, until ctx ends.
	Tend(ctx context.Context)
	// Close gives up what could not be kept.
	Close()
}

var (
	// ErrNoRun says that there is no run of an ID.
	ErrNoRun = errors.New("there is no such run")
	// ErrTaken says that an ID is taken.
	ErrTaken = errors.New("there is such a run already")
	// ErrEnding says that no run can begin any more.
	ErrEnding = errors.New("groovechaos is about to end: no run can begin")
)

// BusyError says that a run goes on already: two at once would spoil each other's evidence.
type BusyError struct{ ID string }

func (e *BusyError) Error() string {
	return fmt.Sprintf("the run %s goes on: stop it first, or wait until it has ended", e.ID)
}

// Runs are the runs of a site. Make them with NewRuns; Serve ends them. It is safe for concurrent use.
type Runs struct {
	site    Site
	records Records

	mu sync.Mutex
	// closed reports that no run may begin any more.
	closed bool
	number int
	// current is the run under way, nil for none.
	current *current
	group   sync.WaitGroup
}

// current is a run under way.
type current struct {
	record Record
	run    *Run
	stop   context.CancelCauseFunc
}

// NewRuns makes the runs of a site.
func NewRuns(site Site, records Records) *Runs {
	return &Runs{site: site, records: records}
}

// Start begins a run. It goes on when ctx ends. Errors: ErrEnding, ErrNoCommand, *BusyError.
func (s *Runs) Start(ctx context.Context, e *experiment.Experiment) (Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return Record{}, ErrEnding
	case s.current != nil:
		return Record{}, &BusyError{ID: s.current.record.ID}
	}
	c := &current{}
	var err error
	c.run, err = New(Options{Site: s.site, Experiment: e, Watch: func(status Status) { s.put(c, status, nil) }})
	if err != nil {
		return Record{}, err
	}
	record, err := s.create(ctx, e)
	if err != nil {
		return Record{}, err
	}
	doing, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	c.record, c.stop, s.current = record, stop, c
	s.group.Go(func() { s.do(doing, c) })
	return record, nil
}

// create keeps the record of a run under an ID that no run has. The caller holds the lock.
func (s *Runs) create(ctx context.Context, e *experiment.Experiment) (Record, error) {
	kept, err := s.records.List(ctx)
	if err != nil {
		return Record{}, err
	}
	for i := range kept {
		if number, err := strconv.Atoi(kept[i].ID[strings.LastIndexByte(kept[i].ID, '-')+1:]); err == nil {
			s.number = max(s.number, number)
		}
	}
	record := Record{Experiment: e.Name, Status: Status{State: experiment.StateRunning, Started: s.now()}, Faults: faultsOf(e)}
	for {
		s.number++
		record.ID = fmt.Sprintf("%s-%d", e.Name, s.number)
		if err := s.records.Create(ctx, record); !errors.Is(err, ErrTaken) {
			return record, err
		}
	}
}

func (s *Runs) now() time.Time {
	if s.site.Now == nil {
		return time.Now()
	}
	return s.site.Now()
}

// faultsOf are the names of all faults of an experiment.
func faultsOf(e *experiment.Experiment) []string {
	var names []string
	for i := range e.Phases {
		for j := range e.Phases[i].Faults {
			names = append(names, e.Phases[i].FaultName(e.Phases[i].Faults[j].Name))
		}
	}
	return names
}

// do runs to the end and judges.
func (s *Runs) do(ctx context.Context, c *current) {
	over, end := context.WithCancel(ctx)
	s.group.Go(func() { s.heed(over, c) })
	c.run.Do(ctx)
	end()
	conclusion := c.run.Judge()
	s.mu.Lock()
	s.current = nil
	s.mu.Unlock()
	s.put(c, c.run.Status(), &conclusion)
}

// heed stops a run once somebody asks for that, on whichever node.
func (s *Runs) heed(ctx context.Context, c *current) {
	for {
		changed := s.records.Changed()
		if reason, asked := s.records.Asked(c.record.ID); asked {
			c.stop(&stopped{reason})
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// put keeps the record of a run, which tells who watches.
func (s *Runs) put(c *current, status Status, conclusion *experiment.Conclusion) {
	record := c.record
	record.Status = status
	if conclusion != nil {
		record.Result = conclusion.Result
	}
	if err := s.records.Put(context.Background(), record, conclusion); err != nil && s.site.Logger != nil {
		s.site.Logger.Error("the record of a run could not be kept", slog.String("run", record.ID), slog.Any("error", err))
	}
}

// Stop asks a run to stop and returns its record. One that has ended stays as it is. The error may be ErrNoRun.
func (s *Runs) Stop(ctx context.Context, id, reason string) (Record, error) {
	record, err := s.records.Get(ctx, id)
	if err != nil || record.Over() {
		return record, err
	}
	s.mu.Lock()
	here := s.current != nil && s.current.record.ID == id
	if here {
		s.current.stop(&stopped{reason})
	}
	s.mu.Unlock()
	if here {
		return record, nil
	}
	return record, s.records.Ask(ctx, id, reason)
}

// stopped is why a run is to stop.
type stopped struct{ reason string }

func (s *stopped) Error() string { return s.reason }

// Get returns the record of a run. The error may be ErrNoRun.
func (s *Runs) Get(ctx context.Context, id string) (Record, error) { return s.records.Get(ctx, id) }

// Conclusion returns what a run came to. The error is ErrNoRun also for one that goes on.
func (s *Runs) Conclusion(ctx context.Context, id string) (*experiment.Conclusion, error) {
	return s.records.Conclusion(ctx, id)
}

// List returns the records of all runs, the oldest first, also those that cannot be read: see Record.Problem.
func (s *Runs) List(ctx context.Context) ([]Record, error) { return s.records.List(ctx) }

// Watch calls see with the record of a run as it is and whenever it has changed, until the run is over, see returns an
// error or ctx ends.
func (s *Runs) Watch(ctx context.Context, id string, see func(Record) error) error {
	for {
		changed := s.records.Changed()
		record, err := s.records.Get(ctx, id)
		if err != nil {
			return err
		}
		if err := see(record); err != nil || record.Over() {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Serve ends the records of runs that were cut off until ctx ends, then stops the run under way and waits until it has
// ended.
func (s *Runs) Serve(ctx context.Context) error {
	s.records.Tend(ctx)
	s.Close("groovechaos ends")
	s.records.Close()
	return nil
}

// Close stops the run under way, waits until it has ended, and lets none begin.
func (s *Runs) Close(reason string) {
	s.mu.Lock()
	s.closed = true
	if s.current != nil {
		s.current.stop(&stopped{reason})
	}
	s.mu.Unlock()
	s.group.Wait()
}
