package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/groovechaos/groovechaos/control/experiment"
)

// Record is what is kept of a run.
type Record struct {
	// ID names the run: the name of its experiment, a hyphen and a number.
	ID         string
	Experiment string
	Status     Status
	// Conclusion is what it came to; nil until it has ended.
	Conclusion *experiment.Conclusion
}

// Over reports that the run has ended and was judged.
func (r *Record) Over() bool { return r.Conclusion != nil }

// Records is where the records of runs are kept. A record that was put is not changed any more.
type Records interface {
	// Put keeps a record in place of an earlier one of its ID.
	Put(ctx context.Context, record Record) error
	// Get returns a record, or an error that is ErrNoRun.
	Get(ctx context.Context, id string) (Record, error)
	// List returns all records, the oldest first.
	List(ctx context.Context) ([]Record, error)
}

// ErrNoRun says that there is no run of an ID.
var ErrNoRun = errors.New("there is no such run")

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
	// changed is closed and made anew whenever a record changes.
	changed chan struct{}
	group   sync.WaitGroup
}

// current is a run under way.
type current struct {
	id   string
	run  *Run
	stop context.CancelCauseFunc
}

// NewRuns makes the runs of a site.
func NewRuns(site Site, records Records) *Runs {
	return &Runs{site: site, records: records, changed: make(chan struct{})}
}

// Start begins a run. It goes on when ctx ends. Errors: ErrNoCommand, *BusyError.
func (s *Runs) Start(ctx context.Context, e *experiment.Experiment) (Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return Record{}, errors.New("groovechaos is about to end")
	case s.current != nil:
		return Record{}, &BusyError{ID: s.current.id}
	}
	id, err := s.fresh(ctx, e.Name)
	if err != nil {
		return Record{}, err
	}
	c := &current{id: id}
	c.run, err = New(Options{Site: s.site, Experiment: e, Watch: func(status Status) { s.put(c, status, nil) }})
	if err != nil {
		return Record{}, err
	}
	record := Record{ID: id, Experiment: e.Name, Status: Status{State: experiment.StateRunning}}
	if err := s.records.Put(ctx, record); err != nil {
		return Record{}, err
	}
	doing, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	c.stop, s.current = stop, c
	s.group.Go(func() { s.do(doing, c) })
	return record, nil
}

// fresh is an ID that no run has. The caller holds the lock.
func (s *Runs) fresh(ctx context.Context, name string) (string, error) {
	for {
		s.number++
		id := fmt.Sprintf("%s-%d", name, s.number)
		_, err := s.records.Get(ctx, id)
		if errors.Is(err, ErrNoRun) {
			return id, nil
		}
		if err != nil {
			return "", err
		}
	}
}

// do runs to the end and judges.
func (s *Runs) do(ctx context.Context, c *current) {
	c.run.Do(ctx)
	conclusion := c.run.Judge()
	s.mu.Lock()
	s.current = nil
	s.mu.Unlock()
	s.put(c, c.run.Status(), &conclusion)
}

// put keeps the record of a run and tells who watches.
func (s *Runs) put(c *current, status Status, conclusion *experiment.Conclusion) {
	record := Record{ID: c.id, Experiment: c.run.Experiment().Name, Status: status, Conclusion: conclusion}
	if err := s.records.Put(context.Background(), record); err != nil && s.site.Logger != nil {
		s.site.Logger.Error("the record of a run could not be kept", slog.String("run", c.id), slog.Any("error", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Stop asks a run to stop and returns its record. One that has ended stays as it is. The error may be ErrNoRun.
func (s *Runs) Stop(ctx context.Context, id, reason string) (Record, error) {
	s.mu.Lock()
	if s.current != nil && s.current.id == id {
		s.current.stop(&stopped{reason})
	}
	s.mu.Unlock()
	return s.records.Get(ctx, id)
}

// stopped is why a run is to stop.
type stopped struct{ reason string }

func (s *stopped) Error() string { return s.reason }

// Get returns the record of a run. The error may be ErrNoRun.
func (s *Runs) Get(ctx context.Context, id string) (Record, error) { return s.records.Get(ctx, id) }

// List returns the records of all runs, the oldest first.
func (s *Runs) List(ctx context.Context) ([]Record, error) { return s.records.List(ctx) }

// Watch calls see with the record of a run as it is and whenever it has changed, until the run is over, see returns an
// error or ctx ends.
func (s *Runs) Watch(ctx context.Context, id string, see func(Record) error) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
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

// Serve waits for ctx to end, stops the run under way and waits until it has ended.
func (s *Runs) Serve(ctx context.Context) error {
	<-ctx.Done()
	s.Close("groovechaos ends")
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

// Memory keeps records in memory, the newest MaxRecords of them. The zero value is ready for use.
type Memory struct {
	mu      sync.Mutex
	records []Record
}

// MaxRecords bounds the records that a Memory keeps.
const MaxRecords = 200

// Put keeps a record in place of an earlier one of its ID.
func (m *Memory) Put(_ context.Context, record Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.index(record.ID); i >= 0 {
		m.records[i] = record
		return nil
	}
	m.records = append(m.records, record)
	if over := len(m.records) - MaxRecords; over > 0 {
		m.records = slices.Delete(m.records, 0, over)
	}
	return nil
}

// Get returns a record, or ErrNoRun.
func (m *Memory) Get(_ context.Context, id string) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.index(id); i >= 0 {
		return m.records[i], nil
	}
	return Record{}, ErrNoRun
}

// List returns all records, the oldest first.
func (m *Memory) List(context.Context) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.records), nil
}

func (m *Memory) index(id string) int {
	return slices.IndexFunc(m.records, func(r Record) bool { return r.ID == id })
}
