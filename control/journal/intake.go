package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

type faultUse = verdict.FaultUse

// intake takes in one file.
type intake struct {
	journal *Journal
	name    string
	// headed is set once there was a first line, lenient when it is of a newer version.
	headed, lenient bool
	// end is the last line, nil as long as there was none.
	end *endLine
	// attempts counts those that are there, wrong the records that could not be read.
	attempts, wrong uint64
}

// checkVersion notes a version that is not ours.
func (in *intake) checkVersion(record int, h *headLine) {
	if h.Version != Version {
		in.journal.complaints.add(Problem{in.name, record, fmt.Sprintf(
			"version is %d, want %d: read as far as it is understood", h.Version, Version)})
	}
}

// told is what a block of records says: the attempts in their binary form, and all else.
type told struct {
	attempts []byte
	count    uint64
	others   []numbered
	wrong    []Problem
}

type numbered struct {
	record int
	line
}

// spool makes a file of our own. It is gone with Close; nobody else can read it.
func (in *intake) spool() (*os.File, error) { return os.CreateTemp("", "groovechaos-journal-*") }

// lines takes in lines of JSON, and keeps the attempts in a file of our own.
func (in *intake) lines(s *source, from io.Reader) error {
	file, err := in.spool()
	if err != nil {
		return err
	}
	s.file, s.temporary, s.checked = file, true, true
	out := bufio.NewWriterSize(file, blockSize)
	var failed, full error // Each is written by a goroutine of its own.
	for t := range ordered(lineBlocks(from, 1, &failed), in.readLines) {
		in.take(&t)
		if _, full = out.Write(t.attempts); full != nil {
			break
		}
	}
	if err := errors.Join(failed, full, out.Flush()); err != nil {
		return errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return nil
}

// readLines reads a block of lines.
func (in *intake) readLines(b block) (t told) {
	if b.tooLong {
		t.wrong = append(t.wrong, Problem{in.name, b.first, fmt.Sprintf("is longer than %d bytes", MaxRecord)})
		return t
	}
	rest, q := b.data, newQuick()
	for record := b.first; len(rest) > 0; record++ {
		text, after, ended := bytes.Cut(rest, []byte{'\n'})
		rest = after
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		switch l, err := in.readOne(q, text); {
		case err != nil && !ended:
			t.wrong = append(t.wrong, Problem{in.name, record, errCut.Error()})
		case err != nil:
			t.wrong = append(t.wrong, Problem{in.name, record, err.Error()})
		case l.attempt != nil:
			t.attempts = l.attempt.AppendBinary(append(t.attempts, letterAttempt))
			t.count++
		default:
			t.others = append(t.others, numbered{record, l})
		}
	}
	return t
}

// readOne reads a line, with q if it may be an attempt.
func (in *intake) readOne(q *quick, text []byte) (line, error) {
	if len(text) > MaxRecord {
		return line{}, fmt.Errorf("is %d bytes long, want at most %d", len(text), MaxRecord)
	}
	if q != nil {
		if a, ok := q.attempt(text); ok {
			return line{attempt: a}, check(a)
		}
	}
	return readLine(text, in.lenient)
}

// binary takes in records, of which it leaves the attempts in their file.
func (in *intake) binary(s *source, from io.Reader) error {
	if s.file == nil {
		file, err := in.spool()
		if err != nil {
			return err
		}
		s.file, s.from, s.temporary = file, 0, true
		out := bufio.NewWriterSize(file, blockSize)
		if err := errors.Join(in.frames(io.TeeReader(from, out)), out.Flush()); err != nil {
			return errors.Join(err, file.Close(), os.Remove(file.Name()))
		}
		return nil
	}
	return in.frames(from)
}

// frames takes in the records that are no attempts.
func (in *intake) frames(from io.Reader) error {
	var failed error
	record := 2
	for b := range frameBlocks(from, record, &failed) {
		var t told
		for number, frame := range b.frames() {
			record = number + 1
			if frame[0] == letterAttempt {
				t.count++
				continue
			}
			l, err := in.readOne(nil, frame[lineHead:])
			if err != nil {
				t.wrong = append(t.wrong, Problem{in.name, number, err.Error()})
				continue
			}
			t.others = append(t.others, numbered{number, l})
		}
		in.take(&t)
	}
	if _, ok := errors.AsType[*os.PathError](failed); ok {
		return failed
	}
	if failed != nil {
		in.journal.complaints.unreadable(in.name, record, "%s", failed)
	}
	return nil
}

// take takes in what a block says.
func (in *intake) take(t *told) {
	in.attempts += t.count
	in.wrong += uint64(len(t.wrong))
	c := &in.journal.complaints
	for _, p := range t.wrong {
		c.unreadable(p.File, p.Record, "%s", p.Text)
	}
	for i := range t.others {
		switch o := &t.others[i]; {
		case o.outcome != nil && len(in.journal.Outcomes) < MaxOutcomes:
			in.journal.Outcomes = append(in.journal.Outcomes, *o.outcome)
		case o.outcome != nil:
			c.unreadable(in.name, o.record, "is one outcome more than the %d that are read", MaxOutcomes)
		case o.end != nil:
			in.end = o.end
		case o.head != nil:
			in.takeHead(o)
		case o.attempt != nil:
			c.unreadable(in.name, o.record, "is an attempt in JSON, want it in the binary form")
		}
	}
}

// takeHead takes in a first line. Another one may follow, where journals were put one behind the other.
func (in *intake) takeHead(o *numbered) {
	in.checkVersion(o.record, o.head)
	if in.headed {
		in.journal.complaints.add(Problem{in.name, o.record, "begins another journal: give journals as files of their own"})
	}
	in.headed = true
}

// mark gives an attempt the node that tells recordings apart.
func (s *source) mark(a *observe.Attempt) {
	if a.Node == "" {
		a.Node = s.node
	}
}
