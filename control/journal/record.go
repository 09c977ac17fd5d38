package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Version is the version of the journal that is written. Newer ones are read as far as they are understood.
const Version = 2

// MaxRecord bounds a record, in bytes: longer ones are not read. A sound attempt has at most a fraction of it.
const MaxRecord = 1 << 18

// Format is how a journal is written.
type Format string

const (
	// NDJSON is a line of JSON for each record.
	NDJSON Format = "ndjson"
	// Binary is quicker to read and write.
	Binary Format = "binary"
)

// Kinds of records.
const (
	kindJournal = "journal"
	kindAttempt = "attempt"
	kindOutcome = "outcome"
	kindEnd     = "end"
)

// Letters of the records of the binary form.
const (
	letterAttempt = 'A'
	letterLine    = 'J'
)

// Header is the first record: who recorded, and how that is judged there.
type Header struct {
	// Groovechaos is the version of groovechaos, Started when that process started: it tells one recording from another.
	Groovechaos string    `json:"groovechaos,omitempty"`
	Started     time.Time `json:"started,omitzero"`
	// Checks and Policies are those of its configuration, Policies as the API writes them in JSON.
	Checks   []string          `json:"checks,omitempty"`
	Policies []json.RawMessage `json:"policies,omitempty"`
	// Counts are what was known when the journal began.
	Counts
}

// Counts are what a judge must know beside the attempts and outcomes. The last ones of a journal count.
type Counts struct {
	// Dropped counts attempts that were forgotten before the journal was written.
	Dropped uint64 `json:"dropped,omitempty"`
	// Faults are what each fault did.
	Faults []verdict.FaultUse `json:"faults,omitempty"`
}

// headLine, attemptLine, outcomeLine and endLine are the records as they are written.
type headLine struct {
	Kind    string `json:"kind"`
	Version int    `json:"version"`
	Format  Format `json:"format"`
	Header
}

type attemptLine struct {
	Kind string `json:"kind"`
	*observe.Attempt
}

type outcomeLine struct {
	Kind    string           `json:"kind"`
	Outcome *observe.Outcome `json:"outcome"`
}

type endLine struct {
	Kind string `json:"kind"`
	// Attempts and Outcomes count those that the journal holds.
	Attempts uint64 `json:"attempts"`
	Outcomes uint64 `json:"outcomes"`
	Counts
}

// century bounds the times on a proxy's clock.
const century = 100 * 365 * 24 * time.Hour

// check returns what makes an attempt none that a proxy can have seen, nil for nothing.
func check(a *observe.Attempt) error {
	switch {
	case a.Sequence == 0:
		return errors.New("sequence is 0, want 1 or more")
	case a.Method == "":
		return errors.New("method is missing")
	case a.Received < 0 || a.Answered < a.Received || a.Answered > century:
		return fmt.Errorf("received_ns is %d and answered_ns %d, want one after the other from 0 on", a.Received, a.Answered)
	case a.Status < 0 || a.Status > 999 || a.UpstreamStatus < 0 || a.UpstreamStatus > 999:
		return fmt.Errorf("status is %d and upstream_status %d, want 0 to 999", a.Status, a.UpstreamStatus)
	case a.BodyLength < 0 || a.Counter < observe.NoCounter || a.Delay < 0:
		return errors.New("body_length, counter or delay_ns is below its least value")
	default:
		return checkWords(a)
	}
}

// checkWords is check for the words of closed sets.
func checkWords(a *observe.Attempt) error {
	switch {
	case a.Class != groove.ClassSuccess && a.Class != groove.ClassSoftError && a.Class != groove.ClassFailure:
		return fmt.Errorf("class is %.40q, want success, soft_error or failure", string(a.Class))
	case a.Origin != observe.OriginUpstream && a.Origin != observe.OriginInjected && a.Origin != observe.OriginOurs:
		return fmt.Errorf("origin is %.40q, want upstream, injected or ours", string(a.Origin))
	case a.End != observe.EndComplete && a.End != observe.EndClientLeft && a.End != observe.EndBroken:
		return fmt.Errorf("end is %.40q, want complete, client_left or broken", string(a.End))
	default:
		return nil
	}
}
