package journal

import (
	"errors"
	"io"
	"iter"
	"math"
	"os"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// parsed is the attempts of a block, and what is wrong with others.
type parsed struct {
	attempts []*observe.Attempt
	wrong    []Problem
}

// pass goes through the attempts of a source.
func (j *Journal) pass(s *source) iter.Seq[*observe.Attempt] {
	return func(yield func(*observe.Attempt) bool) {
		var failed error // The framing was looked at when the file was taken in.
		records := frameBlocks(io.NewSectionReader(s.file, s.from, math.MaxInt64-s.from), s.first, &failed)
		for p := range ordered(records, func(b block) parsed { return s.parse(b, &j.spare) }) {
			if !j.passed {
				for _, w := range p.wrong {
					j.complaints.unreadable(w.File, w.Record, "%s", w.Text)
				}
			}
			for _, a := range p.attempts {
				if !yield(a) {
					return
				}
			}
		}
		if _, ok := errors.AsType[*os.PathError](failed); ok {
			j.failed = errors.Join(j.failed, failed)
		}
	}
}

// parse reads the attempts of a block, into the memory of a pool.
func (s *source) parse(b block, spare *observe.Pool) (p parsed) {
	p.attempts = make([]*observe.Attempt, 0, len(b.data)/256)
	for number, frame := range b.frames() {
		if frame[0] != letterAttempt {
			continue
		}
		a, err := s.attempt(frame[1:], spare)
		if err != nil {
			p.wrong = append(p.wrong, Problem{s.name, number, err.Error()})
			continue
		}
		p.attempts = append(p.attempts, a)
	}
	return p
}

// attempt reads one attempt.
func (s *source) attempt(record []byte, spare *observe.Pool) (*observe.Attempt, error) {
	read, _, err := observe.ParseAttempt(record)
	if err == nil && !s.checked {
		err = check(&read)
	}
	if err != nil {
		return nil, err
	}
	a := spare.Get()
	*a = read
	s.mark(a)
	return a, nil
}

// merged goes through the attempts of all sources, by the clock.
func (j *Journal) merged() iter.Seq[*observe.Attempt] {
	switch len(j.sources) {
	case 0:
		return func(func(*observe.Attempt) bool) {}
	case 1:
		return j.pass(j.sources[0])
	}
	return func(yield func(*observe.Attempt) bool) {
		next := make([]func() (*observe.Attempt, bool), len(j.sources))
		heads := make([]*observe.Attempt, len(j.sources))
		for i, s := range j.sources {
			pull, stop := iter.Pull(j.pass(s))
			defer stop() //nolint:gocritic // All of them, at the end.
			next[i] = pull
			heads[i], _ = pull()
		}
		for {
			first := earliest(heads)
			if first < 0 || !yield(heads[first]) {
				return
			}
			heads[first], _ = next[first]()
		}
	}
}

// earliest is the index of the attempt that came first, -1 if there are none.
func earliest(heads []*observe.Attempt) int {
	first := -1
	for i, a := range heads {
		if a != nil && (first < 0 || a.Time.Before(heads[first].Time)) {
			first = i
		}
	}
	return first
}
