package runner

import (
	"context"
	"slices"
	"sync"

	"github.com/groovechaos/groovechaos/control/experiment"
)

// Memory keeps records in memory, the newest MaxRecords of them. The zero value is ready for use.
type Memory struct {
	mu      sync.Mutex
	records []remembered
	changed chan struct{}
}

type remembered struct {
	Record

	conclusion *experiment.Conclusion
}

// MaxRecords bounds the records that a Memory keeps.
const MaxRecords = 200

// Create keeps the record of a run that is about to begin. The error may be ErrTaken.
func (m *Memory) Create(_ context.Context, record Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.index(record.ID) >= 0 {
		return ErrTaken
	}
	m.records = append(m.records, remembered{Record: record})
	if over := len(m.records) - MaxRecords; over > 0 {
		m.records = slices.Delete(m.records, 0, over)
	}
	m.tell()
	return nil
}

// Put keeps a record in place of the one of its ID. The error may be ErrNoRun.
func (m *Memory) Put(_ context.Context, record Record, conclusion *experiment.Conclusion) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.index(record.ID)
	if i < 0 {
		return ErrNoRun
	}
	m.records[i] = remembered{Record: record, conclusion: conclusion}
	m.tell()
	return nil
}

// tell tells who waits of a change. The caller holds the lock.
func (m *Memory) tell() {
	if m.changed != nil {
		close(m.changed)
		m.changed = nil
	}
}

// Changed is closed by the next change of any record.
func (m *Memory) Changed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changed == nil {
		m.changed = make(chan struct{})
	}
	return m.changed
}

// Get returns a record, or ErrNoRun.
func (m *Memory) Get(_ context.Context, id string) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.index(id); i >= 0 {
		return m.records[i].Record, nil
	}
	return Record{}, ErrNoRun
}

// Conclusion returns what a run came to, or ErrNoRun.
func (m *Memory) Conclusion(_ context.Context, id string) (*experiment.Conclusion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.index(id); i >= 0 && m.records[i].conclusion != nil {
		return m.records[i].conclusion, nil
	}
	return nil, ErrNoRun
}

// List returns all records, the oldest first.
func (m *Memory) List(context.Context) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	records := make([]Record, len(m.records))
	for i := range m.records {
		records[i] = m.records[i].Record
	}
	return records, nil
}

// Ask does nothing: all runs are of this process, which is asked without it.
func (*Memory) Ask(context.Context, string, string) error { return nil }

// Asked says that nobody asked.
func (*Memory) Asked(string) (reason string, asked bool) { return "", false }

// Tend waits for ctx to end: no run outlives the process with its record.
func (*Memory) Tend(ctx context.Context) { <-ctx.Done() }

// Close does nothing.
func (*Memory) Close() {}

func (m *Memory) index(id string) int {
	return slices.IndexFunc(m.records, func(r remembered) bool { return r.ID == id })
}
