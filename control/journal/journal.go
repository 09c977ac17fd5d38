package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// MaxOutcomes bounds the outcomes of a journal.
const MaxOutcomes = 100_000

// Journal is one or more files, which can be gone through as often as is wanted. Close it. It is not safe for concurrent use.
type Journal struct {
	// Header is that of the first file, with the Counts of all files at their ends.
	Header Header
	// Outcomes are in the order of the files.
	Outcomes []observe.Outcome

	sources []*source
	// spare are attempts that the judge has given back.
	spare      observe.Pool
	complaints complaints
	// passed is set once the attempts were gone through, after which nothing new is found wrong.
	passed bool
	failed error
}

// source is the binary form of one file.
type source struct {
	name string
	file *os.File
	// from is where the records begin, first the number of the first of them.
	from  int64
	first int
	// node stands for the empty node, where the file is of another recording than the first.
	node string
	// temporary is set for a file of ours, checked for one in which all attempts are sound.
	temporary, checked bool
}

// Open reads journals: files by their names, or input for "-". The error is about what cannot be read at all; what is
// wrong in a journal is among its Problems. Journals of several proxies or recordings are judged as one.
func Open(names []string, input io.Reader) (*Journal, error) {
	j := &Journal{}
	for _, name := range names {
		if err := j.open(name, input); err != nil {
			return nil, errors.Join(fmt.Errorf("read journal: %w", err), j.Close())
		}
	}
	return j, nil
}

// open takes in one file.
func (j *Journal) open(name string, input io.Reader) error {
	if name == "-" {
		return j.take("standard input", input, nil)
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = j.take(name, file, file)
	} else if err == nil {
		err = j.take(name, file, nil)
	}
	if kept := slices.ContainsFunc(j.sources, func(s *source) bool { return s.file == file }); !kept || err != nil {
		err = errors.Join(err, ignoreClosed(file.Close()))
	}
	return err
}

// take reads a journal; file is set where it can be read again.
func (j *Journal) take(name string, from io.Reader, file *os.File) error {
	in := &intake{journal: j, name: name}
	buffered := bufio.NewReaderSize(from, blockSize)
	head, size, err := in.head(buffered)
	if err != nil {
		return err
	}
	s := &source{name: name, file: file, first: 1}
	if head.Format == Binary {
		s.from, s.first = int64(size), 2
		err = in.binary(s, buffered)
	} else {
		err = in.lines(s, buffered)
	}
	if err != nil {
		return err
	}
	if len(j.sources) == 0 {
		j.Header = head.Header
		j.Header.Counts = Counts{}
	} else if !head.Started.Equal(j.Header.Started) {
		s.node = "recording of " + head.Started.UTC().Format("2006-01-02 15:04:05.000")
	}
	j.sources = append(j.sources, s)
	counts := head.Counts
	if in.end != nil {
		counts = in.end.Counts
	}
	j.count(in, counts)
	return nil
}

// count adds what a file says of itself, and notes what it lacks.
func (j *Journal) count(in *intake, counts Counts) {
	total := &j.Header.Counts
	total.Dropped += counts.Dropped
	for _, use := range counts.Faults {
		i := slices.IndexFunc(total.Faults, func(other faultUse) bool { return other.Name == use.Name })
		if i < 0 {
			total.Faults = append(total.Faults, use)
			continue
		}
		total.Faults[i].Matched += use.Matched
		total.Faults[i].Fired += use.Fired
	}
	if in.end != nil && in.attempts+in.wrong < in.end.Attempts {
		missing := in.end.Attempts - in.attempts - in.wrong
		j.complaints.losses.Unreadable += missing
		j.complaints.add(Problem{File: in.name, Text: fmt.Sprintf(
			"holds %d of the %d attempts that its end tells of", in.attempts, in.end.Attempts)})
	}
	if in.attempts+in.wrong == 0 && !in.headed {
		j.complaints.add(Problem{File: in.name, Text: "holds no journal"})
	}
	if in.end == nil && in.headed {
		j.complaints.losses.Cut = true
		j.complaints.add(Problem{File: in.name, Text: "has no end: what came last may be missing"})
	}
}

// head reads the first line, if it is that of a journal. It leaves all else to be read.
func (in *intake) head(from *bufio.Reader) (headLine, int, error) {
	beginning, err := from.Peek(blockSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return headLine{}, 0, err
	}
	first, _, whole := bytes.Cut(beginning, []byte{'\n'})
	l, err := readLine(first, false)
	if !whole || err != nil || l.head == nil {
		return headLine{}, 0, nil //nolint:nilerr // Lines will say what is wrong with it.
	}
	in.lenient = l.head.Version > Version
	if l.head.Format == Binary {
		in.headed = true
		in.checkVersion(1, l.head)
		_, err = from.Discard(len(first) + 1)
		return *l.head, len(first) + 1, err
	}
	return *l.head, 0, nil
}

// Attempts gives the attempts, each for whoever ranges over it to keep, the same each time: those of each file in their
// order, of several files together by the clock. What cannot be read again after all is told by Err.
func (j *Journal) Attempts() iter.Seq[*observe.Attempt] {
	return func(yield func(*observe.Attempt) bool) {
		once := newSeen()
		for a := range j.merged() {
			if once.before(a) {
				j.duplicate(a)
				continue
			}
			if !yield(a) {
				return
			}
		}
		j.passed = true
	}
}

// duplicate notes an attempt that came already.
func (j *Journal) duplicate(a *observe.Attempt) {
	if j.passed {
		return
	}
	j.complaints.losses.Duplicate++
	text := fmt.Sprintf("attempt %d came already", a.Sequence)
	if a.Node != "" {
		text += " from " + a.Node
	}
	j.complaints.add(Problem{File: j.sources[0].name, Text: text})
}

// Problems are what was found wrong so far, the first hundred of so many. All is found once the attempts were gone through.
func (j *Journal) Problems() (first []Problem, count int) {
	return j.complaints.kept, j.complaints.count
}

// Losses count what is not given to the judge. They are final once the attempts were gone through.
func (j *Journal) Losses() Losses { return j.complaints.losses }

// Err says why the attempts could not be gone through to the end, nil if they were.
func (j *Journal) Err() error { return j.failed }

// Close closes the files, and removes what was kept beside them.
func (j *Journal) Close() error {
	var errs []error
	for _, s := range j.sources {
		errs = append(errs, ignoreClosed(s.file.Close()))
		if s.temporary {
			errs = append(errs, ignoreGone(os.Remove(s.file.Name())))
		}
	}
	j.sources = nil
	return errors.Join(errs...)
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

func ignoreGone(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
