package runner

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/store"
)

// Shelf is where a Kept keeps runs: a store.SharedRuns, whose errors it has.
type Shelf interface { //nolint:interfacebloat // It is one store, which has one owner.
	// Sole reports whether nobody but this process runs anything here, Connected whether the others can be heard.
	Sole() bool
	Connected() bool
	Create(ctx context.Context, run store.Run) (store.Run, error)
	Update(ctx context.Context, run store.Run, report []byte) (store.Run, error)
	Get(ctx context.Context, id string) (store.Run, error)
	Report(ctx context.Context, id string) ([]byte, error)
	List(ctx context.Context) ([]store.Run, error)
	Changed() <-chan struct{}
	Ask(ctx context.Context, id, reason string) error
	Asked(id string) (reason string, asked bool)
}

// KeptOptions says what a Kept stands on.
type KeptOptions struct {
	Shelf Shelf
	// Faults is where a run that was cut off has left its faults.
	Faults Faults
	// Node tells this process from all others, earlier ones too.
	Node string
	// Logger gets what happens; nil drops it.
	Logger *slog.Logger
}

// Kept keeps records in a store that outlives the process and that other nodes read. It is safe for concurrent use.
//
// A run that goes on is written down four times a second at most, and every few seconds also if nothing has happened: a
// run that is not heard of for some time was cut off. Whoever notices that ends its record and takes its faults away.
type Kept struct {
	o KeptOptions

	mu sync.Mutex
	// writing is the run of this process that is being written down, nil for none yet.
	writing *writing
	// beginning is the run that is being created, "" for none.
	beginning string
	// given are runs of this process that others took for cut off.
	given map[string]bool
}

// NewKept makes the records of a process.
func NewKept(o KeptOptions) *Kept {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Kept{o: o, given: make(map[string]bool)}
}

const (
	// writeTime is between two writings of a run that comes further, beatTime between two of one that does not.
	writeTime, beatTime = 250 * time.Millisecond, 3 * time.Second
	// lostTime is after how much silence a run of another node counts as cut off.
	lostTime = 20 * time.Second
	// endTime bounds how long the end of a run waits to be written down.
	endTime = 10 * time.Second
)

// Create keeps the record of a run that is about to begin. Errors: ErrTaken, *BusyError, *store.UnavailableError.
func (k *Kept) Create(ctx context.Context, record Record) error {
	run, err := storeRun(&record, k.o.Node)
	if err != nil {
		return err
	}
	k.begin(record.ID)
	run, err = k.o.Shelf.Create(ctx, run)
	if err != nil {
		k.begin("")
	}
	if _, taken := errors.AsType[*store.RunExistsError](err); taken {
		return ErrTaken
	}
	if busy, ok := errors.AsType[*store.RunGoesOnError](err); ok {
		return &BusyError{ID: busy.ID}
	}
	if err != nil {
		return err
	}
	w := newWriting(k, record, run.Revision)
	k.mu.Lock()
	k.writing, k.beginning = w, ""
	k.mu.Unlock()
	go w.run()
	return nil
}

// begin notes the run that is being created, "" for none: others see it in the store before we know that it is there.
func (k *Kept) begin(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.beginning = id
}

// own reports a run that this process has.
func (k *Kept) own(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.beginning == id || k.writing != nil && k.writing.id == id
}

// Put keeps what has become of the run that was created last. The end of a run is waited for. The error says that it could
// not be written down yet.
func (k *Kept) Put(ctx context.Context, record Record, conclusion *experiment.Conclusion) error {
	w := k.current()
	if w == nil || w.id != record.ID {
		return ErrNoRun
	}
	w.take(record, conclusion)
	if conclusion == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, endTime)
	defer cancel()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return errors.New("its end is not written down yet")
	}
}

// current is the run that is being written down, nil for none yet.
func (k *Kept) current() *writing {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.writing
}

// Get returns a record, or an error that is ErrNoRun.
func (k *Kept) Get(ctx context.Context, id string) (Record, error) {
	run, err := k.o.Shelf.Get(ctx, id)
	if err != nil {
		return Record{}, missing(err)
	}
	return recordOf(&run)
}

// missing is ErrNoRun for a run that is not there.
func missing(err error) error {
	if _, ok := errors.AsType[*store.RunMissingError](err); ok {
		return ErrNoRun
	}
	return err
}

// Conclusion returns what a run came to. The error is ErrNoRun also for one that goes on.
func (k *Kept) Conclusion(ctx context.Context, id string) (*experiment.Conclusion, error) {
	text, err := k.o.Shelf.Report(ctx, id)
	if err != nil {
		return nil, missing(err)
	}
	if text == nil {
		return nil, ErrNoRun
	}
	return conclusionOf(text)
}

// List returns all records, the oldest first, also those that cannot be read.
func (k *Kept) List(ctx context.Context) ([]Record, error) {
	runs, err := k.o.Shelf.List(ctx)
	if err != nil {
		return nil, err
	}
	records := make([]Record, len(runs))
	for i := range runs {
		records[i] = readable(&runs[i])
	}
	return records, nil
}

// readable is the record of a run, or what can be told of one that cannot be read.
func readable(run *store.Run) Record {
	problem := run.Problem
	if problem == "" {
		record, err := recordOf(run)
		if err == nil {
			return record
		}
		problem = err.Error()
	}
	return Record{ID: run.ID, Status: Status{Started: run.Begun}, Problem: problem}
}

// Changed is closed by the next change of any record, or when somebody asks for something.
func (k *Kept) Changed() <-chan struct{} { return k.o.Shelf.Changed() }

// Ask asks whoever runs a run to stop it, and says why.
func (k *Kept) Ask(ctx context.Context, id, reason string) error {
	return k.o.Shelf.Ask(ctx, id, reason)
}

// Asked returns why a run is to stop, if it is to.
func (k *Kept) Asked(id string) (reason string, asked bool) {
	k.mu.Lock()
	given := k.given[id]
	k.mu.Unlock()
	if given {
		return "another node took it for cut off while the store could not be reached", true
	}
	return k.o.Shelf.Asked(id)
}

// Close gives up what could not be written down.
func (k *Kept) Close() {
	if w := k.current(); w != nil {
		w.stop()
		<-w.ended
	}
}
