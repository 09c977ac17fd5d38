package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// MaxRuns bounds the runs that are kept; the oldest go first.
const MaxRuns = 200

// MaxReport bounds the report of a run as it is kept, in bytes, deflated.
const MaxReport = 32 << 20

// Run is what is kept of a run of an experiment.
type Run struct {
	// ID names it.
	ID string `json:"id"`
	// Node is the process that runs it.
	Node string `json:"node"`
	// Over reports that it has ended.
	Over bool `json:"over"`
	// Begun is when it began, by the wall clock.
	Begun time.Time `json:"begun"`
	// Form says how far it is, as JSON that is its owner's affair.
	Form json.RawMessage `json:"form"`
	// Parts are the keys under which its report is, Size is how many bytes those have together.
	Parts []string `json:"parts,omitempty"`
	Size  int      `json:"size,omitempty"`

	// Revision is the number under which it is kept.
	Revision uint64 `json:"-"`
	// Problem says why it cannot be read, "" for one that can: most likely another version of groovechaos wrote it. ID, Over
	// and Begun are then what could be read of it.
	Problem string `json:"-"`
}

// SharedRuns keeps runs in JetStream, each under a key of its own and its report, which may be large, under others beside
// it. It is safe for concurrent use. What was heard of can be read also while JetStream cannot be reached, but for reports.
type SharedRuns struct {
	hub   *Hub
	keys  jetstream.KeyValue
	known *mirror
	// told has the revisions of runs that cannot be read, by key, of which the log was told.
	told sync.Map
}

const (
	// runPrefix, askPrefix and reportPrefix begin the keys of runs, of what is asked of them and of parts of their reports.
	runPrefix, askPrefix, reportPrefix = "run.", "ask.", "report."
	// turnKey has the ID of the run that has its turn: one goes on at a time in the whole fleet.
	turnKey = "turn"
)

// Runs opens the runs.
func (h *Hub) Runs(ctx context.Context) (*SharedRuns, error) {
	keys, err := h.js.KeyValue(ctx, h.runBucket())
	if err != nil {
		return nil, h.unavailable("open the runs", err)
	}
	known, err := h.mirror(ctx, keys, runPrefix+"*", askPrefix+"*")
	if err != nil {
		return nil, err
	}
	known.keepFor(h.options.Runs.Age)
	return &SharedRuns{hub: h, keys: keys, known: known}, nil
}

// Sole reports whether nobody but this process runs anything here.
func (s *SharedRuns) Sole() bool { return s.hub.sole() }

// Connected reports whether the others can be heard at the moment.
func (s *SharedRuns) Connected() bool { return s.hub.Connected() }

// Changed is closed by the next change of any run.
func (s *SharedRuns) Changed() <-chan struct{} { return s.known.changing() }

// Create keeps a run that is about to begin, and returns it with its revision. Errors: *RunExistsError, *RunGoesOnError,
// *UnavailableError.
func (s *SharedRuns) Create(ctx context.Context, run Run) (Run, error) {
	turn, err := s.turn(ctx)
	if err != nil {
		return run, err
	}
	text, err := json.Marshal(&run)
	if err != nil {
		return run, fmt.Errorf("write the run: %w", err)
	}
	key := runPrefix + tokenKey(run.ID)
	run.Revision, err = s.keys.Create(ctx, key, text)
	if errors.Is(err, jetstream.ErrKeyExists) || conflicts(err) {
		return run, &RunExistsError{ID: run.ID}
	}
	if err != nil {
		return run, s.hub.unavailable("write the run", err)
	}
	if err := s.take(ctx, run.ID, turn); err != nil {
		_ = s.keys.Purge(ctx, key) // It never began; left behind, it ends as one that was cut off.
		s.known.put(key, run.Revision, nil)
		return run, err
	}
	s.heard(key, run.Revision, text)
	return run, s.prune(ctx)
}

// turn returns at which revision the next run may take its turn, or whose it is.
func (s *SharedRuns) turn(ctx context.Context) (uint64, error) {
	entry, err := s.keys.Get(ctx, turnKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, s.hub.unavailable("read whose turn it is", err)
	}
	id := string(entry.Value())
	run, err := s.fetch(ctx, id)
	if _, missing := errors.AsType[*RunMissingError](err); missing {
		return entry.Revision(), nil
	}
	if err == nil && !run.Over {
		err = &RunGoesOnError{ID: id}
	}
	return entry.Revision(), err
}

