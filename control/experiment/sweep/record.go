package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// RecordVersion is the version of the Record's format.
const RecordVersion = 1

// Record is how far a sweep is, so that another process can go on with it.
type Record struct {
	Version int     `json:"version"`
	Setup   Setup   `json:"setup"`
	Habits  *Habits `json:"habits"`
	// Peace is what the judge found without any fault.
	Peace []Complaint `json:"peace,omitempty"`
	// Over reports that all that was planned is known: nothing of it is lost to whoever begins anew.
	Over bool `json:"over,omitempty"`
	// Cells are those that ran.
	Cells []Cell `json:"cells"`
}

// Setup is what must be the same for cells of two processes to belong together.
type Setup struct {
	Command   []string      `json:"command"`
	Seed      uint64        `json:"seed"`
	Upstream  string        `json:"upstream"`
	EveryCode bool          `json:"every_code"`
	Latency   time.Duration `json:"latency_ns"`
	Limit     time.Duration `json:"limit_ns"`
	Strict    bool          `json:"strict"`
	Runs      int           `json:"runs"`
	// Policy, Config and Probes are digests of the judge's policy and of the text of the configuration and of the file with the
	// probes, "" for none.
	Policy string `json:"policy,omitempty"`
	Config string `json:"config,omitempty"`
	Probes string `json:"probes,omitempty"`
}

// Digest is a short digest of a text for Setup.
func Digest(text []byte) string { return fmt.Sprintf("%016x", xxhash.Sum64(text)) }

// Differs says what is not the same, "" for nothing.
func (s *Setup) Differs(o *Setup) string {
	for _, one := range []struct {
		name     string
		was, now any
		same     bool
	}{
		{"the command", s.Command, o.Command, slices.Equal(s.Command, o.Command)},
		{"the seed", s.Seed, o.Seed, s.Seed == o.Seed},
		{"the upstream", s.Upstream, o.Upstream, s.Upstream == o.Upstream},
		{"--every-code", s.EveryCode, o.EveryCode, s.EveryCode == o.EveryCode},
		{"--latency", s.Latency, o.Latency, s.Latency == o.Latency},
		{"--case-limit", s.Limit, o.Limit, s.Limit == o.Limit && s.Strict == o.Strict},
		{"--runs", s.Runs, o.Runs, s.Runs == o.Runs},
		{"the digest of the policy", s.Policy, o.Policy, s.Policy == o.Policy},
		{"the digest of the configuration", s.Config, o.Config, s.Config == o.Config},
		{"the digest of the file with the probes", s.Probes, o.Probes, s.Probes == o.Probes},
	} {
		if !one.same {
			return fmt.Sprintf("%s was %v, is %v", one.name, one.was, one.now)
		}
	}
	return ""
}

// Marshal writes the record, indented.
func (r *Record) Marshal() ([]byte, error) {
	r.Version = RecordVersion
	return json.MarshalIndent(r, "", " ")
}

// ParseRecord reads what Marshal has written. What is none is refused, so that no other file is taken for one.
func ParseRecord(data []byte) (*Record, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var r Record
	if err := decoder.Decode(&r); err != nil {
		return nil, fmt.Errorf("it is no state of a sweep: %w", err)
	}
	if r.Version != RecordVersion {
		return nil, fmt.Errorf("version is %d, want %d", r.Version, RecordVersion)
	}
	if r.Habits == nil || r.Habits.Calls == nil || r.Habits.Requests == nil {
		return nil, errors.New("habits are missing")
	}
	for i := range r.Cells {
		if err := r.Cells[i].check(); err != nil {
			return nil, fmt.Errorf("cells[%d]: %w", i, err)
		}
	}
	return &r, nil
}

// check returns what cannot be so of a cell that ran.
func (c *Cell) check() error {
	results := []verdict.Result{verdict.Pass, verdict.Info, verdict.Warn, verdict.Inconclusive, verdict.Fail}
	switch {
	case c.State != StateRan:
		return fmt.Errorf("state is %.40q, want %q", c.State, StateRan)
	case !slices.Contains(results, c.Result):
		return fmt.Errorf("result is %.40q, want one of %v", c.Result, results)
	case c.Summary == "":
		return errors.New("summary is missing")
	default:
		return nil
	}
}
