package runner

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// storedFormat is the format of what is kept of runs, and the only one that is read.
const storedFormat = 1

// storedRun is a record as it is kept.
type storedRun struct {
	Format     int            `json:"format"`
	Experiment string         `json:"experiment"`
	Faults     []string       `json:"faults,omitempty"`
	Result     verdict.Result `json:"result,omitempty"`
	State      string         `json:"state"`
	Reason     string         `json:"reason,omitempty"`
	Phase      string         `json:"phase,omitempty"`
	Phases     []storedPhase  `json:"phases,omitempty"`
	Notes      []storedNote   `json:"notes,omitempty"`
	Started    time.Time      `json:"started"`
	Ended      time.Time      `json:"ended,omitzero"`
	Counts     map[string]int `json:"counts,omitempty"`
}

type storedPhase struct {
	Name    string        `json:"name"`
	Reached bool          `json:"reached,omitempty"`
	Over    bool          `json:"over,omitempty"`
	Begin   time.Duration `json:"begin_ns,omitempty"`
	End     time.Duration `json:"end_ns,omitempty"`
	Calls   int           `json:"calls,omitempty"`
	Why     string        `json:"why,omitempty"`
}

type storedNote struct {
	Text  string `json:"text"`
	Unmet bool   `json:"unmet,omitempty"`
}

// storedConclusion is what a run came to as it is kept.
type storedConclusion struct {
	Format  int            `json:"format"`
	Result  verdict.Result `json:"result"`
	Reasons []string       `json:"reasons,omitempty"`
	Met     []storedMet    `json:"met,omitempty"`
	Verdict verdict.Report `json:"verdict"`
}

type storedMet struct {
	Expectation string         `json:"expectation"`
	Figure      string         `json:"figure,omitempty"`
	Result      verdict.Result `json:"result"`
}

// counters are the counts of a status by their names in the store.
func counters(s *Status) map[string]*int {
	return map[string]*int{
		"attempts": &s.Attempts, "calls": &s.Calls, "answers": &s.Answers, "right": &s.Right, "load": &s.Load, "load_failed": &s.LoadFailed,
	}
}

// storeRun writes a record for the store, as a run of a node.
func storeRun(r *Record, node string) (store.Run, error) {
	s := storedRun{
		Format: storedFormat, Experiment: r.Experiment, Faults: r.Faults, Result: r.Result, State: string(r.Status.State), Reason: r.Status.Reason,
		Phase: r.Status.Phase, Started: r.Status.Started, Ended: r.Status.Ended, Counts: make(map[string]int),
	}
	for _, p := range r.Status.Phases {
		s.Phases = append(s.Phases, storedPhase(p))
	}
	for _, n := range r.Status.Notes {
		s.Notes = append(s.Notes, storedNote(n))
	}
	for name, count := range counters(&r.Status) {
		if *count > 0 {
			s.Counts[name] = *count
		}
	}
	form, err := json.Marshal(&s)
	if err != nil {
		return store.Run{}, fmt.Errorf("write the record of run %.80q: %w", r.ID, err)
	}
	return store.Run{ID: r.ID, Node: node, Over: r.Over(), Begun: r.Status.Started, Form: form}, nil
}

// recordOf reads what storeRun wrote.
func recordOf(kept *store.Run) (Record, error) {
	var s storedRun
	if err := json.Unmarshal(kept.Form, &s); err != nil {
		return Record{}, fmt.Errorf("read the record of run %.80q: %w", kept.ID, err)
	}
	if s.Format != storedFormat {
		return Record{}, fmt.Errorf("read the record of run %.80q: it is in format %d, want %d: another version of groovechaos wrote it", kept.ID, s.Format, storedFormat)
	}
	r := Record{ID: kept.ID, Experiment: s.Experiment, Faults: s.Faults, Result: s.Result, Status: Status{
		State: experiment.State(s.State), Reason: s.Reason, Phase: s.Phase, Started: s.Started, Ended: s.Ended,
	}}
	for _, p := range s.Phases {
		r.Status.Phases = append(r.Status.Phases, experiment.PhaseState(p))
	}
	for _, n := range s.Notes {
		r.Status.Notes = append(r.Status.Notes, experiment.Note(n))
	}
	for name, count := range counters(&r.Status) {
		*count = s.Counts[name]
	}
	return r, nil
}

// storeConclusion writes what a run came to for the store.
func storeConclusion(c *experiment.Conclusion) ([]byte, error) {
	s := storedConclusion{Format: storedFormat, Result: c.Result, Reasons: c.Reasons, Verdict: c.Verdict}
	for _, m := range c.Met {
		s.Met = append(s.Met, storedMet(m))
	}
	text, err := json.Marshal(&s)
	if err != nil {
		return nil, fmt.Errorf("write the report of a run: %w", err)
	}
	return text, nil
}

// conclusionOf reads what storeConclusion wrote.
func conclusionOf(text []byte) (*experiment.Conclusion, error) {
	var s storedConclusion
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("read the report of a run: %w", err)
	}
	if s.Format != storedFormat {
		return nil, fmt.Errorf("read the report of a run: it is in format %d, want %d: another version of groovechaos wrote it", s.Format, storedFormat)
	}
	c := &experiment.Conclusion{Result: s.Result, Reasons: s.Reasons, Verdict: s.Verdict}
	for _, m := range s.Met {
		c.Met = append(c.Met, experiment.Met(m))
	}
	return c, nil
}