// take takes the turn, unless another was quicker.
func (s *SharedRuns) take(ctx context.Context, id string, turn uint64) error {
	var err error
	if turn == 0 {
		_, err = s.keys.Create(ctx, turnKey, []byte(id))
	} else {
		_, err = s.keys.Update(ctx, turnKey, []byte(id), turn)
	}
	if conflicts(err) {
		if _, err = s.turn(ctx); err == nil {
			err = &RunGoesOnError{}
		}
		return err
	}
	if err != nil {
		return s.hub.unavailable("take the turn", err)
	}
	return nil
}

// Update keeps what has become of a run, provided that it is at its revision, or at any for 0, and returns it with the new
// one. A report is kept with it, nil for none so far. Errors: *RunMovedError, *ReportSizeError, *UnavailableError.
func (s *SharedRuns) Update(ctx context.Context, run Run, report []byte) (Run, error) {
	if err := s.putReport(ctx, &run, report); err != nil {
		return run, err
	}
	text, err := json.Marshal(&run)
	if err != nil {
		return run, fmt.Errorf("write the run: %w", err)
	}
	key := runPrefix + tokenKey(run.ID)
	if run.Revision == 0 {
		run.Revision, err = s.keys.Put(ctx, key, text)
	} else {
		run.Revision, err = s.keys.Update(ctx, key, text, run.Revision)
	}
	if conflicts(err) {
		return run, &RunMovedError{ID: run.ID}
	}
	if err != nil {
		return run, s.hub.unavailable("write the run", err)
	}
	s.heard(key, run.Revision, text)
	if report == nil {
		return run, nil
	}
	return run, s.prune(ctx)
}

// heard notes what was written here, before others tell of it.
func (s *SharedRuns) heard(key string, revision uint64, text []byte) {
	s.known.put(key, revision, text)
	s.hub.mark.reach(streamOf(s.hub.runBucket()), revision)
}

// putReport keeps a report in parts, before the run tells of them.
func (s *SharedRuns) putReport(ctx context.Context, run *Run, report []byte) error {
	if report == nil {
		return nil
	}
	form, err := pack(report)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if len(form) > MaxReport {
		return &ReportSizeError{ID: run.ID, Size: len(form)}
	}
	run.Parts, run.Size = nil, len(form)
	name := nuid.Next()
	for from := 0; from < len(form); from += partSize {
		key := fmt.Sprintf("%s%s.%d", reportPrefix, name, len(run.Parts))
		if _, err := s.keys.Put(ctx, key, form[from:min(from+partSize, len(form))]); err != nil {
			return s.hub.unavailable("write the report", err)
		}
		run.Parts = append(run.Parts, key)
	}
	return nil
}

// Report returns the report of a run, nil for none so far. Errors: *RunMissingError, *UnavailableError.
func (s *SharedRuns) Report(ctx context.Context, id string) ([]byte, error) {
	run, err := s.Get(ctx, id)
	if err != nil || len(run.Parts) == 0 {
		return nil, err
	}
	var form []byte
	for _, key := range run.Parts {
		part, err := s.keys.Get(ctx, key)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return nil, &RunMissingError{ID: id} // It has been forgotten meanwhile.
		}
		if err != nil {
			return nil, s.hub.unavailable("read the report", err)
		}
		form = append(form, part.Value()...)
	}
	report, err := unpack(form)
	if err != nil {
		return nil, fmt.Errorf("read the report of %.80q: %w", id, err)
	}
	return report, nil
}

// Get returns a run as this node last heard of it, or a *RunMissingError.
func (s *SharedRuns) Get(_ context.Context, id string) (Run, error) {
	entry := s.known.get(runPrefix + tokenKey(id))
	if entry.value == nil {
		return Run{}, &RunMissingError{ID: id}
	}
	return readRun(entry.value, entry.revision)
}

// fetch is Get from the store itself.
func (s *SharedRuns) fetch(ctx context.Context, id string) (Run, error) {
	entry, err := s.keys.Get(ctx, runPrefix+tokenKey(id))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return Run{}, &RunMissingError{ID: id}
	}
	if err != nil {
		return Run{}, s.hub.unavailable("read the run", err)
	}
	return readRun(entry.Value(), entry.Revision())
}

func readRun(text []byte, revision uint64) (Run, error) {
	var run Run
	if err := strictly(text, &run); err != nil {
		return run, fmt.Errorf("read a run: %w", err)
	}
	run.Revision = revision
	return run, nil
}

