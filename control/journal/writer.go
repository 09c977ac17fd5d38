package journal

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// Writer writes a journal. It is not safe for concurrent use; its errors are those of what it writes to, and once there
// was one it writes nothing more.
type Writer struct {
	out      *bufio.Writer
	format   Format
	attempts uint64
	outcomes uint64
	form     []byte
}

// NewWriter begins a journal.
func NewWriter(w io.Writer, format Format, h Header) (*Writer, error) {
	if format != NDJSON && format != Binary {
		return nil, fmt.Errorf("write journal: format is %.40q, want ndjson or binary", string(format))
	}
	j := &Writer{out: bufio.NewWriterSize(w, 1<<16), format: format}
	line, err := json.Marshal(headLine{Kind: kindJournal, Version: Version, Format: format, Header: h})
	if err != nil {
		return nil, fmt.Errorf("write journal: %w", err)
	}
	_, err = j.out.Write(append(line, '\n'))
	return j, wrapped(err)
}

// Attempt writes an attempt, and keeps nothing of it.
func (j *Writer) Attempt(a *observe.Attempt) error {
	j.attempts++
	if j.format == NDJSON {
		return j.line(attemptLine{kindAttempt, a})
	}
	j.form = a.AppendBinary(append(j.form[:0], letterAttempt))
	_, err := j.out.Write(j.form)
	return wrapped(err)
}

// Outcome writes an outcome.
func (j *Writer) Outcome(o *observe.Outcome) error {
	j.outcomes++
	return j.line(outcomeLine{kindOutcome, o})
}

// Flush hands on what was written so far.
func (j *Writer) Flush() error { return wrapped(j.out.Flush()) }

// End ends the journal and hands on what was written.
func (j *Writer) End(c Counts) error {
	if err := j.line(endLine{kindEnd, j.attempts, j.outcomes, c}); err != nil {
		return err
	}
	return j.Flush()
}

// line writes a record of JSON.
func (j *Writer) line(record any) error {
	line, err := json.Marshal(record)
	if err != nil {
		return wrapped(err)
	}
	line = append(line, '\n')
	if j.format == Binary {
		j.form = binary.LittleEndian.AppendUint32(append(j.form[:0], letterLine), uint32(len(line))) //nolint:gosec // No record has 4 GB.
		line = append(j.form, line...)
	}
	_, err = j.out.Write(line)
	return wrapped(err)
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write journal: %w", err)
}
