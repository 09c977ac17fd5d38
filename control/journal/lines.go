package journal

import (
	"bytes"
	"errors"
	"io"
	"iter"
)

// blockSize is about how much is read and worked on at once, in bytes.
const blockSize = 1 << 18

// block is whole records, of which the first has that number, from 1. tooLong is set for a single record that was passed
// over because it is longer than MaxRecord.
type block struct {
	first   int
	data    []byte
	tooLong bool
}

// lineBlocks gives the lines of r, with their ends; the last may lack it. The error is that of r, once all was given.
func lineBlocks(r io.Reader, first int, failed *error) iter.Seq[block] {
	return func(yield func(block) bool) {
		s := &lineSplitter{from: r, next: first}
		for s.read() {
			if !s.give(yield) {
				return
			}
		}
		*failed = s.err
		if !s.skipping && len(s.rest) > 0 {
			yield(block{first: s.next, data: s.rest})
		}
		if s.skipping {
			yield(block{first: s.next, tooLong: true})
		}
	}
}

type lineSplitter struct {
	from io.Reader
	// next is the number of the next line, rest its beginning.
	next int
	rest []byte
	// skipping is set inside a line that is too long.
	skipping bool
	err      error
}

// read reads on, and reports false at the end.
func (s *lineSplitter) read() bool {
	room := make([]byte, len(s.rest), len(s.rest)+blockSize)
	copy(room, s.rest)
	n, err := io.ReadFull(s.from, room[len(s.rest):cap(room)])
	s.rest = room[:len(s.rest)+n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		s.err = err
	}
	return n > 0
}

// give gives the whole lines that were read.
func (s *lineSplitter) give(yield func(block) bool) bool {
	if s.skipping {
		end := bytes.IndexByte(s.rest, '\n')
		if end < 0 {
			s.rest = nil
			return true
		}
		s.skipping, s.rest = false, s.rest[end+1:]
		s.next++
		if !yield(block{first: s.next - 1, tooLong: true}) {
			return false
		}
	}
	end := bytes.LastIndexByte(s.rest, '\n') + 1
	if end > 0 {
		whole := block{first: s.next, data: s.rest[:end]}
		s.next += bytes.Count(whole.data, []byte{'\n'})
		s.rest = s.rest[end:]
		if !yield(whole) {
			return false
		}
	}
	if len(s.rest) > MaxRecord {
		s.skipping, s.rest = true, nil
	}
	return true
}