// List returns the runs as this node last heard of them, the oldest first. Those that cannot be read are among them, with
// their Problem: one of them is no reason to hide the others.
func (s *SharedRuns) List(ctx context.Context) ([]Run, error) {
	var runs []Run
	for key, entry := range s.known.all() {
		if !strings.HasPrefix(key, runPrefix) {
			continue
		}
		run, err := readRun(entry.value, entry.revision)
		if err != nil {
			run = s.unreadable(ctx, key, entry, err)
		}
		runs = append(runs, run)
	}
	slices.SortFunc(runs, func(a, b Run) int { return cmp.Or(a.Begun.Compare(b.Begun), cmp.Compare(a.ID, b.ID)) })
	return runs, nil
}

// unreadable is what can be told of a run that cannot be read. The log has it once.
func (s *SharedRuns) unreadable(ctx context.Context, key string, entry mirrored, problem error) Run {
	var run Run
	_ = json.Unmarshal(entry.value, &run) // What it understands is better than nothing.
	run = Run{ID: run.ID, Over: run.Over, Begun: run.Begun, Revision: entry.revision, Problem: problem.Error()}
	if last, told := s.told.Swap(key, entry.revision); !told || last != entry.revision {
		s.hub.logger.WarnContext(ctx, "a run cannot be read: most likely another version of groovechaos wrote it",
			slog.String("run", run.ID), slog.String("key", key), slog.Any("error", problem))
	}
	return run
}

// Ask asks whoever runs a run to stop it, and says why. The error is an *UnavailableError.
func (s *SharedRuns) Ask(ctx context.Context, id, reason string) error {
	key, text := askPrefix+tokenKey(id), []byte("."+reason) // A value of nothing would be none.
	revision, err := s.keys.Put(ctx, key, text)
	if err != nil {
		return s.hub.unavailable("ask for the end of a run", err)
	}
	s.heard(key, revision, text)
	return nil
}

// Asked returns why a run is to stop, if it is to.
func (s *SharedRuns) Asked(id string) (reason string, asked bool) {
	entry := s.known.get(askPrefix + tokenKey(id))
	if len(entry.value) == 0 {
		return "", false
	}
	return string(entry.value[1:]), true
}

// prune forgets the oldest runs that have ended, where they are too many or take too much room. Those that cannot be read
// are left to whoever can.
func (s *SharedRuns) prune(ctx context.Context) error {
	runs, err := s.List(ctx)
	if err != nil {
		return err
	}
	runs = slices.DeleteFunc(runs, func(run Run) bool { return run.Problem != "" })
	most, bytes, room := cmp.Or(int(s.hub.options.Runs.Count), MaxRuns), int64(0), s.hub.options.Runs.Bytes
	for _, run := range runs {
		bytes += int64(run.Size)
	}
	for i, over := 0, len(runs)-most; i < len(runs)-1 && (over > 0 || room > 0 && bytes > room); i++ {
		if runs[i].Over {
			s.forget(ctx, &runs[i])
			bytes -= int64(runs[i].Size)
			over--
		}
	}
	return nil
}

// forget removes a run and what belongs to it. What is left behind takes room until its age has come, and does no harm.
func (s *SharedRuns) forget(ctx context.Context, run *Run) {
	key := runPrefix + tokenKey(run.ID)
	if err := s.keys.Purge(ctx, key); err != nil {
		return
	}
	s.known.put(key, run.Revision, nil)
	for _, part := range append(run.Parts, askPrefix+tokenKey(run.ID)) {
		_ = s.keys.Purge(ctx, part)
	}
}

// RunExistsError says that a run has an ID already.
type RunExistsError struct{ ID string }

func (e *RunExistsError) Error() string { return fmt.Sprintf("run %.80q exists already", e.ID) }

// RunMissingError says that there is no run of an ID.
type RunMissingError struct{ ID string }

func (e *RunMissingError) Error() string { return fmt.Sprintf("there is no run %.80q", e.ID) }

// RunMovedError says that somebody else has written what becomes of a run.
type RunMovedError struct{ ID string }

func (e *RunMovedError) Error() string {
	return fmt.Sprintf("run %.80q was written by another node", e.ID)
}

// RunGoesOnError says that another run has its turn. ID is "" if it is not known which.
type RunGoesOnError struct{ ID string }

func (e *RunGoesOnError) Error() string { return fmt.Sprintf("run %.80q goes on", e.ID) }

// ReportSizeError says that the report of a run is too large to be kept.
type ReportSizeError struct {
	ID string
	// Size is in bytes, deflated.
	Size int
}

func (e *ReportSizeError) Error() string {
	return fmt.Sprintf("the report of run %.80q has %d bytes, want at most %d", e.ID, e.Size, MaxReport)
}
